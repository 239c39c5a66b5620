package alerts

import (
	"time"
)

// The bounds of flapping: an alert that changes often is told once as flapping, and again when it is steady.
const (
	flapChanges = 6
	flapWithin  = time.Hour
	flapSteady  = 30 * time.Minute
	changesKept = 2 * flapChanges
)

// step is what follows from a transition: lines of history, and a notice where people may be told.
type step struct {
	event  string
	reason string
	notice Notice
}

// policy is what a rule says about time.
type policy struct {
	renotify, resolveAfter time.Duration
	escalate               []time.Duration
}

// fire says that members are so now.
func (a *Alert) fire(now time.Time, p policy) []step {
	a.LastSeenAt = now
	if p.resolveAfter > 0 {
		a.ResolveAt = at(now.Add(p.resolveAfter))
	}
	if !a.isNew && a.State != Resolved {
		return nil
	}
	notice := NoticeReopened
	if a.isNew {
		notice = NoticeOpened
	}
	a.isNew = false
	a.State, a.StateAt, a.OpenedAt = Open, now, now
	a.Occurrences++
	a.NotifiedAt, a.SnoozedUntil, a.Escalation = nil, nil, 0
	a.Held, a.HeldUntil = "", nil
	a.arm(now, p)
	return a.changed(now, step{string(notice), "", notice})
}

// arm sets the times at which people are told again.
func (a *Alert) arm(now time.Time, p policy) {
	a.RenotifyAt, a.EscalateAt = nil, nil
	if p.renotify > 0 {
		a.RenotifyAt = at(now.Add(p.renotify))
	}
	if a.Escalation < len(p.escalate) {
		a.EscalateAt = at(a.OpenedAt.Add(p.escalate[a.Escalation]))
	}
}

// settle says that no member is so any more.
func (a *Alert) settle(now time.Time, reason string) []step {
	if a.State == Resolved {
		return nil
	}
	a.State, a.StateAt = Resolved, now
	a.SnoozedUntil, a.ResolveAt, a.RenotifyAt, a.EscalateAt = nil, nil, nil, nil
	a.Held, a.HeldUntil = "", nil
	s := step{event: "resolved", reason: reason}
	if a.NotifiedAt != nil {
		s.notice = NoticeResolved // whoever was told of it is told that it is over
	}
	return a.changed(now, s)
}

// changed notes that the alert opened or was resolved, and finds out whether it flaps.
func (a *Alert) changed(now time.Time, s step) []step {
	a.Changes = append(a.Changes, now)
	if len(a.Changes) > changesKept {
		a.Changes = a.Changes[len(a.Changes)-changesKept:]
	}
	recent := 0
	for _, t := range a.Changes {
		if now.Sub(t) < flapWithin {
			recent++
		}
	}
	switch {
	case a.Flapping:
		return []step{{event: s.event, reason: s.reason}, {event: "suppressed", reason: "the alert is flapping"}}
	case recent >= flapChanges:
		a.Flapping = true
		return []step{{event: s.event, reason: s.reason}, {event: "flapping", reason: "it changed often within an hour: nobody is told of single changes until it is steady", notice: NoticeFlapping}}
	}
	return []step{s}
}

// steadyAt is when a flapping alert counts as steady.
func (a *Alert) steadyAt() *time.Time {
	if !a.Flapping || len(a.Changes) == 0 {
		return nil
	}
	return at(a.Changes[len(a.Changes)-1].Add(flapSteady))
}

// due is the earliest moment at which tick has something to do; nil for none.
func (a *Alert) due() *time.Time {
	times := []*time.Time{a.steadyAt(), a.ResolveAt, a.HeldUntil}
	switch a.State {
	case Open:
		times = append(times, a.RenotifyAt, a.EscalateAt)
	case Snoozed:
		times = append(times, a.SnoozedUntil)
	}
	var first *time.Time
	for _, t := range times {
		if t != nil && (first == nil || t.Before(*first)) {
			first = t
		}
	}
	return first
}

// passed tells whether a time is set and not in the future.
func passed(t *time.Time, now time.Time) bool { return t != nil && !t.After(now) }

// tick does what time brings. It never leaves something due in the past.
func (a *Alert) tick(now time.Time, p policy) []step {
	var steps []step
	if passed(a.steadyAt(), now) {
		a.Flapping = false
		s := step{event: "steady", reason: "it has not changed for half an hour"}
		if a.State == Open {
			s.notice = NoticeReminder
		}
		steps = append(steps, s)
	}
	if passed(a.ResolveAt, now) {
		a.ResolveAt = nil
		return append(steps, a.settle(now, "it was not found again")...)
	}
	if a.State == Snoozed && passed(a.SnoozedUntil, now) {
		a.State, a.StateAt, a.SnoozedUntil = Open, now, nil
		a.arm(now, p)
		steps = append(steps, step{"renotified", "the snooze is over", NoticeReminder})
	}
	if a.State != Open {
		if passed(a.HeldUntil, now) {
			a.Held, a.HeldUntil = "", nil
			steps = append(steps, step{event: "suppressed", reason: "the quiet time is over, and the alert is " + string(a.State)})
		}
		return steps
	}
	if passed(a.HeldUntil, now) {
		notice := a.Held
		a.Held, a.HeldUntil = "", nil
		steps = append(steps, step{"renotified", "the quiet time is over", notice})
	}
	if passed(a.EscalateAt, now) {
		a.Escalation++
		a.arm(now, p)
		steps = append(steps, step{"escalated", "nobody has acknowledged it", NoticeEscalated})
	}
	if passed(a.RenotifyAt, now) {
		a.RenotifyAt = at(now.Add(p.renotify))
		steps = append(steps, step{"renotified", "it is still so", NoticeReminder})
	}
	if passed(a.EscalateAt, now) { // the next step's time has passed as well
		a.EscalateAt = at(now.Add(time.Second))
	}
	return steps
}

func at(t time.Time) *time.Time { return &t }
