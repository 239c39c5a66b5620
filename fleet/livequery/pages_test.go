package livequery

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/tables"
)

// Answers of several tenants are read in the order of tenant, agent and part, each once, in pages that bytes bound.
func TestPagesOfAnswers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3)
	silent, other := pgtest.Tenant(t, f.DB, "globex"), pgtest.Tenant(t, f.DB, "initech")
	f.scope.Visible = append(f.scope.Visible, silent.Tenant, other.Tenant)
	f.edge.agents[1].Tenant, f.edge.agents[1].TenantID = other.Tenant, other.TenantID
	q, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT pid FROM processes", Wait: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	long := []tables.Value{tables.TextValue(strings.Repeat("x", bytesAtOnce/4))}
	want := map[string]int{}
	for i, parts := range []int{6, 3, 1} {
		for part := range parts {
			f.answer(t, q, i, part, "", long)
			want[fmt.Sprintf("%s %d", f.edge.agents[i].Hostname, part)]++
		}
	}

	read := func(agents ...uuid.UUID) (pages []int, seen map[string]int) {
		t.Helper()
		seen = map[string]int{}
		last := Place{}
		for from := (Place{}); ; {
			parts, err := f.Parts(t.Context(), f.scope, q.ID, agents, from)
			if err != nil {
				t.Fatal(err)
			}
			if len(parts) == 0 {
				return pages, seen
			}
			pages = append(pages, len(parts))
			for _, p := range parts {
				from = p.Next()
				if from.Tenant < last.Tenant || from.Tenant == last.Tenant && (from.Agent < last.Agent || from.Agent == last.Agent && from.Part <= last.Part) {
					t.Errorf("%+v comes after %+v", from, last)
				}
				last = from
				seen[fmt.Sprintf("%s %d", p.Hostname, p.part)]++
			}
		}
	}
	pages, seen := read()
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("parts (- wanted, + got):\n%s", diff)
	}
	// Four parts are a little over the bound; the tenant that has no answers costs no page.
	if diff := cmp.Diff([]int{4, 3, 3}, pages); diff != "" {
		t.Errorf("pages (- wanted, + got):\n%s", diff)
	}
	if _, seen := read(f.edge.agents[1].PublicID); len(seen) != 3 {
		t.Errorf("of one agent: %v", seen)
	}
	stranger := f.scope
	stranger.Visible = stranger.Visible[:1]
	if parts, err := f.Parts(t.Context(), stranger, q.ID, nil, Place{Tenant: other.Tenant}); err != nil || len(parts) != 0 {
		t.Errorf("who sees one tenant gets %d parts of another, %v", len(parts), err)
	}
	for i := range 3 {
		f.answer(t, q, i, 9, protocol.OutcomeNoRows)
	}
	if err := f.sweepOnce(t.Context(), time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, e := range f.stream(t, f.scope, q.ID) {
		kinds[e.Type]++
	}
	if diff := cmp.Diff(map[string]int{"rows": 10, "agent": 4, "done": 1}, kinds); diff != "" {
		t.Errorf("the stream (- wanted, + got):\n%s", diff)
	}
}
