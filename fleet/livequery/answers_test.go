package livequery

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/tables"
)

// TestRoundsKeepTheOrderOfALine: what one statement would touch twice, or what comes after a line's end, is stored later.
func TestRoundsKeepTheOrderOfALine(t *testing.T) {
	t.Parallel()
	query, other := uuid.New(), uuid.New()
	part := func(agent int32, q uuid.UUID, number int, final bool) *answer {
		return &answer{from: From{Tenant: 1, Agent: agent}, query: q, header: protocol.AnswerHeader{Part: number, Final: final}}
	}
	group := []*answer{
		part(1, query, 0, false), part(2, query, 0, true), part(1, query, 1, true), // ends
		part(1, query, 0, true),                                                     // asked again: after the end
		part(1, other, 0, false),                                                    // another question
		part(3, query, 0, false), part(3, query, 0, false), part(3, query, 1, true), // the first part twice
	}
	var got [][]string
	for _, round := range rounds(group) {
		var names []string
		for _, a := range round {
			name := "query"
			if a.query == other {
				name = "other"
			}
			names = append(names, fmt.Sprintf("%d/%s/%d", a.from.Agent, name, a.header.Part))
		}
		got = append(got, names)
	}
	want := [][]string{{"1/query/0", "2/query/0", "1/query/1", "1/other/0", "3/query/0"}, {"1/query/0", "3/query/0", "3/query/1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if rounds(nil) != nil {
		t.Error("nothing makes a round")
	}
}

// TestAnswersOfOneGroup stores in one transaction what many agents say, some of it twice: each line counts once, by what was
// said before its end.
func TestAnswersOfOneGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	q, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT pid FROM processes"})
	if err != nil {
		t.Fatal(err)
	}
	say := func(agent, number int, final bool, cells ...int64) *answer {
		header := protocol.AnswerHeader{QueryID: q.ID.String(), Part: number, Final: final, Columns: []string{"pid", `odd "name"`}}
		if final {
			header.Outcome = protocol.OutcomeRows
		}
		var rows [][]tables.Value
		for _, cell := range cells {
			rows = append(rows, []tables.Value{tables.IntValue(cell), tables.TextValue("x")})
		}
		a, err := newAnswer(f.from(agent), header, rows)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	group := []*answer{
		say(0, 0, false, 1, 2), say(1, 0, false, 9), say(0, 1, true, 3), say(0, 0, true, 66), // after its end: not counted
		say(1, 0, false, 4, 5), say(1, 1, true), // its first part again, as after a lost connection
	}
	if err := f.collector.store(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	found, err := f.find(t.Context(), f.scope, q.ID)
	if err != nil || found.Rows != 5 || found.Counts.WithRows != 2 {
		t.Fatalf("%+v, %v: want 5 rows of 2 agents", found, err)
	}
	enough := errors.New("the first state was given")
	seen := map[string]int{}
	err = f.Stream(t.Context(), f.scope, q.ID, func(e Event) error {
		if e.Type == "rows" {
			if diff := cmp.Diff([]string{"pid", `odd "name"`}, e.Columns); diff != "" {
				t.Error(diff)
			}
			seen[string(e.Rows)]++
		}
		if e.Type == "progress" {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	want := map[string]int{`[[1,"x"],[2,"x"]]`: 1, `[[3,"x"]]`: 1, `[[4,"x"],[5,"x"]]`: 1}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

// TestGatherIsBounded: one reading takes what is there, but not more than memory allows, and not past the end.
func TestGatherIsBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		waiting []notice
		want    int
		done    bool
	}{
		"nothing more":      {nil, 1, false},
		"some":              {[]notice{{Agent: 2}, {Agent: 3}}, 3, false},
		"more than at once": {make([]notice, 2*noticesAtOnce), noticesAtOnce, false},
		"large parts":       {[]notice{{Bytes: bytesAtOnce - 1}, {Bytes: 1}, {Bytes: 1}}, 3, false},
		"the end":           {[]notice{{Agent: 2}, {Done: true}, {Agent: 3}}, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waiting := make(chan notice, len(test.waiting))
			for _, n := range test.waiting {
				waiting <- n
			}
			told, done := gather(notice{Agent: 1}, waiting)
			if len(told) != test.want || done != test.done {
				t.Errorf("%d notices, done %v, want %d, %v", len(told), done, test.want, test.done)
			}
		})
	}
}
