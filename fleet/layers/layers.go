// Package layers answers what one agent is to do: what its tenant is to do, changed by what people say for the tenants on
// the path, for groups that the agent is in, and for the agent alone. The nearest counts.
//
// A layer may be tried on a part of its agents first. It is taken back by itself where they fail or use too much.
package layers

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
	"github.com/tenantra/tenantra/packs"
)

const (
	heartbeatMin, heartbeatMax = 5, 300               // seconds
	spoolMin, spoolMax         = 16 << 20, 16 << 30   // bytes
	intervalMin, intervalMax   = 10, 7 * 24 * 60 * 60 // seconds
	namesMax                   = 500                  // of each list of a layer
	nameMax                    = 250                  // bytes
	age                        = 10 * time.Second     // how long layers are taken for current without asking
	failingDefault             = 10                   // percent of a canary's agents
	cpuDefault                 = int64(36_000)        // milliseconds an hour: 1 % of a core
	soak                       = 2 * time.Minute      // how long an agent has a configuration before its cost is judged
	watchEvery                 = 15 * time.Second
)

// Kind says whom a layer is for.
type Kind string

// The kinds, the farthest first.
const (
	OfTenant Kind = "tenant" // a tenant and those below it
	OfGroup  Kind = "group"
	OfAgent  Kind = "agent"
)

// State says how far a layer has come.
type State string

// The states.
const (
	Done    State = "done"    // all its agents have it
	Rolling State = "rolling" // its canary has it
	Stopped State = "stopped" // it was taken back: all have what was before
)

// Content is what a layer says; what it does not say, the layers farther away do.
type Content struct {
	HeartbeatSeconds int             `json:"heartbeat_seconds,omitempty" minimum:"0" maximum:"300" doc:"5 to 300."`
	SpoolMaxBytes    int64           `json:"spool_max_bytes,omitempty" minimum:"0" doc:"What an agent keeps on its disk while the fleet is away, at most."`
	Packs            map[string]bool `json:"packs,omitempty" doc:"Whether packs run, by name."`
	PackVersions     map[string]int  `json:"pack_versions,omitempty" doc:"Texts of packs of the tenant that hold instead of the present ones: number of the version, by name."`
	Intervals        map[string]int  `json:"intervals,omitempty" doc:"Seconds between two runs, by collection: pack:inventory/users."`
	Times            map[string]Time `json:"times,omitempty" doc:"When queries run by the clock instead, by collection."`
	OffTables        []string        `json:"off_tables,omitempty" maxItems:"500" doc:"Tables that agents refuse, beside those that are off for the tenant."`
}

// Time is when a query runs by the clock.
type Time struct {
	At   string `json:"at" maxLength:"200" doc:"Such as 03:00, mon-fri 09:00,17:30, or the five fields of a crontab."`
	Zone string `json:"zone,omitempty" maxLength:"64" doc:"IANA name; absent: the endpoint's own."`
}

func (t Time) String() string {
	if t.Zone == "" {
		return t.At
	}
	return t.At + " " + t.Zone
}

func (c *Content) validate() error {
	wrong := func(field, format string, args ...any) error {
		return fault.Field(fault.Invalid, "body.content."+field, format, args...)
	}
	switch {
	case c.HeartbeatSeconds != 0 && (c.HeartbeatSeconds < heartbeatMin || c.HeartbeatSeconds > heartbeatMax):
		return wrong("heartbeat_seconds", "%d to %d seconds", heartbeatMin, heartbeatMax)
	case c.SpoolMaxBytes != 0 && (c.SpoolMaxBytes < spoolMin || c.SpoolMaxBytes > spoolMax):
		return wrong("spool_max_bytes", "%d MiB to %d GiB", spoolMin>>20, spoolMax>>30)
	case len(c.Packs) > namesMax || len(c.PackVersions) > namesMax || len(c.Intervals) > namesMax || len(c.Times) > namesMax || len(c.OffTables) > namesMax:
		return wrong("", "at most %d packs, intervals, times and tables", namesMax)
	}
	for name := range c.Packs {
		if !isName(name) {
			return wrong("packs", "%.40q is no pack's name", name)
		}
	}
	for name, number := range c.PackVersions {
		if !isName(name) || number < 1 {
			return wrong("pack_versions", "%.40q: want a pack's name, and the number of a version from 1 on", name)
		}
	}
	for name, seconds := range c.Intervals {
		if !isName(name) || !strings.Contains(name, ":") {
			return wrong("intervals", "%.40q is no collection's name, such as pack:inventory/users", name)
		}
		if seconds < intervalMin || seconds > intervalMax {
			return wrong("intervals", "%s: %d seconds to 7 days", name, intervalMin)
		}
	}
	for name, when := range c.Times {
		if !isName(name) || !strings.Contains(name, ":") {
			return wrong("times", "%.40q is no collection's name, such as pack:inventory/users", name)
		}
		if when.Zone == packs.ZoneTenant {
			return wrong("times", "%s: name the zone, such as Europe/Berlin", name)
		}
		if _, err := packs.About(when.At, when.Zone); err != nil {
			return wrong("times", "%s: %v", name, err)
		}
		if _, both := c.Intervals[name]; both {
			return wrong("times", "%s runs by its interval or at a time, not both", name)
		}
	}
	for _, name := range c.OffTables {
		if !isName(name) {
			return wrong("off_tables", "%.40q is no table's name", name)
		}
	}
	slices.Sort(c.OffTables)
	c.OffTables = slices.Compact(c.OffTables)
	return nil
}

