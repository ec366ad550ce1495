package sim_test

import (
	"net/url"
	"time"
)

// form makes form values from names and values in turn.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

func callScene(a *apiScene) {
	created := a.ask("POST", "/Calls.json", form("To", bob, "From", ours, "Url", a.app.URL+"/x", "Twiml", "<Response/>", "StatusCallback", a.app.URL+"/s"))
	at := "/Calls/" + field(created, "sid")
	a.ask("GET", at+".json", nil)
	a.until("answered", func() bool { return a.CallsTo(bob)[0].Status() == "in-progress" })
	a.ask("GET", at+".json", nil)
	a.ask("GET", "/Calls.json?PageSize=1&Status=in-progress", nil)

	rec := a.ask("POST", at+"/Recordings.json", form("RecordingChannels", "dual", "RecordingTrack", "inbound"))
	a.ask("GET", at+"/Recordings.json", nil)
	a.ask("POST", at+"/Recordings/Twilio.CURRENT.json", form("Status", "paused"))
	a.ask("GET", at+"/Recordings/"+field(rec, "sid")+".json", nil)
	callExtras(a, at)

	a.clock.Advance(5 * time.Second)
	a.ask("POST", at+".json", form("Status", "completed"))
	a.settle()
	a.ask("GET", at+".json", nil)
	a.ask("GET", at+"/Events.json", nil)
	noted := a.ask("GET", at+"/Notifications.json", nil)
	note := field(noted["notifications"].([]any)[0].(map[string]any), "sid")
	a.ask("GET", at+"/Notifications/"+note+".json", nil)
	a.ask("GET", "/Notifications.json?Log=0", nil)
	a.ask("GET", "/Notifications/"+note+".json", nil)
	a.ask("GET", at+"/Recordings/"+field(rec, "sid")+".json", nil)
	a.ask("DELETE", at+"/Recordings/"+field(rec, "sid")+".json", nil)
	a.ask("DELETE", at+".json", nil)
}

// callExtras asks what runs beside a call in progress.
func callExtras(a *apiScene, at string) {
	stream := a.ask("POST", at+"/Streams.json", form("Url", a.socket(), "Name", "mine", "Parameter1.Name", "who", "Parameter1.Value", "me"))
	a.ask("POST", at+"/Streams/"+field(stream, "sid")+".json", form("Status", "stopped"))
	a.ask("POST", at+"/Siprec.json", form("Name", "rec", "ConnectorName", "Connector1"))
	a.ask("POST", at+"/Siprec/rec.json", form("Status", "stopped"))
	a.ask("POST", at+"/Transcriptions.json", form("Name", "words", "StatusCallbackUrl", a.app.URL+"/t"))
	a.ask("POST", at+"/Transcriptions/words.json", form("Status", "stopped"))
	pay := a.ask("POST", at+"/Payments.json", form("IdempotencyKey", "1", "StatusCallback", a.app.URL+"/pay", "ChargeAmount", "9.99"))
	a.ask("POST", at+"/Payments/"+field(pay, "sid")+".json", form("IdempotencyKey", "2", "StatusCallback", a.app.URL+"/pay", "Capture", "payment-card-number"))
	a.ask("POST", at+"/UserDefinedMessages.json", form("Content", `{"hello":"you"}`))
	want := a.ask("POST", at+"/UserDefinedMessageSubscriptions.json", form("Callback", a.app.URL+"/udm"))
	a.ask("DELETE", at+"/UserDefinedMessageSubscriptions/"+field(want, "sid")+".json", nil)
}

