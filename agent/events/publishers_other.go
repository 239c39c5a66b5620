//go:build !linux && !windows

package events

// publishers lists what this system has: see docs/decisions/0021-events.md.
func publishers() []publisher { return nil }
