// Package usage answers how much of the product a tenant uses, day by day, and how much of its plan is left. It counts what
// agents send as it is stored, takes stock of the rest every few minutes, and refuses what a plan has no room for.
//
// Nothing that an endpoint has told is ever thrown away for a limit: what people start is refused with the limit named, what
// agents send is taken and shown as over.
package usage

import (
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
)

// Meter names something that is counted.
type Meter string

// The meters that plans limit, in the order in which they are shown.
const (
	Agents      Meter = "agents"       // enrolled and not revoked, now
	LiveQueries Meter = "live_queries" // asked today
	Scans       Meter = "scans"        // triggered today
	Rows        Meter = "rows"         // that came and went, stored today
	Bytes       Meter = "bytes"        // of results, as agents sent them, stored today
)

// What happens at a limit.
const (
	Refused  = "refused"  // nothing more is begun
	Reported = "reported" // all goes on, and it shows
)

// How near its limit a meter is.
const (
	Fine    = "fine"
	Near    = "near" // from four fifths on
	Reached = "reached"
)

// Reading is a meter of a tenant against its plan: used of limit.
type Reading struct {
	Meter   Meter  `json:"meter" enum:"agents,live_queries,scans,rows,bytes"`
	Period  string `json:"period" enum:"now,day" doc:"now: what there is; day: what was since midnight UTC."`
	Used    int64  `json:"used"`
	Limit   *int64 `json:"limit" doc:"Of the plan; null: none."`
	State   string `json:"state" enum:"fine,near,reached"`
	AtLimit string `json:"at_limit" enum:"refused,reported" doc:"refused: nothing more is begun; reported: it goes on and shows here."`
}

// Standing is how a tenant stands now.
type Standing struct {
	TenantID   uuid.UUID   `json:"tenant_id"`
	Tenant     string      `json:"tenant" doc:"Short name."`
	TenantName string      `json:"tenant_name"`
	Plan       access.Tier `json:"plan" enum:"free,basic,pro,enterprise"`
	Day        string      `json:"day" format:"date" doc:"Of the meters with the period day, UTC."`
	Meters     []Reading   `json:"meters"`

	key int32
}

// Counts are what a tenant used in a period.
type Counts struct {
	Agents      int64 `json:"agents" doc:"Enrolled at once, at most."`
	AgentsSeen  int64 `json:"agents_seen" doc:"Heard of on the day; of a month, on the day with the most."`
	Batches     int64 `json:"batches" doc:"Of results, stored."`
	Rows        int64 `json:"rows" doc:"That came and went, stored."`
	Bytes       int64 `json:"bytes" doc:"Of results, as agents sent them."`
	LiveQueries int64 `json:"live_queries"`
	Scans       int64 `json:"scans" doc:"That somebody triggered."`
	Exports     int64 `json:"exports"`
	StoredRows  int64 `json:"stored_rows" doc:"Rows that agents have, at the end of the period."`
	StoredBytes int64 `json:"stored_bytes" doc:"Size of the results that those are of, at the end of the period."`
}

// Period is one day or month of a tenant.
type Period struct {
	Period   string    `json:"period" doc:"2026-01-31 of days, 2026-01 of months; UTC."`
	TenantID uuid.UUID `json:"tenant_id"`
	Tenant   string    `json:"tenant" doc:"Short name."`
	Counts

	key   int32
	begin time.Time
}

// nature is what sort of thing a meter counts.
type nature struct {
	meter   Meter
	period  string
	atLimit string
	what    string // for people
}

// meters are all of them.
var meters = []nature{
	{Agents, "now", Refused, "agents"},
	{LiveQueries, "day", Refused, "live queries a day"},
	{Scans, "day", Refused, "triggered scans a day"},
	{Rows, "day", Reported, "rows a day"},
	{Bytes, "day", Reported, "bytes a day"},
}

// state tells how near its limit a meter is.
func state(used int64, limit *int64) string {
	switch {
	case limit == nil || used*5 < *limit*4:
		return Fine
	case used < *limit:
		return Near
	default:
		return Reached
	}
}

// readings puts what was used against a plan.
func (p Plans) readings(plan access.Tier, used map[Meter]int64) []Reading {
	all := make([]Reading, len(meters))
	for i, m := range meters {
		most := p.limit(plan, m.meter)
		all[i] = Reading{Meter: m.meter, Period: m.period, Used: used[m.meter], Limit: most, State: state(used[m.meter], most), AtLimit: m.atLimit}
	}
	return all
}

// dayOf gives the beginning of a moment's day, UTC.
func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
