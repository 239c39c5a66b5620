package frameworks

import (
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"
)

// exported is a framework as Export writes and ParseFramework reads it.
type exported struct {
	Framework string            `yaml:"framework" json:"framework"`
	Title     string            `yaml:"title" json:"title"`
	Source    string            `yaml:"source" json:"source"`
	Licence   string            `yaml:"licence" json:"licence"`
	Controls  []exportedControl `yaml:"controls" json:"controls"`
}

type exportedControl struct {
	ID        string   `yaml:"id" json:"id"`
	Title     string   `yaml:"title,omitempty" json:"title,omitempty"`
	Group     string   `yaml:"group,omitempty" json:"group,omitempty"`
	Baselines []string `yaml:"baselines,omitempty,flow" json:"baselines,omitempty"`
	Weight    int      `yaml:"weight,omitempty" json:"weight,omitempty"`
	Checks    []string `yaml:"checks,omitempty,flow" json:"checks,omitempty"`
	Modules   []string `yaml:"modules,omitempty,flow" json:"modules,omitempty"`
}

// The formats of Export.
const (
	FormatYAML = "yaml"
	FormatJSON = "json"
)

// Export writes a framework with the checks that serve each control, by its own word or by mappings, so that what is read
// back says the same and can be edited.
func Export(l *Library, f *Framework, format string) ([]byte, error) {
	out := exported{Framework: f.ID, Title: f.Title, Source: f.Source, Licence: f.Licence, Controls: make([]exportedControl, len(f.Controls))}
	for i, c := range f.Controls {
		e := exportedControl{ID: c.ID, Title: c.Title, Group: c.Group, Baselines: c.Baselines, Weight: c.Weight, Modules: c.Modules}
		if e.Weight == 1 {
			e.Weight = 0 // what is meant where nothing stands
		}
		for _, check := range f.Checks(l, c.ID) {
			e.Checks = append(e.Checks, check.ID)
		}
		out.Controls[i] = e
	}
	switch format {
	case FormatJSON:
		text, err := json.MarshalIndent(out, "", " ")
		if err != nil {
			return nil, fmt.Errorf("export framework %s: %w", f.ID, err)
		}
		return append(text, '\n'), nil
	case FormatYAML:
		text, err := yaml.Marshal(out)
		if err != nil {
			return nil, fmt.Errorf("export framework %s: %w", f.ID, err)
		}
		return text, nil
	default:
		return nil, fmt.Errorf("a framework is exported as yaml or json, not as %q", format)
	}
}
