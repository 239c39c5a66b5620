package savedqueries

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is where queries go when they are made part of something.
type world struct {
	packs []PackQuery
	rules []Rule
}

func (w *world) AddQuery(_ context.Context, _ access.Scope, q PackQuery) (string, error) {
	w.packs = append(w.packs, q)
	return "pack:" + q.Pack + "/" + q.Name, nil
}

func (w *world) AddRule(_ context.Context, _ access.Scope, r Rule) error {
	w.rules = append(w.rules, r)
	return nil
}

type fixture struct {
	*Service
	t          *testing.T
	world      *world
	msp, acme  access.Scope // of an ADMIN
	ann, bob   access.Scope // two of acme's
	globexUser access.Scope
}

// newFixture has an MSP with the customer acme, where Ann and Bob are, and one with nobody they know. Statements that
// speak of history are of class content.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	db := pgtest.New(t)
	f := &fixture{t: t, world: &world{}}
	f.msp = pgtest.Tenant(t, db, "msp")
	f.acme = pgtest.Tenant(t, db, "acme", f.msp.Tenant)
	f.globexUser = as(pgtest.Tenant(t, db, "globex", f.msp.Tenant), access.User, "gus")
	f.ann, f.bob = as(f.acme, access.User, "ann"), as(f.acme, access.User, "bob")
	f.Service = New(Config{DB: db, Packs: f.world, Rules: f.world, Permit: func(scope access.Scope, sql string) error {
		if strings.Contains(sql, "shell_history") && !scope.Can(access.QueryContent) {
			return fault.Field(fault.Forbidden, "body.sql", "needs %s", access.QueryContent)
		}
		return nil
	}})
	return f
}

func as(scope access.Scope, role access.Role, name string) access.Scope {
	scope.Role = role
	scope.Actor = access.Actor{Kind: access.KindUser, ID: uuid.New(), Name: name}
	return scope
}

func (f *fixture) save(scope access.Scope, d Draft) Query {
	f.t.Helper()
	q, err := f.Create(f.t.Context(), scope, d)
	if err != nil {
		f.t.Fatal(err)
	}
	return q
}

func (f *fixture) names(scope access.Scope) string {
	f.t.Helper()
	found, err := f.list(f.t.Context(), scope, filter{limit: 100})
	if err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, q := range found {
		names = append(names, q.Name)
	}
	return strings.Join(names, " ")
}

func always(Query) error { return nil }

func TestWhoSeesASavedQuery(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.save(f.msp, Draft{Name: "msp-shared", SQL: "SELECT 1", Sharing: Shared})
	f.save(f.msp, Draft{Name: "msp-mine", SQL: "SELECT 1", Sharing: Mine})
	mine := f.save(f.ann, Draft{Name: "ann-mine", SQL: "SELECT 1", Sharing: Mine})
	shared := f.save(f.ann, Draft{Name: "ann-shared", SQL: "SELECT 1", Sharing: Shared})
	for _, test := range []struct {
		who   string
		scope access.Scope
		want  string
	}{
		{"ann", f.ann, "ann-mine ann-shared msp-shared"},
		{"bob, of the same tenant", f.bob, "ann-shared msp-shared"},
		{"the tenant above", f.msp, "msp-mine msp-shared"},
		{"a sibling", f.globexUser, "msp-shared"},
	} {
		if got := f.names(test.scope); got != test.want {
			t.Errorf("%s sees %q, want %q", test.who, got, test.want)
		}
	}
	for who, scope := range map[string]access.Scope{"bob": f.bob, "a sibling": f.globexUser, "the tenant above": f.msp} {
		if _, err := f.Statement(t.Context(), scope, mine.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s runs what is ann's alone: %v", who, err)
		}
	}
	if _, err := f.Statement(t.Context(), f.globexUser, shared.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a sibling runs acme's: %v", err)
	}
	token := f.ann
	token.Actor = access.Actor{Kind: access.KindToken, ID: uuid.New(), Name: "ci", OnBehalf: f.ann.Actor.ID}
	if sql, err := f.Statement(t.Context(), token, mine.ID); err != nil || sql != "SELECT 1" {
		t.Errorf("ann's own token: %q, %v", sql, err)
	}
}

