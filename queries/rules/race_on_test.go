//go:build race

package rules_test

// slower is how many times slower the race detector makes an evaluation, at most.
const slower = 50
