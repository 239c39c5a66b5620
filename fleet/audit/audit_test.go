package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// record writes n entries, each in a transaction of its own.
func record(t *testing.T, db *postgres.DB, scope access.Scope, n int) {
	t.Helper()
	for i := range n {
		err := db.InScope(t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{Action: "things.change", Object: fmt.Sprintf("thing:%d", i+1), Detail: map[string]int{"size": i}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t *testing.T, db *postgres.DB, scope access.Scope) audit.Verdict {
	t.Helper()
	var verdict audit.Verdict
	err := db.InScope(t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		verdict, err = audit.Verify(ctx, tx, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

func TestChainVerifies(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha, beta := pgtest.Tenant(t, db, "alpha"), pgtest.Tenant(t, db, "beta")
	if verdict := verify(t, db, alpha); !verdict.OK || verdict.Entries != 0 {
		t.Errorf("an empty chain: %+v", verdict)
	}
	record(t, db, alpha, 3)
	record(t, db, beta, 1)
	if verdict := verify(t, db, alpha); !verdict.OK || verdict.Entries != 3 {
		t.Errorf("alpha: %+v", verdict)
	}
	if verdict := verify(t, db, beta); !verdict.OK || verdict.Entries != 1 {
		t.Errorf("beta: %+v", verdict)
	}
}

func TestEntriesAtOnceMakeOneChain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { record(t, db, alpha, 8) })
	}
	wg.Wait()
	if verdict := verify(t, db, alpha); !verdict.OK || verdict.Entries != 40 {
		t.Errorf("%+v", verdict)
	}
}

// What several actors did in several tenants goes into the chain of each, in order, in one transaction.
func TestActsOfManyTenantsStandInTheirChains(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha, beta := pgtest.Tenant(t, db, "alpha"), pgtest.Tenant(t, db, "beta")
	record(t, db, alpha, 2)
	var acts []audit.Act
	for i := range 7 {
		tenant := []access.Scope{beta, alpha}[i%2].Tenant
		act := audit.Act{Tenant: tenant, Actor: access.Actor{Kind: access.KindAgent, ID: uuid.New(), Name: fmt.Sprintf("host-%d", i), Address: "192.0.2.7"}}
		act.Action, act.Object = "agents.enroll", fmt.Sprintf("agent:%d", i)
		if i > 2 {
			act.Detail = map[string]int{"n": i}
		}
		acts = append(acts, act)
	}
	err := db.InTenants(t.Context(), []int32{beta.Tenant, alpha.Tenant}, access.Actor{Kind: access.KindSystem, Name: "enroll"}, func(ctx context.Context, tx *postgres.Tx) error {
		return audit.RecordAll(ctx, tx, acts)
	})
	if err != nil {
		t.Fatal(err)
	}
	record(t, db, beta, 1)
	for _, test := range []struct {
		scope   access.Scope
		entries int64
		objects string
	}{{alpha, 5, "agent:5 agent:3 agent:1 thing:2 thing:1"}, {beta, 5, "thing:1 agent:6 agent:4 agent:2 agent:0"}} {
		if verdict := verify(t, db, test.scope); !verdict.OK || verdict.Entries != test.entries {
			t.Errorf("%+v", verdict)
		}
		err := db.InScope(t.Context(), test.scope, func(ctx context.Context, tx *postgres.Tx) error {
			listed, err := audit.ListEntries(ctx, tx, audit.Filter{Limit: 10})
			var objects []string
			for _, e := range listed {
				objects = append(objects, e.Object)
				if e.Action == "agents.enroll" && (e.ActorKind != "agent" || e.Address != "192.0.2.7" || e.ActorName != "host-"+strings.TrimPrefix(e.Object, "agent:")) {
					t.Errorf("%+v", e)
				}
			}
			if got := strings.Join(objects, " "); got != test.objects {
				t.Errorf("%s, want %s", got, test.objects)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestRolledBackChangesLeaveNoGap(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	record(t, db, alpha, 1)
	undone := fmt.Errorf("undone")
	err := db.InScope(t.Context(), alpha, func(ctx context.Context, tx *postgres.Tx) error {
		if err := audit.Record(ctx, tx, audit.Entry{Action: "things.change"}); err != nil {
			return err
		}
		return undone
	})
	if err != undone {
		t.Fatal(err)
	}
	record(t, db, alpha, 1)
	if verdict := verify(t, db, alpha); !verdict.OK || verdict.Entries != 2 {
		t.Errorf("%+v", verdict)
	}
}

func TestEntryTellsWhoAndWhere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	record(t, db, alpha, 2)
	var entries []audit.Stored
	err := db.InScope(t.Context(), alpha, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		entries, err = audit.ListEntries(ctx, tx, audit.Filter{Action: "things.change", Actor: alpha.Actor.ID, Limit: 10})
		return err
	})
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	newest := entries[0]
	if newest.Seq != 2 || newest.ActorName != alpha.Actor.Name || newest.ActorID != alpha.Actor.ID || newest.Address != "192.0.2.1" || newest.Object != "thing:2" || string(newest.Detail) != `{"size":1}` {
		t.Errorf("the newest entry is %+v", newest)
	}
}

func TestServingRoleOnlyAdds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	record(t, db, alpha, 2)
	for _, sql := range []string{
		`UPDATE audit_entries SET action = 'x'`, `DELETE FROM audit_entries`, `TRUNCATE audit_entries`, `DELETE FROM audit_heads`,
	} {
		err := db.InScope(t.Context(), alpha, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
		if err == nil {
			t.Errorf("%s was carried out", sql)
		}
	}
}

// S59: whatever a writer of the database does to the chain, verification names the first entry that is not right.
func TestTamperingShows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		sql  []string // $tenant and $other are the two tenants
		bad  int64
	}{
		{"action changed", []string{`UPDATE tenantra.audit_entries SET action = 'things.other' WHERE tenant_id = $tenant AND seq = 3`}, 3},
		{"actor changed", []string{`UPDATE tenantra.audit_entries SET actor_id = gen_random_uuid() WHERE tenant_id = $tenant AND seq = 1`}, 1},
		{"on whose behalf changed", []string{`UPDATE tenantra.audit_entries SET on_behalf = gen_random_uuid() WHERE tenant_id = $tenant AND seq = 2`}, 2},
		{"time changed", []string{`UPDATE tenantra.audit_entries SET at = at + interval '1 microsecond' WHERE tenant_id = $tenant AND seq = 5`}, 5},
		{"address changed", []string{`UPDATE tenantra.audit_entries SET address = '' WHERE tenant_id = $tenant AND seq = 2`}, 2},
		{"detail changed", []string{`UPDATE tenantra.audit_entries SET detail = '{}' WHERE tenant_id = $tenant AND seq = 4`}, 4},
		{"detail and its hash changed", []string{`UPDATE tenantra.audit_entries SET detail = '{}', detail_hash = sha256('{}') WHERE tenant_id = $tenant AND seq = 4`}, 4},
		{"hash bit flipped", []string{`UPDATE tenantra.audit_entries SET hash = set_bit(hash, 7, 1 - get_bit(hash, 7)) WHERE tenant_id = $tenant AND seq = 2`}, 2},
		{"removed", []string{`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq = 3`}, 3},
		{"removed and closed up", []string{
			`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq = 3`,
			`UPDATE tenantra.audit_entries SET seq = seq - 1 WHERE tenant_id = $tenant AND seq > 3`,
			`UPDATE tenantra.audit_heads SET seq = seq - 1 WHERE tenant_id = $tenant`}, 3},
		{"first removed", []string{`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq = 1`}, 1},
		{"tail cut", []string{`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq > 3`}, 4},
		{"tail cut, head moved back", []string{
			`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq > 3`,
			`UPDATE tenantra.audit_heads SET seq = 3 WHERE tenant_id = $tenant`}, 3},
		{"head removed", []string{`DELETE FROM tenantra.audit_heads WHERE tenant_id = $tenant`}, 1},
		{"reordered", []string{
			`UPDATE tenantra.audit_entries SET seq = 100 WHERE tenant_id = $tenant AND seq = 2`,
			`UPDATE tenantra.audit_entries SET seq = 2 WHERE tenant_id = $tenant AND seq = 3`,
			`UPDATE tenantra.audit_entries SET seq = 3 WHERE tenant_id = $tenant AND seq = 100`}, 2},
		{"inserted", []string{
			`UPDATE tenantra.audit_entries SET seq = seq + 100 WHERE tenant_id = $tenant AND seq > 2`,
			`UPDATE tenantra.audit_entries SET seq = seq - 99 WHERE tenant_id = $tenant AND seq > 100`,
			`INSERT INTO tenantra.audit_entries SELECT tenant_id, 3, at, actor_kind, actor_id, actor_name, on_behalf, grant_id, action, object, address, detail, detail_hash, previous_hash, hash
			   FROM tenantra.audit_entries WHERE tenant_id = $tenant AND seq = 2`,
			`UPDATE tenantra.audit_heads SET seq = seq + 1 WHERE tenant_id = $tenant`}, 3},
		{"another tenant's chain in its place", []string{
			`DELETE FROM tenantra.audit_entries WHERE tenant_id = $tenant`,
			`UPDATE tenantra.audit_entries SET tenant_id = $tenant WHERE tenant_id = $other`,
			`UPDATE tenantra.audit_heads h SET hash = o.hash FROM tenantra.audit_heads o WHERE h.tenant_id = $tenant AND o.tenant_id = $other`}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db, admin := pgtest.NewWithAdmin(t)
			alpha, beta := pgtest.Tenant(t, db, "alpha"), pgtest.Tenant(t, db, "beta")
			record(t, db, alpha, 5)
			record(t, db, beta, 5)
			for _, sql := range test.sql {
				tamper(t, admin, sql, alpha.Tenant, beta.Tenant)
			}
			verdict := verify(t, db, alpha)
			if verdict.OK || verdict.FirstBadSeq != test.bad || verdict.Reason == "" || verdict.Entries != test.bad-1 {
				t.Errorf("%+v, want the first bad entry to be %d", verdict, test.bad)
			}
		})
	}
}

func TestErasedDetailKeepsTheChain(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithAdmin(t)
	alpha := pgtest.Tenant(t, db, "alpha")
	record(t, db, alpha, 3)
	tamper(t, admin, `UPDATE tenantra.audit_entries SET detail = NULL WHERE tenant_id = $tenant`, alpha.Tenant, 0)
	if verdict := verify(t, db, alpha); !verdict.OK || verdict.Entries != 3 {
		t.Errorf("retention erased details: %+v", verdict)
	}
}

// tamper runs SQL as a superuser, who is above row-level security and grants.
func tamper(t *testing.T, admin *pgx.Conn, sql string, tenant, other int32) {
	t.Helper()
	if _, err := admin.Exec(t.Context(), replace(sql, tenant, other)); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func replace(sql string, tenant, other int32) string {
	return strings.NewReplacer("$tenant", fmt.Sprint(tenant), "$other", fmt.Sprint(other)).Replace(sql)
}
