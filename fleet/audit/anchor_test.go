package audit_test

import (
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// installation signs as one.
type installation struct{ key ed25519.PrivateKey }

func (i installation) SignAudit(content []byte) []byte { return ed25519.Sign(i.key, content) }
func (i installation) VerifyAudit(content, signature []byte) bool {
	return ed25519.Verify(i.key.Public().(ed25519.PublicKey), content, signature)
}

// anchored is a chain of one tenant, with anchors, in a database that an attacker writes as they like.
type anchored struct {
	t       *testing.T
	db      *postgres.DB
	admin   *pgx.Conn
	scope   access.Scope
	dir     string
	anchors *audit.Anchors
}

func newAnchored(t *testing.T, keep time.Duration) *anchored {
	t.Helper()
	a := &anchored{t: t, dir: filepath.Join(t.TempDir(), "anchors")}
	a.db, a.admin = pgtest.NewWithAdmin(t)
	a.scope = pgtest.Tenant(t, a.db, "alpha")
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	a.anchors, err = audit.NewAnchors(audit.AnchorConfig{DB: a.db, Dir: a.dir, Signer: installation{key}, Keep: keep,
		Tenants: func(context.Context) ([]int32, error) { return []int32{a.scope.Tenant}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *anchored) anchor() {
	a.t.Helper()
	if err := a.anchors.RunOnce(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
}

func (a *anchored) verify() (verdict audit.Verdict) {
	a.t.Helper()
	err := a.db.InScope(a.t.Context(), a.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		verdict, err = audit.Verify(ctx, tx, a.anchors)
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return verdict
}

func (a *anchored) tamper(statements ...string) {
	a.t.Helper()
	for _, sql := range statements {
		tamper(a.t, a.admin, sql, a.scope.Tenant, 0)
	}
}

func (a *anchored) file() string {
	return filepath.Join(a.dir, strconv.Itoa(int(a.scope.Tenant))+".jsonl")
}

func TestAnchorsAgree(t *testing.T) {
	t.Parallel()
	a := newAnchored(t, 0)
	a.anchor() // nothing to anchor yet
	record(t, a.db, a.scope, 3)
	a.anchor()
	a.anchor() // it has not grown
	record(t, a.db, a.scope, 2)
	a.anchor()
	record(t, a.db, a.scope, 1)
	// Each anchor is in the file and in the database.
	if v := a.verify(); !v.OK || v.Entries != 6 || v.FirstSeq != 1 || v.Anchors != 4 || v.Anchored != 5 || v.AnchoredAt.IsZero() {
		t.Errorf("%+v", v)
	}
	info, err := os.Stat(a.file())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
}

// S59 against somebody who has all of the database: they write another chain that is whole, with its head.
func TestRewrittenChainsShow(t *testing.T) {
	t.Parallel()
	const forget = `DELETE FROM tenantra.audit_anchors WHERE tenant_id = $tenant`
	for name, test := range map[string]struct {
		rewrite func(a *anchored)
		bad     int64
		reason  string
	}{
		"from end to end": {func(a *anchored) {
			a.tamper(forget, `DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant`, `DELETE FROM tenantra.audit_heads WHERE tenant_id = $tenant`)
			record(t, a.db, a.scope, 6)
		}, 1, "rewritten"},
		"its end": {func(a *anchored) {
			a.tamper(forget, `DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq > 4`,
				`UPDATE tenantra.audit_heads h SET seq = 4, hash = e.hash FROM tenantra.audit_entries e WHERE h.tenant_id = $tenant AND e.tenant_id = $tenant AND e.seq = 4`)
			record(t, a.db, a.scope, 2)
		}, 4, "rewritten"}, // the anchor before is of entry 3
		"shorter": {func(a *anchored) {
			a.tamper(forget, `DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq > 3`,
				`UPDATE tenantra.audit_heads h SET seq = 3, hash = e.hash FROM tenantra.audit_entries e WHERE h.tenant_id = $tenant AND e.tenant_id = $tenant AND e.seq = 3`)
		}, 4, "cut off"},
		"to nothing": {func(a *anchored) {
			a.tamper(forget, `DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant`, `DELETE FROM tenantra.audit_heads WHERE tenant_id = $tenant`)
		}, 1, "cut off"},
		"with a made anchor": {func(a *anchored) {
			a.tamper(`UPDATE tenantra.audit_anchors SET hash = sha256('x') WHERE tenant_id = $tenant AND seq = 5`)
		}, 1, "not signed"},
		"with a made checkpoint": {func(a *anchored) {
			a.tamper(`INSERT INTO tenantra.audit_checkpoints SELECT tenant_id, seq, hash, at, signature FROM tenantra.audit_anchors WHERE tenant_id = $tenant AND seq = 3`,
				`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq <= 3`)
		}, 1, "not signed"}, // an anchor's signature does not serve as one
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAnchored(t, 0)
			record(t, a.db, a.scope, 3)
			a.anchor()
			record(t, a.db, a.scope, 2)
			a.anchor()
			record(t, a.db, a.scope, 1)
			test.rewrite(a)
			if v := a.verify(); v.OK || v.FirstBadSeq != test.bad || !strings.Contains(v.Reason, test.reason) {
				t.Errorf("%+v, want entry %d: %s", v, test.bad, test.reason)
			}
		})
	}
}

func TestRetentionCutsBehindACheckpoint(t *testing.T) {
	t.Parallel()
	a := newAnchored(t, time.Hour)
	record(t, a.db, a.scope, 3)
	a.anchor()
	a.age(2*time.Hour, 3)
	record(t, a.db, a.scope, 2)
	a.anchor() // cuts too, and says so in the chain
	v := a.verify()
	if !v.OK || v.FirstSeq != 4 || v.Entries != 3 {
		t.Fatalf("%+v", v)
	}
	record(t, a.db, a.scope, 1)
	a.anchor()
	if v := a.verify(); !v.OK || v.FirstSeq != 4 || v.Entries != 4 || v.Anchors == 0 {
		t.Errorf("%+v", v)
	}
	for name, sql := range map[string]string{
		"moved":   `UPDATE tenantra.audit_checkpoints SET seq = 4 WHERE tenant_id = $tenant`,
		"removed": `DELETE FROM tenantra.audit_checkpoints WHERE tenant_id = $tenant`,
	} {
		if a.tamper(sql); a.verify().OK {
			t.Errorf("a checkpoint that was %s does not show", name)
		}
	}
}

// age makes the first n entries old, as only time can: their hashes and the anchors are made anew.
func (a *anchored) age(by time.Duration, n int) {
	a.t.Helper()
	a.tamper(`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant`, `DELETE FROM tenantra.audit_heads WHERE tenant_id = $tenant`,
		`DELETE FROM tenantra.audit_anchors WHERE tenant_id = $tenant`)
	if err := os.Remove(a.file()); err != nil {
		a.t.Fatal(err)
	}
	for range n {
		err := a.db.InScope(a.t.Context(), a.scope, func(ctx context.Context, tx *postgres.Tx) error {
			tx.Now = tx.Now.Add(-by)
			return audit.Record(ctx, tx, audit.Entry{Action: "things.change"})
		})
		if err != nil {
			a.t.Fatal(err)
		}
	}
}

// What proves tampering is not dropped.
func TestBrokenChainIsNotCut(t *testing.T) {
	t.Parallel()
	a := newAnchored(t, time.Hour)
	record(t, a.db, a.scope, 1)
	a.anchor()
	a.age(2*time.Hour, 3)
	a.tamper(`UPDATE tenantra.audit_entries SET action = 'things.other' WHERE tenant_id = $tenant AND seq = 2`)
	if err := a.anchors.RunOnce(t.Context()); err == nil || !strings.Contains(err.Error(), "entry 2") {
		t.Errorf("cutting a broken chain: %v", err)
	}
	if v := a.verify(); v.OK || v.FirstBadSeq != 2 {
		t.Errorf("%+v", v)
	}
}

// The serving role moves no checkpoint unseen, and cuts nothing without one.
func TestServingRoleCutsNothingUnseen(t *testing.T) {
	t.Parallel()
	a := newAnchored(t, 0)
	record(t, a.db, a.scope, 3)
	var cut int64
	err := a.db.InScope(t.Context(), a.scope, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.cut_audit($1)`, a.scope.Tenant).Scan(&cut)
	})
	if err != nil || cut != 0 {
		t.Errorf("%d entries were cut without a checkpoint: %v", cut, err)
	}
	for _, sql := range []string{`DELETE FROM audit_anchors`, `UPDATE audit_anchors SET seq = 1`, `DELETE FROM audit_checkpoints`} {
		err := a.db.InScope(t.Context(), a.scope, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
		if err == nil {
			t.Errorf("%s was carried out", sql)
		}
	}
}

// A line that was not written to its end, when the power went, is written over.
func TestTornAnchorIsWrittenOver(t *testing.T) {
	t.Parallel()
	a := newAnchored(t, 0)
	record(t, a.db, a.scope, 1)
	a.anchor()
	whole, err := os.ReadFile(a.file())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.file(), append(whole, `{"seq":2,"ha`...), 0o600); err != nil {
		t.Fatal(err)
	}
	record(t, a.db, a.scope, 1)
	a.anchor()
	if v := a.verify(); !v.OK || v.Anchors != 4 {
		t.Errorf("%+v", v)
	}
	text, err := os.ReadFile(a.file())
	if err != nil || strings.Count(string(text), "\n") != 2 || strings.Contains(string(text), `"ha{`) {
		t.Errorf("the file holds %q, %v", text, err)
	}
}
