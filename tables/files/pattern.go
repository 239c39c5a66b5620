package files

import "strings"

// pattern is a LIKE pattern on a path, cut into its levels. In these tables a % stays within one level of the tree and a
// %% at the end goes down to all levels below, as in osquery; SQLite checks the whole pattern again.
type pattern struct {
	levels    []string
	recursive bool // the last level ends in %%
	slash     bool // the pattern ends in a slash or a %: a directory is shown with a slash at its end
}

func parsePattern(like string) pattern {
	p := pattern{slash: strings.HasSuffix(like, "/") || strings.HasSuffix(like, "%")}
	p.levels = strings.FieldsFunc(like, func(r rune) bool { return r == '/' })
	if n := len(p.levels); n > 0 {
		p.recursive = strings.HasSuffix(p.levels[n-1], "%%")
	}
	return p
}

// wild tells whether a level must be compared with the entries of a directory rather than being the name of one.
func wild(level string) bool { return strings.ContainsAny(level, "%_") }
