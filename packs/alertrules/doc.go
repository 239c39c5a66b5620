// Package alertrules reads alert rules and says when they fire. A rule is a YAML file: what it looks at (on), which rows
// (sql over stored collections), when it fires (an expression over those rows), what it says, and whom it tells. Fixtures
// in the file are run whenever it is read, so that a rule which does not do what its author wrote is not kept.
//
// A rule is judged by a pure function of rows: which agent they are of, and what becomes of a firing, is not known here.
package alertrules
