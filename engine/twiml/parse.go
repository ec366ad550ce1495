package twiml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The Twilio codes of documents that cannot be read at all.
const (
	CodeTooLarge = 11750 // larger than MaxDocument
	CodeMarkup   = 12100 // not well-formed XML
	CodeRoot     = 12102 // the root element is not Response
	CodeSchema   = 12200 // an element, attribute or nesting that Twilio does not know
)

// maxDepth is far above what the nesting rules allow (SSML in a Say in a Prompt
// in a Pay), and keeps every later walk of a foreign document shallow.
const maxDepth = 64

// ParseError says why a document is not TwiML. Line and Column are 1-based,
// Column counts bytes; they name the place where reading stopped. Code is
// CodeTooLarge, CodeMarkup or CodeRoot.
type ParseError struct {
	Line, Column int
	Code         int
	Message      string
}

// Error gives line:column, the message and the code.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%d:%d: %s (%d)", e.Line, e.Column, e.Message, e.Code)
}

// Parse reads a document as Twilio does: names are case-sensitive, comments are
// ignored, nothing but a byte order mark may stand before the XML prolog, the
// root is Response. Elements and attributes that Twilio does not know are kept,
// for Check to report. Entities other than the five of XML and a document type
// with declarations are refused. Text is kept as it stands; only blanks
// between elements outside a Say are dropped. Errors are *ParseError.
func Parse(doc []byte) (*Element, error) {
	if len(doc) > MaxDocument {
		return nil, &ParseError{1, 1, CodeTooLarge, fmt.Sprintf("the document has %d bytes, Twilio reads at most %d; make it shorter", len(doc), MaxDocument)}
	}
	p := newParser(doc)
	if err := p.run(); err != nil {
		return nil, err
	}
	els := p.top.Elements()
	if len(els) == 0 {
		return nil, p.fail(CodeMarkup, "no element in the document; it needs a <Response>")
	}
	if els[0].Name != "Response" {
		return nil, &ParseError{p.rootLine, p.rootColumn, CodeRoot, fmt.Sprintf("the root element is <%s>, it must be <Response>", els[0].Name)}
	}
	return els[0], nil
}

// parser builds the tree below top, which stands for the document itself.
type parser struct {
	dec                  *xml.Decoder
	top                  *Element
	stack                []*Element
	speaking             int          // number of open Say elements: blanks count there
	fragment             bool         // text and several elements may stand at the top
	say                  *ElementSpec // of a fragment: what may stand at the top
	rootLine, rootColumn int
	tokens               int
}

func newParser(doc []byte) *parser {
	doc = bytes.TrimPrefix(doc, []byte("\uFEFF"))
	p := &parser{dec: xml.NewDecoder(bytes.NewReader(doc)), top: &Element{}}
	p.dec.CharsetReader = charset
	p.stack = append(p.stack, p.top)
	return p
}

func (p *parser) run() error {
	for {
		tok, err := p.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p.syntax(err)
		}
		if err := p.token(tok); err != nil {
			return err
		}
		p.tokens++
	}
	if open := p.open(); open != p.top {
		return p.fail(CodeMarkup, fmt.Sprintf("<%s> is not closed", open.Name))
	}
	return nil
}

func (p *parser) token(tok xml.Token) error {
	switch t := tok.(type) {
	case xml.StartElement:
		return p.start(t)
	case xml.EndElement:
		return p.end(qualified(t.Name))
	case xml.CharData:
		return p.text(string(t))
	case xml.ProcInst:
		if t.Target == "xml" && p.tokens > 0 {
			return p.fail(CodeMarkup, "something stands before the XML prolog <?xml ...?>; it must be the very first thing")
		}
	case xml.Directive:
		if bytes.ContainsRune(t, '[') {
			return p.fail(CodeMarkup, "a document type with declarations is not allowed; leave <!DOCTYPE> out")
		}
	}
	return nil
}

