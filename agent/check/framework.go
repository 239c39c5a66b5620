package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/frameworks"
)

// Focus is the framework that a report is about, and the part of it that is wanted.
type Focus struct {
	Framework *frameworks.Framework
	Baseline  string // LOW, MODERATE, HIGH, PRIVACY; "" for all controls
}

// NewFocus finds a framework of the library. Its error lists what there is.
func NewFocus(l *frameworks.Library, id, baseline string) (*Focus, error) {
	f := l.Framework(id)
	if f == nil {
		var ids []string
		for _, f := range l.Frameworks() {
			ids = append(ids, f.ID)
		}
		return nil, fmt.Errorf("there is no framework %q; there are %s", id, strings.Join(ids, ", "))
	}
	focus := &Focus{Framework: f, Baseline: strings.ToUpper(baseline)}
	if focus.Baseline == "" {
		return focus, nil
	}
	var known []string
	for _, c := range f.Controls {
		known = append(known, c.Baselines...)
	}
	slices.Sort(known)
	if known = slices.Compact(known); !slices.Contains(known, focus.Baseline) {
		if len(known) == 0 {
			return nil, fmt.Errorf("%s has no baselines", f.ID)
		}
		return nil, fmt.Errorf("%s has no baseline %q; it has %s", f.ID, baseline, strings.Join(known, ", "))
	}
	return focus, nil
}

// controls gives the controls that are wanted.
func (f *Focus) controls() []frameworks.Control {
	if f.Baseline == "" {
		return f.Framework.Controls
	}
	return slices.DeleteFunc(slices.Clone(f.Framework.Controls), func(c frameworks.Control) bool { return !slices.Contains(c.Baselines, f.Baseline) })
}

// Checks gives the checks that serve a wanted control, sorted by name.
func (f *Focus) Checks(l *frameworks.Library) []*frameworks.Check {
	var found []*frameworks.Check
	for _, c := range f.controls() {
		found = append(found, f.Framework.Checks(l, c.ID)...)
	}
	slices.SortFunc(found, func(a, b *frameworks.Check) int { return strings.Compare(a.ID, b.ID) })
	return slices.Compact(found)
}

// FrameworkLine is how one framework stands, for the report's summary.
type FrameworkLine struct {
	ID, Title string
	Percent   float64 // mean of the judged controls
	Controls  int
	Covered   int // by at least one check of this platform
	Judged    int // on this machine
	Met       int // of the judged: all of their checks pass
}

// Line scores a framework over a report's results. A focus of all controls gives the line of the whole framework.
func (f *Focus) line(l *frameworks.Library, r *Report) (FrameworkLine, []frameworks.ControlScore) {
	wanted := map[string]bool{}
	for _, c := range f.controls() {
		wanted[c.ID] = true
	}
	out := FrameworkLine{ID: f.Framework.ID, Title: f.Framework.Title, Controls: len(wanted)}
	if f.Baseline != "" {
		out.Title += ", " + f.Baseline
	}
	var scores []frameworks.ControlScore
	sum, weight := 0.0, 0.0
	for _, c := range frameworks.ScoreFramework(l, f.Framework, r.verdicts()).Controls {
		if !wanted[c.Control.ID] {
			continue
		}
		scores = append(scores, c)
		if c.Checks > 0 {
			out.Covered++
		}
		if c.Score.Judged {
			out.Judged++
			sum += c.Score.Percent * float64(c.Control.Weight)
			weight += float64(c.Control.Weight)
			if c.Score.Failed == 0 {
				out.Met++
			}
		}
	}
	if weight > 0 {
		out.Percent = sum / weight
	}
	return out, scores
}

// Lines gives how each framework of the library stands, sorted by title.
func (r *Report) Lines(l *frameworks.Library) []FrameworkLine {
	var lines []FrameworkLine
	for _, f := range l.Frameworks() {
		line, _ := (&Focus{Framework: f}).line(l, r)
		if line.Covered > 0 {
			lines = append(lines, line)
		}
	}
	slices.SortFunc(lines, func(a, b FrameworkLine) int { return strings.Compare(a.Title, b.Title) })
	return lines
}
