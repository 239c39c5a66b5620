// Package plaintext tells text from what only looks like it. It bounds no length: how long a name or a statement may be is
// said where it is read.
package plaintext

import (
	"strings"
	"unicode/utf8"
)

// IsText tells whether the database can hold text: valid UTF-8 without NUL.
func IsText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// IsLine tells whether text can stand in lists and logs as it is: valid UTF-8 without control characters. "" is a line.
func IsLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}
