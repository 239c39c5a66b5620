// Package files answers what lies on the machine's disks: facts, digests and lines of files that a statement names by
// path, directory or pattern, set-uid programs, and what is mounted where.
package files
