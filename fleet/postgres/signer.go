package postgres

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"time"
)

const (
	scopeKeyBytes = 32
	scopeLife     = 5 * time.Minute // judged at the start of the transaction, so a long transaction stays valid
)

// signer authenticates scopes towards keeper.visible().
type signer struct{ key []byte }

func newSigner(key []byte) (signer, error) {
	if len(key) != scopeKeyBytes {
		return signer{}, errors.New("scope key must have 32 bytes")
	}
	return signer{slices.Clone(key)}, nil
}

// sign gives the two settings of a transaction: "<expiry, Unix seconds>|{1,2,3}|{1}", which are the tenants to read and those
// to write, and its HMAC-SHA256 in hexadecimal.
func (s signer) sign(visible, writable []int32, now time.Time) (scope, mac string) {
	text := strconv.AppendInt(nil, now.Add(scopeLife).Unix(), 10)
	for _, tenants := range [][]int32{visible, writable} {
		text = append(text, '|', '{')
		for i, tenant := range tenants {
			if i > 0 {
				text = append(text, ',')
			}
			text = strconv.AppendInt(text, int64(tenant), 10)
		}
		text = append(text, '}')
	}
	hash := hmac.New(sha256.New, s.key)
	hash.Write(text)
	return string(text), hex.EncodeToString(hash.Sum(nil))
}

// pads gives the key's two HMAC blocks. PostgreSQL has sha256 but, without an extension, no HMAC and no XOR of bytes:
// with these it computes sha256(outer || sha256(inner || text)).
func (s signer) pads() (inner, outer []byte) {
	inner, outer = make([]byte, sha256.BlockSize), make([]byte, sha256.BlockSize)
	copy(inner, s.key)
	copy(outer, s.key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	return inner, outer
}
