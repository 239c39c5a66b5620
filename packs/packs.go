package packs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/queries/wallclock"
	"github.com/tenantra/tenantra/tables"
)

// Mode says what of a query's rows is sent.
type Mode string

// The modes; the words are those of agent/protocol.
const (
	Differential Mode = "differential" // what came and went since the last run
	Snapshot     Mode = "snapshot"     // all rows, each time
	Append       Mode = "append"       // what came: differential without removed rows, and events
)

const (
	defaultInterval = time.Hour
	minInterval     = time.Second
	maxInterval     = 7 * 24 * time.Hour // as osquery has it
	maxQueries      = 1000
	maxName         = 120
	maxSQL          = 64 << 10
)

// ZoneTenant stands for the time zone that the tenant has set.
const ZoneTenant = "tenant"

// Pack is a named set of scheduled queries.
type Pack struct {
	Name        string
	Title       string
	Description string
	Platforms   tables.Platforms
	Discovery   []string         // statements; the pack runs where each gives a row, or there is none
	Asks        tables.Class     // the highest privacy class among what they read
	Shard       int              // percent of the agents that run it; 100 is all
	Events      Events           // what agents record beside what the queries read
	Queries     []ScheduledQuery // sorted by name
	Notes       []string         // what reading changed or left out, for people
	Version     string           // changes with the text
	Text        string           // the file
}

// ScheduledQuery is one query of a pack.
type ScheduledQuery struct {
	Name        string
	SQL         string
	Description string
	Interval    time.Duration
	At          string           // when it runs, by the clock (queries/wallclock); "" for the interval, which otherwise is about as often
	Zone        string           // of At: "" for the endpoint's own, ZoneTenant, or an IANA name
	Platforms   tables.Platforms // within the pack's
	Mode        Mode
	Shard       int  // percent of the agents that run it; 100 is all
	Denylist    bool // may be put off where it keeps breaking its budget

	Columns []string     // of the rows
	Class   tables.Class // the highest privacy class among what it reads
}

// Collection is the name under which an agent sends the query's rows.
func (p *Pack) Collection(query string) string { return "pack:" + p.Name + "/" + query }

// OfCollection gives the pack and query whose rows a collection holds.
func OfCollection(collection string) (pack, query string, ok bool) {
	rest, ok := strings.CutPrefix(collection, "pack:")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "/")
}

// place makes an error at a part of the file: a path of keys as document.ErrorAt has it, or a line and column of the
// text that the path leads to where line is not 0.
type place func(message string, line, column int, path ...string) error

// draft is a pack as a reader found it, before it is checked.
type draft struct {
	pack     Pack
	imported bool
	at       place
	paths    [][]string // of each query, up to its own keys
	sqlKey   string

	eventsPath []string // up to the keys of what is recorded
}

// finish checks everything that all formats have in common and compiles the queries. Its error joins all mistakes.
func (d *draft) finish(text []byte, compilers queries.Compilers) (*Pack, error) {
	p := &d.pack
	sum := sha256.Sum256(text)
	p.Version, p.Text = hex.EncodeToString(sum[:8]), string(text)
	var mistakes []error
	mistake := func(message string, path ...string) {
		mistakes = append(mistakes, d.at(message, 0, 0, path...))
	}
	if !isName(p.Name, false) {
		mistake("the pack's name has letters, digits, . _ and -, at most 120", "pack")
	}
	if p.Platforms == 0 {
		p.Platforms = tables.AllPlatforms
	}
	if p.Shard = orAll(p.Shard); p.Shard < 1 || p.Shard > 100 {
		mistake("shard is a percentage from 1 to 100", "shard")
	}
	if len(p.Queries) == 0 || len(p.Queries) > maxQueries {
		mistake(fmt.Sprintf("a pack has 1 to %d queries; this one has %d", maxQueries, len(p.Queries)), "queries")
	}
	for i, sql := range p.Discovery {
		if err := d.discovery(sql, compilers); err != nil {
			mistakes = append(mistakes, d.sqlError(err, "discovery", fmt.Sprint(i)))
		}
	}
	mistakes = append(mistakes, d.checkEvents()...)
	kept := p.Queries[:0]
	names := map[string]bool{}
	for i, q := range p.Queries {
		if names[q.Name] {
			mistake(fmt.Sprintf("the query %q is there twice", q.Name), d.paths[i]...)
		}
		names[q.Name] = true
		if err := d.query(&q, d.paths[i], compilers); err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		kept = append(kept, q)
	}
	p.Queries = kept
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	slices.SortFunc(p.Queries, func(a, b ScheduledQuery) int { return strings.Compare(a.Name, b.Name) })
	return p, nil
}

func orAll(shard int) int {
	if shard == 0 {
		return 100
	}
	return shard
}

