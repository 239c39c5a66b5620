package system

import (
	"context"
	"runtime"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// clock is the present moment.
type clock struct {
	Weekday       string             `col:"weekday" doc:"Day of the week in UTC, in English."`
	Year          int32              `col:"year" doc:"Year in UTC."`
	Month         int32              `col:"month" doc:"Month in UTC, from 1."`
	Day           int32              `col:"day" doc:"Day of the month in UTC."`
	Hour          int32              `col:"hour" doc:"Hour in UTC."`
	Minutes       int32              `col:"minutes" doc:"Minute in UTC."`
	Seconds       int32              `col:"seconds" doc:"Second in UTC."`
	Timezone      string             `col:"timezone" doc:"Time zone of the columns: UTC."`
	LocalTimezone string             `col:"local_timezone" doc:"Short name of the machine's time zone."`
	UnixTime      int64              `col:"unix_time" type:"INTEGER" doc:"Unix seconds."`
	Timestamp     string             `col:"timestamp" doc:"The moment as Mon Jan 2 15:04:05 2006 UTC."`
	DateTime      string             `col:"datetime,date_time" doc:"The moment as 2006-01-02T15:04:05Z."`
	ISO8601       string             `col:"iso_8601" doc:"The moment as 2006-01-02T15:04:05Z."`
	WinTimestamp  tables.Null[int64] `col:"win_timestamp" os:"windows" doc:"The moment in units of 100 ns since 1601."`
}

// Time has one row.
// Source: the clock, and /etc/localtime for the name of the zone.
var Time = tables.Define[clock](tables.Spec{
	Name: "time", Doc: "The present date and time.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT unix_time, iso_8601 FROM time", "SELECT p.name FROM processes p, time t WHERE p.start_time > t.unix_time - 3600"},
}, generateTime)

func generateTime(_ context.Context, host tables.Host, _ *tables.Query, emit func(*clock) error) error {
	now := host.Now().UTC()
	zone, _ := now.In(localZone(host)).Zone()
	row := clock{
		Weekday: now.Weekday().String(), Year: int32(now.Year()), Month: int32(now.Month()), Day: int32(now.Day()),
		Hour: int32(now.Hour()), Minutes: int32(now.Minute()), Seconds: int32(now.Second()),
		Timezone: "UTC", LocalTimezone: zone, UnixTime: now.Unix(),
		Timestamp: now.Format("Mon Jan _2 15:04:05 2006 UTC"), DateTime: now.Format(time.RFC3339), ISO8601: now.Format(time.RFC3339),
	}
	if runtime.GOOS == "windows" {
		const since1601 = 11_644_473_600 // seconds from 1601 to 1970
		row.WinTimestamp = tables.Some((now.Unix()+since1601)*10_000_000 + int64(now.Nanosecond()/100))
	}
	return emit(&row)
}

// localZone is the zone of the scanned machine, which need not be that of this process.
func localZone(host tables.Host) *time.Location {
	if text, err := host.ReadFile("/etc/localtime"); err == nil {
		if zone, err := time.LoadLocationFromTZData("local", text); err == nil {
			return zone
		}
	}
	if host.Live() {
		return time.Local
	}
	return time.UTC
}
