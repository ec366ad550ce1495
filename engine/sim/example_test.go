package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
)

// A caller presses a key in a menu; half a minute of telephony takes no time.
func Example() {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		if r.FormValue("Digits") == "2" {
			fmt.Fprint(w, `<Response><Say>We are open until five.</Say></Response>`)
			return
		}
		fmt.Fprint(w, `<Response><Gather numDigits="1"><Say>For opening hours, press 2.</Say></Gather></Response>`)
	}))
	defer app.Close()

	v := clock.NewVirtual(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
	s := sim.New(sim.Options{Clock: v})
	defer s.Close()
	s.AddNumber("+15550001000", sim.Number{VoiceURL: app.URL})
	call, err := s.Call("+15551110001", "+15550001000")
	if err != nil {
		fmt.Println(err)
		return
	}
	v.RunUntil(call.Listening, time.Minute)
	call.Press("2")
	v.RunUntil(call.Ended, time.Minute)
	fmt.Printf("%q %s\n", call.Heard(), call.Status())
	// Output: ["For opening hours, press 2." "We are open until five."] completed
}
