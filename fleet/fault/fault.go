// Package fault says what kind of thing went wrong, in words that a caller may read.
//
// Storage and services return a *Error for everything that the caller can do something about; any other error is
// internal and its text goes to the log alone. The HTTP layer turns codes into status codes in one place and the client
// turns them back, so that a code means the same on both sides.
package fault

import (
	"errors"
	"fmt"
)

// Code is the kind of a fault. Its text is part of the API ("code" in a problem document).
type Code string

// The codes. Foreign and missing objects are both NotFound, so that nothing tells them apart.
const (
	NotFound        Code = "not_found"
	Invalid         Code = "invalid"
	Conflict        Code = "conflict"
	Forbidden       Code = "forbidden"
	Unauthenticated Code = "unauthenticated"
	Unavailable     Code = "unavailable"
	TooMany         Code = "too_many"
	TooLarge        Code = "too_large"
	TierRequired    Code = "tier_required"
	LimitReached    Code = "limit_reached"          // the plan has no room for more
	Precondition    Code = "precondition_failed"    // the object was changed since the caller read it
	SecondFactor    Code = "second_factor_required" // the password was right, a code is wanted too
	StepUp          Code = "step_up_required"       // the caller must show anew who they are
)

// Error is a fault with a message for the caller.
type Error struct {
	Code    Code
	Field   string // the input at fault, such as "body.email"; "" when no single one is
	Message string // shown to the caller: says what to do, holds no internal text
	cause   error  // goes to the log only
}

// New makes a fault whose message is shown to the caller.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Field makes a fault that names the input at fault, written as the caller wrote it: "body.email", "query.limit".
func Field(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault that was caused by err. The caller sees the message, the log sees err as well.
func Wrap(code Code, err error, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), cause: err}
}

// Error is the text for logs: message and cause.
func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

// Unwrap gives the cause, nil when there is none.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf gives the code of the outermost fault in err's chain, "" for nil and for internal errors.
func CodeOf(err error) Code {
	var fault *Error
	if errors.As(err, &fault) {
		return fault.Code
	}
	return ""
}
