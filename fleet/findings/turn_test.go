package findings_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// silentBus tells nobody.
type silentBus struct{}

func (silentBus) Publish(context.Context, uuid.UUID, string, string, []byte) error { return nil }

func TestAnAcknowledgementIsTakenBack(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	acme, globex := pgtest.Tenant(t, db, "acme"), pgtest.Tenant(t, db, "globex")
	web := rowstest.Enroll(t, db, acme, "web", "linux")
	service := findings.New(findings.Config{DB: db, Bus: silentBus{}, Log: slog.New(slog.DiscardHandler)})
	var id uuid.UUID
	err := db.InScope(ctx, acme, func(ctx context.Context, tx *postgres.Tx) (err error) {
		id, err = service.RaiseFinding(ctx, tx, findings.Observation{Agent: web.Key, Kind: "check", Subject: "telnet", Title: "Telnet", Severity: findings.High})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	type turn func(context.Context, access.Scope, uuid.UUID, string) (*findings.Finding, error)
	for _, step := range []struct {
		name  string
		turn  turn
		scope access.Scope
		want  findings.State
		fault fault.Code
	}{
		{"reopen an open one", service.Reopen, acme, findings.Open, fault.Conflict},
		{"acknowledge it as another tenant", service.Acknowledge, globex, findings.Open, fault.NotFound},
		{"acknowledge it", service.Acknowledge, acme, findings.Acknowledged, ""},
		{"acknowledge it again", service.Acknowledge, acme, findings.Acknowledged, fault.Conflict},
		{"reopen it as another tenant", service.Reopen, globex, findings.Acknowledged, fault.NotFound},
		{"reopen it", service.Reopen, acme, findings.Open, ""},
	} {
		if _, err := step.turn(ctx, step.scope, id, "by mistake"); fault.CodeOf(err) != step.fault {
			t.Errorf("%s: %v, want %q", step.name, err, step.fault)
		}
		f, _, err := service.Get(ctx, acme, id)
		if err != nil {
			t.Fatal(err)
		}
		if f.State != step.want {
			t.Errorf("%s: the finding is %s, want %s", step.name, f.State, step.want)
		}
	}
	_, past, err := service.Get(ctx, acme, id)
	if err != nil {
		t.Fatal(err)
	}
	var states []findings.State
	for _, p := range past {
		states = append(states, p.State)
	}
	slices.Sort(states)
	if want := []findings.State{findings.Acknowledged, findings.Open, findings.Open}; !slices.Equal(states, want) {
		t.Errorf("the history has %v, want %v", states, want)
	}
}
