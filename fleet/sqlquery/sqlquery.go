// Package sqlquery answers SQL over what agents have told: the same statement that runs live on endpoints, over the last
// known state or that of a past moment, endpoints that are away included. Nobody is asked.
//
// A table's rows are those of its module (package modules). A statement that names one of the columns tenant, agent,
// hostname or seen_from is answered once over all agents; any other is answered for each agent by itself, so that it gives
// what it gives live.
package sqlquery

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

const (
	sqlMax     = 64 << 10
	timeMax    = 60 * time.Second // of one question, all agents together
	pageRows   = 5_000            // read from the database at once
	chunkRows  = 20_000           // of the agents that are loaded at once
	chunkMax   = 500              // agents that are loaded at once
	eventRows  = 500              // of one event
	eventBytes = 256 << 10
	running    = 4   // questions answered at once by a server
	ofTenant   = 2   // of them, of one tenant
	holdsMax   = 100 // constants of one IN list that the database looks for
)

// fleetLimits bound a statement over all agents. Those of one agent are the live ones.
var fleetLimits = engine.Limits{Time: timeMax, CPU: 20 * time.Second, Rows: 1_000_000, Bytes: 256 << 20, Heap: 128 << 20}

// Per says whether a statement is answered for each agent by itself.
type Per string

// The ways.
const (
	PerAgent Per = "agent"
	PerFleet Per = "fleet"
)

// Target chooses agents among those that the scope sees. Every list that is not empty narrows.
type Target struct {
	AgentIDs  []uuid.UUID
	Platforms []string
	Tags      []string
	Groups    []uuid.UUID
}

// Request is a question.
type Request struct {
	SQL    string
	At     time.Time // zero: the last known state
	Per    Per       // "": PerFleet where the statement names a column that only stored rows have
	Target Target
}

// Event is one line of an answer.
type Event struct {
	Type     string           `json:"type" enum:"rows,agent,done,error"`
	AgentID  *uuid.UUID       `json:"agent_id,omitempty"`
	Hostname string           `json:"hostname,omitempty"`
	Tenant   string           `json:"tenant,omitempty"`
	Columns  []string         `json:"columns,omitempty"`
	Rows     [][]tables.Value `json:"rows,omitempty"`
	Error    string           `json:"error,omitempty"`
	Summary  *Summary         `json:"summary,omitempty"`
}

// Summary ends an answer.
type Summary struct {
	Per        Per          `json:"per" enum:"agent,fleet"`
	At         *time.Time   `json:"at,omitempty"`
	Agents     int          `json:"agents" doc:"In the selection."`
	Answered   int          `json:"answered" doc:"Whose rows were asked."`
	Failed     int          `json:"failed"`
	NotTold    int          `json:"not_told" doc:"Have not told every table that the statement reads."`
	Rows       int64        `json:"rows"`
	Tables     []TableState `json:"tables"`
	DurationMS int64        `json:"duration_ms"`
}

// TableState says how well a table is known.
type TableState struct {
	Table    string     `json:"table"`
	Agents   int        `json:"agents" doc:"That have told it."`
	Failing  int        `json:"failing" doc:"Of them, whose last collection failed."`
	OldestAt *time.Time `json:"oldest_at,omitempty" doc:"Of the least fresh agent."`
	NewestAt *time.Time `json:"newest_at,omitempty"`
}

// validate bounds a request.
func (r *Request) validate(now time.Time) error {
	r.SQL = strings.TrimSpace(r.SQL)
	switch {
	case r.SQL == "":
		return fault.Field(fault.Invalid, "body.sql", "write a SELECT statement")
	case len(r.SQL) > sqlMax:
		return fault.Field(fault.Invalid, "body.sql", "the statement is longer than %d KiB", sqlMax>>10)
	case !plaintext.IsText(r.SQL):
		return fault.Field(fault.Invalid, "body.sql", "the statement holds bytes that are no text")
	case r.At.After(now):
		return fault.Field(fault.Invalid, "body.at", "a moment that is still to come has no rows")
	}
	return nil
}
