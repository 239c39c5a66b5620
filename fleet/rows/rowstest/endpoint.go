package rowstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/tables"
)

// Store runs a store until the test ends.
func Store(t testing.TB, db *postgres.DB) *rows.Store {
	t.Helper()
	store := rows.NewStore(rows.Config{DB: db, MaxDelay: 2 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the store ended with %v", err)
		}
	})
	return store
}

// Endpoint is an agent that is enrolled in a tenant, active and never heard of.
type Endpoint struct {
	*Agent
	Scope    access.Scope
	Key      int32 // the agent's id inside the database
	Hostname string

	db      *postgres.DB
	session rows.Session
}

// Enroll makes an agent of a platform.
func Enroll(t testing.TB, db *postgres.DB, scope access.Scope, hostname, platform string, tags ...string) *Endpoint {
	t.Helper()
	e := &Endpoint{Agent: NewAgent(scope.TenantID, uuid.Must(uuid.NewV7())), Scope: scope, Hostname: hostname, db: db}
	err := db.InScope(t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		err := tx.QueryRow(ctx, `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id, tags,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'active', $5, $6, 'amd64', 'Debian', '12', '0.1', '', $7, $2, $4, 'test', $4, 'test', $4) RETURNING id`,
			scope.Tenant, e.ID, []byte(e.Public()), tx.Now, hostname, platform, append([]string{}, tags...)).Scan(&e.Key)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO agent_presence (tenant_id, agent_id, last_seen_at) VALUES ($1, $2, 'epoch')`, scope.Tenant, e.Key)
		if err != nil {
			return err
		}
		return rows.AgentEnrolled(ctx, tx, e.Key)
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Tell has the agent tell that a collection's result is now what is given, and waits until it is stored.
func (e *Endpoint) Tell(t testing.TB, store *rows.Store, collection string, columns []string, result [][]tables.Value) {
	t.Helper()
	err := e.db.InScope(t.Context(), e.Scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := rows.EnsureCollections(ctx, tx, []string{collection})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	e.put(t, store, e.Differential(collection, columns, result))
}

// Fail has the agent tell that a collection's query failed, after it has told a row.
func (e *Endpoint) Fail(t testing.TB, store *rows.Store, collection, why string) {
	t.Helper()
	e.Tell(t, store, collection, []string{"a"}, Text([]string{"1"}))
	e.put(t, store, e.Failed(collection, protocol.ModeDifferential, why))
}

// put stores a batch.
func (e *Endpoint) put(t testing.TB, store *rows.Store, d Draft) {
	t.Helper()
	sender := rows.Sender{Tenant: e.Scope.Tenant, Agent: e.Key, TenantID: e.TenantID, AgentID: e.ID, Key: e.Public()}
	batch, _, refused := rows.Open(sender, e.Sign(t, d), time.Now())
	if refused != nil {
		t.Fatal(refused)
	}
	stored, err := store.Put(t.Context(), &e.session, batch)
	if err != nil || stored.Refused != nil {
		t.Fatalf("collection %s: %+v, %v", d.Header.Collection, stored.Refused, err)
	}
}