func conferenceScene(a *apiScene) {
	part := a.ask("POST", "/Conferences/team/Participants.json", form("From", ours, "To", bob, "Label", "bob", "ConferenceRecord", "true", "StatusCallback", a.app.URL+"/s"))
	a.ask("POST", "/Conferences/team/Participants.json", form("From", ours, "To", carol, "EndConferenceOnExit", "true"))
	at := "/Conferences/" + field(part, "conference_sid")
	a.ask("GET", at+"/Participants/bob.json", nil)
	a.until("both in", func() bool { return len(a.Conferences()[0].Calls) == 2 })
	a.ask("GET", "/Conferences.json?FriendlyName=team&Status=in-progress", nil)
	a.ask("GET", at+".json", nil)
	a.ask("POST", at+".json", form("AnnounceUrl", a.app.URL+"/hold"))
	a.ask("GET", at+"/Participants.json", nil)
	a.ask("GET", at+"/Participants/bob.json", nil)
	a.ask("POST", at+"/Participants/bob.json", form("Muted", "true", "Hold", "true", "HoldUrl", a.app.URL+"/hold"))
	a.clock.Advance(10 * time.Second)
	recs := a.ask("GET", at+"/Recordings.json", nil)
	rec := field(recs["recordings"].([]any)[0].(map[string]any), "sid")
	a.ask("GET", at+"/Recordings/"+rec+".json", nil)
	a.ask("POST", at+"/Recordings/"+rec+".json", form("Status", "stopped"))
	a.settle()
	a.ask("DELETE", at+"/Recordings/"+rec+".json", nil)
	a.ask("DELETE", at+"/Participants/bob.json", nil)
	a.ask("POST", at+".json", form("Status", "completed"))
	a.settle()
	a.ask("GET", at+".json", nil)
	a.ask("GET", at+"/Participants.json", nil)
}

func queueScene(a *apiScene) {
	made := a.ask("POST", "/Queues.json", form("FriendlyName", "sales", "MaxSize", "10"))
	at := "/Queues/" + field(made, "sid")
	a.pages["/voice"] = func(url.Values) string { return `<Enqueue waitUrl="/hold">sales</Enqueue>` }
	c := a.call()
	a.until("waits", func() bool { return c.Queue() == "sales" })
	a.ask("GET", "/Queues.json", nil)
	a.ask("GET", at+".json", nil)
	a.ask("POST", at+".json", form("MaxSize", "20"))
	a.ask("GET", at+"/Members.json", nil)
	a.ask("GET", at+"/Members/Front.json", nil)
	a.ask("POST", at+"/Members/"+c.SID()+".json", form("Url", a.app.URL+"/done"))
	a.ended(c)
	a.ask("DELETE", at+".json", nil)
}

func recordingScene(a *apiScene) {
	a.pages["/voice"] = func(url.Values) string {
		return `<Record maxLength="20" action="/done" transcribe="true" transcribeCallback="/text"/>`
	}
	c := a.call()
	a.until("listens", c.Listening)
	c.Say("Please call me back as soon as you can, it is about the rent.")
	a.ended(c)
	list := a.ask("GET", "/Recordings.json?CallSid="+c.SID(), nil)
	at := "/Recordings/" + field(list["recordings"].([]any)[0].(map[string]any), "sid")
	a.ask("GET", at+".json", nil)
	texts := a.ask("GET", at+"/Transcriptions.json", nil)
	sid := field(texts["transcriptions"].([]any)[0].(map[string]any), "sid")
	a.ask("GET", at+"/Transcriptions/"+sid+".json", nil)
	a.ask("GET", "/Transcriptions.json", nil)
	a.ask("GET", "/Transcriptions/"+sid+".json", nil)
	a.ask("DELETE", "/Transcriptions/"+sid+".json", nil)
	again := a.call()
	a.until("listens", again.Listening)
	again.Say("Please call me back.")
	a.ended(again)
	texts = a.ask("GET", "/Transcriptions.json", nil)
	one := texts["transcriptions"].([]any)[0].(map[string]any)
	a.ask("DELETE", "/Recordings/"+field(one, "recording_sid")+"/Transcriptions/"+field(one, "sid")+".json", nil)
	a.ask("DELETE", at+".json", nil)
}

