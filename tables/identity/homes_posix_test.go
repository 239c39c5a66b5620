//go:build linux || darwin

package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAuthorizedKeys(t *testing.T) { tabletest.Run(t, AuthorizedKeys) }
func TestKnownHosts(t *testing.T)     { tabletest.Run(t, KnownHosts) }
func TestShellHistory(t *testing.T)   { tabletest.Run(t, ShellHistory) }
func TestSSHConfigs(t *testing.T)     { tabletest.Run(t, SSHConfigs) }
func TestUserSSHKeys(t *testing.T)    { tabletest.Run(t, UserSSHKeys) }

// Keys are made here, since a private key in the tree alarms whoever looks for leaked ones.
func TestDescribeSSHKey(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	openSSH := func(key any, passphrase string) []byte {
		block, err := ssh.MarshalPrivateKey(key, "")
		if passphrase != "" {
			block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
		}
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(block)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		data []byte
		want userSSHKey
		ok   bool
	}{
		"rsa":               {openSSH(rsaKey, ""), userSSHKey{KeyType: "rsa", KeyLength: 2048, KeySecurityBits: 112}, true},
		"ec":                {openSSH(ecKey, ""), userSSHKey{KeyType: "ec", KeyGroupName: "secp384r1", KeyLength: 384, KeySecurityBits: 192}, true},
		"ed25519":           {openSSH(edKey, ""), userSSHKey{KeyType: "ed25519", KeyLength: 256, KeySecurityBits: 128}, true},
		"ed25519 encrypted": {openSSH(edKey, "secret"), userSSHKey{Encrypted: 1, KeyType: "ed25519", KeyLength: 256, KeySecurityBits: 128}, true},
		"PKCS #1":           {pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}), userSSHKey{KeyType: "rsa", KeyLength: 2048, KeySecurityBits: 112}, true},
		"PKCS #8":           {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), userSSHKey{KeyType: "ec", KeyGroupName: "secp384r1", KeyLength: 384, KeySecurityBits: 192}, true},
		"PKCS #8 encrypted": {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}), userSSHKey{Encrypted: 1, KeyLength: -1, KeySecurityBits: -1}, true},
		"old encrypted": {pem.EncodeToMemory(&pem.Block{
			Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: []byte("x"),
		}), userSSHKey{Encrypted: 1, KeyType: "rsa", KeyLength: -1, KeySecurityBits: -1}, true},
		"damaged":     {pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: []byte("openssh-key-v1\x00\xff")}), userSSHKey{KeyLength: -1, KeySecurityBits: -1}, true},
		"certificate": {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), userSSHKey{}, false},
		"public key":  {ssh.MarshalAuthorizedKey(mustPublic(t, edKey)), userSSHKey{}, false},
		"text":        {[]byte("-----BEGIN poem"), userSSHKey{}, false},
	} {
		if got, ok := describeSSHKey(test.data); got != test.want || ok != test.ok {
			t.Errorf("%s: %+v, %v, want %+v", name, got, ok, test.want)
		}
	}
}

func mustPublic(t *testing.T, key ed25519.PrivateKey) ssh.PublicKey {
	t.Helper()
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func TestUserSSHKeysFindsAKey(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"etc", "home/me/.ssh"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"etc/passwd": []byte("me:x:" + strconv.Itoa(os.Getuid()) + ":0::/home/me:/bin/sh\n"), "home/me/.ssh/any-name": pem.EncodeToMemory(block), "home/me/.ssh/config": []byte("Host x\n"),
	} {
		if err := os.WriteFile(filepath.Join(root, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), UserSSHKeys, h, tabletest.Query(UserSSHKeys, nil, nil))
	if err != nil || len(rows) != 1 || rows[0]["path"] != "/home/me/.ssh/any-name" || rows[0]["encrypted"] != int64(0) {
		t.Errorf("%v, %v", rows, err)
	}
}

func FuzzDescribeSSHKey(f *testing.F) {
	f.Add([]byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, ok := describeSSHKey(data); ok && !bytes.HasPrefix(data, []byte("-----BEGIN ")) {
			t.Error("a key without its first line")
		}
	})
}
