package frameworks

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/queries/document"
)

// maxAssigned bounds the checks of one control.
const maxAssigned = 500

// Framework is a catalogue of controls.
type Framework struct {
	ID       string
	Title    string
	Source   string // where ids and titles come from
	Licence  string // what may be shown of them
	Controls []Control

	// Assigns tells that controls name their checks here, and not the checks their controls.
	Assigns bool

	byID map[string]int
	at   place
}

// Control is one demand of a framework.
type Control struct {
	ID        string
	Title     string   // "" where only the number may be shown and no title of our own exists
	Group     string   // family, chapter or section
	Baselines []string // of the framework, that it belongs to: LOW, MODERATE, HIGH
	Weight    int      // 1 to 100
	Checks    []string // that serve it, where the framework assigns them itself; see Framework.Assigns
	Modules   []string // of the product that show it to people
}

type frameworkFile struct {
	Framework string `yaml:"framework"`
	Title     string `yaml:"title"`
	Source    string `yaml:"source"`
	Licence   string `yaml:"licence"`
	Controls  []struct {
		ID        string   `yaml:"id"`
		Title     string   `yaml:"title"`
		Group     string   `yaml:"group"`
		Baselines []string `yaml:"baselines"`
		Weight    int      `yaml:"weight"`
		Checks    []string `yaml:"checks"`
		Modules   []string `yaml:"modules"`
	} `yaml:"controls"`
}

// ParseFramework reads a catalogue: YAML, JSON, or a list as the product's own are. Its error joins every mistake found,
// each a *document.Error.
func ParseFramework(file string, text []byte) (*Framework, error) {
	if path.Ext(file) == ".csv" {
		return parseCatalogue(file, text)
	}
	var f frameworkFile
	d, err := document.Decode(file, text, &f)
	if err != nil {
		return nil, err
	}
	mistakes := []error{
		wantID(d, "framework", f.Framework), wantText(d, "title", f.Title, 120),
		wantText(d, "source", f.Source, 0), wantText(d, "licence", f.Licence, 0),
	}
	if len(f.Controls) == 0 {
		mistakes = append(mistakes, d.ErrorAt("controls is missing", "controls"))
	}
	framework := &Framework{ID: f.Framework, Title: f.Title, Source: f.Source, Licence: f.Licence, byID: map[string]int{}, at: d}
	for i, c := range f.Controls {
		at := []string{"controls", strconv.Itoa(i)}
		switch _, twice := framework.byID[c.ID]; {
		case c.ID == "" || len(c.ID) > 64:
			mistakes = append(mistakes, d.ErrorAt("a control has an id of at most 64 characters", at...))
		case twice:
			mistakes = append(mistakes, d.ErrorAt(fmt.Sprintf("control %s is listed twice", c.ID), at...))
		}
		if c.Weight == 0 {
			c.Weight = 1
		}
		if c.Weight < 1 || c.Weight > maxWeight {
			mistakes = append(mistakes, d.ErrorAt(fmt.Sprintf("weight is 1 to %d", maxWeight), append(at, "weight")...))
		}
		if len(c.Checks) > maxAssigned || len(c.Modules) > maxAssigned {
			mistakes = append(mistakes, d.ErrorAt(fmt.Sprintf("a control has at most %d checks and modules", maxAssigned), at...))
		}
		framework.Assigns = framework.Assigns || len(c.Checks) > 0
		framework.byID[c.ID] = i
		framework.Controls = append(framework.Controls, Control(c))
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return framework, nil
}

// parseCatalogue reads the product's own form.
func parseCatalogue(file string, text []byte) (*Framework, error) {
	l, err := readListing(file, text, []string{"framework", "title", "source", "licence"}, []string{"id", "group", "title", "baselines"})
	if err != nil {
		return nil, err
	}
	f := &Framework{ID: l.about["framework"], Title: l.about["title"], Source: l.about["source"], Licence: l.about["licence"], byID: map[string]int{}}
	var mistakes []error
	for i, row := range l.rows {
		control := Control{ID: row.cells[0], Group: row.cells[1], Title: row.cells[2], Baselines: strings.Fields(row.cells[3]), Weight: 1}
		if _, twice := f.byID[control.ID]; twice || control.ID == "" {
			mistakes = append(mistakes, l.at(row.line, fmt.Sprintf("control %q is listed twice, or has no id", control.ID)))
		}
		f.byID[control.ID] = i
		f.Controls = append(f.Controls, control)
	}
	return f, errors.Join(mistakes...)
}

// Control gives a control by its id, or nil.
func (f *Framework) Control(id string) *Control {
	if i, ok := f.byID[id]; ok {
		return &f.Controls[i]
	}
	return nil
}

// TitleOf gives the title of a control. One that may only be shown by number has the titles of the checks that serve it.
func (f *Framework) TitleOf(l *Library, control string) string {
	if c := f.Control(control); c != nil && c.Title != "" {
		return c.Title
	}
	var titles []string
	for _, c := range f.Checks(l, control) {
		titles = append(titles, c.Title)
	}
	return strings.Join(titles, "; ")
}

// Checks gives the checks that serve a control, sorted by id.
func (f *Framework) Checks(l *Library, control string) []*Check {
	if !f.Assigns {
		return l.serving[f.ID][control]
	}
	c := f.Control(control)
	if c == nil {
		return nil
	}
	var checks []*Check
	for _, id := range slices.Compact(slices.Sorted(slices.Values(c.Checks))) {
		if check := l.Check(id); check != nil { // else one of another platform
			checks = append(checks, check)
		}
	}
	return checks
}

// Verify wants that every check which the framework assigns is in the library. Its error joins every mistake found, each a
// *document.Error.
func (f *Framework) Verify(l *Library) error {
	var mistakes []error
	for i, c := range f.Controls {
		for j, id := range c.Checks {
			if l.Check(id) == nil {
				mistakes = append(mistakes, f.at.ErrorAt("there is no check "+strconv.Quote(id), "controls", strconv.Itoa(i), "checks", strconv.Itoa(j)))
			}
		}
	}
	return errors.Join(mistakes...)
}
