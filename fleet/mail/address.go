package mail

import (
	"net/mail"
	"strings"
)

// ValidAddress tells whether the text is one plain e-mail address, without a name and of at most 254 bytes.
func ValidAddress(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text && len(text) <= 254 && !strings.ContainsRune(text, 0)
}
