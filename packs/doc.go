// Package packs answers what is collected when: a pack is a named set of queries with intervals and platforms.
//
// It reads our own YAML, osquery's JSON packs and Fleet's YAML into the same types, and compiles every query against the
// tables' catalogue of each platform that it runs on. Our own files must be right on every platform that they name; in
// imported ones, a query is kept to the platforms on which it compiles, and a note says so.
package packs
