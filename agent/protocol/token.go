package protocol

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

// SecretSize is the length of the random part of every token.
const SecretSize = 32

// ErrToken tells that a text is no token of the wanted kind, or was mistyped.
var ErrToken = errors.New("not a valid token: copy it whole, from its prefix to its end")

// FormatToken writes a token: prefix (such as "tne_"), then base64url of the payload and its CRC-32, so that scanners
// find tokens and typing errors show.
func FormatToken(prefix string, payload []byte) string {
	sum := crc32.ChecksumIEEE(append([]byte(prefix), payload...))
	return prefix + base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(payload[:len(payload):len(payload)], sum))
}

// ParseToken gives the payload of a token of this prefix.
func ParseToken(prefix, token string) ([]byte, error) {
	text, ok := strings.CutPrefix(token, prefix)
	if !ok || len(text) > 1024 {
		return nil, ErrToken
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(data) < 4 {
		return nil, ErrToken
	}
	payload, sum := data[:len(data)-4], binary.BigEndian.Uint32(data[len(data)-4:])
	if crc32.ChecksumIEEE(append([]byte(prefix), payload...)) != sum {
		return nil, ErrToken
	}
	return payload, nil
}

// EnrollPrefix starts every enrol secret.
const EnrollPrefix = "tne_"

// EnrollSecret is what an enrol secret holds: the secret, and the SHA-256 fingerprints of the certificate authority's
// certificate (DER) and of the root key, so that an agent's first contact is with the right fleet.
type EnrollSecret struct{ Secret, CA, Root [SecretSize]byte }

// NewEnrollSecret makes a random secret that carries the fingerprints.
func NewEnrollSecret(ca, root [SecretSize]byte) EnrollSecret {
	s := EnrollSecret{CA: ca, Root: root}
	rand.Read(s.Secret[:]) // never fails: the runtime ends the program instead
	return s
}

// String is the token.
func (s EnrollSecret) String() string {
	payload := make([]byte, 0, 3*SecretSize)
	payload = append(payload, s.Secret[:]...)
	payload = append(payload, s.CA[:]...)
	return FormatToken(EnrollPrefix, append(payload, s.Root[:]...))
}

// ParseEnrollSecret reads a token.
func ParseEnrollSecret(token string) (EnrollSecret, error) {
	var s EnrollSecret
	payload, err := ParseToken(EnrollPrefix, strings.TrimSpace(token))
	if err != nil {
		return s, err
	}
	if len(payload) != 3*SecretSize {
		return s, ErrToken
	}
	copy(s.Secret[:], payload)
	copy(s.CA[:], payload[SecretSize:])
	copy(s.Root[:], payload[2*SecretSize:])
	return s, nil
}
