package engine

import "fmt"

// Code says what kind of mistake a statement has.
type Code string

// The codes of an SQLError.
const (
	CodeSyntax     Code = "syntax"      // the text is not SQL, or names a column or function that is not there
	CodeNoTable    Code = "no_table"    // a table is not there, on this platform or at all
	CodeNotAllowed Code = "not_allowed" // the statement asks for something that the engine refuses to anyone
	CodeRequired   Code = "required"    // a table was read without its required constraint
	CodeTable      Code = "table"       // a table's generator failed
	CodeTooBig     Code = "too_big"     // the text, an expression or a value is larger than the engine takes
	CodeRun        Code = "run"         // anything else that failed while the statement ran
)

// SQLError is a statement that could not be compiled or failed while it ran.
type SQLError struct {
	Message      string
	Code         Code
	Offset       int // byte offset into the text, -1 where unknown
	Line, Column int // from 1, in bytes; 0 where unknown
	Err          error
}

// Error gives the message, with line and column where they are known.
func (e *SQLError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s (line %d, column %d)", e.Message, e.Line, e.Column)
}

// Unwrap gives the generator's own error, if it was one.
func (e *SQLError) Unwrap() error { return e.Err }
