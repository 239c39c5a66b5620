package pki

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestAuthorityVouchesForItsNamesAndRenews(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	a, err := OpenAuthority(dir, []string{"localhost", "127.0.0.1"}, clock)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	verify := func(a *Authority, name string) error {
		leaf, err := a.GetCertificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: now})
		return err
	}
	for _, name := range []string{"localhost", "127.0.0.1"} {
		if err := verify(a, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if verify(a, "elsewhere") == nil {
		t.Error("the certificate is good for a foreign name")
	}
	first, _ := a.GetCertificate(nil)
	now = now.Add(leafLife - leafRenewLeft + time.Hour)
	if second, _ := a.GetCertificate(nil); second == first {
		t.Error("the certificate was not renewed")
	}
	again, err := OpenAuthority(dir, []string{"localhost"}, clock)
	if err != nil || again.Fingerprint() != a.Fingerprint() {
		t.Errorf("a second start has another authority: %v", err)
	}
	if err := verify(again, "localhost"); err != nil {
		t.Error(err)
	}
}

func TestSealedSecretOpensAtItsPlaceOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant, foreign := pgtest.Tenant(t, db, "acme").Tenant, pgtest.Tenant(t, db, "globex").Tenant
	s := newSealer(t, db, t.TempDir())
	place := Place{tenant, "t", "c", "r"}
	text, err := s.Seal([]byte("canary-4711"), place)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Open(text, place); err != nil || string(got) != "canary-4711" {
		t.Fatalf("%q: %v", got, err)
	}
	if strings.Contains(text, "canary") {
		t.Error("the secret shows")
	}
	other := newSealer(t, db, t.TempDir())
	sealed, err := split(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Seal(nil, Place{foreign, "t", "c", "r"}); err != nil { // the other tenant has a key too
		t.Fatal(err)
	}
	flipped := text[:len(text)-2] + string(text[len(text)-2]^1) + text[len(text)-1:]
	for name, err := range map[string]error{
		"another tenant": second(s.Open(text, Place{foreign, "t", "c", "r"})),
		"another row":    second(s.Open(text, Place{tenant, "t", "c", "x"})),
		"another key":    second(other.Open(text, place)),
		"a changed byte": second(s.Open(flipped, place)),
		"no form":        second(s.Open("v2.a.b.c", place)),
		"short nonce":    second(s.Open("v1."+sealed.key+".AA.AA", place)),
	} {
		if err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// newSealer opens a sealer as a server does whose keys are in dir.
func newSealer(t *testing.T, db *postgres.DB, dir string) *Sealer {
	t.Helper()
	kek, err := OpenKEK(filepath.Join(dir, "kek"))
	if err != nil {
		t.Fatal(err)
	}
	return NewSealer(db, kek, time.Now)
}

func second[T any](_ T, err error) error { return err }

func TestCommandsVerifyDownToTheRoot(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	scope := pgtest.Tenant(t, db, "acme")
	other := pgtest.Tenant(t, db, "globex")
	dir := t.TempDir()
	sealer := newSealer(t, db, dir)
	now := time.Now()
	clock := func() time.Time { return now }
	c, err := OpenCommander(dir, db, sealer, clock)
	if err != nil {
		t.Fatal(err)
	}
	command, err := c.SignCommand(t.Context(), scope.TenantID, "", protocol.CommandCancel, 0, protocol.Cancel{QueryID: "q"}, protocol.QueryLife)
	if err != nil {
		t.Fatal(err)
	}
	certificate, header := open(t, c.RootKey(), command)
	if certificate.TenantID != scope.TenantID.String() || header.TenantID != scope.TenantID.String() || header.Kind != protocol.CommandCancel {
		t.Errorf("%+v %+v", certificate, header)
	}
	// Another server of the installation signs with the same key.
	again, err := OpenCommander(dir, db, sealer, clock)
	if err != nil {
		t.Fatal(err)
	}
	twin, err := again.SignCommand(t.Context(), scope.TenantID, "", protocol.CommandCancel, 0, protocol.Cancel{QueryID: "q"}, protocol.QueryLife)
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := open(t, again.RootKey(), twin); id.KeyID != certificate.KeyID {
		t.Error("two servers have two keys for one tenant")
	}
	foreign, err := c.SignCommand(t.Context(), other.TenantID, "", protocol.CommandCancel, 0, protocol.Cancel{}, protocol.QueryLife)
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := open(t, c.RootKey(), foreign); id.KeyID == certificate.KeyID {
		t.Error("two tenants share a key")
	}
	now = now.Add(configKeyLife - configKeyRenewLeft + time.Hour)
	renewed, err := c.SignCommand(t.Context(), scope.TenantID, "", protocol.CommandCancel, 0, protocol.Cancel{}, protocol.QueryLife)
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := open(t, c.RootKey(), renewed); id.KeyID == certificate.KeyID {
		t.Error("the key was not renewed")
	}
	if _, err := c.SignCommand(t.Context(), uuid.New(), "", protocol.CommandCancel, 0, protocol.Cancel{}, protocol.QueryLife); err == nil {
		t.Error("a command for no tenant was signed")
	}
}

// open checks a command as an agent does.
func open(t *testing.T, root ed25519.PublicKey, command protocol.Command) (protocol.KeyCertificate, protocol.CommandHeader) {
	t.Helper()
	var certificate protocol.KeyCertificate
	var header protocol.CommandHeader
	err := errors.Join(command.Certificate.Open(root, protocol.PurposeKeyCertificate, &certificate))
	if err == nil {
		err = command.Header.Open(certificate.PublicKey, protocol.PurposeCommand, &header)
	}
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(command.Body); string(sum[:]) != string(header.BodySHA256) {
		t.Fatal("the body is not the signed one")
	}
	return certificate, header
}

// TestManyFirstCommandsAtOnce is what follows a start: more callers than there are database connections want the keys of
// tenants that nobody has asked for yet.
func TestManyFirstCommandsAtOnce(t *testing.T) {
	t.Parallel()
	const tenants, callers = 24, 8 // 24 transactions with another inside each are more than the pool's 16
	db := pgtest.New(t)
	dir := t.TempDir()
	var ids []uuid.UUID
	for i := range tenants {
		ids = append(ids, pgtest.Tenant(t, db, fmt.Sprintf("tenant-%d", i)).TenantID)
	}
	c, err := OpenCommander(dir, db, newSealer(t, db, dir), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), keyLoadTime)
	defer cancel()
	certificates := make([][callers]string, tenants)
	var all errgroup.Group
	for i, id := range ids {
		for j := range callers {
			all.Go(func() error {
				certificate, err := c.ConfigCertificate(ctx, id)
				certificates[i][j] = string(certificate.Payload)
				return err
			})
		}
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, got := range certificates {
		for _, other := range got {
			if other != got[0] || other == "" {
				t.Fatalf("callers of tenant %d have different keys", i)
			}
		}
	}
}
