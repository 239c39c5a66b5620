package identity

import (
	"bytes"
	//lint:ignore SA1019 old keys are what the table is there to find
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// userSSHKey describes one private key; no part of the key itself.
type userSSHKey struct {
	UID             int64  `col:"uid" opt:"additional" doc:"User that owns the key."`
	Path            string `col:"path" opt:"index" doc:"File that holds the key."`
	Encrypted       int32  `col:"encrypted" doc:"1 where a passphrase protects the key."`
	KeyType         string `col:"key_type" doc:"rsa, dsa, ec or ed25519; empty where it cannot be told without the passphrase."`
	KeyGroupName    string `col:"key_group_name" doc:"Curve of an ec key, as prime256v1; empty for others."`
	KeyLength       int32  `col:"key_length" doc:"Length of the key in bits; -1 where it cannot be told."`
	KeySecurityBits int32  `col:"key_security_bits" doc:"Strength of the key in bits, by NIST SP 800-57; -1 where it cannot be told."`
	container.Process
}

// UserSSHKeys has a row for each private key in users' .ssh directories. The keys are looked at on the machine; nothing
// that was secret is part of a row.
var UserSSHKeys = tables.DefineByPlatform(tables.Spec{
	Name: "user_ssh_keys", Doc: "Private SSH keys of users and whether a passphrase protects them.",
	Category: tables.Identity, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, k.path FROM users u JOIN user_ssh_keys k USING (uid) WHERE k.encrypted = 0"},
}, tables.Generators[userSSHKey]{Linux: generateUserSSHKeys, Darwin: generateUserSSHKeys, Windows: generateUserSSHKeys})

// describeSSHKey tells what a private key is. What is no private key is not ok.
func describeSSHKey(data []byte) (k userSSHKey, ok bool) {
	if !bytes.HasPrefix(data, []byte("-----BEGIN ")) {
		return k, false
	}
	block, _ := pem.Decode(data)
	if block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return k, false
	}
	k.KeyLength, k.KeySecurityBits = -1, -1
	switch strings.TrimSuffix(block.Type, " PRIVATE KEY") {
	case "RSA":
		k.KeyType = "rsa"
	case "DSA":
		k.KeyType = "dsa"
	case "EC":
		k.KeyType = "ec"
	case "ENCRYPTED":
		k.Encrypted = 1
		return k, true
	}
	key, err := ssh.ParseRawPrivateKey(data)
	var missing *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &missing):
		k.Encrypted = 1
		if missing.PublicKey == nil {
			return k, true // the old format hides the public half, too
		}
		if public, isCrypto := missing.PublicKey.(ssh.CryptoPublicKey); isCrypto {
			k.measure(public.CryptoPublicKey())
		}
	case err == nil:
		k.measure(key)
	}
	return k, true
}

// measure takes a private or public key.
func (k *userSSHKey) measure(key any) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		k.measure(&key.PublicKey)
	case *rsa.PublicKey:
		k.set("rsa", "", key.N.BitLen())
	case *dsa.PrivateKey:
		k.measure(&key.PublicKey)
	case *dsa.PublicKey:
		k.set("dsa", "", key.P.BitLen())
	case *ecdsa.PrivateKey:
		k.measure(&key.PublicKey)
	case *ecdsa.PublicKey:
		name := key.Params().Name
		if openssl, known := map[string]string{"P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}[name]; known {
			name = openssl
		}
		k.set("ec", name, key.Params().BitSize)
	case *ed25519.PrivateKey, ed25519.PrivateKey, ed25519.PublicKey:
		k.set("ed25519", "", 256)
	}
}

func (k *userSSHKey) set(kind, group string, bits int) {
	k.KeyType, k.KeyGroupName, k.KeyLength = kind, group, int32(bits)
	k.KeySecurityBits = int32(securityBits(kind, bits))
}

// securityBits is table 2 of NIST SP 800-57 part 1.
func securityBits(kind string, bits int) int {
	if kind == "ec" || kind == "ed25519" {
		return min(bits/2, 256)
	}
	for _, step := range [][2]int{{15360, 256}, {7680, 192}, {3072, 128}, {2048, 112}, {1024, 80}} {
		if bits >= step[0] {
			return step[1]
		}
	}
	return 0
}
