package layers

import (
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/fault"
)

// A group's queries run at a time of the group's own; of interval and time the nearer holds.
func TestTimesOfGroups(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	query := func() (seconds int, at, zone string) {
		config, _ := f.config(f.web)
		q := config.Queries[0]
		return q.IntervalSeconds, q.At, q.Zone
	}
	group := f.group(f.acme, f.web.ID)
	f.put(f.acme, OfTenant, f.acme.TenantID, Draft{Content: Content{Intervals: map[string]int{"pack:base/q": 1200}}})
	f.put(f.acme, OfGroup, group, Draft{Content: Content{Times: map[string]Time{"pack:base/q": {At: "03:00", Zone: "Europe/Berlin"}}}})
	if seconds, at, zone := query(); seconds != 86400 || at != "03:00" || zone != "Europe/Berlin" {
		t.Errorf("by the group: %d %q %q", seconds, at, zone)
	}
	e, err := f.Effective(t.Context(), f.acme, f.web.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Parts) != 1 || e.Parts[0].Name != "time:pack:base/q" || e.Parts[0].Value != "03:00 Europe/Berlin" || e.Parts[0].From.Kind != OfGroup {
		t.Errorf("shown as %+v", e.Parts)
	}
	f.put(f.acme, OfAgent, f.web.ID, Draft{Content: Content{Intervals: map[string]int{"pack:base/q": 60}}})
	if seconds, at, zone := query(); seconds != 60 || at != "" || zone != "" {
		t.Errorf("by the agent: %d %q %q", seconds, at, zone)
	}
	for name, c := range map[string]Content{
		"no time":       {Times: map[string]Time{"pack:base/q": {At: "soon"}}},
		"no zone":       {Times: map[string]Time{"pack:base/q": {At: "03:00", Zone: "Mars"}}},
		"no collection": {Times: map[string]Time{"q": {At: "03:00"}}},
		"both":          {Times: map[string]Time{"pack:base/q": {At: "03:00"}}, Intervals: map[string]int{"pack:base/q": 60}},
	} {
		if _, err := f.Put(t.Context(), f.acme, OfTenant, uuid.Nil, Draft{Content: c}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
