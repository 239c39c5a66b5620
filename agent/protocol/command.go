package protocol

import "time"

// Command is an order of the fleet. Certificate holds a KeyCertificate under PurposeKeyCertificate, signed by the
// installation's root key; Header holds a CommandHeader under PurposeCommand, signed by the certified key; Body is the
// order itself, bound by its hash.
type Command struct {
	Certificate Signed `json:"certificate"`
	Header      Signed `json:"header"`
	Body        []byte `json:"body"` // JSON
}

// KeyCertificate makes a key the config key of a tenant.
type KeyCertificate struct {
	FleetID   string    `json:"fleet_id"`
	TenantID  string    `json:"tenant_id"`
	KeyID     string    `json:"key_id"`
	PublicKey []byte    `json:"public_key"` // Ed25519
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// CommandHeader is the signed part of a Command.
type CommandHeader struct {
	Kind       CommandKind `json:"kind"`
	TenantID   string      `json:"tenant_id"`
	AgentID    string      `json:"agent_id"` // "" for all agents of the tenant
	Version    int64       `json:"version"`  // of a config: never lower than the one in force
	IssuedAt   time.Time   `json:"issued_at"`
	ExpiresAt  time.Time   `json:"expires_at"`
	BodySHA256 []byte      `json:"body_sha256"` // of Body
}

// CommandKind names what a Command's body holds.
type CommandKind string

// The orders.
const (
	CommandConfig CommandKind = "config" // Config
	CommandQuery  CommandKind = "query"  // LiveQuery
	CommandCancel CommandKind = "cancel" // Cancel
	CommandResync CommandKind = "resync" // Resync
	CommandScan   CommandKind = "scan"   // Scan
	CommandMove   CommandKind = "move"   // Move
	CommandRekey  CommandKind = "rekey"  // Rekey
)

// How long orders hold.
const (
	QueryLife  = 10 * time.Minute
	ConfigLife = 30 * 24 * time.Hour
)

// Config is the whole desired state of an agent.
type Config struct {
	Queries          []ConfigQuery `json:"queries"`
	HeartbeatSeconds int           `json:"heartbeat_seconds"`
	AllowedClass     string        `json:"allowed_class"`             // highest privacy class the fleet may ask for: inventory, personal, content
	DisabledTables   []string      `json:"disabled_tables,omitempty"` // modules switched off: refused in live SQL too
	SpoolMaxBytes    int64         `json:"spool_max_bytes,omitempty"`
	Events           *Events       `json:"events,omitempty"` // nil: only what the queries read is recorded
}

// Events is what an agent records beside the tables of events that its queries read.
type Events struct {
	Tables       []string            `json:"tables,omitempty"`
	FilePaths    map[string][]string `json:"file_paths,omitempty"`    // osquery's patterns, by category
	ExcludePaths map[string][]string `json:"exclude_paths,omitempty"` // by category
	FileAccesses []string            `json:"file_accesses,omitempty"` // categories of which reading is recorded too
	Channels     []string            `json:"channels,omitempty"`      // of Windows' event log
	// What the buffer holds of each table; 0 is the agent's own.
	MaxRows       int64 `json:"max_rows,omitempty"`
	MaxBytes      int64 `json:"max_bytes,omitempty"`
	MaxAgeSeconds int64 `json:"max_age_seconds,omitempty"`
}

// ConfigQuery is one scheduled query.
type ConfigQuery struct {
	Collection      string `json:"collection"`
	SQL             string `json:"sql"`
	IntervalSeconds int    `json:"interval_seconds"`
	At              string `json:"at,omitempty"`   // set by the clock instead (queries/wallclock); the interval is then about as often
	Zone            string `json:"zone,omitempty"` // of At, an IANA name; "" for the endpoint's own
	Mode            Mode   `json:"mode"`
	Discovery       string `json:"discovery,omitempty"` // runs only while this statement gives a row
	TimeoutSeconds  int    `json:"timeout_seconds,omitempty"`
	RowLimit        int64  `json:"row_limit,omitempty"`
	Later           bool   `json:"later,omitempty"` // an agent that never ran it asks first what is not marked so
}

// LiveQuery asks now.
type LiveQuery struct {
	QueryID        string `json:"query_id"`
	SQL            string `json:"sql"`
	TimeoutSeconds int    `json:"timeout_seconds"`
	RowLimit       int64  `json:"row_limit,omitempty"`
}

// Cancel ends a live query.
type Cancel struct {
	QueryID string `json:"query_id"`
}

// Scan has scheduled queries run now. Each is told with the scan's context, also where nothing changed.
type Scan struct {
	ScanContextID string   `json:"scan_context_id"`
	Collections   []string `json:"collections"`
}

// Move makes the agent one of another tenant of the fleet, under another id. It is for one agent, never for all of a tenant.
type Move struct {
	TenantID string `json:"tenant_id"`
	AgentID  string `json:"agent_id"`
}

// Rekey has the agent make itself another key and offer it (KeyOffer). It is for one agent.
type Rekey struct {
	OrderID string `json:"order_id"` // the offer names it, so that none counts that nobody asked for
}

// Resync asks for the whole state of collections, after a gap.
type Resync struct {
	Collections []string `json:"collections"`
}
