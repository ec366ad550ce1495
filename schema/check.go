package schema

// check runs the rules. whole is false when the YAML itself had errors: what is missing
// may then stand in a part that could not be read.
func (f *draft) check(whole bool) {
	_ = whole
}
