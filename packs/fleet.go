package packs

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
)

// fleetDocument is one document of Fleet's YAML: what fleetctl applies. Of kind pack it schedules queries of kind query
// by their names.
type fleetDocument struct {
	APIVersion string    `yaml:"apiVersion"`
	Kind       string    `yaml:"kind"`
	Spec       fleetSpec `yaml:"spec"`
}

type fleetSpec struct {
	Name        string       `yaml:"name"`
	Description string       `yaml:"description"`
	Platform    string       `yaml:"platform"`
	Queries     []fleetQuery `yaml:"queries"`
	// Of a query that is scheduled by itself.
	Query    string `yaml:"query"`
	Interval int    `yaml:"interval"`
	Logging  string `yaml:"logging"`
	// Read, so that they are not unknown; they say nothing about what runs.
	ID                 int            `yaml:"id"`
	Disabled           bool           `yaml:"disabled"`
	Targets            map[string]any `yaml:"targets"`
	Team               string         `yaml:"team"`
	ObserverCanRun     bool           `yaml:"observer_can_run"`
	AutomationsEnabled bool           `yaml:"automations_enabled"`
	MinOsqueryVersion  string         `yaml:"min_osquery_version"`
	DiscardData        bool           `yaml:"discard_data"`
	Support            map[string]any `yaml:"support"`
	Tags               any            `yaml:"tags"`
	Purpose            string         `yaml:"purpose"`
	Contributors       string         `yaml:"contributors"`
	Remediation        string         `yaml:"remediation"`
	Resolution         string         `yaml:"resolution"`
}

type fleetQuery struct {
	Query       string `yaml:"query"` // the name of a document of kind query
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Interval    int    `yaml:"interval"`
	Platform    string `yaml:"platform"`
	Version     string `yaml:"version"`
	Snapshot    bool   `yaml:"snapshot"`
	Removed     *bool  `yaml:"removed"`
	Shard       int    `yaml:"shard"`
	Denylist    *bool  `yaml:"denylist"`
}

// ParseFleet reads Fleet's YAML: one or more packs with the queries that they name, in documents of one file. Queries
// with an interval that no pack names become a pack of the given name. Other kinds are left out with a note on each
// pack. Its error joins every mistake found, each a *document.Error.
func ParseFleet(file, name string, text []byte, compilers queries.Compilers) ([]*Pack, error) {
	r := &fleetReader{queries: map[string]*fleetSource{}}
	for _, part := range splitDocuments(string(text)) {
		if strings.TrimSpace(part.text) == "" {
			continue
		}
		// Blank lines before the part keep the lines of its errors those of the file.
		if err := r.read(file, strings.Repeat("\n", part.line)+part.text); err != nil {
			return nil, err
		}
	}
	return r.packs(file, name, text, compilers)
}

// fleetPart is the text of one document, after so many lines of the file.
type fleetPart struct {
	line int
	text string
}

// splitDocuments cuts at lines that are ---, which cannot be inside of a value.
func splitDocuments(text string) []fleetPart {
	var parts []fleetPart
	lines, from := strings.Split(text, "\n"), 0
	for i, line := range lines {
		if strings.TrimRight(line, " \t\r") == "---" {
			parts = append(parts, fleetPart{from, strings.Join(lines[from:i], "\n")})
			from = i + 1
		}
	}
	return append(parts, fleetPart{from, strings.Join(lines[from:], "\n")})
}

var fleetKind = regexp.MustCompile(`(?m)^kind:[ \t]*["']?([A-Za-z_]+)`)

type fleetSource struct {
	spec fleetSpec
	doc  *document.Document
	used bool
}

type fleetReader struct {
	sources []*fleetSource          // packs, in the file's order
	order   []string                // names of queries, in the file's order
	queries map[string]*fleetSource // by name
	skipped []string
}

func (r *fleetReader) read(file, text string) error {
	if kind := fleetKind.FindStringSubmatch(text); kind != nil && kind[1] != "pack" && kind[1] != "query" {
		r.skipped = append(r.skipped, kind[1]) // not decoded: its spec has other keys
		return nil
	}
	var f fleetDocument
	doc, err := document.Decode(file, []byte(text), &f)
	if err != nil {
		return err
	}
	source := &fleetSource{spec: f.Spec, doc: doc}
	switch f.Kind {
	case "pack":
		r.sources = append(r.sources, source)
	case "query":
		if r.queries[f.Spec.Name] != nil {
			return doc.ErrorAt(fmt.Sprintf("the query %q is there twice", f.Spec.Name), "spec", "name")
		}
		r.queries[f.Spec.Name] = source
		r.order = append(r.order, f.Spec.Name)
	default:
		return doc.ErrorAt("kind is missing: pack or query", "kind")
	}
	return nil
}

