package agents

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// wanted is an agent that is looked up, and what is found. It is a group's until done is closed.
type wanted struct {
	id       uuid.UUID
	identity Identity // without a Key where there is no such agent
	err      error
	done     chan struct{}
}

// directory finds agents for many callers by one statement: when thousands answer a question within a second, or their
// heartbeats come, a transaction each was most of what they cost.
type directory struct {
	db      *postgres.DB
	waiting *gatherer[byte, *wanted] // its lanes mean nothing here: they are many, so that there is room
}

func newDirectory(db *postgres.DB) *directory {
	d := &directory{db: db}
	d.waiting = newGatherer[byte](d.work)
	return d
}

// find gives the agent of an id; one that does not exist has no Key.
func (d *directory) find(ctx context.Context, id uuid.UUID) (Identity, error) {
	w := &wanted{id: id, done: make(chan struct{})}
	if !d.waiting.put(id[len(id)-1], w) {
		return Identity{}, fault.New(fault.Unavailable, "too many agents are looked up at once")
	}
	select {
	case <-w.done:
		return w.identity, w.err
	case <-ctx.Done():
		return Identity{}, ctx.Err()
	}
}

func (d *directory) work(group []*wanted) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTime)
	defer cancel()
	ids := make([]uuid.UUID, len(group))
	for i, w := range group {
		ids[i] = w.id
	}
	var found map[uuid.UUID]Identity
	err := d.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		found, err = lookupAgents(ctx, tx, ids)
		return err
	})
	for _, w := range group {
		w.identity, w.err = found[w.id], err
		close(w.done)
	}
}

const sqlLookupAgents = `SELECT tenant, tenant_public, agent, agent_public, agent_key, agent_next_key, agent_state, agent_platform FROM keeper.agents_with_keys($1)`

func lookupAgents(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) (map[uuid.UUID]Identity, error) {
	rows, err := tx.Query(ctx, sqlLookupAgents, ids)
	if err != nil {
		return nil, fmt.Errorf("look up agents: %w", err)
	}
	found := make(map[uuid.UUID]Identity, len(ids))
	var i Identity
	_, err = pgx.ForEachRow(rows, []any{&i.Tenant, &i.TenantID, &i.Key, &i.ID, (*[]byte)(&i.PublicKey), (*[]byte)(&i.NextKey), &i.State, &i.Platform}, func() error {
		found[i.ID] = i
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up agents: %w", err)
	}
	return found, nil
}
