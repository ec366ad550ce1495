package server

import (
	"net/http"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// TokenView is an access token for a phone in a browser. It opens calls to the TwiML
// application for as long as it is good: it is given only to who may start flows anyway.
type TokenView struct {
	Token string    `json:"token"`
	Name  string    `json:"name"` // the phone is client:NAME
	Ends  time.Time `json:"ends"`
}

func (s *Server) voiceToken(w http.ResponseWriter, r *http.Request) {
	if s.cfg.VoiceToken == nil {
		refuse(w, http.StatusNotFound, "not-found", "this server has no phone for browsers: set TWILIO_TWIML_APP_SID")
		return
	}
	var body struct {
		Name string `json:"name"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	token, ends, err := s.cfg.VoiceToken(body.Name)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, "invalid-input", "there is no token for this name", engine.Problem{Name: "name", Message: err.Error()})
		return
	}
	reply(w, http.StatusOK, TokenView{token, body.Name, ends})
}
