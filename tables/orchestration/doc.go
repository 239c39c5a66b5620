// Package orchestration answers what the agent on this machine is and what it is told to do: itself, its schedule, and
// how each scheduled query fared.
package orchestration
