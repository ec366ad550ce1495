package twiml

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func gatherDoc() *Element {
	return El("Response",
		El("Gather",
			El("Say", Text("For sales press 1 & say \"sales\" <now>.")).Set("voice", "Polly.Joanna").Set("language", "en-US"),
			El("Pause").SetInt("length", 1),
			El("Play", Text("https://example.com/menu.mp3")),
		).Set("action", "/t/s1/1/4/act").Set("input", "dtmf speech").SetSeconds("timeout", 5*time.Second).SetBool("actionOnEmptyResult", true).Set("finishOnKey", "").Set("hints", "sales, support"),
		El("Redirect", Text("/t/s1/1/4/end?a=1&b=2")),
	)
}

func TestAppendDocument(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		doc  *Element
		want string
	}{
		{nil, `<Response/>`},
		{El("Response"), `<Response/>`},
		{El("Response", nil, (*Element)(nil), El("Hangup")), `<Response><Hangup/></Response>`},
		{gatherDoc(), `<Response><Gather action="/t/s1/1/4/act" input="dtmf speech" timeout="5" actionOnEmptyResult="true" finishOnKey="" hints="sales, support">` +
			`<Say voice="Polly.Joanna" language="en-US">For sales press 1 &amp; say "sales" &lt;now&gt;.</Say><Pause length="1"/><Play>https://example.com/menu.mp3</Play>` +
			`</Gather><Redirect>/t/s1/1/4/end?a=1&amp;b=2</Redirect></Response>`},
		{El("Response", El("Say", Text("a "), El("break").Set("time", "1s"), Text(" b"))), `<Response><Say>a <break time="1s"/> b</Say></Response>`},
		{El("Response", El("Say", Text("x\x00\x1b\xffé\uFFFE\r\n"))), "<Response><Say>x\uFFFD\uFFFD\uFFFDé\uFFFD&#xD;\n</Say></Response>"},
		{El("Response", El("Say").Set("voice", "a\"'<\n\t")), `<Response><Say voice="a&quot;'&lt;&#xA;&#x9;"/></Response>`},
	} {
		got := string(AppendDocument([]byte("before"), c.doc))
		if want := "before" + prolog + c.want; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if again := string(AppendDocument([]byte("before"), c.doc)); again != got {
			t.Errorf("two renderings differ: %s and %s", got, again)
		}
	}
}

func TestElement(t *testing.T) {
	t.Parallel()
	e := El("Gather").Set("a", "1").Set("b", "2").Set("a", "").SetSeconds("c", 1500*time.Millisecond).SetSeconds("d", 0)
	if got := e.String(); got != `<Gather a="" b="2" c="2" d="0"/>` {
		t.Error(got)
	}
	if v, ok := e.Attr("a"); v != "" || !ok {
		t.Error("an empty attribute is lost")
	}
	if e.AttrOr("a", "x") != "" || e.AttrOr("z", "x") != "x" {
		t.Error("AttrOr")
	}
	say := El("Say", Text(" one "), El("emphasis", Text("two")), Text(" three "))
	if say.Body() != "one  three" || say.Speech() != "one two three" {
		t.Errorf("%q %q", say.Body(), say.Speech())
	}
	doc := El("Response", e, say)
	if doc.First("Say") != say || doc.First("Play") != nil || len(doc.Elements()) != 2 {
		t.Error("First or Elements")
	}
	c := doc.Clone()
	c.First("Gather").Set("a", "changed")
	if v, _ := e.Attr("a"); v != "" {
		t.Error("the clone shares its attributes")
	}
}

// random makes trees of the shape that Parse gives: no text twice in a row, no
// blank text outside a Say.
func random(r *rand.Rand, name string, depth int, speaking bool) *Element {
	texts := []string{"a", " b ", "<&>\"'", "é漢😀", "x\r\ny", "\t]]>", "&amp;", "a\u2028b", "1 < 2"}
	e := El(name)
	for i := range r.IntN(4) {
		e.Set(string(rune('a'+i)), texts[r.IntN(len(texts))])
	}
	speaking = speaking || name == "Say"
	wasText := false
	for range r.IntN(4) {
		if !wasText && r.IntN(2) == 0 {
			text := texts[r.IntN(len(texts))]
			if speaking && r.IntN(3) == 0 {
				text = "  \n"
			}
			e.Append(Text(text))
			wasText = true
		} else if depth > 0 {
			e.Append(random(r, []string{"Say", "Gather", "Dial", "say-as", "Unknown"}[r.IntN(5)], depth-1, speaking))
			wasText = false
		}
	}
	return e
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		want := random(r, "Response", 4, false)
		doc := AppendDocument(nil, want)
		got, err := Parse(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAppendDocumentAllocatesNothing(t *testing.T) {
	doc := gatherDoc()
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = AppendDocument(buf[:0], doc) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkGather builds and writes one document into a buffer used again.
func BenchmarkGather(b *testing.B) {
	doc := gatherDoc()
	buf := make([]byte, 0, 4096)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = AppendDocument(buf[:0], doc)
		}
	})
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = AppendDocument(buf[:0], gatherDoc())
		}
	})
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Check(doc, Main)
		}
	})
	b.Run("parse", func(b *testing.B) {
		text := AppendDocument(nil, doc)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestLongTextIsCopiedInRuns(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("plain é ", 5000)
	out := AppendElement(nil, El("Say", Text(text)))
	if !bytes.Contains(out, []byte(text)) {
		t.Error("text without escapes is changed")
	}
}
