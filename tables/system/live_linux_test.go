package system

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// liveHost is the machine that the test runs on.
func liveHost(tb testing.TB) tables.Host {
	tb.Helper()
	h, err := host.New("/", nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// liveRows are a table's rows on this machine.
func liveRows(tb testing.TB, table *tables.Table, equal map[string][]string, wants ...string) []tabletest.Row {
	tb.Helper()
	rows, err := tabletest.Rows(tb.Context(), table, liveHost(tb), tabletest.Query(table, equal, nil, wants...))
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

// benchmarkTable scans a table with all columns.
func benchmarkTable(b *testing.B, table *tables.Table, wants ...string) {
	h := liveHost(b)
	b.ReportAllocs()
	rows := 0
	before := cpuTime(b)
	for b.Loop() {
		rows = 0
		err := table.Generate(b.Context(), h, tabletest.Query(table, nil, nil, wants...), func(any) error {
			rows++
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// cpuTime is what this process has used. Scans of /proc spend nearly all of it in the kernel, and wall time says little on
// a busy machine.
func cpuTime(tb testing.TB) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
