package audit_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/fleet/audit"
)

func TestChangesNameWhatDiffers(t *testing.T) {
	t.Parallel()
	got := audit.Changes(
		map[string]any{"name": "a", "plan": "pro", "days": 7, "raw": json.RawMessage(`{"x":1}`), "gone": true},
		map[string]any{"name": "b", "plan": "pro", "days": int64(7), "raw": json.RawMessage(`{"x":1}`), "new": 1, "nothing": nil})
	want := map[string]audit.Change{"name": {Before: "a", After: "b"}, "gone": {Before: true}, "new": {After: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
