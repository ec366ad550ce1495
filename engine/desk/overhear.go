package desk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// overhear puts signals on the tape that come by the control API, as those of the page
// do, so that a session can be saved as a test case whoever has sent them.
func (d *Desk) overhear(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		answer := &statusKeeper{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		var body struct {
			Data map[string]any `json:"data"`
		}
		if answer.status != http.StatusAccepted || json.Unmarshal(text, &body) != nil && len(text) > 0 {
			return
		}
		data := make(map[string]string, len(body.Data))
		for name, v := range body.Data {
			data[name] = fmt.Sprint(v)
		}
		d.tape.signal(sent{r.PathValue("id"), r.PathValue("name"), data})
	})
}

// statusKeeper remembers the status of an answer.
type statusKeeper struct {
	http.ResponseWriter
	status int
}

func (k *statusKeeper) WriteHeader(status int) {
	k.status = status
	k.ResponseWriter.WriteHeader(status)
}
