// Package tables is the contract of a scanning module: what a virtual SQL table is, which question a statement asks of
// it, and what it may touch of the outside world.
//
// A table is a Go struct whose tags are the schema, and a generator that emits such structs:
//
//	type loadAverage struct {
//		Period  string  `col:"period"  doc:"Window: 1m, 5m or 15m."`
//		Average float64 `col:"average" doc:"Mean count of runnable processes."`
//	}
//
//	var LoadAverage = tables.Define[loadAverage](tables.Spec{
//		Name: "load_average", Doc: "Mean length of the run queue over a window.",
//		Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
//	}, generateLoadAverage)
//
// The package knows neither the SQL engine nor the agent. The engine copies the fields of an emitted row by their
// offset, and only those that the statement uses; nothing is boxed and no map is built.
package tables
