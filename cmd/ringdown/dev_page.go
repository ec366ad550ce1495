package main

import (
	"context"
	"os/exec"
	"runtime"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/desk/terminal"
)

// devPage serves the page until ctx ends. In the terminal it says where the page is, and
// what somebody who edits files has to know.
func (a *app) devPage(ctx context.Context, d *desk.Desk, open bool) error {
	t := terminal.New(terminal.Options{
		Desk: d, Out: a.Out, Color: a.colored(a.Out),
		Only: []desk.Kind{desk.Reloaded, desk.Broken, desk.Warning},
	})
	t.PageBanner()
	if open {
		openBrowser(d.URL())
	}
	<-ctx.Done()
	return nil
}

// openBrowser shows a page to the person at this machine. Where that cannot be done they
// have the address.
func openBrowser(url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	cmd := exec.Command(name, args...)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }() // what the browser says is not for here
	}
}
