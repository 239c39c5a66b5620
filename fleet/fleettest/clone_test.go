package fleettest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/client"
)

// dir is where the agent keeps its state.
func (a *Agent) dir() string {
	for _, v := range a.process.env {
		if path, ok := strings.CutPrefix(v, dirVariable+"="); ok {
			return path
		}
	}
	return ""
}

// clone runs a copy of the agent's state directory beside it, as somebody who copied the machine would.
func (f *Fleet) clone(a *Agent) *Agent {
	f.t.Helper()
	a.Kill() // so that the copy is whole
	path := filepath.Join(f.t.TempDir(), "clone")
	if err := os.CopyFS(path, os.DirFS(a.dir())); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Chmod(path, 0o700); err != nil { // #nosec G302 -- a directory
		f.t.Fatal(err)
	}
	copied := &Agent{ID: a.ID, process: &process{t: f.t, env: []string{roleVariable + "=agent", dirVariable + "=" + path}}}
	f.t.Cleanup(func() { copied.process.signal(syscall.SIGTERM) })
	a.Restart()
	copied.Restart()
	return copied
}

// key is the private key that an agent signs with; next tells whether another is on its way.
func (a *Agent) key() (key string, next bool, err error) {
	text, err := os.ReadFile(filepath.Join(a.dir(), "identity.json"))
	if err != nil {
		return "", false, err
	}
	var identity struct {
		Seed string          `json:"private_key_seed"`
		Next json.RawMessage `json:"next_key"`
	}
	err = json.Unmarshal(text, &identity)
	return identity.Seed, len(identity.Next) > 0, err
}

// TestACopiedAgentIsNoticedAndShutOut is S17 from end to end: the state directory of an agent is copied and both run. People
// are alerted, both are kept, and when the agent is told to change keys one of the two is the agent and the other is not.
func TestACopiedAgentIsNoticedAndShutOut(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme := f.Tenant("acme")
	agent := f.Agent("acme", "original")
	collections := func() (n int, err error) {
		told, err := drain(client.List[client.Collection](t.Context(), acme, "/agents/"+agent.ID+"/collections", nil))
		return len(told), err
	}
	Eventually(t, "the agent tells", func() error {
		n, err := collections()
		if err == nil && n == 0 {
			err = errors.New("nothing yet")
		}
		return err
	})
	before, _, err := agent.key()
	if err != nil {
		t.Fatal(err)
	}
	copied := f.clone(agent)
	Eventually(t, "the copy is a finding", func() error {
		found, err := drain(client.List[client.Finding](t.Context(), acme, "/findings", url.Values{"kind": {"clone"}}))
		if err == nil && len(found) == 0 {
			err = errors.New("none yet")
		}
		return err
	})
	Eventually(t, "and an alert", func() error {
		found, err := drain(client.List[struct{ ID string }](t.Context(), acme, "/alerts", url.Values{"rule": {"cloned-agent"}}))
		if err == nil && len(found) == 0 {
			err = errors.New("none yet")
		}
		return err
	})
	if a, err := client.Get[client.Agent](t.Context(), acme, "/agents/"+agent.ID, nil); err != nil || a.Status != "online" {
		t.Errorf("the agent is not kept: %+v, %v", a, err)
	}
	f.Do(http.MethodPost, "/agents/"+agent.ID+"/rotate-key", "acme", nil, nil)
	var winner, loser *Agent
	Eventually(t, "one of the two has the new key", func() error {
		winner, loser = nil, nil
		for _, a := range []*Agent{agent, copied} {
			key, next, err := a.key()
			switch {
			case err != nil:
				return err
			case key != before:
				winner = a
			case !next:
				loser = a
			}
		}
		if winner == nil || loser == nil {
			return errors.New("not yet")
		}
		return nil
	})
	var changed time.Time
	Eventually(t, "the fleet knows it by that key", func() error {
		a, err := client.Get[struct {
			Status    string    `json:"status"`
			KeyChange string    `json:"key_change"`
			KeyMadeAt time.Time `json:"key_made_at"`
		}](t.Context(), acme, "/agents/"+agent.ID, nil)
		if err == nil && (a.Status != "online" || a.KeyChange != "") {
			err = fmt.Errorf("%+v", a)
		}
		if err == nil {
			changed = a.KeyMadeAt
		}
		return err
	})
	// Without the one that has the key nobody is the agent any more.
	winner.Kill()
	Eventually(t, "what the other says counts for nothing", func() error {
		var asked struct{ ID string }
		if err := acme.Do(t.Context(), http.MethodPost, "/live-queries", nil, map[string]any{"sql": "SELECT 1 AS one", "timeout_seconds": 1}, &asked); err != nil {
			return err
		}
		if answered(t, acme, asked.ID) == nil {
			return errors.New("it answered")
		}
		return nil
	})
	winner.Restart()
	Eventually(t, "the agent answers with its key", func() error {
		var asked struct{ ID string }
		if err := acme.Do(t.Context(), http.MethodPost, "/live-queries", nil, map[string]any{"sql": "SELECT 1 AS one"}, &asked); err != nil {
			return err
		}
		return answered(t, acme, asked.ID)
	})
	a, err := client.Get[struct {
		KeyMadeAt time.Time `json:"key_made_at"`
	}](t.Context(), acme, "/agents/"+agent.ID, nil)
	if err != nil || !a.KeyMadeAt.Equal(changed) {
		t.Errorf("the key was changed again: %+v, %v", a, err)
	}
}
