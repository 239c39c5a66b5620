package drift

import (
	"fmt"
	"math"
	"time"
)

// anomaliesOver is how many of the youngest changes are looked at.
const anomaliesOver = 20_000

// Hours counts values that came or went, by hour of the week: 0 is the first hour of Monday, UTC.
type Hours [7 * 24]int

// Reason is a part of what makes a change strange.
type Reason struct {
	Reason string // rarity, novelty, hour or peers
	Points float64
	Text   string
}

// Anomaly is a change with its score, 0 to 100, and the reasons that make it.
type Anomaly struct {
	Event
	Score   float64
	Reasons []Reason
}

// The most that each reason gives. They make 100.
const (
	rarityMost  = 35.0
	noveltyMost = 25.0
	hourMost    = 20.0
	peersMost   = 20.0
)

// hoursLeast is how many changes there must be before the hours say something.
const hoursLeast = 50

// Strangeness says how strange a change is, and why. It is computed from the change as it is stored and from the hours of
// the weeks before, and from nothing else: what it says can be computed again. What went is not strange by who else has
// it; only its hour counts, and half.
func Strangeness(e Event, before *Hours) (score float64, reasons []Reason) {
	add := func(name string, points float64, format string, args ...any) {
		if points = math.Round(points*10) / 10; points > 0 {
			reasons = append(reasons, Reason{name, points, fmt.Sprintf(format, args...)})
			score += points
		}
	}
	lift, total := before.lift(e.At)
	odd := 0.0
	if total >= hoursLeast {
		odd = max(0, 1-lift)
	}
	hourText := "changes like it come %.0f %% as often as on average at this hour of the week (%d changes in the weeks before)"
	if e.Change == "removed" {
		add("hour", hourMost*odd/2, hourText, lift*100, total)
		return score, reasons
	}
	add("rarity", rarityMost*apart(e.Others, e.Fleet-1), "%d of %d other machines have it", e.Others, max(e.Fleet-1, 0))
	if e.New {
		add("novelty", noveltyMost, "no machine had it before")
	}
	add("hour", hourMost*odd, hourText, lift*100, total)
	add("peers", peersMost*apart(e.PeersWith, e.Peers), "%d of %d machines of the same platform and tags have it", e.PeersWith, e.Peers)
	return math.Round(score*10) / 10, reasons
}

// apart is from 0 (everybody has it, or there is nobody to compare with) to 1 (one alone among many).
func apart(with, of int) float64 {
	if of <= 0 {
		return 0
	}
	share := min(1, float64(with)/float64(of))
	// Few machines say little: five of them say half as much as very many.
	return math.Pow(1-share, 4) * float64(of) / float64(of+5)
}

// lift is how often changes come around a time's hour, on days of its kind (of the week, or of its end), 1 being the
// average; and of how many changes that is known. Single hours of the week would be known too badly after four weeks: the
// hours beside it, and the same hours of like days, count as well.
func (h *Hours) lift(at time.Time) (lift float64, total int) {
	at = at.UTC()
	first, last := 0, 4
	if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
		first, last = 5, 6
	}
	near, hours := 0, 0
	for day := first; day <= last; day++ {
		for around := -1; around <= 1; around++ {
			near += h[day*24+(at.Hour()+around+24)%24]
			hours++
		}
	}
	for _, n := range h {
		total += n
	}
	// One change more in each day, so that nothing is impossible.
	const more = 7.0
	share := (float64(near) + more*float64(hours)/float64(len(h))) / (float64(total) + more)
	return share * float64(len(h)) / float64(hours), total
}
