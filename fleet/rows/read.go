package rows

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// PageMax is how many rows one read gives at most.
const PageMax = 50_000

// StoredRow is a row as it is kept.
type StoredRow struct {
	ID       int64
	Copies   int // how many times the result holds it; 1 for past rows
	SeenFrom time.Time
	Values   []tables.Value // in the order of the page's columns
}

// Page is a part of a collection's rows, in the order of their ids.
type Page struct {
	Columns []string // of the collection's last batch, then those that only older rows of this page have
	Rows    []StoredRow
	Next    *int64 // read on after this id; nil after the last page
}

// Query says which rows of a collection to read.
type Query struct {
	Tenant, Agent, Collection int32
	At                        time.Time // as of this moment; zero for now
	After                     *int64    // only ids above; nil from the start
	Limit                     int       // at most PageMax; 0 for PageMax
}

const (
	sqlReadCurrent = `
SELECT r.row_id, r.copies, r.seen_from, v.shape_id, v.value
  FROM agent_rows r JOIN row_values v ON v.tenant_id = r.tenant_id AND v.collection_id = r.collection_id AND v.row_id = r.row_id
 WHERE r.tenant_id = $1 AND r.collection_id = $2 AND r.agent_id = $3 AND ($4::bigint IS NULL OR r.row_id > $4)
 ORDER BY r.row_id LIMIT $5`

	sqlReadAsOf = `
SELECT r.row_id, 1, r.seen_from, v.shape_id, v.value
  FROM (SELECT row_id, seen_from FROM agent_rows
         WHERE tenant_id = $1 AND collection_id = $2 AND agent_id = $3 AND ($4::bigint IS NULL OR row_id > $4) AND seen_from <= $6
        UNION ALL
        SELECT row_id, seen_from FROM agent_rows_past
         WHERE tenant_id = $1 AND collection_id = $2 AND agent_id = $3 AND ($4::bigint IS NULL OR row_id > $4) AND seen_from <= $6 AND seen_to > $6
       ) r JOIN row_values v ON v.tenant_id = $1 AND v.collection_id = $2 AND v.row_id = r.row_id
 ORDER BY r.row_id LIMIT $5`

	sqlReadShape  = `SELECT shape_id FROM agent_collections WHERE tenant_id = $1 AND agent_id = $2 AND collection_id = $3`
	sqlReadShapes = `SELECT id, columns FROM row_shapes WHERE tenant_id = $1 AND collection_id = $2 AND id = ANY($3::int[])`

	sqlReadValues = `
SELECT row_id, 1, 'epoch'::timestamptz, shape_id, value FROM row_values
 WHERE tenant_id = $1 AND collection_id = $2 AND row_id = ANY($3::bigint[]) ORDER BY row_id`
)

// Read gives the rows that an agent has in a collection, or had at a past moment. A collection that the agent never told
// has no rows and no columns.
func Read(ctx context.Context, tx *postgres.Tx, q Query) (Page, error) {
	if q.Limit <= 0 || q.Limit > PageMax {
		q.Limit = PageMax
	}
	var found []foundRow
	var err error
	if q.At.IsZero() {
		found, err = scanRows(tx.Query(ctx, sqlReadCurrent, q.Tenant, q.Collection, q.Agent, q.After, q.Limit+1))
	} else {
		found, err = scanRows(tx.Query(ctx, sqlReadAsOf, q.Tenant, q.Collection, q.Agent, q.After, q.Limit+1, q.At))
	}
	if err != nil {
		return Page{}, fmt.Errorf("read rows: %w", err)
	}
	var next *int64
	if len(found) > q.Limit {
		found = found[:q.Limit]
		next = &found[q.Limit-1].ID
	}
	var shape int32
	err = tx.QueryRow(ctx, sqlReadShape, q.Tenant, q.Agent, q.Collection).Scan(&shape)
	if errors.Is(err, pgx.ErrNoRows) {
		return Page{}, nil
	}
	if err != nil {
		return Page{}, fmt.Errorf("read shape: %w", err)
	}
	page, err := shapeRows(ctx, tx, q.Tenant, q.Collection, shape, found)
	page.Next = next
	return page, err
}

