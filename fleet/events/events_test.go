package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/events"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestAStreamShowsItsOwnTenantsOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	parent := pgtest.Tenant(t, db, "contoso")
	child := pgtest.Tenant(t, db, "northwind", parent.Tenant)
	stranger := pgtest.Tenant(t, db, "globex")
	messages, err := bus.Open(bus.Config{Installation: db.Installation()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(messages.Close)
	service := events.New(db, messages)

	both := parent
	both.Visible = []int32{parent.Tenant, child.Tenant}
	for name, tc := range map[string]struct {
		scope access.Scope
		want  string // of the first event seen
	}{
		"the subtree":  {both, `{"of":"northwind"}`},
		"parent alone": {parent, `{"of":"end"}`},
		"the child":    {child, `{"of":"northwind"}`},
		"another":      {stranger, `{"of":"globex"}`},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		seen := make(chan string, 16)
		ended := make(chan error, 1)
		go func() {
			ended <- service.Stream(ctx, tc.scope, func(event any) error {
				text, err := json.Marshal(event)
				seen <- string(text)
				return err
			})
		}()
		publish := func(tenant uuid.UUID, of string) {
			if err := messages.Publish(ctx, tenant, bus.KindEvent, "x", []byte(`{"of":"`+of+`"}`)); err != nil {
				t.Error(err)
			}
		}
		// The stream says nothing when it begins, so it is sent the same until it shows something.
		tick := time.NewTicker(10 * time.Millisecond)
		got := ""
		for got == "" {
			select {
			case got = <-seen:
			case <-tick.C:
				if err := messages.Publish(ctx, stranger.TenantID, bus.KindEvent, "x", []byte("no JSON")); err != nil {
					t.Error(err)
				}
				publish(stranger.TenantID, "globex")
				publish(child.TenantID, "northwind")
				publish(parent.TenantID, "end")
			case <-ctx.Done():
				t.Fatalf("%s: no event came", name)
			}
		}
		tick.Stop()
		if got != tc.want {
			t.Errorf("%s: the first event is %s, want %s", name, got, tc.want)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the stream ended with %v", name, err)
		}
	}
}
