package link_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/internal/fakefleet"
	"github.com/tenantra/tenantra/agent/link"
	"github.com/tenantra/tenantra/agent/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func trustOf(f *fakefleet.Fleet) link.Trust {
	return link.Trust{FleetID: f.FleetID, TenantID: f.TenantID, AgentID: f.AgentID, Root: f.Root.Public().(ed25519.PublicKey)}
}

func TestAcceptedOrderHoldsAfterItsExpiryUntilReplaced(t *testing.T) {
	t.Parallel()
	fleet := fakefleet.New(t, fakefleet.Options{})
	trust := trustOf(fleet)
	order := fleet.Order(protocol.CommandConfig, 3, protocol.Config{HeartbeatSeconds: 7})
	later := time.Now().Add(365 * 24 * time.Hour)
	var refused *link.Untrusted
	if _, err := trust.Open(order, later); !errors.As(err, &refused) || refused.Code != "order_expired" {
		t.Errorf("a year later it opens with %v", err)
	}
	kept, err := trust.Reopen(order)
	if err != nil || kept.Config == nil || kept.Config.HeartbeatSeconds != 7 {
		t.Errorf("the kept order is %+v, %v", kept, err)
	}
	order.Body = []byte("{}")
	if _, err := trust.Reopen(order); !errors.As(err, &refused) || refused.Code != "order_altered" {
		t.Errorf("altered on the disk it opens with %v", err)
	}
}

func TestOrderForAllAgentsOfTheTenantCounts(t *testing.T) {
	t.Parallel()
	fleet := fakefleet.New(t, fakefleet.Options{})
	order := fleet.Order(protocol.CommandCancel, 0, protocol.Cancel{QueryID: "q"}, func(h *protocol.CommandHeader) { h.AgentID = "" })
	if o, err := trustOf(fleet).Open(order, time.Now()); err != nil || o.Cancel == nil || o.Cancel.QueryID != "q" {
		t.Errorf("it opens as %+v, %v", o, err)
	}
}

func FuzzOpen(f *testing.F) {
	fleet := fakefleet.New(f, fakefleet.Options{})
	trust := trustOf(fleet)
	text, err := json.Marshal(fleet.Order(protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "q", SQL: "SELECT 1"}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"certificate":{"payload":"e30=","signature":""},"header":{},"body":null}`))
	good := fleet.Order(protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "q", SQL: "SELECT 1"})
	f.Fuzz(func(t *testing.T, data []byte) {
		var c protocol.Command
		if json.Unmarshal(data, &c) != nil {
			return
		}
		// Whatever came, an order that opens is the one that was signed.
		if o, err := trust.Open(c, time.Now()); err == nil && (o.Query == nil || o.Query.SQL != "SELECT 1") {
			t.Errorf("it opened as %+v", o)
		}
		good.Body = c.Body
		if o, err := trust.Open(good, time.Now()); err == nil && o.Query.SQL != "SELECT 1" {
			t.Errorf("another body opened as %+v", o)
		}
	})
}
