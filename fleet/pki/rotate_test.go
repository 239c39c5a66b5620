package pki

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// vault keeps secrets in the column that config keys are in.
type vault struct {
	t       *testing.T
	db      *postgres.DB
	admin   *pgx.Conn
	dir     string
	tenants []int32
	secrets map[int32][]string // row ids, which are the secrets too
}

var configKeys = Column{Table: "config_keys", Column: "private_key",
	List: `SELECT key_id::text, private_key FROM config_keys WHERE tenant_id = $1 AND split_part(private_key, '.', 2) <> $2 ORDER BY key_id LIMIT $3`,
	Swap: `UPDATE config_keys SET private_key = $4 WHERE tenant_id = $1 AND key_id = $2::uuid AND private_key = $3`}

func newVault(t *testing.T, each int) *vault {
	t.Helper()
	db, admin := pgtest.NewWithAdmin(t)
	v := &vault{t: t, db: db, admin: admin, dir: t.TempDir(), secrets: map[int32][]string{}}
	s := newSealer(t, db, v.dir)
	for i := range 2 {
		tenant := pgtest.Tenant(t, db, fmt.Sprintf("tenant-%d", i)).Tenant
		v.tenants = append(v.tenants, tenant)
		for n := range each {
			v.put(s, tenant, fmt.Sprintf("00000000-0000-7000-8000-%012d", n))
		}
	}
	return v
}

func (v *vault) place(tenant int32, row string) Place {
	return Place{tenant, "config_keys", "private_key", row}
}

func (v *vault) put(s *Sealer, tenant int32, row string) {
	v.t.Helper()
	text, err := s.Seal([]byte(row), v.place(tenant, row))
	if err != nil {
		v.t.Fatal(err)
	}
	v.store(tenant, row, text)
}

