// Package lazyregexp compiles a constant pattern when it is first needed. A pattern compiled when the program starts costs
// each start some pages of memory and a tenth of a millisecond, and a run of the local shell needs one table's at most.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New gives a function that compiles the pattern once and gives it from then on. It panics for a pattern that is wrong, as
// regexp.MustCompile does, when it is first called. It is safe for concurrent use.
func New(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