func (p *parser) open() *Element { return p.stack[len(p.stack)-1] }

func (p *parser) start(t xml.StartElement) error {
	if len(p.stack) > maxDepth {
		return p.fail(CodeMarkup, fmt.Sprintf("elements are nested deeper than %d", maxDepth))
	}
	e := &Element{Name: qualified(t.Name)}
	for _, a := range t.Attr {
		name := qualified(a.Name)
		if _, double := e.Attr(name); double {
			return p.fail(CodeMarkup, fmt.Sprintf("<%s> has the attribute %s twice", e.Name, name))
		}
		e.Attrs = append(e.Attrs, Attr{name, a.Value})
	}
	parent := p.open()
	if parent == p.top && !p.fragment {
		if len(p.top.Children) > 0 {
			return p.fail(CodeMarkup, fmt.Sprintf("<%s> stands after the end of the root element", e.Name))
		}
		p.rootLine, p.rootColumn = p.dec.InputPos()
	}
	if p.fragment {
		if err := p.checkSSML(parent, e); err != nil {
			return err
		}
	}
	if e.Name == "Say" {
		p.speaking++
	}
	parent.Children = append(parent.Children, e)
	p.stack = append(p.stack, e)
	return nil
}

func (p *parser) end(name string) error {
	open := p.open()
	if open == p.top {
		return p.fail(CodeMarkup, fmt.Sprintf("</%s> closes nothing", name))
	}
	if open.Name != name {
		return p.fail(CodeMarkup, fmt.Sprintf("<%s> is closed by </%s>", open.Name, name))
	}
	if name == "Say" {
		p.speaking--
	}
	p.stack = p.stack[:len(p.stack)-1]
	if p.speaking == 0 && !p.fragment {
		dropBlanks(open)
	}
	return nil
}

func (p *parser) text(s string) error {
	e := p.open()
	if e == p.top && !p.fragment {
		if strings.TrimSpace(s) != "" {
			return p.fail(CodeMarkup, "text stands outside the root element")
		}
		return nil
	}
	if n := len(e.Children); n > 0 {
		// A comment or a CDATA section cuts text in two.
		if before, ok := e.Children[n-1].(Text); ok {
			e.Children[n-1] = before + Text(s)
			return nil
		}
	}
	if s != "" {
		e.Children = append(e.Children, Text(s))
	}
	return nil
}

// dropBlanks removes the text that only indents. Called at the end of an
// element, when texts that a comment cut in two are one again; never for a Say.
func dropBlanks(e *Element) {
	if e.Name == "Say" {
		return
	}
	kept := e.Children[:0]
	for _, c := range e.Children {
		if t, ok := c.(Text); ok && strings.TrimSpace(string(t)) == "" {
			continue
		}
		kept = append(kept, c)
	}
	e.Children = kept
	if len(kept) == 0 {
		e.Children = nil
	}
}

func (p *parser) fail(code int, message string) *ParseError {
	line, column := p.dec.InputPos()
	return &ParseError{line, column, code, message}
}

func (p *parser) syntax(err error) *ParseError {
	message := strings.TrimPrefix(err.Error(), "xml: ")
	if syn := (*xml.SyntaxError)(nil); errors.As(err, &syn) {
		message = syn.Msg
	}
	if strings.HasPrefix(message, "invalid character entity") {
		message += "; write & as &amp;"
	}
	return p.fail(CodeMarkup, "not well-formed XML: "+message)
}

// qualified puts a prefix back in front of a name: xml:lang is one name here.
func qualified(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// charset reads the encodings besides UTF-8 that a prolog names in practice.
func charset(label string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "us-ascii", "ascii":
		return r, nil
	case "iso-8859-1", "latin1":
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		runes := make([]rune, len(data))
		for i, b := range data {
			runes[i] = rune(b)
		}
		return strings.NewReader(string(runes)), nil
	}
	return nil, fmt.Errorf("the encoding %q is not supported; write UTF-8", label)
}
