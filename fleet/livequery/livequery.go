// Package livequery asks agents a question now and keeps what they answer.
//
// A live query is a campaign on the server: it goes on when the analyst leaves the page. Its ledger has one line for each
// agent asked, and the outcomes always add up to the number of targets. Answers arrive in parts, are stored once each,
// and are read back by whoever may see the agent that gave them. A campaign may wait for agents that are away: they are
// asked when they connect, and asked again where their answer did not come.
package livequery

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/internal/plaintext"
)

// Bounds of a question.
const (
	sqlMax         = 64 << 10
	timeoutDefault = 30 * time.Second
	timeoutMax     = 60 * time.Second
	// grace is how long after the agents' own time limit an answer may still arrive.
	grace   = 10 * time.Second
	rowsMax = 100_000 // of one agent
	waitMax = 7 * 24 * time.Hour
	// attemptsMax is how often an agent is asked whose answer does not come, where the campaign waits.
	attemptsMax = 3
)

// State is whether answers are awaited.
type State string

// The states.
const (
	Running   State = "running"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// Outcome is how the question went on one agent.
type Outcome string

// The outcomes. Waiting and StillRunning become one of the others at the latest when the query's time is over.
const (
	Waiting      Outcome = "waiting" // for the agent to connect
	StillRunning Outcome = "running"
	WithRows     Outcome = "with_rows"
	NoRows       Outcome = "no_rows"
	Failed       Outcome = "failed"
	TimedOut     Outcome = "timed_out"
	Offline      Outcome = "offline"
	Refused      Outcome = "refused"
)

// outcomeOf maps what an agent reports to the ledger.
func outcomeOf(reported protocol.Outcome) (Outcome, bool) {
	switch reported {
	case protocol.OutcomeRows:
		return WithRows, true
	case protocol.OutcomeNoRows:
		return NoRows, true
	case protocol.OutcomeFailed, protocol.OutcomeCancelled:
		return Failed, true
	case protocol.OutcomeTimedOut:
		return TimedOut, true
	case protocol.OutcomeRefused:
		return Refused, true
	default:
		return "", false
	}
}

// Target chooses agents among those that the asking scope sees. Everything that is not empty narrows; an empty Target is
// all of them.
type Target struct {
	AgentIDs  []uuid.UUID `json:"agent_ids,omitempty" minItems:"1" maxItems:"10000"`
	Platforms []string    `json:"platforms,omitempty" minItems:"1" maxItems:"3" enum:"linux,darwin,windows"`
	Tags      []string    `json:"tags,omitempty" minItems:"1" maxItems:"100" maxLength:"100"`
	Groups    []uuid.UUID `json:"groups,omitempty" minItems:"1" maxItems:"100"`
	SQL       string      `json:"sql,omitempty" maxLength:"65536" doc:"Over the last known state; its column agent names the agents."`
}

// Request is a question.
type Request struct {
	SQL     string
	Target  Target
	Timeout time.Duration // of each agent; 0: 30 s
	Wait    time.Duration // for agents that are away; 0: they are offline
}

// TargetAgent is one agent that a Target chose.
type TargetAgent struct {
	ID, Tenant         int32
	PublicID, TenantID uuid.UUID
	Hostname, Platform string
	Online             bool
}

// Query is a campaign.
type Query struct {
	ID        uuid.UUID
	Tenant    int32
	SQL       string
	Timeout   time.Duration
	Wait      time.Duration
	Target    Target
	State     State
	CreatedBy string // for people: e-mail address or name
	CreatedAt time.Time
	Deadline  time.Time // after it, agents that did not answer are TimedOut
	Counts    Counts
	Rows      int64
}

// Counts is the ledger summed up. The outcomes add up to Targets.
type Counts struct {
	Targets  int64 `json:"targets"`
	WithRows int64 `json:"with_rows"`
	NoRows   int64 `json:"no_rows"`
	Failed   int64 `json:"failed"`
	TimedOut int64 `json:"timed_out"`
	Waiting  int64 `json:"waiting"`
	Running  int64 `json:"running"`
	Offline  int64 `json:"offline"`
	Refused  int64 `json:"refused"`
}

// AgentLine is one line of the ledger.
type AgentLine struct {
	AgentID    uuid.UUID
	Hostname   string
	TenantName string
	Outcome    Outcome
	Rows       int64
	DurationMS int64
	Error      string

	tenant, agent int32
}

// Part is a piece of one agent's answer.
type Part struct {
	AgentID  uuid.UUID
	Hostname string
	Tenant   string // short name of the agent's tenant
	Columns  []string
	Rows     string // JSON array of arrays, each as long as Columns
	RowCount int

	tenant, agent int32
	part          int
}

// Place is a place in the order of a campaign's answers; the zero Place is before all.
type Place struct {
	Tenant, Agent int32
	Part          int
}

// Next is the place behind the part.
func (p Part) Next() Place { return Place{p.tenant, p.agent, p.part + 1} }

// From names the agent that an answer is from, as its key proved.
type From struct {
	Agent, Tenant     int32
	AgentID, TenantID uuid.UUID
}

// Sender brings a command to agents of one tenant, whichever servers hold their connections. An agent without a connection
// is no error: its ledger line runs into the deadline.
type Sender interface {
	Broadcast(ctx context.Context, agents []uuid.UUID, command protocol.Command) error
}

// Signer signs commands with a tenant's config key. An empty agent addresses all agents of the tenant.
type Signer interface {
	SignCommand(ctx context.Context, tenant uuid.UUID, agent string, kind protocol.CommandKind, version int64, body any, life time.Duration) (protocol.Command, error)
}

// Targets resolves a Target in the transaction's scope.
type Targets interface {
	Targets(ctx context.Context, tx *postgres.Tx, target Target) ([]TargetAgent, error)
}

// validate bounds what was asked and fills the default time limit in.
func (r *Request) validate() error {
	r.SQL = strings.TrimSpace(r.SQL)
	switch {
	case r.SQL == "":
		return fault.Field(fault.Invalid, "body.sql", "write a SELECT statement")
	case len(r.SQL) > sqlMax:
		return fault.Field(fault.Invalid, "body.sql", "the statement is longer than %d KiB", sqlMax>>10)
	case !plaintext.IsText(r.SQL):
		return fault.Field(fault.Invalid, "body.sql", "the statement holds bytes that are no text")
	case r.Timeout < 0 || r.Timeout > timeoutMax:
		return fault.Field(fault.Invalid, "body.timeout_seconds", "give 1 to %d seconds", timeoutMax/time.Second)
	case r.Wait < 0 || r.Wait > waitMax:
		return fault.Field(fault.Invalid, "body.wait_seconds", "a campaign waits for at most %d days", waitMax/(24*time.Hour))
	}
	if r.Timeout == 0 {
		r.Timeout = timeoutDefault
	}
	return nil
}