func TestWhoChangesASavedQuery(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	q := f.save(f.ann, Draft{Name: "q", SQL: "SELECT 1", Sharing: Shared})
	above := f.save(f.msp, Draft{Name: "above", SQL: "SELECT 1", Sharing: Shared})
	next := Draft{Name: "q", SQL: "SELECT 2", Sharing: Shared}
	if _, err := f.Change(t.Context(), f.bob, q.ID, next, always); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("a colleague: %v", err)
	}
	if _, err := f.Change(t.Context(), f.globexUser, q.ID, next, always); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v", err)
	}
	if err := f.Delete(t.Context(), f.acme, above.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an inherited one: %v", err)
	}
	if _, err := f.Change(t.Context(), f.acme, q.ID, Draft{Name: "q", SQL: "SELECT 2", Sharing: Mine}, always); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("an administrator takes it for himself: %v", err)
	}
	if got, err := f.Change(t.Context(), f.acme, q.ID, next, always); err != nil || got.Version != 2 || got.OwnerName != "ann" {
		t.Errorf("an administrator: %+v, %v", got, err)
	}
	stale := errors.New("changed since")
	if _, err := f.Change(t.Context(), f.ann, q.ID, next, func(Query) error { return stale }); !errors.Is(err, stale) {
		t.Errorf("an edit of what was changed meanwhile: %v", err)
	}
	if _, err := f.Create(t.Context(), f.bob, next); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second of the name: %v", err)
	}
	f.save(f.bob, Draft{Name: "q", SQL: "SELECT 3", Sharing: Mine}) // of his own it may have the name
	if err := f.Delete(t.Context(), f.ann, q.ID); err != nil {
		t.Error(err)
	}
}

func TestVersionsAndTheirDifference(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	q := f.save(f.ann, Draft{Name: "q", SQL: "SELECT a\nFROM t", Sharing: Mine})
	for _, d := range []Draft{
		{Name: "q", SQL: "SELECT a, b\nFROM t", Sharing: Mine},
		{Name: "renamed", SQL: "SELECT a, b\nFROM t", Sharing: Mine}, // no new version
		{Name: "renamed", SQL: "SELECT a, b\nFROM t\nWHERE a", Sharing: Mine},
	} {
		if _, err := f.Change(t.Context(), f.ann, q.ID, d, always); err != nil {
			t.Fatal(err)
		}
	}
	found, err := f.Versions(t.Context(), f.ann, q.ID)
	if err != nil || len(found) != 3 || found[0].Number != 3 || found[2].SQL != "SELECT a\nFROM t" || found[0].SavedBy != "ann" {
		t.Errorf("versions %+v, %v", found, err)
	}
	lines, err := f.Diff(t.Context(), f.ann, q.ID, 1, 0)
	var text []string
	for _, l := range lines {
		text = append(text, string(l.Op)+l.Text)
	}
	if got := strings.Join(text, "|"); err != nil || got != "-SELECT a|+SELECT a, b| FROM t|+WHERE a" {
		t.Errorf("difference %q, %v", got, err)
	}
	if _, err := f.Diff(t.Context(), f.ann, q.ID, 1, 9); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("no such version: %v", err)
	}
	if _, err := f.Versions(t.Context(), f.bob, q.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("versions of what is ann's alone: %v", err)
	}
}

// S11: what its author may not read cannot be saved, not by changing what may be.
func TestS11SavingAsksForTheClass(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	content := Draft{Name: "q", SQL: "SELECT * FROM shell_history", Sharing: Mine}
	if _, err := f.Create(t.Context(), f.ann, content); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("saved: %v", err)
	}
	q := f.save(f.ann, Draft{Name: "q", SQL: "SELECT 1", Sharing: Mine})
	if _, err := f.Change(t.Context(), f.ann, q.ID, content, always); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("changed: %v", err)
	}
	if _, err := f.Create(t.Context(), f.acme, Draft{Name: "by an administrator", SQL: content.SQL, Sharing: Shared}); err != nil {
		t.Error(err)
	}
}

func TestDraftsAreChecked(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	good := Draft{Name: "q", SQL: "SELECT 1", Sharing: Mine}
	for field, spoil := range map[string]func(*Draft){
		"body.name":        func(d *Draft) { d.Name = "two\nlines" },
		"body.description": func(d *Draft) { d.Description = "\x00" },
		"body.sql":         func(d *Draft) { d.SQL = " " },
		"body.sharing":     func(d *Draft) { d.Sharing = "everybody" },
	} {
		d := good
		spoil(&d)
		_, err := f.Create(t.Context(), f.ann, d)
		var told *fault.Error
		if !errors.As(err, &told) || told.Code != fault.Invalid || told.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestASavedQueryBecomesPartOfAPackAndARule(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	q := f.save(f.ann, Draft{Name: "q", Description: "what it is for", SQL: "SELECT 1", Sharing: Shared})
	at := PackQuery{Pack: "own", Name: "q", Interval: time.Minute, Mode: "snapshot"}
	collection, err := f.Alert(t.Context(), f.acme, q.ID, at, Rule{ID: "r", Severity: "high", Threshold: 2})
	if err != nil || collection != "pack:own/q" {
		t.Fatalf("%q, %v", collection, err)
	}
	if got := f.world.packs; len(got) != 1 || got[0].SQL != "SELECT 1" || got[0].About != `what it is for (of the saved query "q", version 1)` || got[0].Interval != time.Minute {
		t.Errorf("packs got %+v", got)
	}
	if got := f.world.rules; len(got) != 1 || got[0].Collection != "pack:own/q" || got[0].Threshold != 2 {
		t.Errorf("rules got %+v", got)
	}
	if _, err := f.Schedule(t.Context(), f.globexUser, q.ID, at); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v", err)
	}
}
