package alerts

import (
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/findings"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) // a Tuesday

// play runs a script of transitions, one a line: minutes after noon, then what happens. It gives what followed.
func play(t *testing.T, p policy, script string) (a *Alert, told []string) {
	t.Helper()
	a = &Alert{isNew: true}
	for _, line := range strings.Split(strings.TrimSpace(script), "\n") {
		offset, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		after, err := time.ParseDuration(offset)
		if err != nil {
			t.Fatal(err)
		}
		now := noon.Add(after)
		var steps []step
		switch what {
		case "fire":
			steps = a.fire(now, p)
		case "settle":
			steps = a.settle(now, "over")
		case "tick":
			steps = a.tick(now, p)
		case "ack":
			a.State = Acknowledged
		case "snooze":
			a.State, a.SnoozedUntil = Snoozed, at(now.Add(time.Hour))
		case "hold":
			a.Held, a.HeldUntil = NoticeOpened, at(now.Add(time.Hour))
		default:
			t.Fatalf("what is %q?", what)
		}
		for _, s := range steps {
			if s.notice != "" {
				told = append(told, offset+" "+string(s.notice))
				a.NotifiedAt = at(now)
			}
		}
		if due := a.due(); what == "tick" && due != nil && !due.After(now) {
			t.Errorf("after %s something is due in the past: %v", line, due)
		}
	}
	return a, told
}

func TestMachine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		policy policy
		script string
		want   string
		state  State
	}{
		{"opens once, however often it is found", policy{}, "0m fire\n1m fire\n2m fire", "0m opened", Open},
		{"resolves and opens again", policy{}, "0m fire\n1m settle\n90m fire", "0m opened, 1m resolved, 90m reopened", Open},
		{"reminds while it is open", policy{renotify: time.Hour}, "0m fire\n59m tick\n60m tick\n119m tick\n120m tick", "0m opened, 60m renotified, 120m renotified", Open},
		{"reminds nobody once acknowledged", policy{renotify: time.Hour}, "0m fire\n1m ack\n60m tick", "0m opened", Acknowledged},
		{"a snooze ends", policy{}, "0m fire\n1m snooze\n60m tick\n61m tick", "0m opened, 61m renotified", Open},
		{"a snoozed alert resolves", policy{}, "0m fire\n1m snooze\n5m settle\n61m tick", "0m opened, 5m resolved", Resolved},
		{"escalates step by step", policy{escalate: []time.Duration{10 * time.Minute, 30 * time.Minute}}, "0m fire\n9m tick\n10m tick\n29m tick\n30m tick\n99m tick", "0m opened, 10m escalated, 30m escalated", Open},
		{"does not escalate what is acknowledged", policy{escalate: []time.Duration{10 * time.Minute}}, "0m fire\n1m ack\n10m tick", "0m opened", Acknowledged},
		{"an event is over after a while", policy{resolveAfter: time.Hour}, "0m fire\n30m fire\n60m tick\n90m tick", "0m opened, 90m resolved", Resolved},
		{"a held notice is sent when the quiet time ends", policy{}, "0m fire\n1m hold\n60m tick\n61m tick", "0m opened, 61m opened", Open},
		{"a held notice of what was acknowledged is not sent", policy{}, "0m fire\n1m hold\n2m ack\n61m tick", "0m opened", Acknowledged},
		{"flapping is told once, and again when steady", policy{},
			"0m fire\n1m settle\n2m fire\n3m settle\n4m fire\n5m settle\n6m fire\n7m settle\n8m fire\n37m tick\n38m tick",
			"0m opened, 1m resolved, 2m reopened, 3m resolved, 4m reopened, 5m flapping, 38m renotified", Open},
		{"slow changes are no flapping", policy{}, "0m fire\n20m settle\n40m fire\n60m settle\n80m fire\n100m settle\n120m fire",
			"0m opened, 20m resolved, 40m reopened, 60m resolved, 80m reopened, 100m resolved, 120m reopened", Open},
	} {
		a, told := play(t, c.policy, c.script)
		if got := strings.Join(told, ", "); got != c.want || a.State != c.state {
			t.Errorf("%s: told %s in state %s\nwant %s in state %s", c.name, got, a.State, c.want, c.state)
		}
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	night := Window{Kind: Quiet, Days: []time.Weekday{1, 2, 3, 4, 5}, FromMinute: 22 * 60, Minutes: 9 * 60, Zone: "Europe/Berlin"}
	once := Window{Kind: Maintenance, StartsAt: noon, EndsAt: noon.Add(time.Hour)}
	spring := Window{Kind: Quiet, Days: []time.Weekday{0}, FromMinute: 3*60 + 30, Minutes: 60, Zone: "Europe/Berlin"}
	for _, c := range []struct {
		name   string
		w      Window
		now    time.Time
		until  time.Time
		active bool
	}{
		{"before", once, noon.Add(-time.Second), time.Time{}, false},
		{"at the start", once, noon, noon.Add(time.Hour), true},
		{"at the end", once, noon.Add(time.Hour), time.Time{}, false},
		{"Tuesday night", night, time.Date(2026, 11, 24, 21, 30, 0, 0, time.UTC), time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC), true},
		{"Wednesday before dawn, of Tuesday's night", night, time.Date(2026, 11, 25, 5, 59, 0, 0, time.UTC), time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC), true},
		{"Wednesday morning", night, time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC), time.Time{}, false},
		{"Saturday before dawn, of Friday's night", night, time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC), time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC), true},
		{"Sunday before dawn", night, time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), time.Time{}, false},
		{"the night of the summer clock", spring, time.Date(2026, 3, 29, 1, 45, 0, 0, time.UTC), time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC), true},
	} {
		until, active := c.w.Active(c.now)
		if active != c.active || active && !until.Equal(c.until) {
			t.Errorf("%s: %v until %v, want %v until %v", c.name, active, until, c.active, c.until)
		}
	}
	low, high := &Alert{Rule: "r", Severity: findings.Low}, &Alert{Rule: "r", Severity: findings.High}
	quiet := night
	quiet.Below = findings.High
	evening := time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC)
	if by, _ := kept([]Window{quiet}, low, nil, evening); by == nil {
		t.Error("a low alert is not kept back at night")
	}
	if by, _ := kept([]Window{quiet}, high, nil, evening); by != nil {
		t.Error("a high alert is kept back at night")
	}
	tagged := once
	tagged.Tags = []string{"db"}
	if by, _ := kept([]Window{quiet, tagged}, low, [][]string{{"web", "db"}, {"db"}}, noon); by == nil || by.Kind != Maintenance {
		t.Errorf("maintenance of a tag: %+v", by)
	}
	if by, _ := kept([]Window{tagged}, low, [][]string{{"db"}, {"web"}}, noon); by != nil {
		t.Error("maintenance of one of two agents keeps back")
	}
}

func TestWindowsAreChecked(t *testing.T) {
	t.Parallel()
	for _, w := range []Window{
		{Kind: Quiet, Days: []time.Weekday{1}, Minutes: 60, Zone: "UTC"},
		{Name: "x", Kind: "nap", Days: []time.Weekday{1}, Minutes: 60, Zone: "UTC"},
		{Name: "x", Kind: Quiet, Days: []time.Weekday{9}, Minutes: 60, Zone: "UTC"},
		{Name: "x", Kind: Quiet, Days: []time.Weekday{1}, Minutes: 60, Zone: "Mars/Olympus"},
		{Name: "x", Kind: Quiet, Days: []time.Weekday{1}, Minutes: 0, Zone: "UTC"},
		{Name: "x", Kind: Maintenance, StartsAt: noon, EndsAt: noon},
		{Name: "x", Kind: Maintenance, StartsAt: noon, EndsAt: noon.AddDate(1, 0, 0)},
	} {
		if w.validate() == nil {
			t.Errorf("taken: %+v", w)
		}
	}
}
