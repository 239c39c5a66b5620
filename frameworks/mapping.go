package frameworks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Basis is whose word a mapping is.
type Basis string

// The bases.
const (
	Published Basis = "published" // a crosswalk that the publisher of one of the frameworks has given out
	Ours      Basis = "ours"      // the product's own judgement, for what a check of one machine can show
)

// Mapping says which controls of one framework a control of another one serves. By it a check that names controls of the
// first serves the second, unless it names controls of the second itself.
type Mapping struct {
	From, To string // frameworks
	Basis    Basis
	Source   string
	Licence  string

	pairs map[string][]string // controls of To by a control of From
}

// ParseMapping reads a mapping: CSV of a control and the controls that it serves, parted by blanks. Its error joins every
// mistake found, each a *document.Error.
func ParseMapping(file string, text []byte) (*Mapping, error) {
	l, err := readListing(file, text, []string{"from", "to", "basis", "source", "licence"}, []string{"from", "to"})
	if err != nil {
		return nil, err
	}
	m := &Mapping{From: l.about["from"], To: l.about["to"], Basis: Basis(l.about["basis"]), Source: l.about["source"], Licence: l.about["licence"], pairs: map[string][]string{}}
	var mistakes []error
	if m.Basis != Published && m.Basis != Ours {
		mistakes = append(mistakes, l.at(1, "basis is published or ours"))
	}
	for _, row := range l.rows {
		from, to := row.cells[0], strings.Fields(row.cells[1])
		if from == "" || len(to) == 0 || m.pairs[from] != nil {
			mistakes = append(mistakes, l.at(row.line, "a line names a control once, and what it serves"))
		}
		m.pairs[from] = to
	}
	return m, errors.Join(mistakes...)
}

// ID names the mapping by its frameworks, as its file is named.
func (m *Mapping) ID() string { return m.From + "--" + m.To }

// Of gives the controls that some controls serve, sorted. An enhancement that the mapping does not list serves what its
// control serves: AC-6(9) is of AC-6.
func (m *Mapping) Of(controls []string) []string {
	var served []string
	for _, id := range controls {
		to, ok := m.pairs[id]
		if base, _, enhanced := strings.Cut(id, "("); !ok && enhanced {
			to = m.pairs[base]
		}
		served = append(served, to...)
	}
	slices.Sort(served)
	return slices.Compact(served)
}

// check wants that both frameworks have the controls that are named.
func (m *Mapping) check(l *Library) error {
	from, to := l.frameworks[m.From], l.frameworks[m.To]
	if from == nil || to == nil {
		return fmt.Errorf("mapping %s: there is no such framework", m.ID())
	}
	var mistakes []error
	for id, served := range m.pairs {
		if from.Control(id) == nil {
			mistakes = append(mistakes, fmt.Errorf("mapping %s: %s has no control %s", m.ID(), m.From, id))
		}
		for _, id := range served {
			if to.Control(id) == nil {
				mistakes = append(mistakes, fmt.Errorf("mapping %s: %s has no control %s", m.ID(), m.To, id))
			}
		}
	}
	return errors.Join(mistakes...)
}
