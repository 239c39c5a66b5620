package frameworks

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/queries/document"
)

// Framework is a catalogue of controls.
type Framework struct {
	ID       string
	Title    string
	Source   string // where ids and titles come from
	Licence  string // what may be shown of them
	Controls []Control

	byID map[string]int
}

// Control is one demand of a framework.
type Control struct {
	ID        string
	Title     string   // "" where only the number may be shown and no title of our own exists
	Group     string   // family, chapter or section
	Baselines []string // of the framework, that it belongs to: LOW, MODERATE, HIGH
	Weight    int      // 1 to 100
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
	framework := &Framework{ID: f.Framework, Title: f.Title, Source: f.Source, Licence: f.Licence, byID: map[string]int{}}
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
	return l.serving[f.ID][control]
}