func (v *vault) store(tenant int32, row, text string) {
	v.t.Helper()
	err := v.db.InScope(v.t.Context(), access.System(tenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, sqlCreateKey, tenant, row, text, []byte{}, []byte{}, tx.Now, tx.Now)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.secrets[tenant] = append(v.secrets[tenant], row)
}

func (v *vault) rotator(s *Sealer) *Rotator {
	return &Rotator{Sealer: s, Columns: []Column{configKeys}, Tenants: func(context.Context) ([]int32, error) { return v.tenants, nil }, Log: slog.New(slog.DiscardHandler)}
}

// check opens every secret and gives the keys by which they are sealed.
func (v *vault) check(s *Sealer) map[string]int {
	v.t.Helper()
	keys := map[string]int{}
	for tenant, rows := range v.secrets {
		for _, row := range rows {
			var text string
			if err := v.admin.QueryRow(context.Background(), `SELECT private_key FROM tenantra.config_keys WHERE tenant_id = $1 AND key_id = $2::uuid`, tenant, row).Scan(&text); err != nil {
				v.t.Fatal(err)
			}
			if secret, err := s.Open(text, v.place(tenant, row)); err != nil || string(secret) != row {
				v.t.Fatalf("secret %s of tenant %d: %q, %v", row, tenant, secret, err)
			}
			keys[fmt.Sprint(tenant, strings.Split(text, ".")[1])]++
		}
	}
	return keys
}

func TestRenewedKeyOpensOldAndNew(t *testing.T) {
	t.Parallel()
	v := newVault(t, 120) // more than a page
	server, command := newSealer(t, v.db, v.dir), v.rotator(newSealer(t, v.db, v.dir))
	before := v.check(server)
	for _, tenant := range v.tenants {
		if err := command.Renew(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	v.put(server, v.tenants[0], "00000000-0000-7000-8000-aaaaaaaaaaaa") // with the old key, as it knows no other yet
	for range 2 {                                                       // again is safe
		for _, tenant := range v.tenants {
			if _, err := command.Reseal(t.Context(), tenant); err != nil {
				t.Fatal(err)
			}
		}
	}
	after := v.check(server)
	if len(after) != 2 {
		t.Errorf("the secrets are sealed with %d keys, want one each tenant", len(after))
	}
	for key := range before {
		if after[key] != 0 {
			t.Errorf("%d secrets are still sealed with %s", after[key], key)
		}
	}
	// Keys that are out of use go after a while, and nothing with them.
	if _, err := v.admin.Exec(t.Context(), `UPDATE tenantra.tenant_keys SET retired_at = retired_at - interval '2 hours'`); err != nil {
		t.Fatal(err)
	}
	var left int
	for _, tenant := range v.tenants {
		if _, err := command.Reseal(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.admin.QueryRow(t.Context(), `SELECT count(*) FROM tenantra.tenant_keys`).Scan(&left); err != nil || left != 2 {
		t.Errorf("%d keys are left, want 2: %v", left, err)
	}
	v.check(newSealer(t, v.db, v.dir))
}

// A change of the KEK that ends at any tenant leaves everything open to servers old and new, and goes on where it ended.
func TestRewrapIsSafeWhereverItEnds(t *testing.T) {
	t.Parallel()
	v := newVault(t, 3)
	server := newSealer(t, v.db, v.dir) // goes on with what it has in memory
	next := filepath.Join(t.TempDir(), "next")
	old, err := os.ReadFile(filepath.Join(v.dir, "kek"))
	if err != nil {
		t.Fatal(err)
	}
	for ends := range len(v.tenants) + 1 {
		r := v.rotator(newSealer(t, v.db, v.dir))
		all := v.tenants
		r.Tenants = func(context.Context) ([]int32, error) { return append(all[:ends:ends], -1), nil } // no such tenant: it ends there
		if _, err := r.Rewrap(t.Context(), next); err == nil {
			t.Fatal("the change did not end in the middle")
		}
		v.check(server)
		v.check(newSealer(t, v.db, v.dir))
	}
	for range 2 { // again is safe
		if _, err := v.rotator(newSealer(t, v.db, v.dir)).Rewrap(t.Context(), next); err != nil {
			t.Fatal(err)
		}
	}
	v.check(server)
	v.check(newSealer(t, v.db, v.dir))
	// With the old file nothing opens any more.
	text, err := os.ReadFile(filepath.Join(v.dir, "kek"))
	if err != nil || strings.Contains(string(text), strings.TrimSpace(string(old))) {
		t.Errorf("the file still holds the old key: %v", err)
	}
	lost := t.TempDir()
	if err := os.WriteFile(filepath.Join(lost, "kek"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newSealer(t, v.db, lost).Seal(nil, v.place(v.tenants[0], "x")); err == nil {
		t.Error("the old key still opens a tenant's key")
	}
}

// Both changes at once, while servers seal and open.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	v := newVault(t, 20)
	server := newSealer(t, v.db, v.dir)
	done := make(chan struct{})
	var serving sync.WaitGroup
	for worker := range 2 {
		serving.Go(func() {
			tenant := v.tenants[worker]
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				p := Place{tenant, "t", "c", strconv.Itoa(n)}
				text, err := server.Seal([]byte("x"), p)
				if err == nil {
					_, err = server.Open(text, p)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 3 {
		r := v.rotator(newSealer(t, v.db, v.dir))
		for _, tenant := range v.tenants {
			if err := r.Renew(t.Context(), tenant); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Reseal(t.Context(), tenant); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.Rewrap(t.Context(), filepath.Join(t.TempDir(), strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	serving.Wait()
	v.check(newSealer(t, v.db, v.dir))
}

// What was sealed with keys derived from the KEK opens, and is sealed anew by the first Reseal.
func TestDerivedKeysAreReplaced(t *testing.T) {
	t.Parallel()
	v := newVault(t, 0)
	s := newSealer(t, v.db, v.dir)
	kek := s.kek.current()
	for _, tenant := range v.tenants {
		derived, err := hkdf.Key(sha256.New, kek.key, nil, "tenantra/v1/tenant-key\x00"+strconv.Itoa(int(tenant)), 32)
		if err != nil {
			t.Fatal(err)
		}
		row := "00000000-0000-7000-8000-000000000001"
		text, err := sealWith(derived, kek.id, []byte(row), v.place(tenant, row).bytes(kek.id))
		if err != nil {
			t.Fatal(err)
		}
		v.store(tenant, row, text)
	}
	v.check(s)
	if _, err := v.rotator(s).Rewrap(t.Context(), filepath.Join(t.TempDir(), "next")); err != nil {
		t.Fatal(err)
	}
	for key := range v.check(newSealer(t, v.db, v.dir)) {
		if strings.HasSuffix(key, kek.id) {
			t.Errorf("a secret is still sealed with the derived key %s", key)
		}
	}
}

func TestKeyFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"readable by others": {string(newKeyLine()), 0o644},
		"empty":              {"", 0o600},
		"short":              {"AAAA\n", 0o600},
		"no base64url":       {strings.Repeat("!", 43) + "\n", 0o600},
		"a good and a bad":   {string(newKeyLine()) + "x\n", 0o600},
	} {
		path := filepath.Join(t.TempDir(), "kek")
		if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, test.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKEK(path); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
