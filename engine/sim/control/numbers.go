package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/ringdown/ringdown/engine/sim"
)

var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)

// CheckNumber tells why a text is no phone number as Twilio writes it.
func CheckNumber(text string) error {
	if !phoneNumber.MatchString(text) {
		return errors.New("a phone number is + and 2 to 15 digits, like +15550001000, not " + quoted(text))
	}
	return nil
}

// CheckAddress tells why a text is no address of a party.
func CheckAddress(text string) error {
	if phoneNumber.MatchString(text) || strings.HasPrefix(text, "client:") && len(text) > len("client:") ||
		strings.HasPrefix(text, "sip:") && strings.Contains(text, "@") {
		return nil
	}
	return errors.New("an address is a phone number like +15551110001, client:NAME or sip:NAME@HOST, not " + quoted(text))
}

func quoted(text string) string {
	b, _ := json.Marshal(text) // a string
	return string(b)
}

func (s *Server) listNumbers(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"numbers": numbers(s.Sim())})
}

func (s *Server) putNumber(w http.ResponseWriter, r *http.Request) {
	var in numberJSON
	if !read(w, r, &in) {
		return
	}
	phone := r.PathValue("number")
	n, err := in.number()
	if err = errors.Join(CheckNumber(phone), err); err != nil {
		invalid(w, err)
		return
	}
	s.Sim().AddNumber(phone, n)
	reply(w, http.StatusOK, numberOut(phone, n))
}

func (s *Server) deleteNumber(w http.ResponseWriter, r *http.Request) {
	if !s.Sim().RemoveNumber(r.PathValue("number")) {
		refuse(w, http.StatusNotFound, "not-found", r.PathValue("number")+" is no number of the account")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// everybody is the address of the default party.
const everybody = "default"

func (s *Server) listParties(w http.ResponseWriter, _ *http.Request) {
	all := map[string][]partyJSON{everybody: {partyOut(s.Sim().Default())}}
	for address, parties := range s.Sim().Parties() {
		all[address] = partiesOut(parties)
	}
	reply(w, http.StatusOK, map[string]any{"parties": all})
}

func partiesOut(parties []sim.Party) []partyJSON {
	out := make([]partyJSON, len(parties))
	for i, p := range parties {
		out[i] = partyOut(p)
	}
	return out
}

func (s *Server) putParty(w http.ResponseWriter, r *http.Request) {
	var in oneOrMore
	if !read(w, r, &in) {
		return
	}
	address := r.PathValue("address")
	parties, err := in.parties()
	switch {
	case err != nil:
	case address != everybody:
		err = CheckAddress(address)
	case len(parties) != 1:
		err = errors.New("there is one default party, not a list")
	}
	if err != nil {
		invalid(w, err)
		return
	}
	if address == everybody {
		s.Sim().SetDefault(parties[0])
	} else {
		s.Sim().AddParty(address, parties...)
	}
	reply(w, http.StatusOK, map[string]any{"address": address, "parties": partiesOut(parties)})
}

// oneOrMore is a party, or a list of them.
type oneOrMore []partyJSON

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] != '[' {
		text = append(append([]byte{'['}, text...), ']')
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode((*[]partyJSON)(o))
}

func (o oneOrMore) parties() ([]sim.Party, error) {
	if len(o) == 0 {
		return nil, errors.New("a party is missing; DELETE forgets an address")
	}
	parties := make([]sim.Party, len(o))
	for i, j := range o {
		p, err := j.party()
		if err != nil {
			return nil, err
		}
		parties[i] = p
	}
	return parties, nil
}

func (s *Server) deleteParty(w http.ResponseWriter, r *http.Request) {
	address := r.PathValue("address")
	if _, ok := s.Sim().Parties()[address]; !ok {
		refuse(w, http.StatusNotFound, "not-found", "nobody was put at "+address)
		return
	}
	s.Sim().AddParty(address)
	w.WriteHeader(http.StatusNoContent)
}
