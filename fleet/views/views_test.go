package views

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// as gives the scope of another person with a role.
func as(scope access.Scope, name string, role access.Role) access.Scope {
	scope.Actor = access.Actor{Kind: access.KindUser, ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Name: name}
	scope.Role = role
	return scope
}

// names gives what a person sees of the agents' views, the default one marked.
func names(t *testing.T, s *Service, scope access.Scope) []string {
	t.Helper()
	found, err := s.List(t.Context(), scope, "agents")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, v := range found {
		name := v.Name
		if v.Default {
			name += "*"
		}
		all = append(all, name)
	}
	return all
}

func wantNames(t *testing.T, s *Service, scope access.Scope, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, names(t, s, scope)); diff != "" {
		t.Errorf("%s sees (-want +got):\n%s", scope.Actor.Name, diff)
	}
}

func wantFault(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestViewsAreTheirOwnersAndTheirTenants(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	acme, globex := pgtest.Tenant(t, db, "acme"), pgtest.Tenant(t, db, "globex")
	s := New(db)
	mara, lee, boss := as(acme, "mara", access.User), as(acme, "lee", access.ReadOnly), as(acme, "boss", access.Admin)

	own, err := s.Create(ctx, mara, "agents", Draft{Name: " Stale ", Search: "f=status:offline"})
	if err != nil {
		t.Fatal(err)
	}
	shared, err := s.Create(ctx, mara, "agents", Draft{Name: "Linux", Search: "f=os:linux", Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(ctx, mara, "findings", Draft{Name: "Stale", Search: ""}); err != nil {
		t.Fatalf("the same name for another list: %v", err)
	}
	wantNames(t, s, mara, "Linux", "Stale")
	wantNames(t, s, lee, "Linux")
	wantNames(t, s, as(globex, "mara", access.User))

	_, err = s.Create(ctx, mara, "agents", Draft{Name: "Stale"})
	wantFault(t, "a second view of the name", err, fault.Conflict)
	_, err = s.Update(ctx, lee, own.ID, Draft{Name: "Mine"})
	wantFault(t, "changing a view that one does not see", err, fault.NotFound)
	_, err = s.Update(ctx, lee, shared.ID, Draft{Name: "Mine"})
	wantFault(t, "changing another's shared view", err, fault.Forbidden)
	wantFault(t, "deleting another's shared view", s.Delete(ctx, lee, shared.ID), fault.Forbidden)
	wantFault(t, "deleting a view of another tenant", s.Delete(ctx, as(globex, "mara", access.User), own.ID), fault.NotFound)

	if _, err := s.Update(ctx, mara, own.ID, Draft{Name: "Away", Search: "f=status:offline&sort=-seen"}); err != nil {
		t.Fatal(err)
	}
	wantNames(t, s, mara, "Away", "Linux")
	if err := s.Delete(ctx, boss, shared.ID); err != nil {
		t.Fatalf("who may change settings deletes a shared view: %v", err)
	}
	wantNames(t, s, mara, "Away")
}

func TestADefaultIsAPersonsOwn(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	acme := pgtest.Tenant(t, db, "acme")
	s := New(db)
	mara, lee := as(acme, "mara", access.User), as(acme, "lee", access.User)
	var made []View
	for _, name := range []string{"A", "B"} {
		v, err := s.Create(ctx, mara, "agents", Draft{Name: name, Shared: true})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, v)
	}
	for _, step := range []struct {
		person    access.Scope
		view      int
		on        bool
		mara, lee []string
	}{
		{lee, 0, true, []string{"A", "B"}, []string{"A*", "B"}},
		{lee, 1, true, []string{"A", "B"}, []string{"A", "B*"}},
		{lee, 0, false, []string{"A", "B"}, []string{"A", "B*"}}, // not the default any more: nothing to take away
		{mara, 0, true, []string{"A*", "B"}, []string{"A", "B*"}},
		{lee, 1, false, []string{"A*", "B"}, []string{"A", "B"}},
	} {
		if err := s.SetDefault(ctx, step.person, made[step.view].ID, step.on); err != nil {
			t.Fatal(err)
		}
		wantNames(t, s, mara, step.mara...)
		wantNames(t, s, lee, step.lee...)
	}
	if err := s.Delete(ctx, mara, made[0].ID); err != nil {
		t.Fatalf("delete a view that is a default: %v", err)
	}
	wantNames(t, s, mara, "B")

	// What is shared no more is no default of others either.
	if err := s.SetDefault(ctx, lee, made[1].ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(ctx, mara, made[1].ID, Draft{Name: "B"}); err != nil {
		t.Fatal(err)
	}
	wantNames(t, s, lee)
}

func TestDraftsAreBounded(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]Draft{
		"no name":              {Name: "  "},
		"a long name":          {Name: strings.Repeat("x", nameMax+1)},
		"two lines":            {Name: "a\nb"},
		"no text":              {Name: "a\xff"},
		"a whole address":      {Name: "a", Search: "https://example.org/?f=x"},
		"a mark":               {Name: "a", Search: "?f=x"},
		"a search of no bound": {Name: "a", Search: strings.Repeat("x", searchMax+1)},
	} {
		wantFault(t, name, d.validate(), fault.Invalid)
	}
	for _, page := range []string{"", "Agents", "../agents", strings.Repeat("a", pageMax+1)} {
		wantFault(t, page, validatePage("body.page", page), fault.Invalid)
	}
}

func TestAPersonKeepsABoundedNumber(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	s, mara := New(db), as(pgtest.Tenant(t, db, "acme"), "mara", access.User)
	for i := range ownMax {
		if _, err := s.Create(ctx, mara, "agents", Draft{Name: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Create(ctx, mara, "agents", Draft{Name: "one more"})
	wantFault(t, "one more view", err, fault.Conflict)
}
