package rows

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlEnsureCollections = `
INSERT INTO collections (tenant_id, name, created_at)
SELECT $1, n, $3 FROM unnest($2::text[]) AS n
 WHERE NOT EXISTS (SELECT FROM collections c WHERE c.tenant_id = $1 AND c.name = n)
ON CONFLICT DO NOTHING`

const sqlCollectionIDs = `
SELECT name, id FROM collections WHERE tenant_id = $1 AND name = ANY($2::text[])`

// EnsureCollections gives the ids of collections of the scope's tenant by name, making those that are missing. Batches are
// taken for collections that were made so, and for no others: an agent cannot invent them.
func EnsureCollections(ctx context.Context, tx *postgres.Tx, names []string) (map[string]int32, error) {
	if _, err := tx.Exec(ctx, sqlEnsureCollections, tx.Scope.Tenant, names, tx.Now); err != nil {
		return nil, fmt.Errorf("make collections: %w", err)
	}
	return FindCollections(ctx, tx, names)
}

// FindCollections gives the ids of those collections of the scope's tenant that exist, by name.
func FindCollections(ctx context.Context, tx *postgres.Tx, names []string) (map[string]int32, error) {
	found := make(map[string]int32, len(names))
	rows, err := tx.Query(ctx, sqlCollectionIDs, tx.Scope.Tenant, names)
	if err != nil {
		return nil, fmt.Errorf("find collections: %w", err)
	}
	var name string
	var id int32
	if _, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error { found[name] = id; return nil }); err != nil {
		return nil, fmt.Errorf("find collections: %w", err)
	}
	return found, nil
}

// AgentEnrolled opens the cursor of a new agent of the scope's tenant. Without one its batches are refused.
func AgentEnrolled(ctx context.Context, tx *postgres.Tx, agent int32) error {
	return AgentsEnrolled(ctx, tx, []int32{tx.Scope.Tenant}, []int32{agent})
}

// AgentsEnrolled is AgentEnrolled for some agents, each of the tenant at its place.
func AgentsEnrolled(ctx context.Context, tx *postgres.Tx, tenants, agents []int32) error {
	const text = `INSERT INTO agent_cursors (tenant_id, agent_id) SELECT * FROM unnest($1::int[], $2::int[])`
	if _, err := tx.Exec(ctx, text, tenants, agents); err != nil {
		return fmt.Errorf("open cursors of agents: %w", err)
	}
	return nil
}

// LastSequence gives the highest sequence that is stored of an agent of the scope's tenant, 0 for none.
func LastSequence(ctx context.Context, tx *postgres.Tx, agent int32) (int64, error) {
	const text = `SELECT last_sequence FROM agent_cursors WHERE tenant_id = $1 AND agent_id = $2`
	var last int64
	err := tx.QueryRow(ctx, text, tx.Scope.Tenant, agent).Scan(&last)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("read cursor of agent %d: %w", agent, err)
	}
	return last, nil
}

// catalog keeps what every batch needs and hardly ever changes: the tenant's key for row ids, the ids of collections and
// of shapes. Safe for concurrent use.
type catalog struct {
	db *postgres.DB

	mu          sync.Mutex
	secrets     map[int32][]byte
	collections map[collectionKey]int32
	shapes      map[shapeKey]int32
}

type collectionKey struct {
	tenant int32
	name   string
}

type shapeKey struct {
	tenant, collection int32
	columns            [sha256.Size]byte
}

// catalogMax bounds each map. Agents decide how many shapes there are, so a full map is emptied and filled anew.
const catalogMax = 100_000

func newCatalog(db *postgres.DB) *catalog {
	return &catalog{db: db, secrets: map[int32][]byte{}, collections: map[collectionKey]int32{}, shapes: map[shapeKey]int32{}}
}

// entry is what the catalog knows for one batch. A collection of 0 is unknown.
type entry struct {
	secret            []byte
	collection, shape int32
}

func (c *catalog) find(ctx context.Context, b *Batch) (entry, error) {
	tenant := b.Sender.Tenant
	columns := sha256.Sum256([]byte(b.columns))
	byName := collectionKey{tenant, b.Header.Collection}
	c.mu.Lock()
	e := entry{secret: c.secrets[tenant], collection: c.collections[byName]}
	e.shape = c.shapes[shapeKey{tenant, e.collection, columns}]
	c.mu.Unlock()
	if e.secret != nil && e.collection != 0 && e.shape != 0 {
		return e, nil
	}
	err := c.db.InScope(ctx, access.System(tenant, "ingest"), func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		e, err = readEntry(ctx, tx, b, columns)
		return err
	})
	if err != nil || e.collection == 0 {
		return e, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.collections) >= catalogMax {
		clear(c.collections)
	}
	if len(c.shapes) >= catalogMax {
		clear(c.shapes)
	}
	c.secrets[tenant] = e.secret
	c.collections[byName] = e.collection
	c.shapes[shapeKey{tenant, e.collection, columns}] = e.shape
	return e, nil
}

const (
	sqlMakeSecret = `INSERT INTO row_tenants (tenant_id, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	sqlSecret     = `SELECT secret FROM row_tenants WHERE tenant_id = $1`
	sqlShape      = `SELECT id FROM row_shapes WHERE tenant_id = $1 AND collection_id = $2 AND columns_sha256 = $3`
	sqlMakeShape  = `INSERT INTO row_shapes (tenant_id, collection_id, columns, columns_sha256) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
)

func readEntry(ctx context.Context, tx *postgres.Tx, b *Batch, columns [sha256.Size]byte) (entry, error) {
	var e entry
	found, err := FindCollections(ctx, tx, []string{b.Header.Collection})
	if err != nil {
		return e, err
	}
	if e.collection = found[b.Header.Collection]; e.collection == 0 {
		return e, nil
	}
	tenant := tx.Scope.Tenant
	err = readOrMake(
		func() error { return tx.QueryRow(ctx, sqlSecret, tenant).Scan(&e.secret) },
		func() error {
			fresh := make([]byte, 32)
			rand.Read(fresh)
			_, err := tx.Exec(ctx, sqlMakeSecret, tenant, fresh)
			return err
		})
	if err != nil {
		return e, fmt.Errorf("read key for row ids: %w", err)
	}
	err = readOrMake(
		func() error { return tx.QueryRow(ctx, sqlShape, tenant, e.collection, columns[:]).Scan(&e.shape) },
		func() error {
			_, err := tx.Exec(ctx, sqlMakeShape, tenant, e.collection, b.columns, columns[:])
			return err
		})
	if err != nil {
		return e, fmt.Errorf("read shape of collection %d: %w", e.collection, err)
	}
	return e, nil
}

// readOrMake reads a value, after making it where it is missing. Another server may make it at the same time: what is
// read in the end is the one that stays.
func readOrMake(read, create func() error) error {
	err := read()
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if err := create(); err != nil {
		return err
	}
	return read()
}
