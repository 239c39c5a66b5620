package drift_test

import (
	"math"
	"math/rand/v2" //lint:allow imports a back test wants the same numbers each time
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/drift"
)

var monday = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

func TestReasonsMakeTheScore(t *testing.T) {
	t.Parallel()
	work := &drift.Hours{}
	for day := range 5 {
		for hour := 8; hour < 18; hour++ {
			work[day*24+hour] = 10
		}
	}
	for _, c := range []struct {
		name      string
		event     drift.Event
		low, high float64
		reasons   string
	}{
		{"what all get", drift.Event{At: monday.Add(10 * time.Hour), Change: "added", Others: 400, Fleet: 401, Peers: 40, PeersWith: 40}, 0, 1, ""},
		{"the first of a rollout", drift.Event{At: monday.Add(10 * time.Hour), Change: "added", Others: 0, Fleet: 401, New: true, Peers: 40}, 70, 80, "rarity novelty peers"},
		{"alone and new at night", drift.Event{At: monday.Add(3 * time.Hour), Change: "added", Others: 0, Fleet: 401, New: true, Peers: 40}, 90, 100, "rarity novelty hour peers"},
		{"gone at night", drift.Event{At: monday.Add(3 * time.Hour), Change: "removed", Others: 0, Fleet: 401}, 5, 10, "hour"},
		{"a fleet of one", drift.Event{At: monday.Add(10 * time.Hour), Change: "added", Others: 0, Fleet: 1, New: true}, 25, 25, "novelty"},
	} {
		score, reasons := drift.Strangeness(c.event, work)
		sum, names := 0.0, []string{}
		for _, r := range reasons {
			sum, names = sum+r.Points, append(names, r.Reason)
		}
		if score < c.low || score > c.high || math.Abs(sum-score) > 0.05 || strings.Join(names, " ") != c.reasons {
			t.Errorf("%s: %v by %v", c.name, score, reasons)
		}
	}
	if score, reasons := drift.Strangeness(drift.Event{At: monday.Add(3 * time.Hour), Change: "added", Others: 9, Fleet: 10, Peers: 9, PeersWith: 9}, &drift.Hours{}); score > 0.1 {
		t.Errorf("without a past the hour counts: %v %v", score, reasons)
	}
}

// The back test: four weeks of changes as they are recorded, of 200 machines, and events planted among them. Ordinary are
// updates that roll out to all in working hours, tools that a team installs on its machines, and single machines that get
// something of their own by day. Planted are programs that nobody has, on one machine each, mostly at night.
func TestBackTest(t *testing.T) {
	t.Parallel()
	const machines, threshold = 200, 80.0
	random := rand.New(rand.NewPCG(7, 11))
	type recorded struct {
		event   drift.Event
		planted bool
	}
	hours := &drift.Hours{}
	var all []recorded
	day := func(night bool) time.Time {
		at := monday.Add(time.Duration(random.IntN(28)) * 24 * time.Hour)
		for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			at = at.Add(24 * time.Hour)
		}
		hour := 8 + random.IntN(10)
		if night {
			hour = random.IntN(5)
		}
		return at.Add(time.Duration(hour)*time.Hour + time.Duration(random.IntN(3600))*time.Second)
	}
	value, seen := 0, map[[2]int]bool{} // a value counts once in an hour of the week
	record := func(e drift.Event, planted bool) {
		e.Change, e.Fleet, e.Peers = "added", machines, 40
		all = append(all, recorded{e, planted})
		if e.New || e.Others == 0 || planted {
			value++
		}
		if hour := (int(e.At.Weekday())+6)%7*24 + e.At.Hour(); !seen[[2]int{value, hour}] {
			seen[[2]int{value, hour}] = true
			hours[hour]++
		}
	}
	for range 60 { // rollouts
		at := day(false)
		for i := range machines {
			record(drift.Event{At: at.Add(time.Duration(i) * 2 * time.Minute % (6 * time.Hour)), Others: i, New: i == 0, PeersWith: min(40, i/5)}, false)
		}
	}
	for range 30 { // a team's tools
		at := day(false)
		for i := range 40 {
			record(drift.Event{At: at, Others: i, New: i == 0, PeersWith: i}, false)
		}
	}
	for range 150 { // something of one's own, by day; a third of it is known to somebody
		others := 0
		if random.IntN(3) == 0 {
			others = 1 + random.IntN(20)
		}
		record(drift.Event{At: day(false), Others: others, New: others == 0, PeersWith: min(others, 3)}, false)
	}
	for i := range 40 { // planted
		record(drift.Event{At: day(i%10 != 0), Others: 0, New: true}, true)
	}
	var right, wrong, missed int
	for _, r := range all {
		score, _ := drift.Strangeness(r.event, hours)
		switch {
		case score >= threshold && r.planted:
			right++
		case score >= threshold:
			wrong++
		case r.planted:
			missed++
		}
	}
	precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(right+missed)
	t.Logf("of %d changes %d planted: precision %.2f, recall %.2f", len(all), right+missed, precision, recall)
	if precision < 0.9 || recall < 0.85 {
		t.Errorf("precision %.2f, recall %.2f", precision, recall)
	}
}