func (r *fleetReader) packs(file, name string, text []byte, compilers queries.Compilers) ([]*Pack, error) {
	var packs []*Pack
	var mistakes []error
	finish := func(d *draft) {
		for _, kind := range r.skipped {
			d.pack.Notes = append(d.pack.Notes, fmt.Sprintf("a document of kind %s was left out", kind))
		}
		p, err := d.finish(text, compilers)
		if err != nil {
			mistakes = append(mistakes, err)
			return
		}
		packs = append(packs, p)
	}
	for _, source := range r.sources {
		d, err := r.pack(source)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		finish(d)
	}
	alone := &draft{imported: true, pack: Pack{Name: packName(name)}}
	for _, queryName := range r.order {
		source := r.queries[queryName]
		if source.used || source.spec.Interval == 0 {
			continue
		}
		q, err := scheduled(source, fleetQuery{Interval: source.spec.Interval, Snapshot: source.spec.Logging == "snapshot"})
		if err != nil {
			mistakes = append(mistakes, source.doc.ErrorAt(err.Error(), "spec", "platform"))
			continue
		}
		if source.spec.Logging == "differential_ignore_removals" {
			q.Mode = Append
		}
		alone.pack.Queries = append(alone.pack.Queries, q)
		alone.paths = append(alone.paths, []string{queryName})
	}
	if len(alone.pack.Queries) > 0 {
		alone.at = r.placeOfQuery
		finish(alone)
	}
	if len(packs) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, &document.Error{File: file, Line: 1, Column: 1, Message: "the file has no pack and no query with an interval"})
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return packs, nil
}

// pack joins a pack with the queries that it names.
func (r *fleetReader) pack(source *fleetSource) (*draft, error) {
	spec := source.spec
	d := &draft{imported: true, pack: Pack{Name: packName(spec.Name), Title: spec.Name, Description: spec.Description}}
	var err error
	if d.pack.Platforms, err = osqueryPlatforms(spec.Platform); err != nil {
		return nil, source.doc.ErrorAt(err.Error(), "spec", "platform")
	}
	for i, fq := range spec.Queries {
		at := []string{"spec", "queries", fmt.Sprint(i)}
		query := r.queries[fq.Query]
		if query == nil {
			return nil, source.doc.ErrorAt(fmt.Sprintf("there is no query %q in the file", fq.Query), append(at, "query")...)
		}
		query.used = true
		if fq.Version != "" {
			d.pack.Notes = append(d.pack.Notes, fmt.Sprintf("query %s asks for osquery %s; that is not looked at", fq.Query, fq.Version))
		}
		q, err := scheduled(query, fq)
		if err != nil {
			return nil, source.doc.ErrorAt(err.Error(), append(at, "platform")...)
		}
		d.pack.Queries = append(d.pack.Queries, q)
		d.paths = append(d.paths, []string{fq.Query})
	}
	d.at = func(message string, line, column int, path ...string) error {
		if len(path) > 0 && r.queries[path[0]] != nil {
			return r.placeOfQuery(message, line, column, path...)
		}
		return source.doc.ErrorAt(message, append([]string{"spec"}, path...)...)
	}
	return d, nil
}

// placeOfQuery places a mistake in the document of the query that the path begins with.
func (r *fleetReader) placeOfQuery(message string, line, column int, path ...string) error {
	source := r.queries[path[0]]
	if line > 0 {
		return source.doc.ErrorIn(line, column, message, "spec", "query")
	}
	return source.doc.ErrorAt(message, "spec", "query")
}

// scheduled is a query as a pack schedules it.
func scheduled(source *fleetSource, fq fleetQuery) (ScheduledQuery, error) {
	platform := fq.Platform
	if platform == "" {
		platform = source.spec.Platform
	}
	platforms, err := osqueryPlatforms(platform)
	if err != nil {
		return ScheduledQuery{}, err
	}
	q := ScheduledQuery{
		Name: source.spec.Name, SQL: source.spec.Query, Description: source.spec.Description, Platforms: platforms,
		Interval: time.Duration(fq.Interval) * time.Second, Shard: fq.Shard, Denylist: fq.Denylist == nil || *fq.Denylist,
	}
	if fq.Name != "" {
		q.Name = fq.Name
	}
	q.Name = queryName(q.Name)
	switch {
	case fq.Snapshot:
		q.Mode = Snapshot
	case fq.Removed != nil && !*fq.Removed:
		q.Mode = Append
	}
	return q, nil
}

// queryName and packName bring Fleet's free names to ours.
func queryName(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if isName(string(r), false) || r == ' ' {
			return r
		}
		return '_'
	}, name))
}

func packName(name string) string { return strings.ReplaceAll(queryName(name), " ", "-") }
