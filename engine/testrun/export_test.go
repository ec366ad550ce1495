package testrun

// Plays reports whether there is something that plays the sentence of that id.
func Plays(sentence string) bool { return acts[sentence] != nil }

// Looks reports whether there is something that looks at the expectation of that key.
func Looks(key string) bool { return looks[key] != nil }
