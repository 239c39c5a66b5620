package daemon_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	osquery "github.com/osquery/osquery-go"
	"github.com/osquery/osquery-go/plugin/table"

	"github.com/tenantra/tenantra/agent/protocol"
)

// TestAnExtensionInTheFleet has an extension written for osquery add a table to a running agent, which the fleet then asks in a
// join, by its schedule and at once; where the endpoint's policy says nothing of extensions, the fleet has to be allowed content.
func TestAnExtensionInTheFleet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	dir, err := os.MkdirTemp("", "ext") // short: a socket's path has 103 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r.socket = filepath.Join(dir, "sockets", "osquery.sock")
	r.policy = filepath.Join(dir, "policy.json")
	if err := os.WriteFile(r.policy, []byte(`{"extension_class": "personal"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r.things.set(thing{Name: "a", Number: 1}, thing{Name: "b", Number: 2})
	r.start(t)
	r.connected(t, 1)

	server, err := osquery.NewExtensionManagerServer("colours", r.socket, osquery.ServerTimeout(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	server.RegisterPlugin(table.NewPlugin("colours", []table.ColumnDefinition{table.TextColumn("name"), table.TextColumn("colour")},
		func(context.Context, table.QueryContext) ([]map[string]string, error) {
			return []map[string]string{{"name": "a", "colour": "red"}}, nil
		}))
	ended := make(chan error, 1)
	go func() { ended <- server.Start() }()

	const sql = "SELECT t.name, c.colour FROM things t JOIN colours c ON c.name = t.name"
	r.configure(t, 1, protocol.ConfigQuery{Collection: "pack:test/colours", SQL: sql, IntervalSeconds: 1, Mode: protocol.ModeDifferential})
	r.Wait(t, "the schedule's answer", func() bool {
		for _, b := range r.Batches() {
			if len(b.Batch.Added) == 1 && b.Batch.Added[0][1].Text == "red" {
				return true
			}
		}
		return false
	})
	parts := r.ask(t, protocol.LiveQuery{QueryID: "0192f3a4-0000-7000-8000-000000000001", SQL: sql})
	if h := parts[len(parts)-1].Header; h.Outcome != protocol.OutcomeRows {
		t.Errorf("the live query ends as %s: %s", h.Outcome, h.Error)
	}
	r.Send(r.Order(protocol.CommandConfig, 2, protocol.Config{HeartbeatSeconds: 60, AllowedClass: "inventory"}))
	r.Wait(t, "the configuration", func() bool {
		beats := r.Heartbeats()
		return len(beats) > 0 && beats[len(beats)-1].ConfigVersion == 2
	})
	parts = r.ask(t, protocol.LiveQuery{QueryID: "0192f3a4-0000-7000-8000-000000000002", SQL: sql})
	if h := parts[len(parts)-1].Header; h.Outcome != protocol.OutcomeRefused || !strings.Contains(h.Error, "class personal") {
		t.Errorf("the live query ends as %s: %s", h.Outcome, h.Error)
	}

	r.stop() // asks the extension to end, and tells it by a closed socket
	if _, err := os.Lstat(r.socket); err == nil {
		t.Error("the socket is left")
	}
	_ = server.Shutdown(context.Background()) // the agent it would deregister with is gone
	if err := <-ended; err != nil {
		t.Errorf("the extension ended with %v", err)
	}
}
