package expr

// FunctionDoc is what the reference page says of a function: how it is called, what it
// gives, and a call as an example.
type FunctionDoc struct {
	Name, Call, Doc string
}

// FunctionDocs returns the functions that flows have beside those of the expression
// language, in the order of the page.
func FunctionDocs() []FunctionDoc {
	return []FunctionDoc{
		{"num", "num(x, else)", "the number that x is; `else`, or without it an error, where x is missing or no number"},
		{"text", "text(x, else)", "x as text"},
		{"flag", "flag(x, else)", "x as true or false"},
		{"list", "list(x, else)", "x as a list"},
		{"spoken", "spoken(digits)", "the characters one by one, as a voice should read a number or a code"},
		{"money", "money(x)", "an amount with two places"},
		{"phone", "phone(x, country)", "x in E.164, or an empty text where it is no phone number; what callers type must pass through it before it is called"},
		{"mask", "mask(x)", "x with all but its last characters hidden, for logs and messages"},
		{"seconds", "seconds(duration)", "a duration as a number"},
		{"now", "now()", "the time of the event"},
		{"format", "format(time, layout, zone)", "a time as text; layout: how Monday 2 January 2006 15:04 would look"},
		{"visits", "visits(state)", "how often this leg has entered a state"},
		{"open", "open(hours)", "whether it is open now"},
		{"next_open", "next_open(hours)", "the next moment at which it is open; now, while it is"},
		{"join", "join(list, separator)", "a list as text"},
		{"replace", "replace(text, old, new, most)", "text with all, or the first `most`, of old replaced"},
		{"repeat", "repeat(text, n)", "text n times"},
		{"string", "string(x)", "as text(x)"},
		{"toJSON", "toJSON(x)", "x as JSON"},
		{"toBase64", "toBase64(text)", "text in base64"},
	}
}
