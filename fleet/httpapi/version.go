package httpapi

import (
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/fleet/fault"
)

// IfMatch is embedded in the input of edits: the version that the caller has read and means to change.
type IfMatch struct {
	IfMatch string `header:"If-Match" maxLength:"200" doc:"ETag of the object as it was read; the edit is refused when it was changed since. Absent or *: whatever it is."`
}

// ETag names the version of an object that was last changed at a time.
func ETag(modified time.Time) string {
	return `"` + strconv.FormatInt(modified.UnixMicro(), 36) + `"`
}

// Check refuses an edit of an object that was changed after the caller read it.
func (m IfMatch) Check(modified time.Time) error {
	if m.IfMatch == "" {
		return nil
	}
	for _, tag := range strings.Split(m.IfMatch, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || tag == ETag(modified) {
			return nil
		}
	}
	return fault.Field(fault.Precondition, "header.If-Match", "it was changed since you read it: read it again, look at the difference and repeat your change")
}
