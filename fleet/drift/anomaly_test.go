package drift_test

import (
	"math"
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
