package store

// WithHook makes Options whose hook is called before each request is applied
// ("apply") and before each transaction is committed ("commit"), and may fail it.
func WithHook(hook func(stage string) error) Options { return Options{hook: hook} }

// Check lets SQLite look for damage; "ok" when there is none.
func (s *SQLite) Check() (result string, err error) {
	err = s.read.QueryRow("PRAGMA integrity_check").Scan(&result)
	return result, err
}

// Script runs SQL on the writer's connection; nothing else may run meanwhile.
func (s *SQLite) Script(sql string) error { return s.w.c.script(sql) }
