// Package findings keeps what is wrong with agents: each judge (compliance, later alerts, drift, CVE, IOC) opens a finding
// when rows show something, and closes it when they no longer do. Transitions are history.
//
// There is one finding for each kind, agent and subject. What comes back after it was resolved is the same finding,
// opened again.
package findings

import (
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/tables"
)

// State is where a finding stands.
type State string

// The states.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged" // somebody has seen it
	Resolved     State = "resolved"     // it is no longer so
	Waived       State = "waived"       // it is so, and accepted for now
)

// Severity says how bad a finding is. Order matters.
type Severity int16

// The severities.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

var severityNames = [...]string{Low: "low", Medium: "medium", High: "high", Critical: "critical"}

// String is low, medium, high or critical.
func (s Severity) String() string { return severityNames[s] }

// ParseSeverity reads a severity by its name.
func ParseSeverity(name string) (Severity, error) {
	for s := Low; s <= Critical; s++ {
		if severityNames[s] == name {
			return s, nil
		}
	}
	return 0, fault.Field(fault.Invalid, "query.severity", "severity is low, medium, high or critical")
}

// KindCheck is the kind of findings that compliance checks open; their subject is the check's id.
const KindCheck = "check"

// Observation is what a judge found on an agent of the transaction's tenant.
type Observation struct {
	Agent       int32
	Kind        string // check, clone, …
	Subject     string // of one agent and kind, each has its own
	Title       string
	Severity    Severity
	Message     string
	Expected    string // what would be right; "" where that says nothing
	Fix         string // what to do about it
	RuleVersion string
	Class       tables.Class // the highest privacy class of what the texts and the evidence show
	Evidence    Evidence
}

// Evidence is the rows that show it, as they were then.
type Evidence struct {
	Columns []string         `json:"columns"`
	Rows    [][]tables.Value `json:"rows"`
	Failing [][]string       `json:"failing"` // the columns at fault, for each row
	RowIDs  []int64          `json:"row_ids"` // of the stored rows, for their proof
	Total   int              `json:"total"`   // of rows at fault; more than Rows where evidence was cut
}

// The bounds of what is kept of an observation.
const (
	evidenceRows  = 100
	evidenceBytes = 256 << 10
	textBytes     = 16 << 10
)

// Finding is what is kept of observations.
type Finding struct {
	Observation
	ID                      uuid.UUID
	TenantID, AgentID       uuid.UUID
	TenantName, Hostname    string
	State                   State
	FirstSeenAt, LastSeenAt time.Time

	tenant int32
}

// Transition is one change of a finding's state.
type Transition struct {
	At     time.Time
	State  State
	Actor  string // a name for people
	Reason string
}

// Filter narrows a list; what is empty does not.
type Filter struct {
	State    State
	Severity Severity
	Kind     string
	Agent    uuid.UUID
	Check    string
	Text     string // part of title, message or host name, in any case
}

// Hidden stands for text of a class that the reader may not read.
func Hidden(class tables.Class) string {
	return "Hidden: reading it needs the permission query." + class.String() + "."
}

// maskFor takes out what the scope may not read. The rows stay as rows, so that their number shows.
func (f *Finding) maskFor(scope access.Scope) {
	if scope.MayRead(f.Class) {
		return
	}
	f.Message = Hidden(f.Class)
	f.Expected = Hidden(f.Class)
	f.Fix = Hidden(f.Class)
	for _, row := range f.Evidence.Rows {
		for i := range row {
			row[i] = tables.TextValue(Hidden(f.Class))
		}
	}
}

// bounded cuts an observation to what is kept of it.
func (o Observation) bounded() Observation {
	o.Message, o.Expected, o.Fix = cut(o.Message), cut(o.Expected), cut(o.Fix)
	bytes := 0
	for i, row := range o.Evidence.Rows {
		for _, cell := range row {
			bytes += len(cell.Text) + 16
		}
		if i == evidenceRows || bytes > evidenceBytes {
			o.Evidence.Rows, o.Evidence.Failing, o.Evidence.RowIDs = o.Evidence.Rows[:i], o.Evidence.Failing[:i], o.Evidence.RowIDs[:i]
			break
		}
	}
	return o
}

func cut(text string) string {
	if len(text) <= textBytes {
		return text
	}
	end := textBytes
	for end > 0 && text[end]&0xC0 == 0x80 { // not inside a character
		end--
	}
	return text[:end] + "…"
}
