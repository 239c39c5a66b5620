package fleettest

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/client"
)

// TestKeysChangeWhateverIsKilled has a real agent change keys again and again while it or the server is killed at any
// moment: each time one key works in the end, and it is the new one.
func TestKeysChangeWhateverIsKilled(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme := f.Tenant("acme")
	agent := f.Agent("acme", "rekeyed")
	type detail struct {
		Status    string    `json:"status"`
		KeyMadeAt time.Time `json:"key_made_at"`
		KeyChange string    `json:"key_change"`
	}
	find := func() (*detail, error) { return client.Get[detail](t.Context(), acme, "/agents/"+agent.ID, nil) }
	var before *detail
	Eventually(t, "the agent is online", func() (err error) {
		if before, err = find(); err == nil && before.Status != "online" {
			err = errors.New(before.Status)
		}
		return err
	})
	for i := range 8 {
		f.Do(http.MethodPost, "/agents/"+agent.ID+"/rotate-key", "acme", nil, nil)
		if i%2 == 1 { // else the kill comes at once, while the order is on its way
			Eventually(t, fmt.Sprintf("the order before kill %d is being carried out", i), func() error {
				now, err := find()
				if err == nil && now.KeyChange == "ordered" {
					err = errors.New("not yet")
				}
				return err
			})
		}
		if i%4 >= 2 {
			f.Kill()
			f.Restart()
		} else {
			agent.Kill()
			agent.Restart()
		}
		Eventually(t, fmt.Sprintf("another key after kill %d", i), func() error {
			now, err := find()
			switch {
			case err != nil:
				return err
			case !now.KeyMadeAt.After(before.KeyMadeAt) || now.KeyChange != "" || now.Status != "online":
				return fmt.Errorf("made at %s, %q, %s", now.KeyMadeAt, now.KeyChange, now.Status)
			}
			before = now
			return nil
		})
	}
	// It works with that key: it answers.
	Eventually(t, "the agent answers", func() error {
		var asked struct{ ID string }
		if err := acme.Do(t.Context(), http.MethodPost, "/live-queries", nil, map[string]any{"sql": "SELECT 1 AS one"}, &asked); err != nil {
			return err
		}
		return answered(t, acme, asked.ID)
	})
	entries, err := drain(client.List[client.AuditEntry](t.Context(), acme, "/audit", nil))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range entries {
		counts[e.Action]++
	}
	if counts["agents.rotate_key"] != 8 || counts["agents.key_replaced"] != 8 {
		t.Errorf("the audit log has %d orders and %d changes, want 8 of each", counts["agents.rotate_key"], counts["agents.key_replaced"])
	}
}

// answered waits until a live query has ended and tells whether its one agent gave a row.
func answered(t *testing.T, c *client.Client, id string) error {
	t.Helper()
	var q *client.LiveQuery
	Eventually(t, "the live query ends", func() (err error) {
		if q, err = client.Get[client.LiveQuery](t.Context(), c, "/live-queries/"+id, nil); err == nil && q.State == "running" {
			err = errors.New(q.State)
		}
		return err
	})
	if q.Rows != 1 {
		return fmt.Errorf("%v", q.Counts)
	}
	return nil
}
