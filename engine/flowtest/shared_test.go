package flowtest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
)

// TestSharedSurvivesReloadAndCrash changes what flows share while a call is up, and lets
// the server die: the call goes on with what was shared when it began, the next one has
// the new.
func TestSharedSurvivesReloadAndCrash(t *testing.T) {
	t.Parallel()
	const flow = "flow: shop\nanswers: [\"+15005550091\"]\nanswer: a\nstates:\n" +
		"  a: {prompt: {say: {en: Hello., fr: Bonjour.}}, gather: {choices: {1: b}}, next: hangup}\n" +
		"  b: {prompt: {say: {en: Bye., fr: Salut.}}, next: hangup}\n"
	const apology = "defaults: {apology: {say: {en: Sorry., fr: Désolé.}}}\n"
	dir := t.TempDir()
	save := func(file, text string) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save("shop.yaml", flow)
	save("shared.yaml", apology+"languages: {en: {language: en-US}, fr: {language: fr-FR}}\n")
	w, err := flowtest.Start(flowtest.Options{Flows: dir, Seed: 1, Restarts: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c, err := w.Call(tester, "+15005550091")
	if err != nil {
		t.Fatal(err)
	}
	w.Until(func() bool { return c.HeardText("Hello.") }, time.Minute)
	w.Down()
	save("shared.yaml", apology+"languages: {fr: {language: fr-FR}, en: {language: en-US}}\n")
	if err := w.Up(); err != nil {
		t.Fatal(err)
	}
	c.Press("1")
	if !w.Until(func() bool { return w.Closed(w.SessionOf(c)) }, 5*time.Minute) || !c.HeardText("Bye.") {
		t.Errorf("the call does not go on in its language\n%s", w.Dump())
	}
	next, err := w.Call(tester, "+15005550091")
	if err != nil {
		t.Fatal(err)
	}
	if !w.Until(func() bool { return next.HeardText("Bonjour.") }, time.Minute) {
		t.Errorf("the next call does not have the new language\n%s", w.Dump())
	}
}
