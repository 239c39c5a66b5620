// Package rules answers what a set of rows means: it compiles the expression of a check or an alert rule (expr-lang/expr),
// evaluates it over rows, names the cells that made it fail, and fills the placeholders of messages.
//
// An expression is written by a tenant and is hostile until shown otherwise. It is compiled when it is saved, never when
// it runs, and what it may do is an allow-list (allow.go): no functions but the listed ones, no environment, no time, no
// JSON. The library has no deadline, and its memory budget does not see strings, so every place whose work grows with
// data is charged against a meter (meter.go), and an expression that asks for too much ends with an error.
package rules
