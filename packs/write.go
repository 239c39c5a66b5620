package packs

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/tenantra/tenantra/tables"
)

// YAML writes a pack in our own format, as Parse reads it. It is how imported packs are kept.
func (p *Pack) YAML() (string, error) {
	type events struct {
		Tables       []string            `yaml:"tables,omitempty,flow"`
		FilePaths    map[string][]string `yaml:"file_paths,omitempty"`
		ExcludePaths map[string][]string `yaml:"exclude_paths,omitempty"`
		FileAccesses []string            `yaml:"file_accesses,omitempty,flow"`
		Channels     []string            `yaml:"channels,omitempty"`
	}
	file := struct {
		Pack        string        `yaml:"pack"`
		Title       string        `yaml:"title,omitempty"`
		Description string        `yaml:"description,omitempty"`
		Platforms   []string      `yaml:"platforms,omitempty,flow"`
		Discovery   []string      `yaml:"discovery,omitempty"`
		Shard       int           `yaml:"shard,omitempty"`
		Events      *events       `yaml:"events,omitempty"`
		Queries     yaml.MapSlice `yaml:"queries"`
	}{Pack: p.Name, Title: p.Title, Description: p.Description, Discovery: p.Discovery}
	if p.Platforms != tables.AllPlatforms {
		file.Platforms = p.Platforms.Names()
	}
	if p.Shard != 100 {
		file.Shard = p.Shard
	}
	if !p.Events.Empty() {
		recorded := events(p.Events)
		file.Events = &recorded
	}
	for _, q := range p.Queries {
		if q.Platforms == p.Platforms {
			q.Platforms = 0 // the pack says so
		}
		file.Queries = append(file.Queries, yaml.MapItem{Key: q.Name, Value: queryTextOf(q)})
	}
	text, err := yaml.MarshalWithOptions(file, yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return "", fmt.Errorf("write pack %s: %w", p.Name, err)
	}
	return string(text), nil
}

// queryText is a query as our format writes it.
type queryText struct {
	SQL         string   `yaml:"sql"`
	Description string   `yaml:"description,omitempty"`
	Interval    string   `yaml:"interval,omitempty"`
	At          string   `yaml:"at,omitempty"`
	Zone        string   `yaml:"zone,omitempty"`
	Platforms   []string `yaml:"platforms,omitempty,flow"`
	Mode        Mode     `yaml:"mode,omitempty"`
	Shard       int      `yaml:"shard,omitempty"`
	Denylist    *bool    `yaml:"denylist,omitempty"`
}

// queryTextOf leaves out what a reader takes for granted. No platforms are the pack's.
func queryTextOf(q ScheduledQuery) queryText {
	out := queryText{SQL: q.SQL, Description: q.Description, Interval: q.Interval.String(), Mode: q.Mode}
	if q.At != "" {
		out.Interval, out.At, out.Zone = "", q.At, q.Zone
	}
	if q.Platforms != 0 {
		out.Platforms = q.Platforms.Names()
	}
	if q.Mode == Differential {
		out.Mode = ""
	}
	if q.Shard != 100 {
		out.Shard = q.Shard
	}
	if !q.Denylist {
		out.Denylist = &q.Denylist
	}
	return out
}
