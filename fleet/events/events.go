// Package events streams to consoles what changed in the tenants that a person sees: agents that came and went, findings
// that opened and closed. An event says that something changed; what it is now is read by the ordinary operations.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	buffer   = 1024
	aliveFor = 20 * time.Second // between lines that only say that the stream lives
	treeAge  = 30 * time.Second // how old the list of visible tenants may be
)

// Service streams events. Safe for concurrent use.
type Service struct {
	db  *postgres.DB
	bus *bus.Bus
}

// New makes a Service.
func New(db *postgres.DB, b *bus.Bus) *Service { return &Service{db, b} }

// Routes registers the stream.
func (s *Service) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "stream-events", Method: http.MethodGet, Path: "/events", Tags: []string{"console"}, Permission: access.AgentsRead, Recursive: true, Stream: true,
		Summary: "Follow changes of agents and findings, one event a line",
	}, func(_ context.Context, scope access.Scope, _ *struct{}) (*httpapi.Stream, error) {
		return httpapi.NDJSON(func(ctx context.Context, send func(any) error) error { return s.Stream(ctx, scope, send) }), nil
	})
}

// lost is what a reader gets who was too slow: it should read again what it shows.
type lost struct {
	Type string `json:"type"`
}

// Stream sends events of the scope's tenants until ctx ends or send fails.
func (s *Service) Stream(ctx context.Context, scope access.Scope, send func(any) error) error {
	messages := make(chan bus.Message, buffer)
	overflow := make(chan struct{}, 1)
	unsubscribe, err := s.bus.Subscribe("*", bus.KindEvent, "*", func(m bus.Message) {
		select {
		case messages <- m:
		default:
			select {
			case overflow <- struct{}{}:
			default: // it is told already
			}
		}
	})
	if err != nil {
		return err
	}
	defer unsubscribe()
	visible, err := s.tenants(ctx, scope)
	if err != nil {
		return err
	}
	alive, tree := time.NewTicker(aliveFor), time.NewTicker(treeAge)
	defer alive.Stop()
	defer tree.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-messages:
			if !visible[m.Tenant] || !json.Valid(m.Body) {
				continue
			}
			err = send(json.RawMessage(m.Body))
		case <-overflow:
			err = send(lost{Type: "lost"})
		case <-alive.C:
			err = send(lost{Type: "alive"})
		case <-tree.C:
			visible, err = s.tenants(ctx, scope)
		}
		if err != nil {
			return err
		}
	}
}

// tenants gives the public ids of the scope's visible tenants.
func (s *Service) tenants(ctx context.Context, scope access.Scope) (visible map[uuid.UUID]bool, err error) {
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, `SELECT public_id FROM tenants`)
		if err != nil {
			return err
		}
		visible = map[uuid.UUID]bool{}
		var id uuid.UUID
		_, err = pgx.ForEachRow(rows, []any{&id}, func() error { visible[id] = true; return nil })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read visible tenants: %w", err)
	}
	return visible, nil
}
