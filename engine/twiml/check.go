package twiml

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problem is one thing that is wrong with a document.
type Problem struct {
	// Path is the element, such as Response/Gather/Say[2], with @name behind it
	// where an attribute is meant. A number counts elements of one name, from 1.
	Path string
	// Code is Twilio's error code; CodeSchema where Twilio has no other.
	Code int
	// Fatal says that Twilio reports the code as an error, which ends the document,
	// not as a warning, after which the call goes on without the bad part. A verb
	// that has no place in its context is always fatal.
	Fatal   bool
	Message string
}

// String gives the problem on one line.
func (p Problem) String() string {
	level := "warning"
	if p.Fatal {
		level = "error"
	}
	return fmt.Sprintf("%s: %s %d: %s", p.Path, level, p.Code, p.Message)
}

// Err is the problem as an error.
func (p Problem) Err() error { return errors.New(p.String()) }

// Check looks for everything Twilio would find fault with in a document of that
// context: unknown names, nesting, missing and bad values, lengths. It gives the
// problems in the order of the document, nil for none.
func Check(doc *Element, ctx Context) []Problem {
	c := &checker{ctx: ctx}
	c.document(doc)
	return c.problems
}

// CheckInline is Check for a document that travels in a REST request. There is no
// URL then against which another one could be resolved, so all have to be
// absolute, Gather, Record and Pay need an action, and the document has at most
// MaxInline characters.
func CheckInline(doc *Element, ctx Context) []Problem {
	c := &checker{ctx: ctx, inline: true}
	c.document(doc)
	if doc != nil {
		if n := utf8.RuneCount(AppendDocument(nil, doc)); n > MaxInline {
			c.problems = append(c.problems, Problem{Path: doc.Name, Code: 32018, Fatal: true, Message: fmt.Sprintf("the document has %d characters; at most %d are allowed in a request", n, MaxInline)})
		}
	}
	return c.problems
}

// checker walks a document. trail is the way from the root to the element that is
// looked at; a path is made of it only when there is something to report.
type checker struct {
	ctx      Context
	inline   bool
	trail    []*Element
	problems []Problem
}

func (c *checker) document(doc *Element) {
	switch {
	case doc == nil:
		c.problems = append(c.problems, Problem{Code: CodeRoot, Fatal: true, Message: "there is no document"})
		return
	case doc.Name != "Response":
		c.problems = append(c.problems, Problem{Path: doc.Name, Code: CodeRoot, Fatal: true, Message: "the root element has to be <Response>"})
		return
	}
	spec, _ := Lookup("Response")
	c.element(spec, doc)
}

func (c *checker) element(spec *ElementSpec, e *Element) {
	c.trail = append(c.trail, e)
	for _, p := range c.attributes(spec, e, c.parentName()) {
		c.add(p.Path, p.Code, "%s", p.Message)
	}
	c.text(spec, e)
	c.children(spec, e)
	c.rules(e)
	c.trail = c.trail[:len(c.trail)-1]
}

func (c *checker) parentName() string {
	if n := len(c.trail); n > 1 {
		return c.trail[n-2].Name
	}
	return ""
}

// add reports a problem of the current element, or of one of its attributes.
func (c *checker) add(attr string, code int, format string, args ...any) {
	c.report(attr, code, fatal(code), format, args...)
}

func (c *checker) report(attr string, code int, isFatal bool, format string, args ...any) {
	path := c.path()
	if attr != "" {
		path += "@" + attr
	}
	c.problems = append(c.problems, Problem{path, code, isFatal, fmt.Sprintf(format, args...)})
}

func (c *checker) path() string {
	var b strings.Builder
	for i, e := range c.trail {
		if i == 0 {
			b.WriteString(e.Name)
			continue
		}
		b.WriteString("/" + e.Name)
		n := 0
		for _, sibling := range c.trail[i-1].Elements() {
			if sibling.Name == e.Name {
				n++
			}
			if sibling == e {
				break
			}
		}
		if n > 1 {
			b.WriteString("[" + strconv.Itoa(n) + "]")
		}
	}
	return b.String()
}

// attributes gives the problems of an element's attributes; Path is only the
// attribute's name.
func (c *checker) attributes(spec *ElementSpec, e *Element, parent string) []Problem {
	var found []Problem
	for _, a := range e.Attrs {
		as, ok := spec.Attr(a.Name)
		if !ok {
			if !namespace(a.Name) {
				found = append(found, Problem{Path: a.Name, Code: CodeSchema, Message: unknownAttr(spec, a.Name)})
			}
			continue
		}
		if err := as.Check(a.Value); err != nil {
			found = append(found, Problem{Path: a.Name, Code: attrCode(as, parent, e.Name), Message: fmt.Sprintf("%s of <%s>: %v", a.Name, e.Name, err)})
		}
	}
	for i := range spec.Attrs {
		if as := &spec.Attrs[i]; as.Required {
			if _, ok := e.Attr(as.Name); !ok {
				found = append(found, Problem{Path: as.Name, Code: CodeSchema, Message: fmt.Sprintf("<%s> needs the attribute %s", e.Name, as.Name)})
			}
		}
	}
	return found
}

