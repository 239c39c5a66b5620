package files

import (
	"strings"
	"unicode/utf8"
)

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

// matchLike is SQLite's LIKE on one name: % is any text, _ one character, letters of ASCII compare without case. It
// keeps only the last % to come back to, so its time is at most the product of both lengths.
func matchLike(pattern, name string) bool {
	back, at := -1, 0
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			back, at = p+1, n
			p++
		case p < len(pattern) && pattern[p] == '_':
			_, size := utf8.DecodeRuneInString(name[n:])
			p, n = p+1, n+size
		case p < len(pattern) && lower(pattern[p]) == lower(name[n]):
			p, n = p+1, n+1
		case back >= 0:
			_, size := utf8.DecodeRuneInString(name[at:])
			at += size
			p, n = back, at
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "%") == ""
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
