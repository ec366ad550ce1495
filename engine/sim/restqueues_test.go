package sim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestQueuesREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Enqueue waitUrl="/wait" action="/done">sales</Enqueue>`, "/wait": `<Gather numDigits="1" action="/key"><Pause length="5"/></Gather>`,
		"/key": `<Leave/>`, "/done": `<Hangup/>`, "/next": `<Say>Next please.</Say>`,
	})
	status, body := w.post("/Queues.json", url.Values{"FriendlyName": {"sales"}, "MaxSize": {"2"}})
	var q struct {
		SID     string `json:"sid"`
		MaxSize int    `json:"max_size"`
	}
	if json.Unmarshal([]byte(body), &q) != nil || status != http.StatusCreated || q.MaxSize != 2 {
		t.Fatalf("create: %d %s", status, body)
	}
	if status, _ := w.post("/Queues.json", url.Values{"FriendlyName": {"sales"}}); status != 400 {
		t.Errorf("same name again: %d", status)
	}
	first, second := w.call(), w.call()
	w.until("both wait", func() bool { return first.Queue() == "sales" && second.Queue() == "sales" })
	third := w.call()
	w.ended(third)
	wantFields(t, w.one("/done"), map[string]string{"QueueResult": "queue-full", "QueueSid": "-", "CallSid": third.SID()})

	var list struct {
		Members []struct {
			CallSID  string `json:"call_sid"`
			Position int    `json:"position"`
		} `json:"queue_members"`
	}
	_, body = w.rest(http.MethodGet, "/Queues/"+q.SID+"/Members.json", nil)
	if json.Unmarshal([]byte(body), &list) != nil || len(list.Members) != 2 || list.Members[1].CallSID != second.SID() || list.Members[1].Position != 2 {
		t.Errorf("members: %s", body)
	}
	if status, _ := w.rest(http.MethodDelete, "/Queues/"+q.SID+".json", nil); status != http.StatusConflict {
		t.Errorf("delete of a full queue: %d", status)
	}
	if status, body := w.post("/Queues/"+q.SID+"/Members/Front.json", url.Values{"Url": {w.app.URL + "/next"}}); status != 200 {
		t.Errorf("dequeue: %d %s", status, body)
	}
	w.ended(first)
	w.wantHeard(first, "Next please.")
	wantFields(t, w.requests("/done")[1], map[string]string{"QueueResult": "redirected", "CallSid": first.SID(), "QueueSid": q.SID})

	w.until("listens", second.Listening)
	second.Press("7")
	w.ended(second)
	wantFields(t, w.one("/key"), map[string]string{"Digits": "7", "QueuePosition": "1"})
	wantFields(t, w.requests("/done")[2], map[string]string{"QueueResult": "leave"})
	if status, _ := w.rest(http.MethodDelete, "/Queues/"+q.SID+".json", nil); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
}
