// Package alerts answers what people should look at now. Rules (packs/alertrules) are judged on what changed; what they
// find are findings, and findings of one group are an alert: opened, acknowledged, snoozed, resolved, opened again. An
// alert says when somebody is to be told, and why not: every notice that is kept back is in its history with the reason.
package alerts

import (
	"crypto/sha256"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/tables"
)

// KindAlert is the kind of findings that rules open themselves; their subject is the rule, and the group where rows make
// one: telnet-open, new-listening-port/8080.
const KindAlert = "alert"

// State is where an alert stands.
type State string

// The states.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged" // somebody sees to it: nobody is told again
	Snoozed      State = "snoozed"      // as acknowledged, until a time
	Resolved     State = "resolved"     // it is no longer so
)

// Notice says why people are told.
type Notice string

// The notices.
const (
	NoticeOpened    Notice = "opened"
	NoticeReopened  Notice = "reopened"
	NoticeReminder  Notice = "renotified"
	NoticeEscalated Notice = "escalated"
	NoticeFlapping  Notice = "flapping"
	NoticeResolved  Notice = "resolved"
)

// Alert is a group of findings that one rule gathers.
type Alert struct {
	ID           uuid.UUID
	Rule         string
	RuleVersion  string
	Key          [16]byte // of the group
	Labels       map[string]string
	Title        string
	Message      string
	Severity     findings.Severity
	Class        tables.Class // of message and labels
	State        State
	Members      int
	Occurrences  int
	OpenedAt     time.Time
	LastSeenAt   time.Time
	StateAt      time.Time
	Changes      []time.Time
	Flapping     bool
	NotifiedAt   *time.Time
	SnoozedUntil *time.Time
	ResolveAt    *time.Time
	RenotifyAt   *time.Time
	EscalateAt   *time.Time
	Escalation   int
	Held         Notice
	HeldUntil    *time.Time

	TenantID   uuid.UUID
	TenantName string
	Hostnames  []string // of members, a few

	tenant int32
	isNew  bool
}

// keyOf names a group of a rule.
func keyOf(group []string) [16]byte {
	h := sha256.New()
	for _, value := range group {
		h.Write([]byte(value))
		h.Write([]byte{0})
	}
	return [16]byte(h.Sum(nil))
}

// Event is one line of an alert's history.
type Event struct {
	At     time.Time
	Event  string
	Actor  string // a name for people
	Reason string
}

// Member is a finding that an alert gathers.
type Member struct {
	FindingID, AgentID uuid.UUID
	Hostname, Message  string
	Class              tables.Class
	Firing             bool
	Since              time.Time
}

// Filter narrows a list; what is empty does not.
type Filter struct {
	State    State
	Severity findings.Severity
	Rule     string
	Agent    uuid.UUID
	Text     string // part of title, message or rule
}

// Setting is what a tenant says over a rule. What is nil says nothing.
type Setting struct {
	Enabled   *bool
	Threshold *int
	Params    map[string]any
	Notify    []string
}

// Effective is a rule as it holds for a tenant: the nearest tenant's text, and the nearest word on each setting.
type Effective struct {
	*alertrules.Rule
	Enabled   bool
	Threshold *int
	Params    map[string]any
	Notify    []string
	// Owner is the tenant whose rule it is, zero for the product's own.
	Owner  uuid.UUID
	Own    bool  // the tenant asked for is the owner
	Broken error // why the text, once right, cannot be compiled any more; nil for a rule that works
	ID     string
	Text   string
}
