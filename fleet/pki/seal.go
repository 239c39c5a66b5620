package pki

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Sealer encrypts secrets that are kept in the database. Its key is a file outside of the database, so that a dump alone
// opens nothing. Each tenant has a key of its own, derived from the file's.
type Sealer struct {
	kek []byte
	id  string // names the key in what it sealed
}

// NewSealer makes a sealer from a key of 32 bytes.
func NewSealer(kek []byte) (*Sealer, error) {
	if len(kek) != 32 {
		return nil, errors.New("the sealing key must have 32 bytes")
	}
	sum := sha256.Sum256(append([]byte("tenantra/v1/kek-id\x00"), kek...))
	return &Sealer{kek: kek, id: base64.RawURLEncoding.EncodeToString(sum[:6])}, nil
}

// Place says where a sealed secret is kept. It is authenticated: a value copied to another place does not open.
type Place struct {
	Tenant             int32
	Table, Column, Row string
}

func (p Place) bytes(key string) []byte {
	return []byte(strings.Join([]string{"tenantra/v1/seal", strconv.Itoa(int(p.Tenant)), p.Table, p.Column, p.Row, key}, "\x00"))
}

func (s *Sealer) aead(tenant int32) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, s.kek, nil, "tenantra/v1/tenant-key\x00"+strconv.Itoa(int(tenant)), 32)
	if err != nil {
		return nil, fmt.Errorf("derive tenant key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("tenant key: %w", err)
	}
	return cipher.NewGCM(block)
}

// Seal encrypts for a place: v1.KEY.NONCE.CIPHERTEXT.
func (s *Sealer) Seal(secret []byte, p Place) (string, error) {
	aead, err := s.aead(p.Tenant)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	sealed := aead.Seal(nil, nonce, secret, p.bytes(s.id))
	return strings.Join([]string{"v1", s.id, base64.RawURLEncoding.EncodeToString(nonce), base64.RawURLEncoding.EncodeToString(sealed)}, "."), nil
}

// Open decrypts what Seal made for the same place.
func (s *Sealer) Open(text string, p Place) ([]byte, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || parts[0] != "v1" {
		return nil, errors.New("open sealed secret: unknown form")
	}
	if parts[1] != s.id {
		return nil, fmt.Errorf("open sealed secret: it was sealed with key %s, this server has %s; restore the key file that belongs to the database", parts[1], s.id)
	}
	nonce, err := base64.RawURLEncoding.DecodeString(parts[2])
	sealed, err2 := base64.RawURLEncoding.DecodeString(parts[3])
	aead, err3 := s.aead(p.Tenant)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	if len(nonce) != aead.NonceSize() {
		return nil, errors.New("open sealed secret: bad nonce")
	}
	secret, err := aead.Open(nil, nonce, sealed, p.bytes(s.id))
	if err != nil {
		return nil, errors.New("open sealed secret: it was changed or belongs elsewhere")
	}
	return secret, nil
}
