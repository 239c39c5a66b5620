package fleettest

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
)

// TestAnAgentMovesAndItsHistoryStays has a real agent go from acme to globex: S6 where the caller has rights at one end
// only, then by the administrator of both.
func TestAnAgentMovesAndItsHistoryStays(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme, globex := f.Tenant("acme"), f.Tenant("globex")
	agent := f.Agent("acme", "traveller")
	told := func(c *client.Client, id string) (n int, err error) {
		found, err := drain(client.List[struct{ Collection string }](t.Context(), c, "/agents/"+id+"/collections", nil))
		return len(found), err
	}
	Eventually(t, "the agent tells", func() error {
		n, err := told(acme, agent.ID)
		if err == nil && n == 0 {
			err = errors.New("nothing yet")
		}
		return err
	})
	tenants, err := drain(client.List[client.Tenant](t.Context(), globex, "/tenants", nil))
	if err != nil || len(tenants) != 1 {
		t.Fatalf("%v, %v", tenants, err)
	}
	body := map[string]any{"tenant_id": tenants[0].ID}
	for who, c := range map[string]*client.Client{"who has rights where it leaves only": acme, "who has rights where it goes only": globex} {
		if err := c.Do(t.Context(), http.MethodPost, "/agents/"+agent.ID+"/move", nil, body, nil); statusOf(err) != http.StatusNotFound {
			t.Errorf("%s: %v", who, err)
		}
	}
	if found, err := drain(client.List[client.Agent](t.Context(), globex, "/agents", nil)); err != nil || len(found) != 0 {
		t.Fatalf("a refused move left something: %v, %v", found, err)
	}
	var moved struct {
		ID string `json:"agent_id"`
	}
	f.Do(http.MethodPost, "/agents/"+agent.ID+"/move", "acme", body, &moved)
	if err := f.Admin.Do(t.Context(), http.MethodPost, "/agents/"+agent.ID+"/move", url.Values{"tenant": {"acme"}}, body, nil); statusOf(err) != http.StatusConflict {
		t.Errorf("a second move: %v", err)
	}
	Eventually(t, "it is online and tells where it went", func() error {
		a, err := client.Get[client.Agent](t.Context(), globex, "/agents/"+moved.ID, nil)
		if err != nil {
			return err
		}
		n, err := told(globex, moved.ID)
		if err == nil && (a.Status != "online" || n == 0) {
			err = errors.New(a.Status)
		}
		return err
	})
	old, err := client.Get[client.Agent](t.Context(), acme, "/agents/"+agent.ID, nil)
	if err != nil || old.Status != "decommissioned" {
		t.Errorf("where it was: %+v, %v", old, err)
	}
	if n, err := told(acme, agent.ID); err != nil || n == 0 {
		t.Errorf("its history there: %d collections, %v", n, err)
	}
	if _, err := client.Get[client.Agent](t.Context(), globex, "/agents/"+agent.ID, nil); statusOf(err) != http.StatusNotFound {
		t.Errorf("the new tenant sees what it was: %v", err)
	}
	// It is the same after a restart.
	agent.Kill()
	agent.Restart()
	Eventually(t, "it comes back", func() error {
		a, err := client.Get[client.Agent](t.Context(), globex, "/agents/"+moved.ID, nil)
		if err == nil && a.Status != "online" {
			err = errors.New(a.Status)
		}
		return err
	})
}
