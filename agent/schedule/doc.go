// Package schedule runs the queries of the fleet's configuration when they are due, finds what changed since the fleet
// was last told, and spools it.
//
// One query runs at a time. It runs by the wall clock: at the same times each day, splayed by agent, once after the
// machine slept over one of them or several. A query that breaks its budget ends with the reason, which the fleet is
// told; if it keeps breaking it, it waits longer and longer.
package schedule
