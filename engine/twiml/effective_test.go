package twiml

import "testing"

func TestEffective(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ doc, want string }{
		{`<Say>a <break time="1s"/> b</Say>`, `<Say>a <break time="1s"/> b</Say>`},
		{`text<say>x</say><Say>y</Say><Message>z</Message>`, `<Say>y</Say>`},
		{`<Say voice="bob" loop="2" bogus="1">Hi<blink>there</blink></Say>`, `<Say loop="2">Hi</Say>`},
		{`<Gather timeout="0" method="get" input="fax"><Dial>1</Dial><Say>x</Say></Gather>`, `<Gather method="GET"><Say>x</Say></Gather>`},
		{`<Gather method="PUT"/><Redirect method="Post"/>`, `<Gather/><Redirect method="POST"/>`},
		{`<Connect><Stream url="wss://a.b/"/><Room>r</Room></Connect>`, `<Connect><Stream url="wss://a.b/"/></Connect>`},
		{`<Refer><Sip username="a">sip:a@b</Sip></Refer>`, `<Refer><Sip>sip:a@b</Sip></Refer>`},
		{`<Start><Stream url="http://a.b/"/></Start><Pay chargeAmount="x" currency="x"/>`, `<Start><Stream url="http://a.b/"/></Start><Pay chargeAmount="x"/>`},
		{`<Conference>x</Conference><Hangup/>`, `<Hangup/>`},
	} {
		doc, err := Parse([]byte("<Response>" + c.doc + "</Response>"))
		if err != nil {
			t.Fatal(err)
		}
		before := doc.String()
		got := Effective(doc)
		if got.String() != "<Response>"+c.want+"</Response>" {
			t.Errorf("%s:\ngot  %s\nwant %s", c.doc, got, c.want)
		}
		if doc.String() != before {
			t.Errorf("%s: the document itself has changed", c.doc)
		}
	}
	if foreign := El("Foreign"); Effective(foreign) != foreign {
		t.Error("an unknown root is changed")
	}
}

// TestEffectiveIsClean: what Effective leaves gives no problem of names and
// nesting any more.
func TestEffectiveIsClean(t *testing.T) {
	t.Parallel()
	for name, data := range corpusFiles(t, "twiml") {
		doc, err := Parse(data)
		if err != nil {
			continue
		}
		for _, p := range Check(Effective(doc), Main) {
			if p.Code == CodeSchema && !p.Fatal {
				t.Logf("%s: %s", name, p)
			}
			if spec, _ := Lookup("Dial"); p.Code == spec.NestCode {
				t.Errorf("%s: %s", name, p)
			}
		}
	}
}
