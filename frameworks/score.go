package frameworks

// Result is the verdict of a check on one machine.
type Result struct {
	Check   *Check
	Verdict Verdict
	Waived  bool // of a failure: somebody accepted it, for now
}

// Score says how much of what could be judged is met. A check counts by its weight, on each machine. What does not apply
// and what ended in an error counts on neither side: an error is no failure, and no pass.
type Score struct {
	Percent       float64 // of the weight judged: 0 to 100; waived failures left out
	Strict        float64 // the same with waived failures as failures
	Judged        bool    // false where nothing could be judged; the percentages are then 0
	Passed        int     // results
	Failed        int     // not waived
	Waived        int
	NotApplicable int
	Errors        int

	passedWeight, failedWeight, waivedWeight int
}

// Tally counts the results of one check on many machines.
type Tally struct{ Pass, Fail, Waived, NotApplicable, Errors int }

// Add counts a result.
func (t *Tally) Add(r Result) {
	switch {
	case r.Verdict == Pass:
		t.Pass++
	case r.Verdict == Fail && r.Waived:
		t.Waived++
	case r.Verdict == Fail:
		t.Fail++
	case r.Verdict == NotApplicable:
		t.NotApplicable++
	default:
		t.Errors++
	}
}

// Fixed is the tally once nothing fails any more.
func (t Tally) Fixed() Tally {
	t.Pass, t.Fail, t.Waived = t.Pass+t.Fail+t.Waived, 0, 0
	return t
}

func (s *Score) add(weight int, t Tally) {
	s.Passed += t.Pass
	s.Failed += t.Fail
	s.Waived += t.Waived
	s.NotApplicable += t.NotApplicable
	s.Errors += t.Errors
	s.passedWeight += t.Pass * weight
	s.failedWeight += t.Fail * weight
	s.waivedWeight += t.Waived * weight
}

// tallies counts results by check.
func tallies(results []Result) map[string]Tally {
	byCheck := map[string]Tally{}
	for _, r := range results {
		t := byCheck[r.Check.ID]
		t.Add(r)
		byCheck[r.Check.ID] = t
	}
	return byCheck
}

func (s *Score) finish() {
	s.Judged = s.passedWeight+s.failedWeight+s.waivedWeight > 0
	s.Percent = percent(s.passedWeight, s.failedWeight)
	s.Strict = percent(s.passedWeight, s.failedWeight+s.waivedWeight)
}

func percent(good, bad int) float64 {
	if good+bad == 0 {
		return 0
	}
	return 100 * float64(good) / float64(good+bad)
}

// ScoreOf scores results as they are, whatever controls they serve.
func ScoreOf(results []Result) Score {
	var s Score
	for _, r := range results {
		var t Tally
		t.Add(r)
		s.add(r.Check.Weight, t)
	}
	s.finish()
	return s
}

// ScoreTallies scores tallies by check, whatever controls they serve. What is no check of the library does not count.
func ScoreTallies(l *Library, byCheck map[string]Tally) Score {
	var s Score
	for id, t := range byCheck {
		if c := l.Check(id); c != nil {
			s.add(c.Weight, t)
		}
	}
	s.finish()
	return s
}

// FrameworkScore is a framework's score with that of its controls.
type FrameworkScore struct {
	// Percent and Strict are the means over the judged controls, by the controls' weights.
	Percent, Strict float64
	Judged          bool
	// Controls are in the catalogue's order; all are there, also those that no check serves.
	Controls []ControlScore
	Covered  int // controls that at least one check of the library serves
}

// ControlScore is the score of one control.
type ControlScore struct {
	Control Control
	Checks  int // that serve it
	Score   Score
}

// ScoreFramework scores a framework. A check that serves several controls counts in each of them.
func ScoreFramework(l *Library, f *Framework, results []Result) FrameworkScore {
	return ScoreFrameworkTallies(l, f, tallies(results))
}

// ScoreFrameworkTallies is ScoreFramework of tallies by check.
func ScoreFrameworkTallies(l *Library, f *Framework, byCheck map[string]Tally) FrameworkScore {
	var out FrameworkScore
	var weight, mean, strict float64
	for _, control := range f.Controls {
		serving := f.Checks(l, control.ID)
		cs := ControlScore{Control: control, Checks: len(serving)}
		for _, c := range serving {
			cs.Score.add(c.Weight, byCheck[c.ID])
		}
		cs.Score.finish()
		if cs.Checks > 0 {
			out.Covered++
		}
		if cs.Score.Judged {
			weight += float64(control.Weight)
			mean += float64(control.Weight) * cs.Score.Percent
			strict += float64(control.Weight) * cs.Score.Strict
		}
		out.Controls = append(out.Controls, cs)
	}
	if out.Judged = weight > 0; out.Judged {
		out.Percent, out.Strict = mean/weight, strict/weight
	}
	return out
}
