// Package scanruns has chosen agents run their scheduled queries now and follows what becomes of it: a scan. Its rows enter
// the collections as those of the schedule do; the scan keeps how each execution went.
package scanruns

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	contextPrefix = "scan:"
	answerTime    = 2 * time.Minute // until an agent is asked again
	attemptsMax   = 3
	scanTime      = 15 * time.Minute
	choicesMax    = 1000
)

// ContextID is the scan_context_id that batches of a scan carry.
func ContextID(scan uuid.UUID) string { return contextPrefix + scan.String() }

// OfContext gives the scan that a batch belongs to; false for the schedule's own.
func OfContext(id string) (uuid.UUID, bool) {
	text, ok := strings.CutPrefix(id, contextPrefix)
	if !ok {
		return uuid.Nil, false
	}
	scan, err := uuid.Parse(text)
	return scan, err == nil
}

// State is where a scan stands.
type State string

// The states of a scan.
const (
	Running   State = "running"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// Selection says which agents scan what. Agents: everything that is not empty narrows. What: nothing means everything that
// an agent has scheduled.
type Selection struct {
	AgentIDs  []uuid.UUID `json:"agent_ids,omitempty" minItems:"1" maxItems:"10000"`
	Platforms []string    `json:"platforms,omitempty" minItems:"1" maxItems:"3" enum:"linux,darwin,windows"`
	Tags      []string    `json:"tags,omitempty" minItems:"1" maxItems:"100" maxLength:"100"`
	Groups    []uuid.UUID `json:"groups,omitempty" minItems:"1" maxItems:"100"`
}

// What says which of an agent's scheduled queries run. All of it adds up.
type What struct {
	Packs       []string `json:"packs,omitempty" maxItems:"1000" maxLength:"120"`
	Modules     []string `json:"modules,omitempty" maxItems:"1000" maxLength:"120" doc:"Tables that are collected."`
	Checks      []string `json:"checks,omitempty" maxItems:"1000" maxLength:"120"`
	Collections []string `json:"collections,omitempty" maxItems:"1000" maxLength:"300"`
}

// names tells whether a collection is meant.
func (w What) names(collection string) bool {
	if len(w.Packs)+len(w.Modules)+len(w.Checks)+len(w.Collections) == 0 {
		return true
	}
	kind, rest, _ := strings.Cut(collection, ":")
	name, _, _ := strings.Cut(rest, "/")
	switch kind {
	case "pack":
		if slices.Contains(w.Packs, name) {
			return true
		}
	case "module":
		if slices.Contains(w.Modules, name) {
			return true
		}
	case "check":
		if slices.Contains(w.Checks, name) {
			return true
		}
	}
	return slices.Contains(w.Collections, collection)
}

// list gives everything that was named, as collections where it can be said without an agent.
func (w What) list() []string {
	all := slices.Clone(w.Collections)
	for _, p := range w.Packs {
		all = append(all, "pack:"+p+"/*")
	}
	for _, m := range w.Modules {
		all = append(all, "module:"+m)
	}
	for _, c := range w.Checks {
		all = append(all, "check:"+c)
	}
	return all
}

func (w What) validate() error {
	if len(w.Packs)+len(w.Modules)+len(w.Checks)+len(w.Collections) > choicesMax {
		return fault.Field(fault.TooLarge, "body", "at most %d packs, modules, checks and collections", choicesMax)
	}
	return nil
}

// Scan is one run.
type Scan struct {
	ID          uuid.UUID
	Tenant      int32
	Collections []string // what was asked for; none for everything
	State       State
	CreatedBy   string
	CreatedAt   time.Time
	Deadline    time.Time
	Counts      Counts
}

// Counts is the ledger summed up. The states of agents add up to Targets.
type Counts struct {
	Targets   int64 `json:"targets"`
	Running   int64 `json:"running"`
	Done      int64 `json:"done"`
	Failed    int64 `json:"failed"`
	TimedOut  int64 `json:"timed_out"`
	Offline   int64 `json:"offline"`
	Nothing   int64 `json:"nothing"`
	Expected  int64 `json:"collections_expected"`
	Told      int64 `json:"collections_told"`
	ToldError int64 `json:"collections_failed"`
}

// AgentLine is one line of the ledger.
type AgentLine struct {
	AgentID  uuid.UUID `json:"agent_id"`
	Hostname string    `json:"hostname"`
	Tenant   string    `json:"tenant"`
	State    string    `json:"state" enum:"running,done,failed,timed_out,offline,nothing"`
	Attempts int       `json:"attempts"`
	Expected int       `json:"collections_expected"`
	Told     int       `json:"collections_told"`
	Failed   int       `json:"collections_failed"`

	tenant, agent int32
}

// Result is how one execution went.
type Result struct {
	AgentID    uuid.UUID `json:"agent_id"`
	Hostname   string    `json:"hostname"`
	Collection string    `json:"collection"`
	Severity   string    `json:"severity" enum:"info,warn,error" doc:"error: the statement failed; warn: a limit ended it."`
	StatusCode int       `json:"status_code" doc:"0 well, 1 the statement failed, 2 ended by a limit."`
	Log        string    `json:"execution_log"`
	Rows       int64     `json:"rows"`
	DurationMS int64     `json:"duration_ms"`
	CPUMillis  int64     `json:"cpu_ms"`
	At         time.Time `json:"at"`

	tenant, agent int32
}

// Target is one agent that a selection chose.
type Target struct {
	ID, Tenant         int32
	PublicID, TenantID uuid.UUID
	Hostname, Platform string
	Online             bool
}

// Fleet is what a scan needs of the other features.
type Fleet interface {
	// Targets resolves a selection in the transaction's scope.
	Targets(ctx context.Context, tx *postgres.Tx, s Selection) ([]Target, error)
	// Collections gives what an agent has scheduled.
	Collections(ctx context.Context, t Target) ([]string, error)
	SignCommand(ctx context.Context, tenant uuid.UUID, agent string, kind protocol.CommandKind, version int64, body any, life time.Duration) (protocol.Command, error)
	Send(ctx context.Context, agent uuid.UUID, command protocol.Command) error
}

// Order is what one agent has yet to tell of a scan.
type Order struct {
	Scan        uuid.UUID
	Collections []string // in their order
}

// From names the agent that told something, as its key proved.
type From struct{ Agent, Tenant int32 }

// mayScan is the permission of scans: they cost what live queries cost, but choose nothing new.
const mayScan = access.QueryRun
