package sim

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// account is the only account that there is.
type account struct{ *Sim }

func (a account) json() any {
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

func accountAt(s *Sim, q *restRequest) (account, *restError) {
	if q.vars["Sid"] != s.o.AccountSID {
		return account{}, notFound(q.path)
	}
	return account{s}, nil
}

func (s *Sim) listAccounts(q *restRequest) (restAnswer, *restError) {
	var all []account
	if q.matches("FriendlyName", s.name) && q.matches("Status", "active") {
		all = append(all, account{s})
	}
	return page(s, q, "accounts", all)
}

// update renames the account; it cannot be suspended or closed.
func (a account) update(q *restRequest) (restAnswer, *restError) {
	if status := q.get("Status"); status != "" && status != "active" {
		return restAnswer{}, badRequest(20008, "A simulated account cannot be "+status)
	}
	a.name = cmp.Or(q.get("FriendlyName"), a.name)
	return show(a, q)
}

type balance struct{ *Sim }

func (b balance) json() any {
	return object{"account_sid": b.o.AccountSID, "balance": "100.00", "currency": "USD"}
}

func (s *Sim) showBalance(q *restRequest) (restAnswer, *restError) { return show(balance{s}, q) }

// apiKey opens the REST API beside the account's token.
type apiKey struct {
	sid     string
	secret  string
	name    string
	created time.Time
	updated time.Time
}

func (k *apiKey) json() any {
	return object{"sid": k.sid, "friendly_name": k.name, "date_created": date(k.created), "date_updated": date(k.updated)}
}

// newKey is a key with its secret, which is told once.
type newKey struct{ *apiKey }

func (k newKey) json() any {
	o := k.apiKey.json().(object)
	o["secret"] = k.secret
	return o
}

func (s *Sim) keyAt(sid string) *apiKey {
	if i := slices.IndexFunc(s.keys, func(k *apiKey) bool { return k.sid == sid }); i >= 0 {
		return s.keys[i]
	}
	return nil
}

func theKey(s *Sim, q *restRequest) (*apiKey, *restError) {
	return among(s.keys, q, func(k *apiKey) bool { return k.sid == q.vars["Sid"] })
}

// listKeys lists them under the name of the resource: keys or signing_keys.
func listKeys(name string) handler {
	return func(s *Sim, q *restRequest) (restAnswer, *restError) { return page(s, q, name, s.keys) }
}

func (s *Sim) createKey(q *restRequest) (restAnswer, *restError) {
	k := &apiKey{sid: s.sid("SK"), secret: s.sid(""), name: q.get("FriendlyName"), created: s.now(), updated: s.now()}
	s.keys = append(s.keys, k)
	return made(newKey{k})
}

func (s *Sim) updateKey(q *restRequest) (restAnswer, *restError) {
	k, e := theKey(s, q)
	if e != nil {
		return restAnswer{}, e
	}
	k.name, k.updated = cmp.Or(q.get("FriendlyName"), k.name), s.now()
	return show(k, q)
}

func (s *Sim) deleteKey(q *restRequest) (restAnswer, *restError) {
	k, e := theKey(s, q)
	if e != nil {
		return restAnswer{}, e
	}
	s.keys = slices.DeleteFunc(s.keys, func(o *apiKey) bool { return o == k })
	return gone()
}

// iceToken is a token of the Network Traversal Service.
type iceToken struct {
	sim  *Sim
	ttl  int
	user string
	word string
}

func (t iceToken) json() any {
	now := date(t.sim.now())
	stun := "stun:global.stun.twilio.com:3478"
	return object{"account_sid": t.sim.o.AccountSID, "username": t.user, "password": t.word, "ttl": strconv.Itoa(t.ttl),
		"date_created": now, "date_updated": now, "ice_servers": []object{{"url": stun, "urls": stun}}}
}

func (s *Sim) createToken(q *restRequest) (restAnswer, *restError) {
	ttl := 86400
	if n, err := strconv.Atoi(q.get("Ttl")); err == nil {
		ttl = n
	}
	return made(iceToken{s, ttl, s.sid(""), s.sid("")})
}
