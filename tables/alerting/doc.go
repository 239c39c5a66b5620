// Package alerting answers what the agent itself has to complain of: what it could not run, puts off, or had to give up. The
// alerts of the fleet are the server's.
package alerting