// namespace says whether an attribute only declares a namespace or a schema.
func namespace(name string) bool {
	return name == "xmlns" || strings.HasPrefix(name, "xmlns:") || strings.HasPrefix(name, "xsi:")
}

func unknownAttr(spec *ElementSpec, name string) string {
	for i := range spec.Attrs {
		if known := spec.Attrs[i].Name; strings.EqualFold(known, name) {
			return fmt.Sprintf("<%s> has no attribute %s; it is written %s", spec.Name, name, known)
		}
	}
	if len(spec.Attrs) == 0 {
		return fmt.Sprintf("<%s> has no attribute %s; it has none at all", spec.Name, name)
	}
	return fmt.Sprintf("<%s> has no attribute %s", spec.Name, name)
}

// attrCode gives the code for a bad value. A Say in a Gather has codes of its own.
func attrCode(a *AttrSpec, parent, element string) int {
	switch {
	case parent == "Gather" && element == "Say" && a.Name == "voice":
		return 13321
	case parent == "Gather" && element == "Say" && a.Name == "loop":
		return 13322
	case a.Code != 0:
		return a.Code
	case a.Type == URL:
		return codeURL
	}
	return CodeSchema
}

func (c *checker) text(spec *ElementSpec, e *Element) {
	rule := spec.Text
	if rule.Use == Mixed {
		return
	}
	body := e.Body()
	if rule.Use == NoText {
		if body != "" {
			c.add("", CodeSchema, "<%s> holds no text", e.Name)
		}
		return
	}
	n := utf8.RuneCountInString(body)
	switch {
	case n == 0 && rule.Use == MustText:
		c.add("", firstCode(rule.CodeShort, rule.Code), "<%s> is empty; it holds: %s", e.Name, rule.Doc)
	case n > 0 && n < rule.Min:
		c.add("", firstCode(rule.CodeShort, rule.Code), "the text of <%s> has %d characters; at least %d are needed", e.Name, n, rule.Min)
	case rule.Max > 0 && n > rule.Max:
		c.add("", firstCode(rule.Code), "the text of <%s> has %d characters; at most %d are allowed", e.Name, n, rule.Max)
	}
}

// firstCode gives the first code that is set, else CodeSchema.
func firstCode(codes ...int) int {
	for _, code := range codes {
		if code != 0 {
			return code
		}
	}
	return CodeSchema
}

func (c *checker) children(spec *ElementSpec, e *Element) {
	count := 0
	for _, n := range e.Children {
		child, ok := n.(*Element)
		if !ok {
			continue
		}
		count++
		own, ok := spec.Child(child.Name)
		if !ok {
			c.misplaced(spec, child)
			continue
		}
		if spec.Kind == Root && !c.allowed(child) {
			continue
		}
		c.element(own, child)
	}
	if spec.Max > 0 && count > spec.Max {
		c.add("", firstCode(spec.NestCode), "<%s> has %d elements; at most %d are allowed", e.Name, count, spec.Max)
	}
}

// misplaced reports an element that may not stand in another, and does not look
// inside.
func (c *checker) misplaced(spec *ElementSpec, child *Element) {
	c.trail = append(c.trail, child)
	defer func() { c.trail = c.trail[:len(c.trail)-1] }()
	for _, known := range spec.Children {
		if strings.EqualFold(known, child.Name) {
			c.add("", CodeSchema, "<%s> is not known; it is written <%s>", child.Name, known)
			return
		}
	}
	if _, known := Lookup(child.Name); !known {
		c.add("", CodeSchema, "<%s> is not voice TwiML", child.Name)
		return
	}
	may := "nothing"
	if len(spec.Children) > 0 {
		may = strings.Join(spec.Children, ", ")
	}
	c.add("", firstCode(spec.NestCode), "<%s> cannot stand in <%s>; what can: %s", child.Name, spec.Name, may)
}

// allowed reports a verb that may not stand in the context.
func (c *checker) allowed(verb *Element) bool {
	if c.ctx.Allows(verb.Name) {
		return true
	}
	c.trail = append(c.trail, verb)
	defer func() { c.trail = c.trail[:len(c.trail)-1] }()
	if c.ctx == Whisper && verb.Name == "Redirect" {
		c.add("", CodeSchema, "Twilio does not say that <Redirect> works in a %s document", c.ctx)
		return true
	}
	c.report("", c.ctx.forbidden(verb.Name), true, "<%s> cannot stand in a %s document; what can: %s", verb.Name, c.ctx, strings.Join(c.ctx.Verbs(), ", "))
	return false
}

// codeURL is Twilio's code for a malformed URL.
const codeURL = 11100

// errorCodes are those of the codes used here that Twilio has at level ERROR; the
// others are warnings. Sorted.
func errorCodes() []int {
	return []int{
		codeURL, CodeTooLarge, CodeMarkup, CodeRoot, 13201, 13231, 13238, 13239, 13240, 13257, 13338, 13621,
		14201, 14202, 14203, 14204, 14205, 14206, 14210, 14211, 14212, 14213, 14215, 14218, 14220, 14221, 14300, 15004, 16023,
		31922, 31923, 31940, 31941, 32018, 64003, 64004, 64016, 64017,
	}
}

// fatal says whether Twilio has a code at level ERROR.
func fatal(code int) bool { return slices.Contains(errorCodes(), code) }
