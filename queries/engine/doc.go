// Package engine answers SQL over any list of tables: the host's own on an agent, stored rows on the server.
//
// It is SQLite, compiled to Go, with a layer of virtual tables of our own: a statement reads no file and writes nothing,
// every limit ends it with its reason, and the engine serves the next statement. DESIGN.md in this folder tells the hard
// choices.
//
//	e, err := engine.New(engine.Options{Tables: all.Tables(), Host: host})
//	…
//	result, stats, err := engine.Collect(ctx, e, engine.Statement{SQL: "SELECT pid, name FROM processes"})
package engine
