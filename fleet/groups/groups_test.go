package groups

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// chooser gives the agents that were put into it, whatever it is asked.
type chooser struct {
	chosen []uuid.UUID
	refuse error
}

func (c *chooser) CheckChoice(access.Scope, string) error { return c.refuse }
func (c *chooser) Choose(context.Context, access.Scope, string) ([]uuid.UUID, error) {
	return c.chosen, c.refuse
}

type fleet struct {
	*Service
	t         *testing.T
	chooser   *chooser
	msp, acme access.Scope
	web, mail *rowstest.Endpoint
}

// newFleet has an agent at an MSP's customer and one at the MSP itself.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	db := pgtest.New(t)
	f := &fleet{t: t, chooser: &chooser{}}
	f.msp = pgtest.Tenant(t, db, "msp")
	f.acme = pgtest.Tenant(t, db, "acme", f.msp.Tenant)
	f.web = rowstest.Enroll(t, db, f.acme, "web", "linux", "prod")
	f.mail = rowstest.Enroll(t, db, f.msp, "mail", "linux")
	f.msp.Visible = []int32{f.msp.Tenant, f.acme.Tenant}
	f.Service = New(Config{DB: db, Chooser: f.chooser})
	return f
}

func (f *fleet) put(id uuid.UUID, d Draft) Group {
	f.t.Helper()
	g, err := f.Put(f.t.Context(), f.msp, id, d)
	if err != nil {
		f.t.Fatal(err)
	}
	return g
}

