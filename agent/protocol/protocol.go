// Package protocol is what agent and fleet say to each other: the types of the messages, the bytes that are signed, and
// the bounds that both ends hold. It has no behaviour beyond that.
//
// Over the websocket a message is an Envelope (package frame packs it). The same bodies travel by HTTPS where websockets
// are blocked. What an agent claims is signed by its key; what the fleet orders is signed by the tenant's config key,
// which the installation's root key certifies and agents pin at enrolment. The bytes that were signed travel as they
// are: a receiver checks the signature first and reads them after.
package protocol

import (
	"encoding/json"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// Bounds of SECURITY-MODEL 2.17, held by both ends.
const (
	FrameMax      = 4 << 20  // bytes of a packed frame
	InflatedMax   = 32 << 20 // bytes of an unpacked frame
	DepthMax      = 64       // nesting of JSON
	CellMax       = 1 << 20  // bytes of one cell
	ColumnsMax    = 2000
	ClockSkewMax  = 10 * time.Minute
	HelloDeadline = 10 * time.Second
	NonceSize     = 32
)

// Envelope is one message. ID joins an answer to what it answers; it may be empty.
type Envelope struct {
	Type Type            `json:"type"`
	ID   string          `json:"id,omitempty"`
	Body json.RawMessage `json:"body,omitempty"`
}

// Type names what an envelope holds.
type Type string

// The messages. A receiver answers an unknown type with an error and keeps the connection.
const (
	// Fleet to agent.
	TypeChallenge Type = "challenge" // Challenge
	TypeWelcome   Type = "welcome"   // Welcome
	TypeAck       Type = "ack"       // Ack
	TypeCommand   Type = "command"   // Command: config, query, cancel, resync, fix
	TypeError     Type = "error"     // Error

	// Agent to fleet.
	TypeHello     Type = "hello"     // Hello
	TypeHeartbeat Type = "heartbeat" // Heartbeat
	TypeBatch     Type = "batch"     // Batch
	TypeAnswer    Type = "answer"    // Answer
	TypeLog       Type = "log"       // Log
)

// Challenge opens a connection. The agent signs the nonce.
type Challenge struct {
	Nonce      []byte    `json:"nonce"`
	FleetID    string    `json:"fleet_id"`
	ServerTime time.Time `json:"server_time"`
}

// Hello answers a Challenge. Session holds a HelloHeader under PurposeHello.
type Hello struct {
	Session Signed `json:"session"`
	Facts   Facts  `json:"facts"`
}

// HelloHeader is the signed part of a Hello.
type HelloHeader struct {
	Nonce         []byte    `json:"nonce"`
	FleetID       string    `json:"fleet_id"`
	TenantID      string    `json:"tenant_id"`
	AgentID       string    `json:"agent_id"`
	Timestamp     time.Time `json:"timestamp"`
	InstanceID    string    `json:"instance_id"`    // made anew at each start of the agent's process
	HardwareID    string    `json:"hardware_id"`    // tells a clone of the state directory from its original; may be empty
	ConfigVersion int64     `json:"config_version"` // of the configuration in force; 0 for none
}

// Facts describe the endpoint for lists; they are claims, shown as text.
type Facts struct {
	Hostname  string `json:"hostname"`
	Platform  string `json:"platform"` // linux, darwin, windows
	Arch      string `json:"arch"`
	OSName    string `json:"os_name"`
	OSVersion string `json:"os_version"`
	Version   string `json:"version"` // of the agent
}

// Welcome accepts a session.
type Welcome struct {
	ServerTime   time.Time `json:"server_time"`
	LastSequence int64     `json:"last_sequence"` // the highest stored of this agent
}

// Heartbeat says that the agent lives. Header holds a HeartbeatHeader under PurposeHeartbeat.
type Heartbeat struct {
	Header Signed `json:"header"`
}

// HeartbeatHeader is the signed part of a Heartbeat.
type HeartbeatHeader struct {
	TenantID      string    `json:"tenant_id"`
	AgentID       string    `json:"agent_id"`
	Timestamp     time.Time `json:"timestamp"`
	ConfigVersion int64     `json:"config_version"`
	UptimeSeconds int64     `json:"uptime_seconds"`
	RSSBytes      int64     `json:"rss_bytes"`
	CPUMillis     int64     `json:"cpu_ms"` // since the process started
	SpoolBatches  int64     `json:"spool_batches"`
	SpoolBytes    int64     `json:"spool_bytes"`
	SpoolDropped  int64     `json:"spool_dropped"` // batches given up since enrolment because the spool was full
}

// Mode says how a collection's batches are to be read.
type Mode string

// The modes.
const (
	// ModeDifferential batches hold the rows that came and went since the collection's batch before.
	ModeDifferential Mode = "differential"
	// ModeSnapshot batches hold all rows; what they lack is gone.
	ModeSnapshot Mode = "snapshot"
	// ModeAppend batches hold rows that only ever come: events, and differential queries without removed rows.
	ModeAppend Mode = "append"
)

// Batch is what one execution of a scheduled query changed in its collection. Header holds a BatchHeader under
// PurposeBatch, whose Root covers the rows: leaves are the added rows in order, then the removed hashes in order.
type Batch struct {
	Header  Signed           `json:"header"`
	Added   [][]tables.Value `json:"added,omitempty"`   // each as long as the header's columns
	Removed [][]byte         `json:"removed,omitempty"` // row hashes (queries/diff)
}

// BatchHeader is the signed part of a Batch.
type BatchHeader struct {
	TenantID      string    `json:"tenant_id"`
	AgentID       string    `json:"agent_id"`
	ScanContextID string    `json:"scan_context_id"` // the execution or triggered scan that it belongs to
	Collection    string    `json:"collection"`      // pack:<pack>/<query>, check:<check>, check:<check>/applies
	QueryVersion  string    `json:"query_version"`   // hash of the SQL, so that a changed query starts anew
	Mode          Mode      `json:"mode"`
	Epoch         int64     `json:"epoch"`    // made anew when the agent lost or reset its differential state
	Counter       int64     `json:"counter"`  // 0 for the whole state of an epoch, then one more each batch of the collection
	Sequence      int64     `json:"sequence"` // one more each batch of the agent, over all collections; first is 1
	Timestamp     time.Time `json:"timestamp"`
	Columns       []string  `json:"columns"`
	AddedCount    int       `json:"added_count"`
	RemovedCount  int       `json:"removed_count"`
	Root          []byte    `json:"root"`
	Execution     Execution `json:"execution"`
}

// Execution tells how a statement ran.
type Execution struct {
	StatusCode int    `json:"status_code"` // 0 well, 1 the statement failed, 2 ended by a limit
	Log        string `json:"execution_log,omitempty"`
	DurationMS int64  `json:"duration_ms"`
	CPUMillis  int64  `json:"cpu_ms"`
	Rows       int64  `json:"rows"` // of the whole result, not of the change
	Bytes      int64  `json:"bytes"`
}

// Ack ends a batch's life in the spool. A refused batch is never sent again.
type Ack struct {
	Sequence int64  `json:"sequence"`
	Refused  *Error `json:"refused,omitempty"`
}

// Answer is a part of the answer to a live query; the last part has Final set and the outcome. Header holds an
// AnswerHeader under PurposeAnswer, whose Root covers the part's rows as in a Batch.
type Answer struct {
	Header Signed           `json:"header"`
	Rows   [][]tables.Value `json:"rows,omitempty"`
}

// AnswerHeader is the signed part of an Answer.
type AnswerHeader struct {
	TenantID  string    `json:"tenant_id"`
	AgentID   string    `json:"agent_id"`
	QueryID   string    `json:"query_id"`
	Part      int       `json:"part"` // from 0
	Final     bool      `json:"final"`
	Outcome   Outcome   `json:"outcome,omitempty"` // of the final part
	Error     string    `json:"error,omitempty"`
	Timestamp time.Time `json:"timestamp"`
	Columns   []string  `json:"columns"`
	RowCount  int       `json:"row_count"`
	Root      []byte    `json:"root"`
	Execution Execution `json:"execution"` // of the final part: the whole answer's
}

// Outcome is how an agent's answer to a live query ended.
type Outcome string

// The outcomes that an agent reports.
const (
	OutcomeRows      Outcome = "with_rows"
	OutcomeNoRows    Outcome = "no_rows"
	OutcomeFailed    Outcome = "failed"
	OutcomeTimedOut  Outcome = "timed_out"
	OutcomeRefused   Outcome = "refused" // by the agent's local policy or switched-off modules
	OutcomeCancelled Outcome = "cancelled"
)

// Log is a line that an operator of the fleet should see: why a command was refused, what was dropped.
type Log struct {
	At       time.Time         `json:"at"`
	Severity string            `json:"severity"` // info, warn, error
	Code     string            `json:"code"`     // snake_case, for rules to match
	Message  string            `json:"message"`
	Facts    map[string]string `json:"facts,omitempty"`
}

// Error is a refusal. The codes are stable; the message says what to do.
type Error struct {
	Code        string    `json:"code"`
	Message     string    `json:"message"`
	ServerTime  time.Time `json:"server_time,omitzero"`
	RetryMillis int64     `json:"retry_ms,omitempty"` // with CodeBusy: wait so long
}

// Error is the message with its code.
func (e *Error) Error() string { return e.Message + " (" + e.Code + ")" }

// The codes of Error.
const (
	CodeBusy            = "busy"             // queues are full: wait and send again
	CodeClockSkew       = "clock_skew"       // the agent's clock is off by more than ClockSkewMax
	CodeInvalid         = "invalid"          // the message breaks the protocol
	CodeSignature       = "bad_signature"    // a signature does not hold
	CodeRevoked         = "revoked"          // the agent is revoked: stop
	CodePending         = "pending_approval" // enrolment waits for a person
	CodeUnknownAgent    = "unknown_agent"
	CodeUnknownQuery    = "unknown_query"
	CodeTooLarge        = "too_large"
	CodeEnrollRefused   = "enroll_refused" // the secret is wrong, expired or used up
	CodeSequenceReuse   = "sequence_reuse" // the same sequence with other content
	CodeGap             = "gap"            // a differential batch does not follow on what is stored: a resync is on its way
	CodeUnknownMessage  = "unknown_message"
	CodeForeignIdentity = "foreign_identity" // the body names another agent or tenant than the key
	CodeUnknownOrder    = "unknown_order"    // nobody asked for it, or it was taken back
	CodeInternal        = "internal"
)
