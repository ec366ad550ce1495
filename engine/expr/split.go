package expr

import (
	"strings"
	"unicode/utf8"
)

// piece is literal text, or the source of an expression that begins at rune at.
type piece struct {
	text string
	at   int
	expr bool
}

// split takes a text apart at ${...}. Quotes and nested brackets inside an
// expression are skipped over.
func split(src string) ([]piece, *problem) {
	var out []piece
	var text strings.Builder
	for i := 0; i < len(src); {
		switch {
		case strings.HasPrefix(src[i:], "$${"):
			text.WriteString("${")
			i += 3
		case strings.HasPrefix(src[i:], "${"):
			n := closing(src[i+2:])
			at := utf8.RuneCountInString(src[:i])
			if n < 0 {
				return nil, &problem{at, "expr-syntax", "${ is not closed", "add }, or write $${ for a literal ${"}
			}
			if text.Len() > 0 {
				out = append(out, piece{text: text.String()})
				text.Reset()
			}
			out = append(out, piece{text: src[i+2 : i+2+n], at: at + 2, expr: true})
			i += n + 3
		default:
			text.WriteByte(src[i])
			i++
		}
	}
	if text.Len() > 0 {
		out = append(out, piece{text: text.String()})
	}
	return out, nil
}

// closing is the index of the } that ends the expression, or -1.
func closing(src string) int {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		case '\'', '"', '`':
			for i++; i < len(src) && src[i] != c; i++ {
				if src[i] == '\\' && c != '`' {
					i++
				}
			}
		}
	}
	return -1
}

// percent encodes all but the unreserved characters of RFC 3986.
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