func isName(text string) bool {
	return text != "" && len(text) <= nameMax && plaintext.IsLine(text)
}

// over gives what holds where c is nearer than far.
func (c Content) over(far Content) Content {
	out := far
	out.PackVersions = nil // whose they are the layer tells: editionsOf
	out.Packs, out.Intervals, out.Times = maps.Clone(far.Packs), maps.Clone(far.Intervals), maps.Clone(far.Times)
	if c.HeartbeatSeconds != 0 {
		out.HeartbeatSeconds = c.HeartbeatSeconds
	}
	if c.SpoolMaxBytes != 0 {
		out.SpoolMaxBytes = c.SpoolMaxBytes
	}
	if out.Packs == nil && len(c.Packs) > 0 {
		out.Packs = map[string]bool{}
	}
	maps.Copy(out.Packs, c.Packs)
	if out.Intervals == nil && len(c.Intervals) > 0 {
		out.Intervals = map[string]int{}
	}
	maps.Copy(out.Intervals, c.Intervals)
	if out.Times == nil && len(c.Times) > 0 {
		out.Times = map[string]Time{}
	}
	maps.Copy(out.Times, c.Times)
	for name := range c.Intervals { // of both the nearer holds
		delete(out.Times, name)
	}
	for name := range c.Times {
		delete(out.Intervals, name)
	}
	out.OffTables = slices.Compact(slices.Sorted(slices.Values(slices.Concat(far.OffTables, c.OffTables))))
	return out
}

// Budget is what a canary may not exceed.
type Budget struct {
	FailingPercent int   `json:"failing_percent,omitempty" minimum:"0" maximum:"100" doc:"Of the canary's agents, how many may have a query that fails. 10 where absent."`
	CPUMillis      int64 `json:"cpu_ms_per_hour,omitempty" minimum:"0" doc:"What the canary's agents may use on average. 36000, one in a hundred of a core, where absent."`
}

func (b *Budget) complete() {
	if b.FailingPercent == 0 {
		b.FailingPercent = failingDefault
	}
	if b.CPUMillis == 0 {
		b.CPUMillis = cpuDefault
	}
}

// Layer is what somebody said for a tenant, a group or an agent.
type Layer struct {
	Tenant    int32
	TenantID  uuid.UUID
	Kind      Kind
	Target    uuid.UUID
	Name      string // of the tenant, group or agent, for people
	Version   int
	Content   Content
	Before    Content
	Canary    int // percent of its agents
	State     State
	Reason    string
	Budget    Budget
	ChangedAt time.Time
	ChangedBy string
}

// Draft is what a person says.
type Draft struct {
	Content Content
	Canary  int // 0: all at once
	Budget  Budget
}

func (d *Draft) complete(kind Kind) error {
	if d.Canary == 0 {
		d.Canary = 100
	}
	if d.Canary < 1 || d.Canary > 100 {
		return fault.Field(fault.Invalid, "body.canary_percent", "1 to 100")
	}
	if kind == OfAgent && d.Canary != 100 {
		return fault.Field(fault.Invalid, "body.canary_percent", "one agent has no part to try it on")
	}
	d.Budget.complete()
	return d.Content.validate()
}

// inCanary chooses the same agents for each try of a layer, and others for another layer.
func (l *Layer) inCanary(agent uuid.UUID) bool {
	if l.Canary >= 100 {
		return true
	}
	sum := sha256.Sum256(append(agent[:], l.Target[:]...))
	return int(binary.BigEndian.Uint32(sum[:])%100) < l.Canary
}

// For gives what the layer says for one of its agents.
func (l *Layer) For(agent uuid.UUID) (c Content, canary bool) {
	switch {
	case l.State == Done:
		return l.Content, false
	case l.State == Rolling && l.inCanary(agent):
		return l.Content, true
	default:
		return l.Before, false
	}
}