func messageScene(a *apiScene) {
	made := a.ask("POST", "/Messages.json", form("To", bob, "From", ours, "Body", "Hi", "MediaUrl", "https://example.com/a.png"))
	a.settle()
	at := "/Messages/" + field(made, "sid")
	a.ask("GET", "/Messages.json?To="+url.QueryEscape(bob), nil)
	a.ask("GET", at+".json", nil)
	list := a.ask("GET", at+"/Media.json", nil)
	media := at + "/Media/" + field(list["media_list"].([]any)[0].(map[string]any), "sid") + ".json"
	a.ask("GET", media, nil)
	a.ask("DELETE", media, nil)
	a.ask("POST", at+"/Feedback.json", form("Outcome", "confirmed"))
	a.ask("POST", at+".json", form("Body", ""))
	a.ask("DELETE", at+".json", nil)
}

func numberScene(a *apiScene) {
	app := a.ask("POST", "/Applications.json", form("FriendlyName", "desk", "VoiceUrl", a.app.URL+"/x", "VoiceMethod", "GET"))
	appAt := "/Applications/" + field(app, "sid") + ".json"
	a.ask("GET", "/Applications.json?FriendlyName=desk", nil)
	a.ask("GET", appAt, nil)
	a.ask("POST", appAt, form("StatusCallback", a.app.URL+"/s"))

	a.ask("GET", "/AvailablePhoneNumbers.json", nil)
	a.ask("GET", "/AvailablePhoneNumbers/US.json", nil)
	for _, kind := range []string{"Local", "TollFree", "Mobile", "National", "SharedCost", "Voip", "MachineToMachine"} {
		a.ask("GET", "/AvailablePhoneNumbers/US/"+kind+".json?Contains=5*5", nil)
	}
	number := a.ask("POST", "/IncomingPhoneNumbers.json", form("AreaCode", "510", "VoiceApplicationSid", field(app, "sid")))
	at := "/IncomingPhoneNumbers/" + field(number, "sid") + ".json"
	a.ask("GET", "/IncomingPhoneNumbers.json?PhoneNumber=510", nil)
	a.ask("GET", at, nil)
	a.ask("POST", at, form("FriendlyName", "Desk", "VoiceUrl", a.app.URL+"/x"))
	for kind, phone := range map[string]string{"Local": "+15105550199", "Mobile": "+447700900123", "TollFree": "+18005550100"} {
		a.ask("POST", "/IncomingPhoneNumbers/"+kind+".json", form("PhoneNumber", phone))
		a.ask("GET", "/IncomingPhoneNumbers/"+kind+".json", nil)
	}
	a.ask("DELETE", at, nil)
	a.ask("DELETE", appAt, nil)

	a.AddCallerID(carol)
	wish := a.ask("POST", "/OutgoingCallerIds.json", form("PhoneNumber", bob, "FriendlyName", "Bob"))
	call := a.CallsTo(bob)[0]
	a.until("asked", call.Listening)
	call.Press(field(wish, "validation_code"))
	a.settle()
	list := a.ask("GET", "/OutgoingCallerIds.json?FriendlyName=Bob", nil)
	id := "/OutgoingCallerIds/" + field(list["outgoing_caller_ids"].([]any)[0].(map[string]any), "sid") + ".json"
	a.ask("GET", id, nil)
	a.ask("POST", id, form("FriendlyName", "Robert"))
	a.ask("POST", "/Calls.json", form("To", alice, "From", bob, "Url", a.app.URL+"/done"))
	a.ask("DELETE", id, nil)
}

func accountScene(a *apiScene) {
	a.ask("GET", "/2010-04-01/Accounts.json", nil)
	a.ask("GET", "/2010-04-01/Accounts/"+a.AccountSID()+".json", nil)
	a.ask("POST", "/2010-04-01/Accounts/"+a.AccountSID()+".json", form("FriendlyName", "Mine"))
	a.ask("GET", "/Balance.json", nil)
	a.ask("POST", "/Tokens.json", form("Ttl", "60"))
	for _, kind := range []string{"Keys", "SigningKeys"} {
		key := a.ask("POST", "/"+kind+".json", form("FriendlyName", "laptop"))
		at := "/" + kind + "/" + field(key, "sid") + ".json"
		a.ask("GET", "/"+kind+".json", nil)
		a.ask("GET", at, nil)
		a.ask("POST", at, form("FriendlyName", "desk"))
		a.ask("DELETE", at, nil)
	}
}
