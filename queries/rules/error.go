package rules

import (
	"errors"
	"fmt"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// Error is a mistake in an expression or a message, or one that showed when it ran.
type Error struct {
	Line, Column int // of the text given, from 1; runes, not bytes
	Message      string
}

// Error gives position and message.
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

// asError turns the library's errors into ours.
func asError(err error) error {
	var library *file.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &library):
		return &Error{Line: max(library.Line, 1), Column: library.Column + 1, Message: library.Message}
	default:
		return &Error{Line: 1, Column: 1, Message: err.Error()}
	}
}

// errorAt places a message of ours at a node of the tree.
func errorAt(tree *parser.Tree, at file.Location, format string, args ...any) error {
	return asError((&file.Error{Location: at, Message: fmt.Sprintf(format, args...)}).Bind(tree.Source))
}
