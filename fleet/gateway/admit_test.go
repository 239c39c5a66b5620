package gateway

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
)

// Announced bodies cost the agent that announces them, then its tenant, and nobody else.
func TestAnnouncedBodiesHoldNobodyElseBack(t *testing.T) {
	t.Parallel()
	g := New(Config{})
	agent := func(tenant int32) agents.Identity { return agents.Identity{ID: uuid.New(), Tenant: tenant} }
	admit := func(who agents.Identity, length int64) (func(), error) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		return g.admit(ctx, who, length, protocol.InflatedMax)
	}
	hostile := agent(1)
	first, err := admit(hostile, -1) // chunked: as large as may be
	if err != nil {
		t.Fatal(err)
	}
	_, err = admit(hostile, protocol.InflatedMax)
	var refused *protocol.Error
	if !errors.As(err, &refused) || refused.Code != protocol.CodeBusy {
		t.Errorf("a second large request of the agent: %v, want %s", err, protocol.CodeBusy)
	}
	if small, err := admit(hostile, smallMax); err != nil {
		t.Errorf("a small request of the agent: %v", err)
	} else {
		small()
	}
	if _, err := admit(agent(1), protocol.InflatedMax); err == nil {
		t.Error("the tenant got more than its half")
	}
	other, err := admit(agent(2), protocol.InflatedMax)
	if err != nil {
		t.Fatalf("another tenant: %v", err)
	}
	other()
	first()
	again, err := admit(hostile, protocol.InflatedMax)
	if err != nil {
		t.Fatalf("after its first request: %v", err)
	}
	again()
	if len(g.large) != 0 {
		t.Errorf("%d agents are remembered", len(g.large))
	}
}
