package terminal

import (
	"context"
	"errors"
	"strings"
)

// save makes a test case of the newest session that is over.
func (t *Terminal) save(ctx context.Context, args []string) error {
	file := ""
	if n := len(args); n > 1 && strings.HasSuffix(args[n-1], ".test.yaml") {
		file, args = args[n-1], args[:n-1]
	}
	if len(args) == 0 {
		return errors.New("write: save NAME [FILE], such as: save the caller presses 1 and talks to sales")
	}
	t.patiently(ctx, func() bool {
		sessions := t.desk.Sessions(ctx, false)
		return len(sessions) == 0 || sessions[len(sessions)-1].Over
	})
	saved, err := t.desk.Save(ctx, "", strings.Join(args, " "), file)
	if err != nil {
		return err
	}
	t.print(strings.Split(strings.TrimRight(saved.Text, "\n"), "\n")...)
	t.print("saved in " + saved.File + "; it holds: ringdown test " + saved.File)
	return nil
}
