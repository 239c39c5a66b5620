// Package like compares names with patterns of SQL, for tables that walk trees along a LIKE: which children lead on?
package like

import (
	"strings"
	"unicode/utf8"
)

// Match is SQLite's LIKE on one name: % is any text, _ one character, letters of ASCII compare without case. It
// keeps only the last % to come back to, so its time is at most the product of both lengths.
func Match(pattern, name string) bool {
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
