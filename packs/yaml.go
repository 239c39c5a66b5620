package packs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/tables"
)

type packFile struct {
	Pack        string               `yaml:"pack"`
	Title       string               `yaml:"title"`
	Description string               `yaml:"description"`
	Platforms   []string             `yaml:"platforms"`
	Discovery   []string             `yaml:"discovery"`
	Shard       int                  `yaml:"shard"`
	Events      Events               `yaml:"events"`
	Queries     map[string]queryFile `yaml:"queries"`
}

type queryFile struct {
	SQL         string        `yaml:"sql"`
	Description string        `yaml:"description"`
	Interval    time.Duration `yaml:"interval"`
	At          string        `yaml:"at"`
	Zone        string        `yaml:"zone"`
	Platforms   []string      `yaml:"platforms"`
	Mode        Mode          `yaml:"mode"`
	Shard       int           `yaml:"shard"`
	Denylist    *bool         `yaml:"denylist"`
}

// Parse reads a pack in our own YAML. Its error joins every mistake found, each a *document.Error.
func Parse(file string, text []byte, compilers queries.Compilers) (*Pack, error) {
	var f packFile
	doc, err := document.Decode(file, text, &f)
	if err != nil {
		return nil, err
	}
	d := &draft{at: placeIn(doc), sqlKey: "sql", eventsPath: []string{"events"}, pack: Pack{
		Name: f.Pack, Title: f.Title, Description: f.Description, Discovery: f.Discovery, Shard: f.Shard, Events: f.Events,
	}}
	if d.pack.Platforms, err = tables.ParsePlatforms(strings.Join(f.Platforms, ",")); err != nil {
		return nil, doc.ErrorAt(err.Error(), "platforms")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Queries)) {
		q := f.Queries[name]
		platforms, err := tables.ParsePlatforms(strings.Join(q.Platforms, ","))
		if err != nil {
			return nil, doc.ErrorAt(err.Error(), "queries", name, "platforms")
		}
		d.pack.Queries = append(d.pack.Queries, ScheduledQuery{
			Name: name, SQL: q.SQL, Description: q.Description, Interval: q.Interval, At: q.At, Zone: q.Zone, Platforms: platforms, Mode: q.Mode,
			Shard: q.Shard, Denylist: q.Denylist == nil || *q.Denylist,
		})
		d.paths = append(d.paths, []string{"queries", name})
	}
	return d.finish(text, compilers)
}

func placeIn(doc *document.Document) place {
	return func(message string, line, column int, path ...string) error {
		if line > 0 {
			return doc.ErrorIn(line, column, message, path...)
		}
		return doc.ErrorAt(message, path...)
	}
}
