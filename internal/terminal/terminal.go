// Package terminal keeps hostile text from steering a terminal.
package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Escape makes text harmless and visible on a terminal: control characters (C0 and C1), line separators, bytes that are
// no UTF-8, and characters that turn the direction of writing become \n, \t, \r, \xNN or \uNNNN.
func Escape(text string) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, Unsafe) < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x80 && Unsafe(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case Unsafe(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// Unsafe tells whether a character could steer a terminal or hide what text says.
func Unsafe(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // direction
		return true
	case r == 0x2028, r == 0x2029, r == 0xfeff: // separators of lines, the byte order mark
		return true
	}
	return false
}

// AppendJSON appends JSON to dst and writes the characters that Escape would change as \uNNNN, which is the same JSON. What it gets is valid
// JSON on one line, so control characters below the blank are escaped already.
func AppendJSON(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		if text[i] < 0x7f {
			dst = append(dst, text[i])
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if Unsafe(r) {
			dst = fmt.Appendf(dst, `\u%04x`, r)
		} else {
			dst = append(dst, text[i:i+size]...)
		}
		i += size
	}
	return dst
}
