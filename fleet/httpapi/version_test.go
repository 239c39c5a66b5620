package httpapi_test

import (
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

func TestEditsOfAnOldVersionAreRefused(t *testing.T) {
	t.Parallel()
	read := time.Date(2026, 11, 24, 9, 0, 0, 123_000, time.UTC)
	for _, test := range []struct {
		match string
		code  fault.Code
	}{
		{"", ""},
		{"*", ""},
		{httpapi.ETag(read), ""},
		{`"x", ` + httpapi.ETag(read), ""},
		{httpapi.ETag(read.Add(time.Microsecond)), fault.Precondition},
		{"nonsense", fault.Precondition},
	} {
		if err := (httpapi.IfMatch{IfMatch: test.match}).Check(read); fault.CodeOf(err) != test.code {
			t.Errorf("If-Match %s: %v", test.match, err)
		}
	}
}
