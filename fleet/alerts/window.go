package alerts

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
)

// WindowKind says what a window does with notices.
type WindowKind string

// The kinds.
const (
	Maintenance WindowKind = "maintenance" // notices are not sent
	Quiet       WindowKind = "quiet"       // notices wait until the window ends
)

// Window is a time in which people are not told: once from StartsAt to EndsAt, or every week on Days.
type Window struct {
	ID             uuid.UUID
	Name           string
	Kind           WindowKind
	StartsAt       time.Time
	EndsAt         time.Time
	Days           []time.Weekday
	FromMinute     int // of the day, in Zone
	Minutes        int
	Zone           string // such as Europe/Berlin
	Rules          []string
	Tags           []string
	Below          findings.Severity // only severities below this; 0 for all
	LastModifiedBy string
}

// weekly tells whether the window comes again every week.
func (w *Window) weekly() bool { return len(w.Days) > 0 }

func (w *Window) validate() error {
	w.Name = strings.TrimSpace(w.Name)
	switch {
	case w.Name == "" || len(w.Name) > 200:
		return fault.Field(fault.Invalid, "body.name", "a window has a name of at most 200 bytes")
	case w.Kind != Maintenance && w.Kind != Quiet:
		return fault.Field(fault.Invalid, "body.kind", "kind is maintenance or quiet")
	case len(w.Rules) > 100 || len(w.Tags) > 100:
		return fault.Field(fault.Invalid, "body.rules", "at most 100 rules and 100 tags")
	}
	if !w.weekly() {
		if !w.EndsAt.After(w.StartsAt) || w.EndsAt.Sub(w.StartsAt) > 90*24*time.Hour {
			return fault.Field(fault.Invalid, "body.ends_at", "a window that is once ends after it starts, and within 90 days; one that comes again names days")
		}
		return nil
	}
	for _, day := range w.Days {
		if day < time.Sunday || day > time.Saturday {
			return fault.Field(fault.Invalid, "body.days", "a day is 0 (Sunday) to 6 (Saturday)")
		}
	}
	if w.FromMinute < 0 || w.FromMinute >= 24*60 || w.Minutes < 1 || w.Minutes > 7*24*60 {
		return fault.Field(fault.Invalid, "body.minutes", "a weekly window begins at a minute of the day (0 to 1439) and lasts 1 to 10080 minutes")
	}
	if _, err := time.LoadLocation(w.Zone); err != nil || w.Zone == "" {
		return fault.Field(fault.Invalid, "body.zone", "zone is the name of a time zone, such as Europe/Berlin or UTC")
	}
	return nil
}

// Active gives the end of the window if it is open now.
func (w *Window) Active(now time.Time) (until time.Time, active bool) {
	if !w.weekly() {
		return w.EndsAt, !now.Before(w.StartsAt) && now.Before(w.EndsAt)
	}
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		return time.Time{}, false // checked when it was stored
	}
	local := now.In(zone)
	length := time.Duration(w.Minutes) * time.Minute
	for back := 0; time.Duration(back-1)*24*time.Hour < length; back++ {
		day := local.AddDate(0, 0, -back)
		if !slices.Contains(w.Days, day.Weekday()) {
			continue
		}
		// By the wall clock, so that a window begins at the same hour in summer and in winter.
		begin := time.Date(day.Year(), day.Month(), day.Day(), w.FromMinute/60, w.FromMinute%60, 0, 0, zone)
		if end := begin.Add(length); !now.Before(begin) && now.Before(end) && end.After(until) {
			until, active = end.UTC(), true
		}
	}
	return until, active
}

// covers tells whether the window is for an alert on agents, each with its tags: all of them must be in it.
func (w *Window) covers(a *Alert, agents [][]string) bool {
	if len(w.Rules) > 0 && !slices.Contains(w.Rules, a.Rule) {
		return false
	}
	if w.Below > 0 && a.Severity >= w.Below {
		return false
	}
	if len(w.Tags) == 0 {
		return true
	}
	outside := func(tags []string) bool {
		return !slices.ContainsFunc(w.Tags, func(tag string) bool { return slices.Contains(tags, tag) })
	}
	return len(agents) > 0 && !slices.ContainsFunc(agents, outside)
}

// kept says whether a notice of an alert is kept back now: the window that does it, and until when. Maintenance goes
// before quiet.
func kept(windows []Window, a *Alert, agents [][]string, now time.Time) (by *Window, until time.Time) {
	for i := range windows {
		w := &windows[i]
		end, active := w.Active(now)
		if !active || !w.covers(a, agents) {
			continue
		}
		if by == nil || by.Kind == Quiet && w.Kind == Maintenance || by.Kind == w.Kind && end.After(until) {
			by, until = w, end
		}
	}
	return by, until
}
