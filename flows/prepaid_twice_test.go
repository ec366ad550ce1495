package flows_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
)

// variant copies the flows into a folder of their own, with changes to one file: pairs of a
// text and what takes its place.
func variant(t *testing.T, file string, changes ...string) (folder string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%s has no %q", file, changes[i])
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	folder = t.TempDir()
	for _, other := range list(t, "*.yaml") {
		data, err := os.ReadFile(other)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, other), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func list(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestPrepaidTwoCredits has both prepaid flows take a charge as two credits in a row, and
// charge again at once while little is left: each credit counts, once. A rate that changes
// in the call counts for the next one.
func TestPrepaidTwoCredits(t *testing.T) {
	t.Parallel()
	const credit = "        - credit: 5\n          if: vars.charge.ok\n"
	inTwo := []string{credit, strings.Replace(credit, "5", "2", 1) + strings.Replace(credit, "5", "3", 1)}
	dearer := []string{credit, credit + "        - set: {rate: 1.00}\n"} // only the first entry counts
	small := []string{credit, strings.Replace(credit, "5", "0.04", 1) + strings.Replace(credit, "5", "0.01", 1)}
	rejoin, watch := brokeScenes()
	var scenes []scene
	for _, way := range []struct {
		name    string
		sc      scene
		file    string
		changes []string
		charges int
		lasts   time.Duration
	}{
		// 1.00 is ten minutes, 5.00 fifty more; watch ends the talk with the refusal.
		{"rejoin: a charge in two credits", rejoin, "prepaid-rejoin.yaml", inTwo, 1, time.Hour},
		{"watch: a charge in two credits", watch, "prepaid-watch.yaml", inTwo, 1, 59*time.Minute + 30*time.Second},
		// 0.05 is half a minute: the next charge follows at once, twice within one limit.
		{"rejoin: small charges in a row", rejoin, "prepaid-rejoin.yaml", small, 2, 11 * time.Minute},
		{"watch: small charges in a row", watch, "prepaid-watch.yaml", small, 2, 10*time.Minute + 30*time.Second},
		{"rejoin: the rate becomes another one", rejoin, "prepaid-rejoin.yaml", dearer, 2, 110 * time.Minute},
		{"watch: the rate becomes another one", watch, "prepaid-watch.yaml", dearer, 2, 109*time.Minute + 30*time.Second},
	} {
		sc := way.sc
		sc.name, sc.flows, sc.charges, sc.also = way.name, variant(t, way.file, way.changes...), way.charges, lasts(way.lasts)
		sc.billing = money("1.00", append(make([]flowtest.Answer, way.charges), refusedCard)...)
		scenes = append(scenes, sc)
	}
	playAll(t, scenes)
}

// brokeScenes are calls with each strategy that go on until the money is used up.
func brokeScenes() (rejoin, watch scene) {
	rejoin = scene{to: rejoinNumber, params: []string{"number", callee}, legs: rejoinLegs, states: rejoinNoCash, heard: noCash, script: []step{talking(caller)}}
	watch = scene{to: prepaidNumber, params: []string{"number", callee}, legs: prepaidLegs, states: []string{"caller: check talk out-of-credit"}, heard: noCash, script: []step{talking(caller)}}
	return rejoin, watch
}

// TestPrepaidGrace has the second charge still be at work when the money ends, an hour after
// the answer: it gets ten seconds. Watch talks on meanwhile; with rejoin Twilio ends the
// stay in the room, and the caller waits for the charge.
func TestPrepaidGrace(t *testing.T) {
	t.Parallel()
	patient := []string{"timeout: 10s", "timeout: 60s"}
	rejoin, watch := brokeScenes()
	var scenes []scene
	for _, way := range []struct {
		name    string
		sc      scene
		file    string
		delay   time.Duration // of the second charge, which begins half a minute before the end
		charges int
		lasts   time.Duration
	}{
		{"rejoin: in the grace", rejoin, "prepaid-rejoin.yaml", 35 * time.Second, 2, 110 * time.Minute},
		{"watch: in the grace", watch, "prepaid-watch.yaml", 35 * time.Second, 2, 109*time.Minute + 30*time.Second},
		{"rejoin: after the grace", rejoin, "prepaid-rejoin.yaml", 45 * time.Second, 2, time.Hour + 10*time.Second},
		{"watch: after the grace", watch, "prepaid-watch.yaml", 45 * time.Second, 2, time.Hour + 10*time.Second},
	} {
		sc := way.sc
		sc.name, sc.flows, sc.charges, sc.also = way.name, variant(t, way.file, patient...), way.charges, lasts(way.lasts)
		sc.billing = money("1.00", flowtest.Answer{}, flowtest.Answer{Delay: way.delay}, refusedCard)
		scenes = append(scenes, sc)
	}
	playAll(t, scenes)
}
