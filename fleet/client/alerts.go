package client

import "time"

// Alert is a group of findings that a rule gathers.
type Alert struct {
	ID           string            `json:"id"`
	TenantName   string            `json:"tenant_name"`
	Rule         string            `json:"rule"`
	Title        string            `json:"title"`
	Message      string            `json:"message"`
	Severity     string            `json:"severity"`
	State        string            `json:"state"`
	Labels       map[string]string `json:"labels"`
	Hostnames    []string          `json:"hostnames"`
	Members      int               `json:"members"`
	Occurrences  int               `json:"occurrences"`
	Flapping     bool              `json:"flapping"`
	OpenedAt     time.Time         `json:"opened_at"`
	LastSeenAt   time.Time         `json:"last_seen_at"`
	SnoozedUntil *time.Time        `json:"snoozed_until,omitempty"`
}

// Rule is an alert rule as it holds for a tenant.
type Rule struct {
	Rule      string   `json:"rule"`
	Title     string   `json:"title"`
	On        string   `json:"on"`
	Severity  string   `json:"severity"`
	Enabled   bool     `json:"enabled"`
	Threshold int      `json:"threshold"`
	Notify    []string `json:"notify"`
	Source    string   `json:"source"`
	Error     string   `json:"error,omitempty"`
	YAML      string   `json:"yaml,omitempty"`
}

// DryRun is what a rule would have done over stored history.
type DryRun struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Basis     string    `json:"basis"`
	Moments   int       `json:"moments"`
	Fired     int       `json:"fired"`
	Firing    int       `json:"firing"`
	Truncated bool      `json:"truncated"`
	Errors    int       `json:"errors"`
	LastError string    `json:"last_error,omitempty"`
	Agents    []struct {
		AgentID  string `json:"agent_id"`
		Hostname string `json:"hostname"`
		Fired    int    `json:"fired"`
	} `json:"agents"`
}

// Channel is whom alerts are told to.
type Channel struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Kind        string         `json:"kind"`
	Config      map[string]any `json:"config"`
	SecretHint  string         `json:"secret_hint,omitempty"`
	Enabled     bool           `json:"enabled"`
	AllAlerts   bool           `json:"all_alerts"`
	MinSeverity string         `json:"min_severity"`
	SigningKey  string         `json:"signing_key,omitempty"`
}

// Notification is a notice and what became of it.
type Notification struct {
	ID            string    `json:"id"`
	TenantName    string    `json:"tenant_name"`
	AlertID       string    `json:"alert_id,omitempty"`
	Rule          string    `json:"rule"`
	Notice        string    `json:"notice"`
	Severity      string    `json:"severity"`
	Channel       string    `json:"channel"`
	Kind          string    `json:"kind"`
	Status        string    `json:"status"`
	Reason        string    `json:"reason,omitempty"`
	RetryCount    int       `json:"retry_count"`
	WebhookStatus int       `json:"webhook_status,omitempty"`
	MessageID     string    `json:"message_id,omitempty"`
	BodySHA256    string    `json:"body_sha256"`
	CreatedAt     time.Time `json:"created_at"`
}

// Drift is a change of an agent.
type Drift struct {
	At         time.Time `json:"at"`
	Hostname   string    `json:"hostname"`
	TenantName string    `json:"tenant_name"`
	Collection string    `json:"collection"`
	Change     string    `json:"change"`
	Columns    []string  `json:"columns"`
	Value      []any     `json:"value"`
	Was        []any     `json:"was,omitempty"`
	New        bool      `json:"new"`
	Others     int       `json:"others"`
	Fleet      int       `json:"fleet"`
	Hidden     string    `json:"hidden,omitempty"`
}

// RiskAsset is an agent with its score.
type RiskAsset struct {
	AgentID    string  `json:"agent_id"`
	Hostname   string  `json:"hostname"`
	TenantName string  `json:"tenant_name"`
	Importance int     `json:"importance"`
	Points     float64 `json:"points"`
	Score      float64 `json:"score"`
	Reasons    []struct {
		Title    string  `json:"title"`
		Subject  string  `json:"subject"`
		Severity string  `json:"severity"`
		Share    float64 `json:"share"`
		Text     string  `json:"text"`
	} `json:"reasons,omitempty"`
}
