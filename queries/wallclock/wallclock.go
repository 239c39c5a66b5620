// Package wallclock answers when something comes that is set by the clock and the calendar: at three in the night, on
// weekdays at nine and at five, every quarter of an hour, on the first of the month.
package wallclock

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// textMax bounds what Parse reads, in bytes.
const textMax = 200

// horizon is how far ahead Next looks: a 29 February comes within eight years, also across a century without one.
const horizon = 8*366 + 1

// Spec says when. The zero Spec never comes. It may be compared with == only by its text.
type Spec struct {
	times      []int  // minutes of the day, sorted
	monthDays  uint32 // bit 1 to 31
	months     uint16 // bit 1 to 12
	weekdays   uint8  // bit 0, Sunday, to 6
	eitherDays bool   // both kinds of days are named: one of them is enough, as cron has it
}

// Parse reads one of
//
//	03:00                 every day
//	mon-fri 09:00,17:30   on some days of the week
//	0 3 1 * *             as in a crontab: minute, hour, day of the month, month, day of the week
func Parse(text string) (Spec, error) {
	if len(text) > textMax {
		return Spec{}, fmt.Errorf("a time has at most %d characters", textMax)
	}
	words := strings.Fields(strings.ToLower(text))
	var s Spec
	var err error
	switch {
	case len(words) == 1 || len(words) == 2:
		s, err = parseClock(words)
	case len(words) == 5:
		s, err = parseCron(words)
	default:
		err = errors.New(`write a time such as "03:00", "mon-fri 09:00,17:30", or the five fields of a crontab`)
	}
	if err != nil {
		return Spec{}, err
	}
	if s.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC).IsZero() {
		return Spec{}, errors.New("there is no such day")
	}
	return s, nil
}

func parseClock(words []string) (Spec, error) {
	s := Spec{monthDays: 1<<32 - 2, months: 1<<13 - 2, weekdays: 1<<7 - 1}
	if len(words) == 2 {
		days, err := parseField(words[0], 0, 7, weekdayNames)
		if err != nil {
			return Spec{}, fmt.Errorf("days of the week: %w", err)
		}
		s.weekdays = weekdaysOf(days)
	}
	for part := range strings.SplitSeq(words[len(words)-1], ",") {
		hour, minute, found := strings.Cut(part, ":")
		h, errHour := parseNumber(hour, 0, 23)
		m, errMinute := parseNumber(minute, 0, 59)
		if !found || errHour != nil || errMinute != nil || len(minute) != 2 {
			return Spec{}, fmt.Errorf("%q is no time of the day: write 03:00", part)
		}
		s.times = append(s.times, h*60+m)
	}
	slices.Sort(s.times)
	s.times = slices.Compact(s.times)
	return s, nil
}

func parseCron(words []string) (Spec, error) {
	var fields [5]uint64
	for i, f := range [5]struct {
		what  string
		least int
		most  int
		names []string
	}{{"minute", 0, 59, nil}, {"hour", 0, 23, nil}, {"day of the month", 1, 31, nil}, {"month", 1, 12, monthNames}, {"day of the week", 0, 7, weekdayNames}} {
		var err error
		if fields[i], err = parseField(words[i], f.least, f.most, f.names); err != nil {
			return Spec{}, fmt.Errorf("%s: %w", f.what, err)
		}
	}
	s := Spec{monthDays: uint32(fields[2]), months: uint16(fields[3]), weekdays: weekdaysOf(fields[4])}
	s.eitherDays = !strings.HasPrefix(words[2], "*") && !strings.HasPrefix(words[4], "*")
	for hour := range 24 {
		for minute := range 60 {
			if fields[1]>>hour&1 == 1 && fields[0]>>minute&1 == 1 {
				s.times = append(s.times, hour*60+minute)
			}
		}
	}
	return s, nil
}

var (
	weekdayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	monthNames   = []string{"", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

// weekdaysOf has 7 be Sunday, like 0.
func weekdaysOf(bits uint64) uint8 { return uint8(bits&0x7f | bits>>7&1) }

// parseField reads a list of values, ranges and steps as a set of bits.
func parseField(text string, least, most int, names []string) (set uint64, err error) {
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		from, to, step := least, most, 1
		if span != "*" {
			first, last, ranged := strings.Cut(span, "-")
			if from, err = parseName(first, least, most, names); err != nil {
				return 0, err
			}
			switch {
			case ranged:
				if to, err = parseName(last, least, most, names); err != nil {
					return 0, err
				}
			case !stepped:
				to = from
			}
		}
		if stepped {
			if step, err = parseNumber(stepText, 1, most); err != nil {
				return 0, err
			}
		}
		if to < from && names != nil && most == 7 {
			to += 7 // fri-mon
		}
		if to < from {
			return 0, fmt.Errorf("%q ends before it begins", span)
		}
		for v := from; v <= to; v += step {
			if v > most {
				set |= 1 << (v - 7)
			} else {
				set |= 1 << v
			}
		}
	}
	return set, nil
}

func parseName(text string, least, most int, names []string) (int, error) {
	if i := slices.Index(names, text); i >= 0 && text != "" {
		return i, nil
	}
	return parseNumber(text, least, most)
}

func parseNumber(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most || strings.ContainsAny(text, "+-") {
		return 0, fmt.Errorf("%q is not from %d to %d", text, least, most)
	}
	return n, nil
}

// Next gives the first time after a moment, on the clocks of a zone; the zero time where there is none. A time that the clocks
// skip comes when they are set forward, one that they show twice comes once.
func (s Spec) Next(after time.Time, zone *time.Location) time.Time {
	local := after.In(zone)
	// The day before is looked at too: the clocks may have skipped the end of it.
	for day := -1; day < horizon; day++ {
		date := time.Date(local.Year(), local.Month(), local.Day()+day, 12, 0, 0, 0, zone)
		if !s.on(date) {
			continue
		}
		for _, minute := range s.times {
			if at := moment(date, minute); at.After(after) {
				return at
			}
		}
	}
	return time.Time{}
}

func (s Spec) on(date time.Time) bool {
	if s.months>>date.Month()&1 == 0 {
		return false
	}
	month, week := s.monthDays>>date.Day()&1 == 1, s.weekdays>>date.Weekday()&1 == 1
	if s.eitherDays {
		return month || week
	}
	return month && week
}

// moment is when the clocks of a date's zone first show a minute of its day, or skip it.
func moment(date time.Time, minute int) time.Time {
	zone := date.Location()
	at := time.Date(date.Year(), date.Month(), date.Day(), minute/60, minute%60, 0, 0, zone)
	begin, end := at.ZoneBounds()
	shown := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
	switch wanted := time.Date(date.Year(), date.Month(), date.Day(), minute/60, minute%60, 0, 0, time.UTC); {
	case shown.Before(wanted): // in a gap, before which at lies
		return end
	case shown.After(wanted): // and behind which here
		return begin
	}
	if !begin.IsZero() {
		_, offset := at.Zone()
		_, before := begin.Add(-time.Second).Zone()
		if first := at.Add(time.Duration(offset-before) * time.Second); first.Before(begin) {
			return first.In(zone)
		}
	}
	return at
}

// Zone gives a time zone by its name in the IANA database, such as Europe/Berlin; the empty name is the machine's own.
func Zone(name string) (*time.Location, error) {
	if name == "" {
		return time.Local, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("%.64q is no time zone that this machine knows: write one such as Europe/Berlin or UTC, or install its zones (tzdata)", name)
	}
	return zone, nil
}