// ReadByID gives rows of a collection by their ids, whoever has them: the evidence of a finding outlives the rows' time on
// the agent. Ids that are unknown are left out.
func ReadByID(ctx context.Context, tx *postgres.Tx, tenant, collection int32, ids []int64) (Page, error) {
	found, err := scanRows(tx.Query(ctx, sqlReadValues, tenant, collection, ids))
	if err != nil {
		return Page{}, fmt.Errorf("read rows: %w", err)
	}
	if len(found) == 0 {
		return Page{}, nil
	}
	return shapeRows(ctx, tx, tenant, collection, found[len(found)-1].shape, found)
}

type foundRow struct {
	StoredRow
	shape int32
	text  string
}

func scanRows(rows pgx.Rows, err error) ([]foundRow, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (foundRow, error) {
		var r foundRow
		err := row.Scan(&r.ID, &r.Copies, &r.SeenFrom, &r.shape, &r.text)
		return r, err
	})
}

// shapeRows reads the values of rows that may have been told with different columns and lays them under one list.
func shapeRows(ctx context.Context, tx *postgres.Tx, tenant, collection, first int32, found []foundRow) (Page, error) {
	wanted := []int32{first}
	for i := range found {
		if !slices.Contains(wanted, found[i].shape) {
			wanted = append(wanted, found[i].shape)
		}
	}
	rows, err := tx.Query(ctx, sqlReadShapes, tenant, collection, wanted)
	if err != nil {
		return Page{}, fmt.Errorf("read shapes: %w", err)
	}
	shapes := map[int32][]string{}
	var id int32
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error {
		var columns []string
		err := json.Unmarshal([]byte(text), &columns)
		shapes[id] = columns
		return err
	}); err != nil {
		return Page{}, fmt.Errorf("read shapes: %w", err)
	}
	page := Page{Columns: slices.Clone(shapes[first]), Rows: make([]StoredRow, len(found))}
	places := map[int32][]int{} // of each shape's columns in the page's
	for _, shape := range wanted {
		places[shape] = place(&page.Columns, shapes[shape])
	}
	for i := range found {
		var values []tables.Value
		if err := json.Unmarshal([]byte(found[i].text), &values); err != nil {
			return Page{}, fmt.Errorf("read row %d: %w", found[i].ID, err)
		}
		at := places[found[i].shape]
		if len(values) != len(at) {
			return Page{}, fmt.Errorf("read row %d: %d values for %d columns", found[i].ID, len(values), len(at))
		}
		row := found[i].StoredRow
		row.Values = make([]tables.Value, len(page.Columns))
		for j, value := range values {
			row.Values[at[j]] = value
		}
		page.Rows[i] = row
	}
	return page, nil
}

// place finds each column in all, adding those that are not there. Two columns of one name keep their two places.
func place(all *[]string, columns []string) []int {
	at := make([]int, len(columns))
	used := make([]bool, len(*all), len(*all)+len(columns))
	for i, name := range columns {
		at[i] = -1
		for j, other := range *all {
			if other == name && !used[j] {
				at[i], used[j] = j, true
				break
			}
		}
		if at[i] < 0 {
			at[i] = len(*all)
			*all, used = append(*all, name), append(used, true)
		}
	}
	return at
}

// AgentCollection is where a collection stands on an agent.
type AgentCollection struct {
	ID          int32
	Name        string
	Rows        int64 // copies counted
	ChangedAt   time.Time
	LastBatchAt time.Time
	StatusCode  int // 0 well, 1 the statement failed, 2 ended by a limit
	Log         string
	DurationMS  int64
	CPUMillis   int64
}