func (f *fleet) hosts(scope access.Scope, id uuid.UUID) []string {
	f.t.Helper()
	hosts := []string{}
	err := f.DB.InScope(f.t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		members, err := listMembers(ctx, tx, id, place{}, 100)
		hosts = hosts[:0]
		for _, m := range members {
			hosts = append(hosts, m.Hostname)
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return hosts
}

func (f *fleet) want(id uuid.UUID, hosts ...string) {
	f.t.Helper()
	if diff := cmp.Diff(append([]string{}, hosts...), f.hosts(f.msp, id)); diff != "" {
		f.t.Errorf("members (- wanted, + got):\n%s", diff)
	}
}

func TestAnExpressionKeepsAGroup(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	g := f.put(uuid.Nil, Draft{Name: "production", Kind: Expr, Rule: `agent.platform == "linux" and "prod" in agent.tags`})
	f.want(g.ID, "web")
	if g.Members != 1 || g.EvaluatedAt.IsZero() || g.Error != "" {
		t.Errorf("%+v", g)
	}
	// What the agents are changes, and with the next evaluation the group does.
	err := f.DB.InScope(t.Context(), f.msp.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE agents SET tags = '{prod}' WHERE tenant_id = $1`, f.msp.Tenant)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.refreshOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.want(g.ID, "web") // it was evaluated just now
	f.Now = func() time.Time { return time.Now().Add(2 * refresh) }
	if err := f.refreshOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.want(g.ID, "mail", "web")
	f.put(g.ID, Draft{Name: "production", Kind: Expr, Rule: `agent.hostname startsWith "m"`})
	f.want(g.ID, "mail")
	f.put(g.ID, Draft{Name: "production", Kind: Fixed}) // as it is, from now on by hand
	f.want(g.ID, "mail")
}

func TestAStatementKeepsAGroupAndAFailureLeavesItAsItIs(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.chooser.chosen = []uuid.UUID{f.web.ID, uuid.New()}
	g := f.put(uuid.Nil, Draft{Name: "debian", Kind: SQL, Rule: "SELECT agent FROM os_version"})
	f.want(g.ID, "web")
	f.chooser.refuse = fault.New(fault.Invalid, "no such table")
	if err := f.evaluate(t.Context(), f.msp.Tenant, g.ID); err != nil {
		t.Fatal(err)
	}
	f.want(g.ID, "web")
	found, err := f.Find(t.Context(), f.msp, g.ID)
	if err != nil || found.Error != "no such table" {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := f.Put(t.Context(), f.msp, uuid.Nil, Draft{Name: "x", Kind: SQL, Rule: "SELECT 1"}); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("a statement that is refused: %v", err)
	}
}

func TestPeopleKeepAFixedGroup(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	g := f.put(uuid.Nil, Draft{Name: "mine", Kind: Fixed})
	set := func(ids ...uuid.UUID) error { return f.SetMembers(t.Context(), f.msp.Only(), g.ID, ids) }
	if err := set(f.web.ID, f.mail.ID, f.web.ID); err != nil {
		t.Fatal(err)
	}
	f.want(g.ID, "mail", "web")
	if err := set(f.mail.ID); err != nil {
		t.Fatal(err)
	}
	f.want(g.ID, "mail")
	if err := set(uuid.New()); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an agent that is not there: %v", err)
	}
	f.want(g.ID, "mail")
	ruled := f.put(uuid.Nil, Draft{Name: "ruled", Kind: Expr, Rule: "true"})
	if err := f.SetMembers(t.Context(), f.msp, ruled.ID, nil); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("members of a group that keeps itself: %v", err)
	}
	if _, err := f.Put(t.Context(), f.msp, uuid.Nil, Draft{Name: "mine", Kind: Fixed}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a name that is there: %v", err)
	}
	var ids []uuid.UUID
	err := f.DB.InScope(t.Context(), f.msp, func(ctx context.Context, tx *postgres.Tx) (err error) {
		ids, err = Members(ctx, tx, []uuid.UUID{g.ID, ruled.ID})
		return err
	})
	if err != nil || len(ids) != 2 || !slices.Contains(ids, f.web.ID) {
		t.Errorf("members of both: %v, %v", ids, err)
	}
	if err := f.Delete(t.Context(), f.msp, g.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Find(t.Context(), f.msp, g.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("after it was deleted: %v", err)
	}
}

func TestAGroupIsItsTenants(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	g := f.put(uuid.Nil, Draft{Name: "all", Kind: Expr, Rule: "true"})
	stranger := pgtest.Tenant(t, f.DB, "globex")
	for name, scope := range map[string]access.Scope{"a stranger": stranger, "a tenant below": f.acme} {
		if _, err := f.Find(t.Context(), scope, g.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s finds it: %v", name, err)
		}
		if _, err := f.Put(t.Context(), scope, g.ID, Draft{Name: "x", Kind: Fixed}); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s changes it: %v", name, err)
		}
		if err := f.Delete(t.Context(), scope, g.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s deletes it: %v", name, err)
		}
		if err := f.SetMembers(t.Context(), scope, g.ID, nil); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s sets its members: %v", name, err)
		}
		if hosts := f.hosts(scope, g.ID); len(hosts) != 0 {
			t.Errorf("%s sees %v", name, hosts)
		}
	}
	own, err := f.Put(t.Context(), stranger, uuid.Nil, Draft{Name: "all", Kind: Expr, Rule: "true"})
	if err != nil || own.Members != 0 {
		t.Errorf("a stranger's group of all agents: %+v, %v", own, err)
	}
}

func TestWrongDraftsSayWhere(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for name, d := range map[string]Draft{
		"no name":        {Kind: Fixed},
		"two lines":      {Name: "a\nb", Kind: Fixed},
		"a rule":         {Name: "a", Kind: Fixed, Rule: "true"},
		"no rule":        {Name: "a", Kind: Expr},
		"syntax":         {Name: "a", Kind: Expr, Rule: "agent."},
		"type":           {Name: "a", Kind: Expr, Rule: "agent.hostname"},
		"unknown fact":   {Name: "a", Kind: Expr, Rule: `agent.colour == "red"`},
		"NUL in the SQL": {Name: "a", Kind: SQL, Rule: "SELECT\x00"},
	} {
		if _, err := f.Put(t.Context(), f.msp, uuid.Nil, d); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
