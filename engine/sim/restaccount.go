package sim

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// account is the only account that there is.
type account struct{ *Sim }

func (a account) JSON() any {
	uris := object{}
	for key, path := range map[string]string{
		"applications": "Applications", "available_phone_numbers": "AvailablePhoneNumbers", "balance": "Balance", "calls": "Calls",
		"conferences": "Conferences", "incoming_phone_numbers": "IncomingPhoneNumbers", "keys": "Keys", "messages": "Messages",
		"notifications": "Notifications", "outgoing_caller_ids": "OutgoingCallerIds", "queues": "Queues", "recordings": "Recordings",
		"signing_keys": "SigningKeys", "transcriptions": "Transcriptions",
	} {
		uris[key] = a.uri(path)
	}
	return object{
		"sid": a.o.AccountSID, "friendly_name": a.name, "status": "active", "type": "Full", "owner_account_sid": a.o.AccountSID,
		"auth_token": a.o.AuthToken, "date_created": date(a.begun), "date_updated": date(a.begun), "subresource_uris": uris,
		"uri": "/" + apiVersion + "/Accounts/" + a.o.AccountSID + ".json",
	}
}

func accountAt(s *Sim, q *rest.Request) (account, *rest.Error) {
	if q.Vars["Sid"] != s.o.AccountSID {
		return account{}, rest.NotFound(q.Path)
	}
	return account{s}, nil
}

func (s *Sim) listAccounts(q *rest.Request) (rest.Answer, *rest.Error) {
	var all []account
	if q.Matches("FriendlyName", s.name) && q.Matches("Status", "active") {
		all = append(all, account{s})
	}
	return rest.Page(q, "accounts", all)
}

// update renames the account; it cannot be suspended or closed.
func (a account) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if status := q.Get("Status"); status != "" && status != "active" {
		return rest.Answer{}, rest.BadRequest(20008, "A simulated account cannot be "+status)
	}
	a.name = cmp.Or(q.Get("FriendlyName"), a.name)
	return rest.Show(a, q)
}

type balance struct{ *Sim }

func (b balance) JSON() any {
	return object{"account_sid": b.o.AccountSID, "balance": "100.00", "currency": "USD"}
}

func (s *Sim) showBalance(q *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Show(balance{s}, q)
}

// apiKey opens the REST API beside the account's token.
type apiKey struct {
	sid     string
	secret  string
	name    string
	created time.Time
	updated time.Time
}

func (k *apiKey) JSON() any {
	return object{"sid": k.sid, "friendly_name": k.name, "date_created": date(k.created), "date_updated": date(k.updated)}
}

// newKey is a key with its secret, which is told once.
type newKey struct{ *apiKey }

func (k newKey) JSON() any {
	o := k.apiKey.JSON().(object)
	o["secret"] = k.secret
	return o
}

func (s *Sim) keyAt(sid string) *apiKey {
	if i := slices.IndexFunc(s.keys, func(k *apiKey) bool { return k.sid == sid }); i >= 0 {
		return s.keys[i]
	}
	return nil
}

func theKey(s *Sim, q *rest.Request) (*apiKey, *rest.Error) {
	return rest.Among(s.keys, q, func(k *apiKey) bool { return k.sid == q.Vars["Sid"] })
}

// listKeys lists them under the name of the resource: keys or signing_keys.
func listKeys(name string) handler {
	return func(s *Sim, q *rest.Request) (rest.Answer, *rest.Error) { return rest.Page(q, name, s.keys) }
}

func (s *Sim) createKey(q *rest.Request) (rest.Answer, *rest.Error) {
	k := &apiKey{sid: s.sid("SK"), secret: s.sid(""), name: q.Get("FriendlyName"), created: s.now(), updated: s.now()}
	s.keys = append(s.keys, k)
	return rest.Created(newKey{k})
}

func (s *Sim) updateKey(q *rest.Request) (rest.Answer, *rest.Error) {
	k, e := theKey(s, q)
	if e != nil {
		return rest.Answer{}, e
	}
	k.name, k.updated = cmp.Or(q.Get("FriendlyName"), k.name), s.now()
	return rest.Show(k, q)
}

func (s *Sim) deleteKey(q *rest.Request) (rest.Answer, *rest.Error) {
	k, e := theKey(s, q)
	if e != nil {
		return rest.Answer{}, e
	}
	s.keys = slices.DeleteFunc(s.keys, func(o *apiKey) bool { return o == k })
	return rest.Deleted()
}

// iceToken is a token of the Network Traversal Service.
type iceToken struct {
	sim  *Sim
	ttl  int
	user string
	word string
}

func (t iceToken) JSON() any {
	now := date(t.sim.now())
	stun := "stun:global.stun.twilio.com:3478"
	return object{"account_sid": t.sim.o.AccountSID, "username": t.user, "password": t.word, "ttl": strconv.Itoa(t.ttl),
		"date_created": now, "date_updated": now, "ice_servers": []object{{"url": stun, "urls": stun}}}
}

func (s *Sim) createToken(q *rest.Request) (rest.Answer, *rest.Error) {
	ttl := 86400
	if n, err := strconv.Atoi(q.Get("Ttl")); err == nil {
		ttl = n
	}
	return rest.Created(iceToken{s, ttl, s.sid(""), s.sid("")})
}
