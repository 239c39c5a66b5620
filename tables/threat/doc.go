// Package threat answers what happened on a machine and what on it matches a known threat. The tables of events show what
// the system reported while it was watched; what was not watched leaves no row.
package threat
