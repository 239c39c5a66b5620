package frameworks

// Coverage tells how many controls of a framework have a check, and by whose word. A control that has one by several words
// counts for the strongest: a check's own, then a published mapping, then ours.
type Coverage struct {
	Controls  int
	Own       int // a check names the control, or the framework assigns it
	Published int // a published mapping leads from a control that a check names
	Ours      int // only the product's own mapping does
}

// Covered is how many controls have a check at all; the rest is for people to show.
func (c Coverage) Covered() int { return c.Own + c.Published + c.Ours }

// Coverage counts the controls that the library's checks serve.
func (f *Framework) Coverage(l *Library) Coverage {
	out := Coverage{Controls: len(f.Controls)}
	for _, control := range f.Controls {
		var published, ours bool
		own := false
		for _, check := range f.Checks(l, control.ID) {
			switch f.BasisOf(check) {
			case Published:
				published = true
			case Ours:
				ours = true
			default:
				own = true
			}
		}
		switch {
		case own:
			out.Own++
		case published:
			out.Published++
		case ours:
			out.Ours++
		}
	}
	return out
}

// BasisOf tells by whose mapping a check serves controls of the framework: "" for its own word, or the framework's.
func (f *Framework) BasisOf(c *Check) Basis {
	if f.Assigns {
		return ""
	}
	return c.Derived[f.ID]
}
