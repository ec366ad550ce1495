package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ringdown/ringdown/schema"
)

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
	e := &environment{file: filepath.Join(dir, schema.EnvFile), process: process, adapt: adapt}
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
	values, err := schema.ParseEnv(text)
	if err != nil {
		return fmt.Errorf("%s: %w", e.file, err)
	}
	for name, v := range values {
		values[name] = e.adapt(v)
	}
	e.changed, e.size, e.values = info.ModTime(), info.Size(), values
	return nil
}
