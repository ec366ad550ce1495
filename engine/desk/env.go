package desk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// EnvFile is the file in the flow folder that holds the values of the flows' `env` names
// while they are tried out.
const EnvFile = "dev.env"

// ParseEnv reads lines of the form NAME=value. Empty lines and those that begin with #
// are passed over, as are `export ` before a name and quotes around a value. The error
// names the first line that is something else.
func ParseEnv(text []byte) (map[string]string, error) {
	values := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("line %d: write NAME=value, not %q", n, line)
		}
		values[name] = unquote(value)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return values, nil
}

func unquote(v string) string {
	if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
		return v[1 : len(v)-1]
	}
	return v
}

// environment looks values up: in the process first, then in the env file, which is read
// again when it has changed.
type environment struct {
	file    string
	process func(string) (string, bool)
	adapt   func(value string) string // of values in the file

	mu      sync.Mutex
	changed time.Time
	size    int64
	values  map[string]string
}

func openEnvironment(dir string, process func(string) (string, bool), adapt func(string) string) (*environment, error) {
	if process == nil {
		process = func(string) (string, bool) { return "", false }
	}
	e := &environment{file: filepath.Join(dir, EnvFile), process: process, adapt: adapt}
	return e, e.refresh()
}

// lookup gives the value of a name. A file that cannot be read any more keeps the values
// that it had.
func (e *environment) lookup(name string) (string, bool) {
	if v, ok := e.process(name); ok {
		return v, true
	}
	_ = e.refresh()
	e.mu.Lock()
	defer e.mu.Unlock()
	v, ok := e.values[name]
	return v, ok
}

// all gives the values of the file.
func (e *environment) all() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.values)
}

func (e *environment) refresh() error {
	info, err := os.Stat(e.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if info.ModTime().Equal(e.changed) && info.Size() == e.size && e.values != nil {
		return nil
	}
	text, err := os.ReadFile(e.file)
	if err != nil {
		return err
	}
	values, err := ParseEnv(text)
	if err != nil {
		return fmt.Errorf("%s: %w", e.file, err)
	}
	for name, v := range values {
		values[name] = e.adapt(v)
	}
	e.changed, e.size, e.values = info.ModTime(), info.Size(), values
	return nil
}
