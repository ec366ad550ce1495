package twiml

import "unicode/utf8"

const prolog = `<?xml version="1.0" encoding="UTF-8"?>`

// AppendDocument appends the document to buf: the XML prolog, then the element,
// which has to be a Response. Nil is the empty Response. The same element always
// gives the same bytes. Characters that XML 1.0 cannot hold (control characters,
// broken UTF-8) become U+FFFD.
func AppendDocument(buf []byte, response *Element) []byte {
	buf = append(buf, prolog...)
	if response == nil {
		return append(buf, "<Response/>"...)
	}
	return AppendElement(buf, response)
}

// AppendElement appends an element without a prolog.
func AppendElement(buf []byte, e *Element) []byte {
	buf = append(buf, '<')
	buf = append(buf, e.Name...)
	for i := range e.Attrs {
		buf = append(buf, ' ')
		buf = append(buf, e.Attrs[i].Name...)
		buf = append(buf, '=', '"')
		buf = appendEscaped(buf, e.Attrs[i].Value, true)
		buf = append(buf, '"')
	}
	if len(e.Children) == 0 {
		return append(buf, '/', '>')
	}
	buf = append(buf, '>')
	for _, c := range e.Children {
		switch n := c.(type) {
		case Text:
			buf = appendEscaped(buf, string(n), false)
		case *Element:
			buf = AppendElement(buf, n)
		}
	}
	buf = append(buf, '<', '/')
	buf = append(buf, e.Name...)
	return append(buf, '>')
}

// appendEscaped copies runs that need no escape in one go.
func appendEscaped(buf []byte, s string, attr bool) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			esc := escape(c, attr)
			if esc == "" {
				i++
				continue
			}
			buf = append(buf, s[start:i]...)
			buf = append(buf, esc...)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == 0xFFFE || r == 0xFFFF {
			buf = append(buf, s[start:i]...)
			buf = append(buf, "\uFFFD"...)
			start = i + size
		}
		i += size
	}
	return append(buf, s[start:]...)
}

// escape gives what is written for an ASCII character, "" for itself. A carriage
// return, and any line break or tab in an attribute, would come back as another
// character unless written as a reference.
func escape(c byte, attr bool) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '\r':
		return "&#xD;"
	case '"':
		if attr {
			return "&quot;"
		}
	case '\n':
		if attr {
			return "&#xA;"
		}
	case '\t':
		if attr {
			return "&#x9;"
		}
	default:
		if c < 0x20 {
			return "\uFFFD"
		}
	}
	return ""
}
