package auth

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tenantra/tenantra/fleet/pki/keyfile"
)

const signingLife = 90 * 24 * time.Hour

// signingKey signs access tokens.
type signingKey struct {
	ID      string             `json:"-"`
	Made    time.Time          `json:"made"`
	Private ed25519.PrivateKey `json:"private"` // as base64
}

// keyring holds the key that signs and those before it that are still believed, newest first.
type keyring struct{ keys []signingKey }

// loadKeyring reads the keys from the file, makes the first, and adds one when the newest is old.
func loadKeyring(path string, now time.Time) (*keyring, error) {
	content, err := keyfile.LoadOrCreate(path, func() ([]byte, error) {
		key, err := newSigningKey(now)
		if err != nil {
			return nil, err
		}
		return json.Marshal([]signingKey{key})
	})
	if err != nil {
		return nil, err
	}
	var keys []signingKey
	if err := json.Unmarshal(content, &keys); err != nil || len(keys) == 0 {
		return nil, fmt.Errorf("read token keys %s: %w; remove the file to start anew, which ends all sessions' access tokens", path, errors.Join(err, errors.New("malformed")))
	}
	slices.SortFunc(keys, func(a, b signingKey) int { return b.Made.Compare(a.Made) })
	if now.Sub(keys[0].Made) > signingLife {
		key, err := newSigningKey(now)
		if err != nil {
			return nil, err
		}
		keys = []signingKey{key, keys[0]} // tokens of the one before are believed until they expire
		content, err := json.Marshal(keys)
		if err != nil {
			return nil, fmt.Errorf("write token keys: %w", err)
		}
		if err := keyfile.Replace(path, content); err != nil {
			return nil, err
		}
	}
	for i := range keys {
		if len(keys[i].Private) != ed25519.PrivateKeySize {
			return nil, fmt.Errorf("read token keys %s: malformed", path)
		}
		keys[i].ID = keyID(keys[i].Private.Public().(ed25519.PublicKey))
	}
	return &keyring{keys: keys}, nil
}

func newSigningKey(now time.Time) (signingKey, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return signingKey{}, fmt.Errorf("make token key: %w", err)
	}
	return signingKey{Made: now, Private: private}, nil
}

func keyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (k *keyring) signer() signingKey { return k.keys[0] }

func (k *keyring) public(id string) (ed25519.PublicKey, bool) {
	for _, key := range k.keys {
		if key.ID == id {
			return key.Private.Public().(ed25519.PublicKey), true
		}
	}
	return nil, false
}
