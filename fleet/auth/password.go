package auth

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the list of common passwords
	"encoding/base32"
	"encoding/base64"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
)

const (
	passwordLeast = 12
	passwordMost  = 128
)

//go:embed common-passwords.txt
var commonText string

var commonPasswords = sync.OnceValue(func() map[string]bool {
	list := make(map[string]bool, 10_000)
	scanner := bufio.NewScanner(strings.NewReader(commonText))
	for scanner.Scan() {
		if line := scanner.Text(); !strings.HasPrefix(line, "# ") {
			list[line] = true
		}
	}
	return list
})

// checkPassword refuses passwords that are too short, or that a guesser tries first. There are no rules about kinds of
// characters: they make passwords worse. field is the input to blame.
func checkPassword(field, password, email string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case !plaintext.IsText(password):
		return fault.Field(fault.Invalid, field, "must be text")
	case length < passwordLeast:
		return fault.Field(fault.Invalid, field, "must have at least %d characters: a few words in a row do well", passwordLeast)
	case length > passwordMost:
		return fault.Field(fault.Invalid, field, "must have at most %d characters", passwordMost)
	case isCommon(password):
		return fault.Field(fault.Invalid, field, "is among the passwords that are guessed first: choose another")
	case holdsName(password, email):
		return fault.Field(fault.Invalid, field, "holds your e-mail address or the product's name: choose another")
	}
	return nil
}

// isCommon knows a common password also when digits or signs were added at its ends, when it is repeated, and when it
// is a few characters over and over.
func isCommon(password string) bool {
	lower := strings.ToLower(password)
	list := commonPasswords()
	core := strings.TrimFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) })
	if list[lower] || core == "" || list[core] && len(core) >= 4 {
		return true
	}
	for size := 1; size <= len(lower)/2; size++ {
		if len(lower)%size == 0 && strings.Repeat(lower[:size], len(lower)/size) == lower {
			if size <= 3 || list[lower[:size]] {
				return true
			}
		}
	}
	distinct := map[rune]bool{}
	for _, r := range lower {
		distinct[r] = true
	}
	return len(distinct) <= 3
}

func holdsName(password, email string) bool {
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(email, "@")
	return strings.Contains(lower, "tenantra") || len(local) >= 4 && strings.Contains(lower, local)
}

// oneTimePassword has 100 random bits in groups that can be read aloud.
func oneTimePassword() string {
	random := make([]byte, 13)
	rand.Read(random)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random)[:20]
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:]
}

// pepper mixes a key that is not in the database into the password, so that a dump of the database cannot be guessed
// against.
func pepper(key []byte, password string) string {
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(purposePassword))
	hash.Write([]byte(password))
	return base64.RawStdEncoding.EncodeToString(hash.Sum(nil))
}
