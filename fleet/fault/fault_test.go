package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tenantra/tenantra/fleet/fault"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want fault.Code
	}{
		{"nothing", nil, ""},
		{"internal", errors.New("disk on fire"), ""},
		{"fault", fault.New(fault.Conflict, "taken"), fault.Conflict},
		{"wrapped", fmt.Errorf("create tenant: %w", fault.New(fault.Invalid, "bad slug")), fault.Invalid},
		{"outermost counts", fault.Wrap(fault.Unavailable, fault.New(fault.NotFound, "gone"), "later"), fault.Unavailable},
	} {
		if got := fault.CodeOf(test.err); got != test.want {
			t.Errorf("%s: code %q, want %q", test.name, got, test.want)
		}
	}
}

func TestWrapKeepsTheCauseOutOfTheMessage(t *testing.T) {
	t.Parallel()
	cause := errors.New("relation tenantra.users")
	err := fault.Wrap(fault.Unavailable, cause, "the database is away")
	if err.Message != "the database is away" {
		t.Errorf("message %q holds more than the caller may read", err.Message)
	}
	if !errors.Is(err, cause) || err.Error() != "the database is away: relation tenantra.users" {
		t.Errorf("the log text %q lost the cause", err.Error())
	}
}
