package twiml

import (
	"slices"
	"strings"
	"testing"
)

// problems gives path, code and level of each problem, without the words.
func problems(found []Problem) []string {
	var got []string
	for _, p := range found {
		text, _, _ := strings.Cut(p.String(), ": ")
		rest := strings.TrimPrefix(p.String(), text+": ")
		head, _, _ := strings.Cut(rest, ":")
		got = append(got, text+" "+head)
	}
	return got
}

func TestCheck(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 640)
	for _, c := range []struct {
		doc  string // inside the Response
		want string // separated by bars
	}{
		{``, ``},
		{`<Say>Hi</Say><Play>http://a.b/c.mp3</Play><Play digits="w1"/><Pause/><Hangup/>`, ``},
		{`<Gather input="dtmf speech" action="/a" finishOnKey=""><Say>x</Say><Pause length="2"/><Play>m.mp3</Play></Gather><Redirect/>`, ``},
		{`<Dial answerOnBridge="true"><Number url="/w" sendDigits="1">+1 (415) 555-0100</Number><Client><Identity>bob</Identity><Parameter name="a" value="b"/></Client><Sip>sip:a@b.c</Sip></Dial>`, ``},
		{`<Dial><Conference waitUrl="" beep="onEnter" coach="CA00000000000000000000000000000001">room</Conference></Dial>`, ``},
		{`<Enqueue workflowSid="WW00000000000000000000000000000001"><Task priority="1">{"a":1}</Task></Enqueue><Enqueue waitUrl="">q</Enqueue>`, ``},
		{`<Start><Stream url="wss://a.b/" name="s"/><Recording/></Start><Stop><Stream name="s"/></Stop>`, ``},
		{`<Connect><ConversationRelay url="wss://a.b/"><Language code="en-US"/><Parameter name="x" value=""/></ConversationRelay></Connect>`, ``},
		{`<Pay chargeAmount="20.45" action="https://a.b/"><Prompt for="security-code" attempt="1 2"><Say>code</Say></Prompt></Pay>`, ``},
		{`<Refer><Sip>sip:a@b.c</Sip></Refer>`, ``},

		{`<say>Hi</say>`, `Response/say warning 12200`},
		{`<Message>Hi</Message>`, `Response/Message warning 12200`},
		{`text`, `Response warning 12200`},
		{`<Say Voice="man" bogus="1">Hi</Say>`, `Response/Say@Voice warning 12200|Response/Say@bogus warning 12200`},
		{`<Say/><Say> </Say><Say>x</Say>`, `Response/Say warning 13520|Response/Say[2] warning 13520`},
		{`<Say voice="bob" loop="-1">Hi</Say>`, `Response/Say@voice warning 13511|Response/Say@loop warning 13510`},
		{`<Gather><Say voice="bob" loop="-1">Hi</Say></Gather>`, `Response/Gather/Say@voice warning 13321|Response/Gather/Say@loop warning 13322`},
		{`<Say voice="Polly.Joanna">` + long + `</Say><Say voice="man">` + long + `</Say>`, `Response/Say warning 13521`},
		{`<Say>` + strings.Repeat("ж", 800) + `</Say>`, `Response/Say warning 13521`},
		{`<Say><emphasis level="huge"><p>x</p></emphasis></Say>`, `Response/Say/emphasis@level warning 12200|Response/Say/emphasis/p warning 12200`},
		{`<Play/><Play digits=""/><Play digits="x"/><Play>http://a_b.c/</Play>`, `Response/Play warning 12200|Response/Play[2]@digits warning 13430|Response/Play[3]@digits warning 13430|Response/Play[4] error 11100`},
		{`<Pause length="0"/>`, `Response/Pause@length warning 13910`},
		{`<Gather timeout="0" numDigits="x" method="PUT" input="fax" actionOnEmptyResult="maybe"/>`, `Response/Gather@timeout warning 13313|Response/Gather@numDigits warning 13314|Response/Gather@method warning 13312|Response/Gather@input warning 13326|Response/Gather@actionOnEmptyResult error 13338`},
		{`<Gather><Dial>1</Dial><Play digits="1"/></Gather>`, `Response/Gather/Dial warning 13320|Response/Gather/Play@digits warning 12200`},
		{`<Gather speechTimeout="auto" speechModel="phone_call"/>`, `Response/Gather@speechTimeout warning 13335`},
		{`<Record transcribe="true" maxLength="121"/><Record maxLength="1" recordingStatusCallbackEvent="x"/>`, `Response/Record@maxLength warning 13615|Response/Record[2]@maxLength warning 13612|Response/Record[2]@recordingStatusCallbackEvent error 13621`},
		{`<Dial/>`, `Response/Dial warning 12200`},
		{`<Dial timeout="4" record="x">bob</Dial>`, `Response/Dial@timeout warning 13212|Response/Dial@record warning 13217|Response/Dial warning 13223`},
		{`<Dial>1<Number>1234567890123456</Number></Dial>`, `Response/Dial/Number warning 13223|Response/Dial warning 12200`},
		{`<Dial><Conference>a</Conference><Number>1</Number></Dial>`, `Response/Dial warning 13000`},
		{`<Dial><Queue>a</Queue><Number>1</Number></Dial>`, `Response/Dial warning 13215`},
		{`<Dial>` + strings.Repeat(`<Number>1</Number>`, 11) + `</Dial>`, `Response/Dial warning 13215`},
		{`<Dial><Conference/><Say>x</Say></Dial>`, `Response/Dial/Conference warning 13237|Response/Dial/Say warning 13215|Response/Dial warning 13000`},
		{`<Dial><Conference endConferenceOnExit="1" coach="CA1" participantLabel="a/b">r</Conference></Dial>`, `Response/Dial/Conference@endConferenceOnExit error 13231|Response/Dial/Conference@coach error 13240|Response/Dial/Conference@participantLabel error 16023`},
		{`<Dial><Sip>bob</Sip><Sip/><Sip>sip:a@b?x=` + strings.Repeat("y", 1100) + `</Sip></Dial>`, `Response/Dial/Sip warning 13243|Response/Dial/Sip[2] warning 13243|Response/Dial/Sip[3] warning 13253`},
		{`<Dial><Client/><Queue reservationSid="x"/></Dial>`, `Response/Dial/Client warning 12200|Response/Dial/Queue@reservationSid error 14215|Response/Dial warning 13215`},
		{`<Enqueue/><Enqueue>` + strings.Repeat("q", 65) + `</Enqueue>`, `Response/Enqueue error 14204|Response/Enqueue[2] error 14205`},
		{`<Enqueue workflowSid="WW1"><Task>[1]</Task></Enqueue><Enqueue><Task>{}</Task></Enqueue>`, `Response/Enqueue@workflowSid error 14220|Response/Enqueue/Task error 14221|Response/Enqueue[2]@workflowSid error 14220`},
		{`<Pay action="http://a.b/" bankAccountType="consumer-savings" chargeAmount="x"/>`, `Response/Pay@chargeAmount error 64003|Response/Pay@action error 64016|Response/Pay@bankAccountType error 64017`},
		{`<Connect/><Connect><Stream url="wss://a.b/" track="both_tracks"/></Connect><Connect><Stream url="https://a.b/"/></Connect>`, `Response/Connect warning 12200|Response/Connect[2]/Stream@track error 31941|Response/Connect[3]/Stream@url error 31923`},
		{`<Start><Stream/><SipRec/></Start><Stop><Stream/></Stop>`, `Response/Start/Stream@url warning 12200|Response/Start/SipRec warning 12200|Response/Stop/Stream@name warning 12200`},
		{`<Start><Room>x</Room></Start>`, `Response/Start/Room error 14300`},
		{`<Refer/><Refer><Sip username="a">sip:a@b</Sip></Refer>`, `Response/Refer warning 12200|Response/Refer[2]/Sip@username warning 12200`},
		{`<Reject reason="no"/><Redirect method="x"/><Prompt/>`, `Response/Reject@reason warning 13810|Response/Redirect@method warning 13710|Response/Prompt warning 12200`},
	} {
		doc, err := Parse([]byte("<Response>" + c.doc + "</Response>"))
		if err != nil {
			t.Errorf("%s: %v", c.doc, err)
			continue
		}
		if got := strings.Join(problems(Check(doc, Main)), "|"); got != c.want {
			t.Errorf("%.200s:\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

func TestCheckRoot(t *testing.T) {
	t.Parallel()
	for _, doc := range []*Element{nil, El("response"), El("Say")} {
		found := Check(doc, Main)
		if len(found) != 1 || found[0].Code != CodeRoot || !found[0].Fatal {
			t.Errorf("%v: %v", doc, found)
		}
		CheckInline(doc, Main)
	}
	if found := Check(El("Response").Set("xmlns:xsi", "x").Set("xsi:noNamespaceSchemaLocation", "y"), Main); found != nil {
		t.Error(found)
	}
}

// TestContexts tries every verb in every context.
func TestContexts(t *testing.T) {
	t.Parallel()
	verbs := map[string]*Element{
		"Say": El("Say", Text("x")), "Play": El("Play", Text("x")), "Pause": El("Pause"), "Gather": El("Gather"), "Hangup": El("Hangup"),
		"Redirect": El("Redirect"), "Leave": El("Leave"), "Dial": El("Dial", Text("1")), "Record": El("Record"), "Enqueue": El("Enqueue", Text("q")),
	}
	for _, c := range []struct {
		ctx   Context
		legal string
		codes map[string]int // of illegal verbs, where not CodeSchema
		all   int
	}{
		{Main, "Dial Enqueue Gather Hangup Leave Pause Play Record Redirect Say", nil, 0},
		{Whisper, "Gather Hangup Pause Play Say", map[string]int{"Dial": 13201}, CodeSchema},
		{QueueWait, "Gather Hangup Leave Pause Play Redirect Say", nil, CodeSchema},
		{RoomWait, "Pause Play Redirect Say", nil, 13238},
		{Hold, "Pause Play Redirect Say", nil, 13238},
		{Announcement, "Pause Play Redirect Say", nil, 13238},
		{QueueNoun, "Pause Play Redirect Say", nil, CodeSchema},
	} {
		for name, verb := range verbs {
			found := Check(El("Response", verb), c.ctx)
			if slices.Contains(strings.Fields(c.legal), name) {
				if len(found) > 0 || !c.ctx.Allows(name) {
					t.Errorf("%s in %s: %v", name, c.ctx, found)
				}
				continue
			}
			want := c.all
			if code, ok := c.codes[name]; ok {
				want = code
			}
			unsure := c.ctx == Whisper && name == "Redirect"
			if len(found) != 1 || found[0].Code != want || found[0].Fatal == unsure {
				t.Errorf("%s in %s: %v, want %d", name, c.ctx, found, want)
			}
		}
	}
	if Context(99).String() != "context 99" {
		t.Error("an unknown context has no name")
	}
}

func TestCheckInline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ doc, want string }{
		{`<Say>x</Say><Gather action="https://a.b/c"/><Conference/>`, `Response/Conference warning 12200`},
		{`<Gather/><Record/>`, `Response/Gather@action error 11100|Response/Record@action error 11100`},
		{`<Gather action="/a"/>`, `Response/Gather@action error 15004`},
		{`<Dial action="/a"><Number url="w">1</Number></Dial>`, `Response/Dial/Number@url error 11100|Response/Dial@action error 11100`},
		{`<Redirect/><Redirect>/x</Redirect><Play>x.mp3</Play>`, `Response/Redirect error 11100|Response/Redirect[2] error 11100|Response/Play error 11100`},
		{`<Enqueue waitUrl="">q</Enqueue>`, ``},
		{`<Say>` + strings.Repeat("x", 3960) + `</Say>`, `Response error 32018`},
	} {
		doc, err := Parse([]byte("<Response>" + c.doc + "</Response>"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(problems(CheckInline(doc, Main)), "|"); got != c.want {
			t.Errorf("%.80s:\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}
