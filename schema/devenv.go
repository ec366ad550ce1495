package schema

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
)

// EnvFile is the file in the flow folder that holds the values of the flows' `env` names
// while they are tried out
// and tested.
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
