// Package events records what happens on the machine while the daemon runs, for the tables of events. Publishers listen to
// one source each (inotify, the kernel's audit, the system log), and write to the buffer (package buffer) from which the tables
// read. What runs follows from the configuration: a table that no scheduled query reads and no pack or policy file names has
// no publisher, and costs nothing.
//
// A publisher that cannot listen says why and what to do, in table tenantra_events, and tries again later.
package events