const sqlAgentCollections = `
SELECT c.id, c.name, s.rows, s.changed_at, s.last_batch_at, s.status_code, s.execution_log, s.duration_ms, s.cpu_ms
  FROM agent_collections s JOIN collections c ON c.tenant_id = s.tenant_id AND c.id = s.collection_id
 WHERE s.tenant_id = $1 AND s.agent_id = $2 AND ($3 = '' OR c.name = $3) AND c.name > $4
 ORDER BY c.name LIMIT $5`

// Collections lists the collections that an agent of the tenant has told, by name, after a name.
func Collections(ctx context.Context, tx *postgres.Tx, tenant, agent int32, after string, limit int) ([]AgentCollection, error) {
	return collections(ctx, tx, tenant, agent, "", after, limit)
}

// FindCollection gives one collection of an agent by its name, or fault.NotFound.
func FindCollection(ctx context.Context, tx *postgres.Tx, tenant, agent int32, name string) (AgentCollection, error) {
	found, err := collections(ctx, tx, tenant, agent, name, "", 1)
	if err != nil {
		return AgentCollection{}, err
	}
	if len(found) == 0 {
		return AgentCollection{}, fault.New(fault.NotFound, "the agent has told no such collection")
	}
	return found[0], nil
}

func collections(ctx context.Context, tx *postgres.Tx, tenant, agent int32, name, after string, limit int) ([]AgentCollection, error) {
	rows, err := tx.Query(ctx, sqlAgentCollections, tenant, agent, name, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (AgentCollection, error) {
		var c AgentCollection
		err := row.Scan(&c.ID, &c.Name, &c.Rows, &c.ChangedAt, &c.LastBatchAt, &c.StatusCode, &c.Log, &c.DurationMS, &c.CPUMillis)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	return found, nil
}

// Evidence proves that an agent told a row: the batch header as signed, and the row's place in the tree under its root.
type Evidence struct {
	Header    []byte // protocol.BatchHeader as signed under PurposeBatch
	Signature []byte
	Index     int // of the row's leaf
	Leaves    int
	Path      []diff.Hash
}

const sqlEvidence = `
SELECT b.header, b.signature, b.leaves FROM agent_batches b
 WHERE b.tenant_id = $1 AND b.agent_id = $2 AND b.collection_id = $3 AND b.at = $4 LIMIT 1`

// Prove gives the evidence of a row that came at seenFrom, or fault.NotFound where its batch is kept no longer.
func Prove(ctx context.Context, tx *postgres.Tx, tenant, agent, collection int32, columns []string, row StoredRow) (Evidence, error) {
	var e Evidence
	var packed []byte
	err := tx.QueryRow(ctx, sqlEvidence, tenant, agent, collection, row.SeenFrom).Scan(&e.Header, &e.Signature, &packed)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Evidence{}, fmt.Errorf("read evidence: %w", err)
	}
	leaf := diff.Leaf(true, diff.NewHasher(columns).Row(row.Values))
	leaves := make([]diff.Hash, len(packed)/len(leaf))
	for i := range leaves {
		copy(leaves[i][:], packed[i*len(leaf):])
	}
	if e.Index = slices.Index(leaves, leaf); e.Index < 0 {
		return Evidence{}, fault.New(fault.NotFound, "the batch that told this row is kept no longer")
	}
	e.Leaves, e.Path = len(leaves), diff.Proof(leaves, e.Index)
	return e, nil
}

// Verify checks, without the fleet, that the agent of this key told the row.
func (e Evidence) Verify(key ed25519.PublicKey, columns []string, values []tables.Value) error {
	var header protocol.BatchHeader
	signed := protocol.Signed{Payload: e.Header, Signature: e.Signature}
	if err := signed.Open(key, protocol.PurposeBatch, &header); err != nil {
		return fmt.Errorf("verify evidence: %w", err)
	}
	leaf := diff.Leaf(true, diff.NewHasher(columns).Row(values))
	if len(header.Root) != len(leaf) || !diff.Proves(diff.Hash(header.Root), leaf, e.Index, e.Leaves, e.Path) {
		return errors.New("verify evidence: the row is not under the signed root")
	}
	return nil
}
