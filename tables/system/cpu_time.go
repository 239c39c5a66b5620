package system

import (
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// coreTime is what one core has done since the system started, in hundredths of a second.
type coreTime struct {
	Core      int32 `col:"core" doc:"Number of the core."`
	User      int64 `col:"user" doc:"Time in programs, in 1/100 s as all times of the row."`
	Nice      int64 `col:"nice" doc:"Time in programs of low priority."`
	System    int64 `col:"system" doc:"Time in the kernel."`
	Idle      int64 `col:"idle" doc:"Time without work."`
	IOWait    int64 `col:"iowait" doc:"Time without work while a disk was waited for."`
	IRQ       int64 `col:"irq" doc:"Time in interrupts."`
	SoftIRQ   int64 `col:"softirq" doc:"Time in deferred interrupts."`
	Steal     int64 `col:"steal" doc:"Time that the hypervisor gave to other machines."`
	Guest     int64 `col:"guest" doc:"Time in virtual machines of this host."`
	GuestNice int64 `col:"guest_nice" doc:"Time in virtual machines of low priority."`
}

// CPUTime has one row for each core that is in use.
// Source: /proc/stat on Linux, proc_stat(5).
var CPUTime = tables.Define[coreTime](tables.Spec{
	Name: "cpu_time", Doc: "Time that each core spent in programs, in the kernel and idle.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT core, 100.0 * idle / (user + nice + system + idle + iowait + 1) AS idle_percent FROM cpu_time"},
}, generateCPUTime)

// parseCPUTime reads a core's line, cpu0 1 2 3 …; the sum of all cores has no number and no row. Old kernels have fewer
// figures.
func parseCPUTime(line string) (coreTime, bool) {
	fields := strings.Fields(line)
	if len(fields) < 5 {
		return coreTime{}, false
	}
	number, found := strings.CutPrefix(fields[0], "cpu")
	core, err := strconv.ParseUint(number, 10, 31)
	if !found || err != nil {
		return coreTime{}, false
	}
	row := coreTime{Core: int32(core)}
	for i, into := range []*int64{
		&row.User, &row.Nice, &row.System, &row.Idle, &row.IOWait, &row.IRQ, &row.SoftIRQ, &row.Steal, &row.Guest, &row.GuestNice,
	} {
		if i+1 == len(fields) {
			break
		}
		if *into, err = strconv.ParseInt(fields[i+1], 10, 64); err != nil {
			return coreTime{}, false
		}
	}
	return row, true
}
