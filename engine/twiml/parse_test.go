package twiml

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const corpus = "../../../shared/corpus"

// corpusFiles reads the documents of one folder of the corpus.
func corpusFiles(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(corpus, folder, "*.xml"))
	files := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = data
	}
	return files
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ doc, want string }{
		{`<Response/>`, `<Response/>`},
		{"\uFEFF" + prolog + "\n<!-- a --><Response></Response>\n<!-- b -->", `<Response/>`},
		{"<Response>\n  <Say> Hi </Say>\n  <Dial>\n <Number>1</Number> </Dial></Response>", `<Response><Say> Hi </Say><Dial><Number>1</Number></Dial></Response>`},
		{`<Response><Say>a<!-- x -->b<![CDATA[<c>]]></Say></Response>`, `<Response><Say>ab&lt;c&gt;</Say></Response>`},
		{`<Response><Say>a <break/> <p> <s>b</s> </p></Say></Response>`, `<Response><Say>a <break/> <p> <s>b</s> </p></Say></Response>`},
		{`<Response><Say><lang xml:lang='fr-FR'>&#233;&amp;&quot;</lang></Say></Response>`, `<Response><Say><lang xml:lang="fr-FR">é&amp;"</lang></Say></Response>`},
		{`<Response><Gather> <!-- only --> </Gather><say/></Response>`, `<Response><Gather/><say/></Response>`},
		{`<!DOCTYPE Response><Response/>`, `<Response/>`},
		{"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Response><Say>\xe9</Say></Response>", `<Response><Say>é</Say></Response>`},
	} {
		got, err := Parse([]byte(c.doc))
		if err != nil {
			t.Errorf("%s: %v", c.doc, err)
			continue
		}
		if got.String() != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	deep := "<Response>" + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + "</Response>"
	for _, c := range []struct {
		doc  string
		code int
		want string
	}{
		{"", CodeMarkup, "no element"},
		{"  ", CodeMarkup, "no element"},
		{"hello", CodeMarkup, "outside the root"},
		{" <?xml version=\"1.0\"?><Response/>", CodeMarkup, "before the XML prolog"},
		{"<Respons/>", CodeRoot, "must be <Response>"},
		{"<response/>", CodeRoot, "must be <Response>"},
		{"<Response/><Response/>", CodeMarkup, "after the end"},
		{"<Response><Say></Response>", CodeMarkup, "<Say> is closed by </Response>"},
		{"<Response><Say>", CodeMarkup, "<Say> is not closed"},
		{"<Response/></Say>", CodeMarkup, "closes nothing"},
		{"<Response><Say>a & b</Say></Response>", CodeMarkup, "&amp;"},
		{"<Response><Say>&nbsp;</Say></Response>", CodeMarkup, "entity"},
		{"<Response><Say a=\"1\" a=\"2\"/></Response>", CodeMarkup, "twice"},
		{"<Response><Say a=1/></Response>", CodeMarkup, "well-formed"},
		{"<!DOCTYPE r [<!ENTITY a \"b\">]><Response>&a;</Response>", CodeMarkup, "document type"},
		{"<Response>\x00</Response>", CodeMarkup, "well-formed"},
		{"<Response><Say>\xff</Say></Response>", CodeMarkup, "UTF-8"},
		{"<?xml version=\"1.0\" encoding=\"utf-7\"?><Response/>", CodeMarkup, "encoding"},
		{deep, CodeMarkup, "deeper"},
		{"<Response><Say>" + strings.Repeat("x", MaxDocument) + "</Say></Response>", CodeTooLarge, "at most 64000"},
	} {
		got, err := Parse([]byte(c.doc))
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("%.60q: %v, %v", c.doc, got, err)
			continue
		}
		if pe.Code != c.code || !strings.Contains(pe.Message, c.want) || pe.Line < 1 || pe.Column < 1 {
			t.Errorf("%.60q: %v, want %d %q", c.doc, pe, c.code, c.want)
		}
	}
}

func TestParseErrorPosition(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("<Response>\n  <Say>\n</Play></Response>"))
	if want := "3:8: <Say> is closed by </Play> (12100)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestCorpus reads documents that others wrote.
func TestCorpus(t *testing.T) {
	t.Parallel()
	good := corpusFiles(t, "twiml")
	if len(good) == 0 {
		t.Skip("no corpus beside the checkout")
	}
	for name, data := range good {
		doc, err := Parse(data)
		if blanks := bytes.TrimLeft(data, " \r\n\t"); len(blanks) < len(data) && bytes.HasPrefix(blanks, []byte("<?xml")) {
			if err == nil {
				t.Errorf("%s: passes with blanks before the prolog", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := Parse(AppendDocument(nil, doc))
		if err != nil || !reflect.DeepEqual(doc, again) {
			t.Errorf("%s: comes back as another document: %v", name, err)
		}
		for _, p := range Check(doc, Main) {
			if p.Fatal && strings.HasPrefix(name, "docs-") {
				t.Errorf("%s: %s", name, p)
			}
			t.Logf("%s: %s", name, p)
		}
	}
	for name, data := range corpusFiles(t, "twiml-malformed") {
		var pe *ParseError
		if _, err := Parse(data); !errors.As(err, &pe) || pe.Code != CodeMarkup {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, data := range corpusFiles(t, "twiml-foreign") {
		doc, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(Check(doc, Main)) == 0 {
			t.Errorf("%s: passes as voice TwiML", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`<Response/>`))
	f.Add([]byte(prolog + `<Response><Gather input="dtmf"><Say>a <break time="1s"/>&amp;<![CDATA[b]]></Say></Gather><!-- c --></Response>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><Response>&b;</Response>`))
	f.Add(AppendDocument(nil, gatherDoc()))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Parse(data)
		if err != nil {
			if pe := (*ParseError)(nil); !errors.As(err, &pe) {
				t.Fatalf("%T", err)
			}
			return
		}
		Check(doc, Main)
		CheckInline(doc, RoomWait)
		out := AppendDocument(nil, doc)
		if len(out) > MaxDocument {
			return // escapes can make it longer than what was read
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		if !reflect.DeepEqual(doc, again) {
			t.Fatalf("%q comes back as %q", doc, again)
		}
	})
}
