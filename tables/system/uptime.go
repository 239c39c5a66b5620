package system

import (
	"bytes"
	"errors"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// uptime is the time since boot, once in parts and once whole.
type uptime struct {
	Days         int32 `col:"days" doc:"Whole days."`
	Hours        int32 `col:"hours" doc:"Hours beyond the days."`
	Minutes      int32 `col:"minutes" doc:"Minutes beyond the hours."`
	Seconds      int32 `col:"seconds" doc:"Seconds beyond the minutes."`
	TotalSeconds int64 `col:"total_seconds" doc:"Seconds since boot, with time asleep."`
}

// Uptime has one row.
// Source: /proc/uptime on Linux, proc(5).
var Uptime = tables.DefineByPlatform(tables.Spec{
	Name: "uptime", Doc: "Time since boot.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT total_seconds / 86400 AS days FROM uptime", "SELECT * FROM uptime WHERE days > 90"},
}, tables.Generators[uptime]{Darwin: generateDarwinUptime}.OnBuild(generateUptime))

// parseUptime reads 1234.56 4321.00: seconds since boot and seconds idle.
func parseUptime(text []byte) (seconds int64, err error) {
	if seconds, ok := procfs.ParseInt(bytes.TrimSpace(text)); ok && seconds >= 0 {
		return seconds, nil
	}
	return 0, errors.New("parse uptime: not a number")
}

func uptimeOf(seconds int64) uptime {
	return uptime{
		Days: int32(seconds / 86400), Hours: int32(seconds / 3600 % 24), Minutes: int32(seconds / 60 % 60), Seconds: int32(seconds % 60),
		TotalSeconds: seconds,
	}
}
