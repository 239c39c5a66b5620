package rows

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// AcrossQuery says which rows of a collection to read from many agents of one tenant.
type AcrossQuery struct {
	Tenant, Collection int32
	Agents             []int32     // nil for all
	At                 time.Time   // as of this moment; zero for now
	Holds              []string    // where set, only rows whose stored text holds one of these; the caller filters exactly
	After              AcrossPlace // only rows behind it
	Limit              int         // at most PageMax; 0 for PageMax
}

// AcrossPlace is a place in the order of ReadAcross.
type AcrossPlace struct {
	Agent int32
	Row   int64
}

// AcrossRow is a row as it is stored: Text is a JSON array in the order of the columns of Shape.
type AcrossRow struct {
	AcrossPlace
	Copies   int
	SeenFrom time.Time
	Shape    int32
	Text     string
}

// The smallest place has agent 0, which no agent is.
const (
	sqlAcrossCurrent = `
SELECT r.agent_id, r.row_id, r.copies, r.seen_from, v.shape_id, v.value
  FROM agent_rows r JOIN row_values v ON v.tenant_id = r.tenant_id AND v.collection_id = r.collection_id AND v.row_id = r.row_id
 WHERE r.tenant_id = $1 AND r.collection_id = $2 AND ($3::int[] IS NULL OR r.agent_id = ANY($3)) AND (r.agent_id, r.row_id) > ($4::int, $5::bigint)
   AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6) AS h(part) WHERE strpos(v.value, h.part) > 0))
 ORDER BY r.agent_id, r.row_id LIMIT $7`

	sqlAcrossAsOf = `
SELECT r.agent_id, r.row_id, 1, r.seen_from, v.shape_id, v.value
  FROM (SELECT agent_id, row_id, seen_from FROM agent_rows
         WHERE tenant_id = $1 AND collection_id = $2 AND ($3::int[] IS NULL OR agent_id = ANY($3)) AND (agent_id, row_id) > ($4::int, $5::bigint) AND seen_from <= $8
        UNION ALL
        SELECT agent_id, row_id, seen_from FROM agent_rows_past
         WHERE tenant_id = $1 AND collection_id = $2 AND ($3::int[] IS NULL OR agent_id = ANY($3)) AND (agent_id, row_id) > ($4::int, $5::bigint)
           AND seen_from <= $8 AND seen_to > $8
       ) r JOIN row_values v ON v.tenant_id = $1 AND v.collection_id = $2 AND v.row_id = r.row_id
 WHERE $6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6) AS h(part) WHERE strpos(v.value, h.part) > 0)
 ORDER BY r.agent_id, r.row_id LIMIT $7`

	sqlAllShapes = `SELECT id, columns FROM row_shapes WHERE tenant_id = $1 AND collection_id = $2`
)

// ReadAcross gives rows of many agents in the order of agents and row ids. A page of as many rows as the limit may have
// others behind it.
func ReadAcross(ctx context.Context, tx *postgres.Tx, q AcrossQuery) ([]AcrossRow, error) {
	if q.Limit <= 0 || q.Limit > PageMax {
		q.Limit = PageMax
	}
	var found pgx.Rows
	var err error
	if q.At.IsZero() {
		found, err = tx.Query(ctx, sqlAcrossCurrent, q.Tenant, q.Collection, q.Agents, q.After.Agent, q.After.Row, q.Holds, q.Limit)
	} else {
		found, err = tx.Query(ctx, sqlAcrossAsOf, q.Tenant, q.Collection, q.Agents, q.After.Agent, q.After.Row, q.Holds, q.Limit, q.At)
	}
	if err != nil {
		return nil, fmt.Errorf("read rows across agents: %w", err)
	}
	page, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (AcrossRow, error) {
		var r AcrossRow
		err := row.Scan(&r.Agent, &r.Row, &r.Copies, &r.SeenFrom, &r.Shape, &r.Text)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read rows across agents: %w", err)
	}
	return page, nil
}

// Shapes gives the lists of columns that rows of a collection were told with, by their ids.
func Shapes(ctx context.Context, tx *postgres.Tx, tenant, collection int32) (map[int32][]string, error) {
	found, err := tx.Query(ctx, sqlAllShapes, tenant, collection)
	if err != nil {
		return nil, fmt.Errorf("read shapes: %w", err)
	}
	shapes := map[int32][]string{}
	var id int32
	var text string
	if _, err := pgx.ForEachRow(found, []any{&id, &text}, func() error {
		var columns []string
		err := json.Unmarshal([]byte(text), &columns)
		shapes[id] = columns
		return err
	}); err != nil {
		return nil, fmt.Errorf("read shapes: %w", err)
	}
	return shapes, nil
}
