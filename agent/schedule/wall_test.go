package schedule

import (
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
)

// wallPlan is a query of an agent that is set by the clock.
func wallPlan(t *testing.T, agent, text, zone string) plan {
	t.Helper()
	q := protocol.ConfigQuery{Collection: "pack:p/q", IntervalSeconds: 86400, At: text, Zone: zone}
	p := newPlan(agent, q)
	var err error
	if p.wall, err = newWall(q, p); err != nil || p.wall == nil {
		t.Fatalf("%v, %v", p.wall, err)
	}
	return p
}

func TestQueriesSetByTheClock(t *testing.T) {
	t.Parallel()
	p := wallPlan(t, "agent", "03:00", "Europe/Berlin")
	if p.wall.splay < 0 || p.wall.splay >= wallSplay {
		t.Fatalf("splay %s", p.wall.splay)
	}
	three := at("2026-06-02T01:00:00Z").Add(p.wall.splay)
	for _, c := range []struct {
		name     string
		now      time.Time
		breaches int
		want     time.Time
	}{
		{"before it", at("2026-06-01T12:00:00Z"), 0, three},
		{"at it", three, 0, three.AddDate(0, 0, 1)},
		{"at its minute, before this agent's turn", at("2026-06-02T01:00:00Z"), 0, three},
		{"one breach", at("2026-06-01T12:00:00Z"), 1, three},
		{"two breaches skip one", at("2026-06-01T12:00:00Z"), 2, three.AddDate(0, 0, 1)},
		{"many breaches skip a week", at("2026-06-01T12:00:00Z"), 50, three.AddDate(0, 0, 7)},
		{"by the winter's clock", at("2026-12-01T12:00:00Z"), 0, at("2026-12-02T02:00:00Z").Add(p.wall.splay)},
	} {
		if got := p.next(time.Time{}, c.now, c.breaches); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got.UTC(), c.want)
		}
	}
	if often := wallPlan(t, "agent", "*/5 * * * *", "UTC"); often.wall.splay >= 30*time.Second {
		t.Errorf("every five minutes has a splay of %s", often.wall.splay)
	}
	turns := map[time.Duration]bool{}
	for _, agent := range []string{"a", "b", "c", "d"} {
		turns[wallPlan(t, agent, "03:00", "UTC").wall.splay] = true
	}
	if len(turns) != 4 {
		t.Errorf("four agents have %d turns", len(turns))
	}
	if _, err := newWall(protocol.ConfigQuery{At: "tomorrow"}, p); err == nil {
		t.Error("a time that is none is taken")
	}
}

func TestWhatWasMissedWhileAwayRunsOnce(t *testing.T) {
	t.Parallel()
	p := wallPlan(t, "agent", "03:00", "UTC")
	now := at("2026-06-10T12:00:00Z")
	three := at("2026-06-11T03:00:00Z").Add(p.wall.splay)
	for name, c := range map[string]struct {
		run  state.Run
		want time.Time
	}{
		"it never ran and was never meant to":   {state.Run{LastRun: time.UnixMilli(0)}, three},
		"it is still to come":                   {state.Run{NextRun: three}, three},
		"it was missed":                         {state.Run{NextRun: at("2026-06-10T03:00:00Z")}, p.first(now)},
		"it was missed nine times":              {state.Run{NextRun: at("2026-06-01T03:00:00Z")}, p.first(now)},
		"its time was another":                  {state.Run{NextRun: at("2026-06-12T20:00:00Z")}, three},
		"it was missed before it had ever come": {state.Run{LastRun: time.UnixMilli(0), NextRun: at("2026-06-10T03:00:00Z")}, p.first(now)},
	} {
		if got := p.wall.resume(p, c.run, now); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", name, got.UTC(), c.want)
		}
	}
}
