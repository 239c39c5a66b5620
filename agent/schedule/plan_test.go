package schedule

import (
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestNextRun(t *testing.T) {
	t.Parallel()
	hourly := plan{interval: time.Hour, splay: uint64(10 * time.Minute / time.Millisecond)} // at ten past each hour
	for name, c := range map[string]struct {
		last, now string
		breaches  int
		want      string
	}{
		"just ran":                          {"2026-01-05T12:10:00Z", "2026-01-05T12:10:01Z", 0, "2026-01-05T13:10:00Z"},
		"ran out of turn":                   {"2026-01-05T12:30:00Z", "2026-01-05T12:30:01Z", 0, "2026-01-05T13:10:00Z"},
		"ran out of turn, before its time":  {"2026-01-05T13:09:59Z", "2026-01-05T13:10:00Z", 0, "2026-01-05T13:10:00Z"},
		"slept over one run":                {"2026-01-05T12:10:00Z", "2026-01-05T13:40:00Z", 0, "2026-01-05T13:10:00Z"},
		"slept over many: one is caught up": {"2026-01-05T12:10:00Z", "2026-01-09T08:00:00Z", 0, "2026-01-05T13:10:00Z"},
		"clock set back by a day":           {"2026-01-06T12:10:00Z", "2026-01-05T12:30:00Z", 0, "2026-01-05T13:10:00Z"},
		"one breach":                        {"2026-01-05T12:10:00Z", "2026-01-05T12:10:01Z", 1, "2026-01-05T13:10:00Z"},
		"two breaches":                      {"2026-01-05T12:10:00Z", "2026-01-05T12:10:01Z", 2, "2026-01-05T14:10:00Z"},
		"four breaches":                     {"2026-01-05T12:10:00Z", "2026-01-05T12:10:01Z", 4, "2026-01-05T17:10:00Z"},
		"breaches without end":              {"2026-01-05T12:10:00Z", "2026-01-05T12:10:01Z", 1000, "2026-01-06T13:10:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := hourly.next(at(c.last), at(c.now), c.breaches); !got.Equal(at(c.want)) {
				t.Errorf("next is %s, want %s", got.UTC().Format(time.RFC3339), c.want)
			}
		})
	}
}

func TestRunsGoOnInStepAfterACatchUp(t *testing.T) {
	t.Parallel()
	p := plan{interval: time.Hour, splay: uint64(10 * time.Minute / time.Millisecond)}
	woke := at("2026-01-09T08:00:00Z")
	if next := p.next(at("2026-01-05T12:10:00Z"), woke, 0); next.After(woke) {
		t.Fatalf("nothing is caught up before %s", next)
	}
	if next := p.next(woke, woke, 0); !next.Equal(at("2026-01-09T08:10:00Z")) {
		t.Errorf("after the catch-up it runs at %s", next.UTC())
	}
}

func TestAgentsAndQueriesAreSplayed(t *testing.T) {
	t.Parallel()
	now := at("2026-01-05T12:00:00Z")
	minutes := map[int]int{}
	for i := range 600 {
		p := newPlan(string(rune('a'+i%26))+string(rune('0'+i/26)), protocol.ConfigQuery{Collection: "c", IntervalSeconds: 3600})
		next := p.next(now, now, 0)
		if next.Before(now) || next.After(now.Add(time.Hour)) {
			t.Fatalf("next is %s", next)
		}
		minutes[next.Minute()]++
		first := p.first(now)
		if first.Before(now) || first.After(now.Add(earlySplay)) {
			t.Fatalf("first is %s", first)
		}
		p.later = true
		if later := p.first(now); later.Before(first) || later.Before(now.Add(earlySplay)) || later.After(now.Add(firstSplay)) {
			t.Fatalf("first is %s of one that is to come later", later)
		}
	}
	if len(minutes) < 50 {
		t.Errorf("600 agents share %d minutes of the hour", len(minutes))
	}
}
