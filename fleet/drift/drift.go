// Package drift answers what has changed on machines, what is new, what is rare, and what is not as it is expected to be.
// A policy (packs/drift) says what counts; the judge here keeps, for each watched collection, which agents have which
// values, and what came and went. Alert rules on drift, baselines and the anomaly score are built on that.
package drift

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/packs/alertrules"
	policies "github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/tables"
)

// KindDrift is the kind of findings that a deviation from a baseline opens; their subject is the baseline's name.
const KindDrift = "drift"

// kindPolicyError is the kind of findings that say that drift is not judged as the tenant wants it.
const (
	kindPolicyError = "drift_policy_error"
	subjectPolicy   = "drift policy"
)

// valueID names a value, alike in all tenants.
type valueID [16]byte

func idOf(collection string, v policies.Value) valueID {
	sum := sha256.Sum256([]byte("tenantra/v1/drift\x00" + collection + "\x00" + v.Text))
	return valueID(sum[:16])
}

// watchOf names a watch: values by other columns are other values.
func watchOf(w *policies.Watch) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q%q%q", w.Columns, w.Key, fmt.Sprint(w.Normalise)))
	return sum[:16]
}

func cellsOf(text string) (policies.Value, error) {
	v := policies.Value{Text: text}
	if err := json.Unmarshal([]byte(text), &v.Cells); err != nil {
		return v, fmt.Errorf("read value: %w", err)
	}
	return v, nil
}

// Event is a change of an agent, as far as it counts.
type Event struct {
	At            time.Time
	AgentID       uuid.UUID
	Hostname      string
	TenantName    string
	Collection    string
	Change        string // added, removed or changed
	Columns       []string
	Value, Was    []tables.Value // Was of a changed one
	New           bool           // no agent of the tenant had it before
	Others, Fleet int            // how many other agents had it then, of how many
	Peers         int            // agents of the same platform that share a tag
	PeersWith     int            // those of them that had it then
	Hidden        tables.Class   // not inventory: the values are left out, since the reader may not read the class

	tenant, collection, agent int32
	seq                       int
}

// Baseline is what is expected of an agent, of agents with a tag, or of all.
type Baseline struct {
	ID                     uuid.UUID
	Name                   string
	Collection             string
	AgentID                uuid.UUID // zero: not of one agent
	Hostname               string
	Tag                    string
	Mode                   string // pinned: what was there; learned: what was seen in a time
	LearnedFrom, LearnedTo time.Time
	Values                 int

	collection, agent int32
}

// Rarity is how many machines have a value.
type Rarity struct {
	Value          []tables.Value
	Holders, Fleet int // of the tenants that are looked at
	Tenants        int // that have it
	FirstSeenAt    time.Time
	Hostnames      []string // of those that have it, a few; none where more than one tenant is looked at
}

// Alerts judges rules on drift. *alerts.Service is one.
type Alerts interface {
	Drift(ctx context.Context, tx *postgres.Tx, agent int32, collection string, changes alertrules.Table) error
}

// Findings opens and closes findings. *findings.Service is one.
type Findings interface {
	Raise(ctx context.Context, tx *postgres.Tx, o findings.Observation) error
	Resolve(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error
	OpenSubjects(ctx context.Context, tx *postgres.Tx, agent int32, kind, begin string) ([]string, error)
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB       *postgres.DB
	Findings Findings
	Alerts   Alerts
	Default  *policies.Policy
	// Columns tells what collections a tenant has.
	Columns func(ctx context.Context, tenant int32) (func(collection string) ([]string, bool), error)
	// Class tells the privacy class of a collection.
	Class func(ctx context.Context, scope access.Scope, collection string) (tables.Class, error)
	Now   func() time.Time // nil: time.Now
	Log   *slog.Logger
}

// Service keeps what changed. It is a findings.Judge. Safe for concurrent use.
type Service struct {
	Config
	mu       sync.Mutex
	policies map[int32]keptPolicy
}

type keptPolicy struct {
	at     time.Time
	policy *policies.Policy // what holds
	own    bool
	text   string // the tenant's own, also where it does not work any more
	broken error  // why the tenant's own does not work any more; nil where it does, or there is none
}

// New makes a Service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{Config: c, policies: map[int32]keptPolicy{}}
}
