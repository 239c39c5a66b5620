// Package agents answers which endpoints belong to a tenant and how they are: enrol secrets, enrolment, the keys by which
// agents are known, heartbeats, and revocation.
package agents

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
)

// OnlineFor is how long after its last heartbeat an agent counts as online: three heartbeats.
const OnlineFor = 90 * time.Second

// State is what the tenant decided about an agent.
type State string

// The states.
const (
	Active  State = "active"
	Pending State = "pending" // enrolled by a secret that asks for approval, not approved yet
	Revoked State = "revoked" // for good
)

// Status is the state together with whether the agent is heard of.
type Status string

// The statuses.
const (
	StatusOnline  Status = "online"
	StatusOffline Status = "offline"
	StatusPending Status = "pending"
	StatusRevoked Status = "revoked"

	StatusDecommissioned Status = "decommissioned" // in lists only where it is asked for
)

// Agent is an endpoint. The host's facts are its own claims.
type Agent struct {
	ID         uuid.UUID
	Tenant     int32
	Key        int32 // the id inside the database
	TenantID   uuid.UUID
	TenantName string
	Facts      protocol.Facts
	Status     Status
	Tags       []string
	EnrolledAt time.Time
	LastSeenAt time.Time
	Health     Health
	KeyMadeAt  time.Time
	KeyChange  string // ordered, offered, or "" where its key is to stay
}

// Health is what the last heartbeat told.
type Health struct {
	ConfigVersion int64
	UptimeSeconds int64
	RSSBytes      int64
	CPUMillis     int64
	SpoolBatches  int64
	SpoolBytes    int64
	SpoolDropped  int64
}

// Filter narrows a list. Zero values do not filter.
type Filter struct {
	Status   Status
	Platform string
	Query    string // part of the host name
	Tag      string
	Group    uuid.UUID // of the groups that the scope sees
	After    Place     // the key of the page before
	Limit    int
}

// Place is an agent's place in lists: by host name, then by id.
type Place struct {
	Hostname string    `json:"h"`
	ID       uuid.UUID `json:"i"`
}

// Bounds of secrets.
const (
	secretLifeDefault = 24 * time.Hour
	secretLifeMax     = 30 * 24 * time.Hour
	secretUsesDefault = 100
	secretUsesMax     = 100_000
	tagsMax           = 20
	tagMax            = 64
)

// Secret is an enrol secret without the secret itself, which is shown once and never stored.
type Secret struct {
	ID            uuid.UUID
	Tags          []string
	NeedsApproval bool
	MaxUses       int
	Uses          int
	ExpiresAt     time.Time
	CreatedBy     string
	CreatedAt     time.Time
}

// SecretDraft is what a person asks for. Zero values are replaced by 24 hours and 100 uses.
type SecretDraft struct {
	Life          time.Duration
	MaxUses       int
	Tags          []string
	NeedsApproval bool
}

func (d *SecretDraft) complete() error {
	if d.Life == 0 {
		d.Life = secretLifeDefault
	}
	if d.MaxUses == 0 {
		d.MaxUses = secretUsesDefault
	}
	if d.Life < time.Minute || d.Life > secretLifeMax {
		return fault.Field(fault.Invalid, "body.expires_in_hours", "a secret holds 1 to %d hours", int(secretLifeMax/time.Hour))
	}
	if d.MaxUses < 1 || d.MaxUses > secretUsesMax {
		return fault.Field(fault.Invalid, "body.max_uses", "a secret enrols 1 to %d agents", secretUsesMax)
	}
	return checkTags(d.Tags)
}

func checkTags(tags []string) error {
	if len(tags) > tagsMax {
		return fault.Field(fault.Invalid, "body.tags", "at most %d tags", tagsMax)
	}
	for _, tag := range tags {
		if tag == "" || len(tag) > tagMax || !plaintext.IsLine(tag) {
			return fault.Field(fault.Invalid, "body.tags", "a tag is one line of 1 to %d bytes", tagMax)
		}
	}
	return nil
}

const (
	factMax     = 255
	hardwareMax = 255
)

// cleanFacts makes an agent's claims fit to be stored and shown as one line each; the platform must be one of ours.
func cleanFacts(f protocol.Facts) (protocol.Facts, error) {
	switch f.Platform {
	case "linux", "darwin", "windows":
	default:
		return f, fault.Field(fault.Invalid, "facts.platform", "the platform must be linux, darwin or windows")
	}
	for _, text := range []*string{&f.Hostname, &f.Arch, &f.OSName, &f.OSVersion, &f.Version} {
		*text = cleanLine(*text, factMax)
	}
	if f.Hostname == "" {
		f.Hostname = "unnamed"
	}
	return f, nil
}

func cleanLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return strings.TrimSpace(text)
}
