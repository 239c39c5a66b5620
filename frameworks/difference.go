package frameworks

import "slices"

// Difference is what one framework has that another has not, by the ids of controls in the catalogues' order.
type Difference struct {
	Added, Removed []string
	Changed        []string // another title, group, baseline, weight or module, or other checks
}

// Compare tells what is different in a framework from the one that it takes the place of; nil for none.
func Compare(l *Library, before, after *Framework) Difference {
	var d Difference
	for i := range after.Controls {
		now := &after.Controls[i]
		switch was := before.lookUp(now.ID); {
		case was == nil:
			d.Added = append(d.Added, now.ID)
		case !sameControl(was, now) || !slices.Equal(before.Checks(l, now.ID), after.Checks(l, now.ID)):
			d.Changed = append(d.Changed, now.ID)
		}
	}
	if before == nil {
		return d
	}
	for _, was := range before.Controls {
		if after.Control(was.ID) == nil {
			d.Removed = append(d.Removed, was.ID)
		}
	}
	return d
}

// lookUp is Control, and nil where there is no framework.
func (f *Framework) lookUp(id string) *Control {
	if f == nil {
		return nil
	}
	return f.Control(id)
}

func sameControl(a, b *Control) bool {
	return a.Title == b.Title && a.Group == b.Group && a.Weight == b.Weight && slices.Equal(a.Baselines, b.Baselines) && slices.Equal(a.Modules, b.Modules)
}