// query checks one query and fills what follows from its SQL.
func (d *draft) query(q *ScheduledQuery, path []string, compilers queries.Compilers) error {
	at := func(key string) []string { return append(slices.Clone(path), key) }
	var mistakes []error
	mistake := func(message string, path ...string) {
		mistakes = append(mistakes, d.at(message, 0, 0, path...))
	}
	if !isName(q.Name, true) {
		mistake("a query's name has letters, digits, blanks, . _ and -, at most 120", path...)
	}
	if q.At != "" {
		if q.Interval != 0 {
			mistake("a query runs by its interval or at a time, not both", at("at")...)
		}
		q.Interval, q.Zone = 0, strings.TrimSpace(q.Zone)
		if interval, err := About(q.At, q.Zone); err != nil {
			mistake(err.Error(), at("at")...)
		} else {
			q.Interval = interval
		}
	} else if q.Zone != "" {
		mistake("a zone is of a query that runs at a time", at("zone")...)
	}
	if q.Interval == 0 {
		q.Interval = defaultInterval
	}
	if q.Interval < minInterval || q.Interval > maxInterval {
		mistake(fmt.Sprintf("interval is %v to %v", minInterval, maxInterval), at("interval")...)
	}
	if q.Mode == "" {
		q.Mode = Differential
	}
	if !slices.Contains([]Mode{Differential, Snapshot, Append}, q.Mode) {
		mistake("mode is differential, snapshot or append", at("mode")...)
	}
	if q.Shard = orAll(q.Shard); q.Shard < 1 || q.Shard > 100 {
		mistake("shard is a percentage from 1 to 100", at("shard")...)
	}
	if q.Platforms == 0 {
		q.Platforms = d.pack.Platforms
	}
	if q.Platforms &= d.pack.Platforms; q.Platforms == 0 {
		mistake("the query's platforms are none of the pack's", at("platforms")...)
	}
	switch {
	case strings.TrimSpace(q.SQL) == "":
		mistake("the query has no SQL", at(d.sqlKey)...)
	case len(q.SQL) > maxSQL:
		mistake(fmt.Sprintf("the SQL has %d bytes; at most %d are allowed", len(q.SQL), maxSQL), at(d.sqlKey)...)
	}
	if len(mistakes) == 0 {
		if err := d.compile(q, compilers); err != nil {
			mistakes = append(mistakes, d.sqlError(err, at(d.sqlKey)...))
		}
	}
	return errors.Join(mistakes...)
}

// About checks a time of the clock and its zone, and gives about how often it comes, for what knows intervals only.
func About(at, zone string) (time.Duration, error) {
	spec, err := wallclock.Parse(at)
	if err != nil {
		return 0, err
	}
	if zone != ZoneTenant {
		if _, err := wallclock.Zone(zone); err != nil {
			return 0, err
		}
	}
	first := spec.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	return min(spec.Next(first, time.UTC).Sub(first), maxInterval), nil
}

// compile compiles the SQL on each platform. In an imported pack a platform on which it does not compile is dropped, as
// long as one is left.
func (d *draft) compile(q *ScheduledQuery, compilers queries.Compilers) error {
	var first error
	var works tables.Platforms
	for _, name := range q.Platforms.Names() {
		a, err := check(compilers, name, q.SQL)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		platform, err := tables.ParsePlatforms(name)
		if err != nil {
			return err
		}
		works |= platform
		q.Columns = a.Columns
		for _, read := range a.Reads {
			q.Class = max(q.Class, read.Class())
			if read.Table.Event {
				q.Mode = Append // events come and never go, whatever the pack's author thought of
			}
		}
	}
	switch {
	case q.Class == tables.ClassSecret:
		return errors.New("the SQL reads a secret column, which never leaves a machine")
	case works == 0 || works != q.Platforms && !d.imported:
		return first
	case works != q.Platforms:
		d.pack.Notes = append(d.pack.Notes, fmt.Sprintf("query %s runs on %s only: %v", q.Name, works, first))
		q.Platforms = works
	}
	return nil
}

// discovery wants a statement that compiles on at least one of the pack's platforms. Whether a pack runs tells what its
// statement found, so it may read no more than a query may.
func (d *draft) discovery(sql string, compilers queries.Compilers) error {
	var first error
	works := false
	for _, name := range d.pack.Platforms.Names() {
		a, err := check(compilers, name, sql)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		works = true
		for _, read := range a.Reads {
			d.pack.Asks = max(d.pack.Asks, read.Class())
			if read.Class() == tables.ClassSecret {
				return errors.New("the SQL reads a secret column, which never leaves a machine")
			}
		}
	}
	if works {
		return nil
	}
	return first
}

// platformError is a statement that does not compile on a platform.
type platformError struct {
	platform string
	err      error
}

func (e *platformError) Error() string { return fmt.Sprintf("on %s: %v", e.platform, e.err) }
func (e *platformError) Unwrap() error { return e.err }

func check(compilers queries.Compilers, name, sql string) (*engine.Analysis, error) {
	platform, err := tables.ParsePlatforms(name)
	if err != nil {
		return nil, err
	}
	compiler := compilers[platform]
	if compiler == nil {
		return nil, fmt.Errorf("queries for %s cannot be compiled here", name)
	}
	a, err := compiler.Check(sql)
	if err != nil {
		return nil, &platformError{name, err}
	}
	return a, nil
}

// sqlError places an error of the engine in the file.
func (d *draft) sqlError(err error, path ...string) error {
	var sql *engine.SQLError
	var on *platformError
	if errors.As(err, &sql) && errors.As(err, &on) && sql.Line > 0 {
		return d.at(fmt.Sprintf("on %s: %s", on.platform, sql.Message), sql.Line, sql.Column, path...)
	}
	return d.at(err.Error(), 0, 0, path...)
}

func isName(name string, blanks bool) bool {
	for _, r := range name {
		ok := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r) || r == ' ' && blanks
		if !ok {
			return false
		}
	}
	return name != "" && len(name) <= maxName && strings.TrimSpace(name) == name
}
