// Package state is what the agent keeps on disk: the state directory with its identity, and one SQLite file with the last
// configuration, the differential state of every collection, the spool of batches and what ran lately.
//
// All of the latter lie in one file so that one transaction can advance a collection's state and spool the batch that
// says so: the process may be killed at any moment, and a change is neither lost nor told twice. What is acknowledged is
// on the disk: the journal is a write-ahead log with synchronous=FULL.
package state
