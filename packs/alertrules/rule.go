package alertrules

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Trigger says what a rule looks at.
type Trigger string

// The triggers, each with the table that the rule's SQL finds its rows in.
const (
	OnCollection Trigger = "collection" // rows that agents tell; a table for each collection
	OnDrift      Trigger = "drift"      // what came and went in one collection; a table of the collection's name
	OnFinding    Trigger = "finding"    // a finding that opened; table finding
	OnAgent      Trigger = "agent"      // an agent that is out of order; table agent
	OnSchedule   Trigger = "schedule"   // how scheduled queries ran; table schedule
)

var triggers = []Trigger{OnCollection, OnDrift, OnFinding, OnAgent, OnSchedule}

// The columns of the tables that are not collections.
var (
	// FindingColumns describe a finding. message is left out: it may hold rows of a class that the alert's readers lack.
	FindingColumns = []string{"kind", "subject", "title", "severity", "state"}
	// AgentColumns describe an agent that is silent, behind its configuration, cloned, over its budget or losing rows.
	AgentColumns = []string{"status", "silent_minutes", "config_behind", "cloned", "over_budget", "dropped_batches", "spool_batches", "rss_mib", "version"}
	// ScheduleColumns describe how a scheduled query ran last: code 0 is well, 1 failed, 2 ended by a limit.
	ScheduleColumns = []string{"collection", "code", "log", "duration_ms", "cpu_ms", "rows", "bytes", "age_minutes"}
	// DriftColumns stand before a collection's own: change is added or removed; new is 1 where no agent of the tenant had
	// the row before; others is how many other agents have it now, of fleet many that tell the collection.
	DriftColumns = []string{"change", "new", "others", "fleet"}
)

const (
	maxGroup     = 4
	maxNotify    = 20
	maxSteps     = 5
	maxFixtures  = 50
	maxThreshold = 1_000_000
	rowsMax      = 10_000 // of one evaluation
)

// Rule is an alert rule that was read and compiled. It is not changed afterwards and safe for concurrent use.
type Rule struct {
	ID          string
	Title       string
	Description string
	On          Trigger
	Collections []string // full names such as pack:inventory/users; none where the trigger is no collection's
	SQL         string   // "" takes the rows as they are
	When        *rules.Program
	Message     *rules.Message
	Threshold   int
	Params      rules.Params
	Platforms   tables.Platforms
	Severity    string   // low, medium, high or critical
	GroupBy     []string // agent.id, agent.hostname, agent.platform, or columns of the rows
	Notify      []string // names of channels
	Renotify    time.Duration
	// ResolveAfter closes an alert on something that happened once, not found again for so long; 0 leaves it open.
	ResolveAfter time.Duration
	Escalate     []Step
	Enabled      bool // where no tenant says otherwise

	Columns  []string     // of the rows that When sees
	Class    tables.Class // the highest privacy class of what the rows may show
	Version  string       // changes with the text
	Text     string
	Fixtures []Fixture

	compiler *Compiler
	schemas  []schema
}

// Step tells further channels of an alert that nobody has acknowledged for a while.
type Step struct {
	After  time.Duration
	Notify []string
}

// Schema is what is known of a collection's rows before any is told.
type Schema struct {
	Columns []string
	Class   tables.Class
}

// Sources tells what collections there are.
type Sources interface {
	// Collection gives the rows of a collection as agents tell them.
	Collection(name string) (Schema, bool)
	// Drift gives the columns of a collection that count as a change.
	Drift(name string) (Schema, bool)
}

// Tables gives the names of the tables that the rule's SQL may read.
func (r *Rule) Tables() []string {
	names := make([]string, len(r.schemas))
	for i, s := range r.schemas {
		names[i] = s.table
	}
	return names
}

// Fits tells whether the collections are still what the rule was compiled for.
func (r *Rule) Fits(sources Sources) bool {
	for i, name := range r.Collections {
		find, columns := sources.Collection, []string(nil)
		if r.On == OnDrift {
			find, columns = sources.Drift, DriftColumns
		}
		known, ok := find(name)
		if !ok || !slices.Equal(r.schemas[i].columns, slices.Concat(columns, known.Columns)) {
			return false
		}
	}
	return true
}

// AcrossAgents tells whether one alert gathers what the rule finds on several agents.
func (r *Rule) AcrossAgents() bool { return !slices.Contains(r.GroupBy, "agent.id") }

// TableOf is the name under which SQL reads a collection: that of its query or check, with _ for other characters.
func TableOf(collection string) string {
	name := collection
	if i := strings.LastIndexAny(name, ":/"); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if name == "" || '0' <= name[0] && name[0] <= '9' {
		return "c_" + name
	}
	return strings.ToLower(name)
}

func versionOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// IsID tells whether a text may name a rule.
func IsID(id string) bool {
	for i, r := range id {
		alphanumeric := 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
		if !alphanumeric && (i == 0 || r != '-' && r != '.') {
			return false
		}
	}
	return id != "" && len(id) <= 64
}
