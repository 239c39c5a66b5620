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

func (s *Score) add(r Result) {
	switch {
	case r.Verdict == Pass:
		s.Passed++
		s.passedWeight += r.Check.Weight
	case r.Verdict == Fail && r.Waived:
		s.Waived++
		s.waivedWeight += r.Check.Weight
	case r.Verdict == Fail:
		s.Failed++
		s.failedWeight += r.Check.Weight
	case r.Verdict == NotApplicable:
		s.NotApplicable++
	default:
		s.Errors++
	}
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
		s.add(r)
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
	byControl := map[string]*Score{}
	for _, r := range results {
		for _, id := range r.Check.Controls[f.ID] {
			if byControl[id] == nil {
				byControl[id] = &Score{}
			}
			byControl[id].add(r)
		}
	}
	var out FrameworkScore
	var weight, mean, strict float64
	for _, control := range f.Controls {
		cs := ControlScore{Control: control, Checks: len(f.Checks(l, control.ID))}
		if s := byControl[control.ID]; s != nil {
			s.finish()
			cs.Score = *s
		}
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
