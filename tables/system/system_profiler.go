package system

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// profilerReport is the System Profiler's answer for one kind of data.
type profilerReport struct {
	DataType string `col:"data_type" opt:"required,index" doc:"Kind of data, such as SPHardwareDataType."`
	Value    string `col:"value" class:"personal" doc:"Its items as JSON; they may hold serial numbers and names of people."`
}

// SystemProfiler has a row for each kind of data that a statement asks for.
// Source: system_profiler(8) on a running system.
var SystemProfiler = tables.Define[profilerReport](tables.Spec{
	Name: "system_profiler", Doc: "What the System Profiler tells, as JSON.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Expensive, Portable: true,
	Examples: []string{"SELECT value FROM system_profiler WHERE data_type = 'SPHardwareDataType'"},
}, generateSystemProfiler)

var profilerType = lazyregexp.New(`^SP[A-Za-z0-9]+DataType$`)

func generateSystemProfiler(ctx context.Context, host tables.Host, q *tables.Query, emit func(*profilerReport) error) error {
	for _, dataType := range q.Equal("data_type") {
		if !profilerType().MatchString(dataType) {
			continue
		}
		report := profiler.Report(ctx, host, dataType)
		if report == nil {
			continue
		}
		value, err := json.Marshal(plist.JSON(report["_items"]))
		if err != nil {
			return fmt.Errorf("%s as JSON: %w", dataType, err)
		}
		if err := emit(&profilerReport{DataType: dataType, Value: string(value)}); err != nil {
			return err
		}
	}
	return ctx.Err()
}
