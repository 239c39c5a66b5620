package pki

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tenantra/tenantra/fleet/pki/keyfile"
)

const keyBytes = 32

// KEK is the installation's key-encryption key: it wraps the tenants' keys and lives in a file outside of the database, so
// that a dump alone opens nothing. The file holds one key a line as base64url; the first wraps. While the key is being
// changed the one before stands on the second line. Safe for concurrent use.
type KEK struct {
	path string

	mu   sync.Mutex
	keys []wrappingKey
}

// wrappingKey is one line of the file.
type wrappingKey struct {
	id  string // names the key in what it wrapped
	key []byte
}

// OpenKEK reads the key from path, or makes it. A file that others may read is refused.
func OpenKEK(path string) (*KEK, error) {
	if _, err := keyfile.LoadOrCreate(path, func() ([]byte, error) { return newKeyLine(), nil }); err != nil {
		return nil, err
	}
	k := &KEK{path: path}
	return k, k.read()
}

func newKeyLine() []byte {
	key := make([]byte, keyBytes)
	rand.Read(key)
	return []byte(base64.RawURLEncoding.EncodeToString(key) + "\n")
}

// read takes the keys from the file, which another process may have changed.
func (k *KEK) read() error {
	text, err := keyfile.Load(k.path)
	if err != nil {
		return err
	}
	var keys []wrappingKey
	for line := range strings.Lines(string(text)) {
		key, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil || len(key) != keyBytes {
			return fmt.Errorf("read key %s: each line holds %d bytes as base64url; restore the file from a backup", k.path, keyBytes)
		}
		keys = append(keys, newWrappingKey(key))
	}
	if len(keys) == 0 {
		return fmt.Errorf("read key %s: it is empty; restore the file from a backup", k.path)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
	return nil
}

func newWrappingKey(key []byte) wrappingKey {
	sum := sha256.Sum256(append([]byte("tenantra/v1/kek-id\x00"), key...))
	return wrappingKey{base64.RawURLEncoding.EncodeToString(sum[:6]), key}
}

// current is the key that wraps.
func (k *KEK) current() wrappingKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys[0]
}

// find gives a key by its id, from the file anew where it is not known.
func (k *KEK) find(id string) (wrappingKey, bool, error) {
	for fresh := false; ; fresh = true {
		k.mu.Lock()
		i := slices.IndexFunc(k.keys, func(w wrappingKey) bool { return w.id == id })
		var found wrappingKey
		if i >= 0 {
			found = k.keys[i]
		}
		k.mu.Unlock()
		if i >= 0 || fresh {
			return found, i >= 0, nil
		}
		if err := k.read(); err != nil {
			return wrappingKey{}, false, err
		}
	}
}

// replace puts keys into the file, the first of which wraps from then on.
func (k *KEK) replace(keys ...wrappingKey) error {
	var text bytes.Buffer
	for _, key := range keys {
		text.WriteString(base64.RawURLEncoding.EncodeToString(key.key) + "\n")
	}
	if err := keyfile.Replace(k.path, text.Bytes()); err != nil {
		return err
	}
	return k.read()
}

// wrap seals a tenant's key.
func (w wrappingKey) wrap(tenant int32, id string, key []byte) (string, error) {
	return sealWith(w.key, w.id, key, w.bound(tenant, id))
}

func (w wrappingKey) unwrap(tenant int32, id, wrapped string) ([]byte, error) {
	parts, err := split(wrapped)
	if err != nil {
		return nil, err
	}
	return openWith(w.key, parts, w.bound(tenant, id))
}

// bound is what a wrapped key is good for: the key of another tenant in its place does not open.
func (w wrappingKey) bound(tenant int32, id string) []byte {
	return []byte(strings.Join([]string{"tenantra/v1/wrap", strconv.Itoa(int(tenant)), id, w.id}, "\x00"))
}

// sealedText is v1.KEY.NONCE.CIPHERTEXT, taken apart.
type sealedText struct {
	key               string
	nonce, ciphertext []byte
}

func split(text string) (sealedText, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || parts[0] != "v1" {
		return sealedText{}, errors.New("unknown form")
	}
	nonce, err := base64.RawURLEncoding.DecodeString(parts[2])
	ciphertext, err2 := base64.RawURLEncoding.DecodeString(parts[3])
	return sealedText{parts[1], nonce, ciphertext}, errors.Join(err, err2)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func sealWith(key []byte, id string, secret, bound []byte) (string, error) {
	aead, err := newGCM(key)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	text := base64.RawURLEncoding.EncodeToString
	return strings.Join([]string{"v1", id, text(nonce), text(aead.Seal(nil, nonce, secret, bound))}, "."), nil
}

func openWith(key []byte, sealed sealedText, bound []byte) ([]byte, error) {
	aead, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(sealed.nonce) != aead.NonceSize() {
		return nil, errors.New("bad nonce")
	}
	secret, err := aead.Open(nil, sealed.nonce, sealed.ciphertext, bound)
	if err != nil {
		return nil, errors.New("it was changed or belongs elsewhere")
	}
	return secret, nil
}
