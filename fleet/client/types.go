package client

import (
	"encoding/json"
	"encoding/pem"
	"time"
)

func pemCertificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Me is who is signed in.
type Me struct {
	User struct {
		ID    string `json:"id"`
		Email string `json:"email"`
		Name  string `json:"name"`
	} `json:"user"`
	Tenant      Tenant   `json:"tenant"`
	Role        string   `json:"role"`
	Permissions []string `json:"permissions"`
	Features    []string `json:"features"`
}

// Tenant is a node of the tree.
type Tenant struct {
	ID        string    `json:"id"`
	ParentID  string    `json:"parent_id,omitempty"`
	Name      string    `json:"name"`
	Slug      string    `json:"slug"`
	Plan      string    `json:"plan"`
	Status    string    `json:"status,omitempty"`
	Depth     int       `json:"depth,omitempty"`
	Agents    int64     `json:"agents,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
}

// User is a person with the role that was asked about.
type User struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Status string `json:"status"`
}

// EnrollSecret lets endpoints enrol; Secret is there only in the answer that made it.
type EnrollSecret struct {
	ID        string    `json:"id"`
	Secret    string    `json:"secret,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
	MaxUses   int       `json:"max_uses"`
	Uses      int       `json:"uses"`
	Tags      []string  `json:"tags"`
	CreatedAt time.Time `json:"created_at"`
}

// Agent is an enrolled endpoint.
type Agent struct {
	ID           string    `json:"id"`
	TenantName   string    `json:"tenant_name"`
	Hostname     string    `json:"hostname"`
	Platform     string    `json:"platform"`
	OSName       string    `json:"os_name"`
	OSVersion    string    `json:"os_version"`
	Version      string    `json:"version"`
	Status       string    `json:"status"`
	LastSeenAt   time.Time `json:"last_seen_at,omitzero"`
	EnrolledAt   time.Time `json:"enrolled_at"`
	Tags         []string  `json:"tags"`
	OpenFindings int64     `json:"open_findings"`
}

// Collection is what an agent told in one collection.
type Collection struct {
	Collection  string    `json:"collection"`
	Rows        int64     `json:"rows"`
	LastBatchAt time.Time `json:"last_batch_at"`
	StatusCode  int       `json:"status_code"`
	Error       string    `json:"error"`
}

// LiveQuery is a campaign.
type LiveQuery struct {
	ID        string           `json:"id"`
	SQL       string           `json:"sql"`
	State     string           `json:"state"`
	CreatedAt time.Time        `json:"created_at"`
	CreatedBy string           `json:"created_by"`
	Counts    map[string]int64 `json:"counts"`
	Rows      int64            `json:"rows"`
}

// LiveEvent is one line of a live query's stream. Rows is an array of arrays in a "rows" event, a number in an "agent"
// event.
type LiveEvent struct {
	Type       string           `json:"type"`
	AgentID    string           `json:"agent_id"`
	Hostname   string           `json:"hostname"`
	Columns    []string         `json:"columns"`
	Rows       json.RawMessage  `json:"rows"`
	Outcome    string           `json:"outcome"`
	DurationMS int64            `json:"duration_ms"`
	Error      string           `json:"error"`
	Counts     map[string]int64 `json:"counts"`
}

// Pack is a set of scheduled queries.
type Pack struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	YAML        string   `json:"yaml,omitempty"`
	Source      string   `json:"source,omitempty"` // product, tenant, inherited
	Notes       []string `json:"notes,omitempty"`
	Queries     int      `json:"queries,omitempty"`
}

// Schedule says whether a pack runs in a tenant.
type Schedule struct {
	Pack          string `json:"pack"`
	Enabled       bool   `json:"enabled"`
	TenantID      string `json:"tenant_id,omitempty"` // that said so; "" for the product's default
	InheritedFrom string `json:"inherited_from,omitempty"`
}

// Finding is what a judge opened.
type Finding struct {
	ID          string    `json:"id"`
	TenantName  string    `json:"tenant_name"`
	AgentID     string    `json:"agent_id"`
	Hostname    string    `json:"hostname"`
	Kind        string    `json:"kind"`
	Subject     string    `json:"subject"`
	Title       string    `json:"title"`
	Severity    string    `json:"severity"`
	State       string    `json:"state"`
	Message     string    `json:"message"`
	FirstSeenAt time.Time `json:"first_seen_at"`
	LastSeenAt  time.Time `json:"last_seen_at"`
}

// CheckSummary counts a check's verdicts.
type CheckSummary struct {
	Check         string `json:"check"`
	Title         string `json:"title"`
	Severity      string `json:"severity"`
	Pass          int64  `json:"pass"`
	Fail          int64  `json:"fail"`
	NotApplicable int64  `json:"not_applicable"`
	Error         int64  `json:"error"`
	Waived        int64  `json:"waived"`
}

// AuditEntry is one link of a tenant's audit chain.
type AuditEntry struct {
	Seq     int64           `json:"seq"`
	At      time.Time       `json:"at"`
	Actor   string          `json:"actor"`
	Action  string          `json:"action"`
	Object  string          `json:"object"`
	Address string          `json:"address"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

// AuditProof is the result of checking a chain.
type AuditProof struct {
	OK          bool      `json:"ok"`
	Entries     int64     `json:"entries"`
	FirstBadSeq int64     `json:"first_bad_seq,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	FirstSeq    int64     `json:"first_seq"`
	Anchors     int       `json:"anchors"`
	AnchoredSeq int64     `json:"anchored_seq"`
	AnchoredAt  time.Time `json:"anchored_at,omitzero"`
}

// Group is a set of agents.
type Group struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Kind        string `json:"kind"`
	Rule        string `json:"rule"`
	Agents      int64  `json:"agents"`
	Error       string `json:"error,omitempty"`
}

// Scan is a run that somebody triggered.
type Scan struct {
	ID            string           `json:"id"`
	ScanContextID string           `json:"scan_context_id"`
	State         string           `json:"state"`
	CreatedBy     string           `json:"created_by"`
	CreatedAt     time.Time        `json:"created_at"`
	Counts        map[string]int64 `json:"counts"`
}
