// Package notify tells people of alerts: in the console, by e-mail, by signed webhook, by chat, pager and ticket. A notice
// is stored in the transaction of its alert and sent by a job, at least once: each attempt carries the same id, by which
// receivers know a repetition. What became of each notice is kept.
package notify

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/tables"
)

// Kind is the kind of a channel.
type Kind string

// The kinds.
const (
	InApp     Kind = "inapp" // the console; everybody has it, so no channel is of it
	Email     Kind = "email"
	Webhook   Kind = "webhook"
	Slack     Kind = "slack"
	Teams     Kind = "teams"
	Discord   Kind = "discord"
	Telegram  Kind = "telegram"
	PagerDuty Kind = "pagerduty"
	Opsgenie  Kind = "opsgenie"
	Jira      Kind = "jira"
)

// Feature is what a tenant's plan must have for channels of the kind.
func (k Kind) Feature() access.Feature {
	switch k {
	case Email, InApp:
		return access.Alerts
	case Jira:
		return access.Connectors
	default:
		return access.ChatIntegration
	}
}

// Channel is whom alerts are told to.
type Channel struct {
	ID        uuid.UUID
	Name      string
	Kind      Kind
	Config    Settings
	Hint      string // the secret's last four characters; "" where there is none
	SecretAt  *time.Time
	Enabled   bool
	AllAlerts bool
	Severity  findings.Severity // the lowest that is told
	Class     tables.Class      // the highest that may be sent
	Subject   string            // templates; "" for the product's own
	Body      string

	tenant   int32
	secret   string // sealed
	old      string // sealed
	oldUntil *time.Time
}

// Settings of a channel that are no secret. Which of them count depends on the kind.
type Settings struct {
	To        []string `json:"to,omitempty"`         // email: addresses
	URL       string   `json:"url,omitempty"`        // webhook, jira: where to
	ChatID    string   `json:"chat_id,omitempty"`    // telegram
	Region    string   `json:"region,omitempty"`     // opsgenie: us or eu
	Project   string   `json:"project,omitempty"`    // jira: its key
	IssueType string   `json:"issue_type,omitempty"` // jira
	User      string   `json:"user,omitempty"`       // jira: the e-mail address whose token is used
}

// Status is what became of a notice.
type Status string

// The statuses.
const (
	Queued     Status = "queued"
	Retrying   Status = "retrying"
	Sent       Status = "sent"
	Dead       Status = "dead"       // given up; it can be sent again by hand
	Suppressed Status = "suppressed" // not sent, for the reason that stands with it
)

// Notification is a notice for one channel.
type Notification struct {
	ID            uuid.UUID
	AlertID       *uuid.UUID
	Rule          string
	Notice        alerts.Notice
	Severity      findings.Severity
	Class         tables.Class
	ChannelTenant *int32
	ChannelID     *uuid.UUID
	Channel       string
	Kind          Kind
	Status        Status
	Reason        string
	RetryCount    int
	WebhookStatus int
	MessageID     string
	Subject       string
	Body          string
	BodySHA256    []byte
	ReplayOf      *uuid.UUID
	CreatedAt     time.Time
	AttemptedAt   *time.Time
	SentAt        *time.Time
	TenantName    string

	tenant int32
}

// Message is what is told, before it is written for a channel. It is what webhooks get as JSON.
type Message struct {
	ID        uuid.UUID         `json:"id"`
	Type      string            `json:"type"` // alert.opened, alert.resolved, …, test
	At        time.Time         `json:"timestamp"`
	TenantID  uuid.UUID         `json:"tenant_id"`
	Tenant    string            `json:"tenant"`
	AlertID   *uuid.UUID        `json:"alert_id,omitempty"`
	Rule      string            `json:"rule"`
	Title     string            `json:"title"`
	Text      string            `json:"message"`
	Severity  string            `json:"severity"`
	State     string            `json:"state"`
	Members   int               `json:"members"`
	Hostnames []string          `json:"hostnames"`
	Labels    map[string]string `json:"labels"`
	Link      string            `json:"link,omitempty"`
	Subject   string            `json:"subject"`
	Body      string            `json:"text"`
}

// over tells whether the message says that something is over.
func (m *Message) over() bool { return m.Type == "alert."+string(alerts.NoticeResolved) }

// Filter narrows a list; what is empty does not.
type Filter struct {
	Status  Status
	Channel string
	Rule    string
	Alert   uuid.UUID
}

// hint is what people are shown of a secret.
func hint(secret string) string {
	if len(secret) < 12 {
		return ""
	}
	return strings.ToValidUTF8(secret[len(secret)-4:], "")
}
