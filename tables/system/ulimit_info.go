package system

import (
	"math"
	"strconv"

	"github.com/tenantra/tenantra/tables"
)

// ulimit is a limit on a resource.
type ulimit struct {
	Type      string `col:"type" doc:"Resource, named as in limits.conf(5)."`
	SoftLimit string `col:"soft_limit" doc:"Limit in force, a number or unlimited."`
	HardLimit string `col:"hard_limit" doc:"Limit up to which the soft one may be raised."`
}

// UlimitInfo has one row for each resource, with the limits of the agent itself. It is empty for a system at rest.
// Source: getrlimit(2).
var UlimitInfo = tables.Define[ulimit](tables.Spec{
	Name: "ulimit_info", Doc: "Limits on the resources of the agent's process.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT soft_limit FROM ulimit_info WHERE type = 'core'"},
}, generateUlimitInfo)

// limitText writes a limit; all bits set, with or without the sign, are no limit.
func limitText(limit uint64) string {
	if limit == math.MaxUint64 || limit == math.MaxInt64 {
		return "unlimited"
	}
	return strconv.FormatUint(limit, 10)
}
