package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/desk/terminal"
)

// devInteractive plays with a person at a keyboard, with history and completion. What
// happens meanwhile is written above the line that is being typed.
func (a *app) devInteractive(ctx context.Context, d *desk.Desk, in, out *os.File) error {
	was, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return &exitError{exitProblems, fmt.Errorf("the terminal cannot be used: %w", err)}
	}
	defer func() { _ = term.Restore(int(in.Fd()), was) }()
	screen := &screen{Terminal: term.NewTerminal(readWriter{in, out}, ""), out: out}
	t := terminal.New(terminal.Options{Desk: d, Out: screen, Color: a.colored(out), Width: screen.width})
	screen.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		return complete(screen, t, line, pos, key)
	}
	screen.resize()
	t.Banner()
	err = a.converse(ctx, t, screen)
	fmt.Fprint(out, "\r\n")
	return err
}

// converse takes line after line until the person leaves or ctx ends.
func (a *app) converse(ctx context.Context, t *terminal.Terminal, s *screen) error {
	for {
		s.SetPrompt(a.promptColor(t.Prompt()))
		typed := make(chan error, 1)
		var line string
		go func() {
			var err error
			line, err = s.ReadLine()
			typed <- err
		}()
		select {
		case err := <-typed:
			if errors.Is(err, io.EOF) { // Ctrl-C and Ctrl-D
				return nil
			}
			if err != nil {
				return &exitError{exitProblems, fmt.Errorf("the terminal cannot be read: %w", err)}
			}
		case <-ctx.Done():
			return nil
		}
		// Do shows what is wrong.
		if err := t.Do(ctx, line); errors.Is(err, terminal.ErrQuit) {
			return nil
		}
	}
}

func (a *app) promptColor(prompt string) string {
	if _, no := a.Env("NO_COLOR"); no {
		return prompt
	}
	return "\x1b[1m" + prompt + "\x1b[0m"
}

// complete is what the Tab key does: it finishes the word, or lists the choices.
func complete(w io.Writer, t *terminal.Terminal, line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	newLine, newPos, choices := t.Complete(line, pos)
	if newLine == line && len(choices) > 0 {
		// The terminal gives its lock back during this call, so that writing works.
		fmt.Fprintln(w, "  "+strings.Join(choices, "  "))
	}
	return newLine, newPos, true
}

type readWriter struct {
	io.Reader
	io.Writer
}

// screen is the terminal, which may change its size at any time.
type screen struct {
	*term.Terminal
	out *os.File
}

// Write writes whole lines above the one that is being typed.
func (s *screen) Write(p []byte) (int, error) {
	s.resize()
	return s.Terminal.Write(p)
}

func (s *screen) resize() {
	if width, height, err := term.GetSize(int(s.out.Fd())); err == nil && width > 0 && height > 0 {
		_ = s.SetSize(width, height) // fails only if the screen cannot be written, which Write tells
	}
}

func (s *screen) width() int {
	width, _, err := term.GetSize(int(s.out.Fd()))
	if err != nil {
		return 0
	}
	return width
}
