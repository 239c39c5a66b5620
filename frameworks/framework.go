package frameworks

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

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

// ParseFramework reads a catalogue. Its error joins every mistake found, each a *document.Error.
func ParseFramework(file string, text []byte) (*Framework, error) {
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

// Control gives a control by its id, or nil.
func (f *Framework) Control(id string) *Control {
	if i, ok := f.byID[id]; ok {
		return &f.Controls[i]
	}
	return nil
}

// Checks gives the checks that serve a control, sorted by id.
func (f *Framework) Checks(l *Library, control string) []*Check {
	var checks []*Check
	for _, c := range l.Checks() {
		if slices.Contains(c.Controls[f.ID], control) {
			checks = append(checks, c)
		}
	}
	return checks
}
