package drift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	policies "github.com/tenantra/tenantra/packs/drift"
)

const (
	sqlMark = `SELECT watch FROM drift_marks WHERE tenant_id = $1 AND collection_id = $2 AND agent_id = $3`
	sqlHeld = `
SELECT v.value FROM drift_holders h JOIN drift_values v ON v.tenant_id = h.tenant_id AND v.collection_id = h.collection_id AND v.value_id = h.value_id
 WHERE h.tenant_id = $1 AND h.collection_id = $2 AND h.agent_id = $3`
	sqlPutMark = `
INSERT INTO drift_marks (tenant_id, collection_id, agent_id, at, watch) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, collection_id, agent_id) DO UPDATE SET at = excluded.at, watch = excluded.watch`
	sqlClear = `DELETE FROM drift_holders WHERE tenant_id = $1 AND collection_id = $2 AND agent_id = $3`
)

// held gives the values that an agent was known to have. known is false where it was not looked at before, or by other
// columns.
func held(ctx context.Context, tx *postgres.Tx, agent, collection int32, watch []byte) (values []policies.Value, known bool, err error) {
	var by []byte
	err = tx.QueryRow(ctx, sqlMark, tx.Scope.Tenant, collection, agent).Scan(&by)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find mark: %w", err)
	}
	if !bytes.Equal(by, watch) {
		return nil, false, nil
	}
	values, err = collectValues(tx.Query(ctx, sqlHeld, tx.Scope.Tenant, collection, agent))
	return values, true, err
}

func collectValues(found pgx.Rows, err error) ([]policies.Value, error) {
	if err != nil {
		return nil, fmt.Errorf("list values: %w", err)
	}
	values, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (policies.Value, error) {
		var text string
		if err := row.Scan(&text); err != nil {
			return policies.Value{}, err
		}
		return cellsOf(text)
	})
	if err != nil {
		return nil, fmt.Errorf("list values: %w", err)
	}
	sortValues(values)
	return values, nil
}

func putMark(ctx context.Context, tx *postgres.Tx, agent, collection int32, watch []byte) error {
	if _, err := tx.Exec(ctx, sqlPutMark, tx.Scope.Tenant, collection, agent, tx.Now, watch); err != nil {
		return fmt.Errorf("store mark: %w", err)
	}
	return nil
}

func forgetValues(ctx context.Context, tx *postgres.Tx, agent, collection int32) error {
	if _, err := tx.Exec(ctx, sqlClear, tx.Scope.Tenant, collection, agent); err != nil {
		return fmt.Errorf("forget values: %w", err)
	}
	return nil
}

const (
	// The value is new where the insertion took place.
	sqlAddValues = `
INSERT INTO drift_values (tenant_id, collection_id, value_id, value, first_seen_at, first_agent)
SELECT $1, $2, v, t, $5, $6 FROM unnest($3::bytea[], $4::text[]) AS x(v, t) ORDER BY v
ON CONFLICT (tenant_id, collection_id, value_id) DO NOTHING RETURNING value_id`
	sqlHold = `
INSERT INTO drift_holders (tenant_id, collection_id, agent_id, value_id, since) SELECT $1, $2, $3, v, $5 FROM unnest($4::bytea[]) AS v ORDER BY v
ON CONFLICT DO NOTHING`
	sqlDrop   = `DELETE FROM drift_holders WHERE tenant_id = $1 AND collection_id = $2 AND agent_id = $3 AND value_id = ANY($4::bytea[])`
	sqlOthers = `
SELECT h.value_id, count(*) FROM drift_holders h
 WHERE h.tenant_id = $1 AND h.collection_id = $2 AND h.agent_id <> $3 AND h.value_id = ANY($4::bytea[]) GROUP BY h.value_id`
	// Peers are of the same platform and share a tag, where the agent has any.
	sqlPeers = `
WITH peers AS (
    SELECT p.id FROM agents a JOIN agents p ON p.tenant_id = a.tenant_id AND p.platform = a.platform AND p.state = 'active' AND p.id <> a.id AND (a.tags = '{}' OR p.tags && a.tags)
     WHERE a.tenant_id = $1 AND a.id = $3
), told AS (
    SELECT m.agent_id FROM drift_marks m JOIN peers ON peers.id = m.agent_id WHERE m.tenant_id = $1 AND m.collection_id = $2
)
SELECT k.v, (SELECT count(*) FROM told),
       (SELECT count(*) FROM drift_holders h JOIN told ON told.agent_id = h.agent_id WHERE h.tenant_id = $1 AND h.collection_id = $2 AND h.value_id = k.v)
  FROM unnest($4::bytea[]) AS k(v)`
	sqlFleet = `
SELECT count(*) FROM drift_marks m JOIN agents a ON a.tenant_id = m.tenant_id AND a.id = m.agent_id AND a.state = 'active'
 WHERE m.tenant_id = $1 AND m.collection_id = $2`
)

// store writes changes, and counts for each who else has the value.
func store(ctx context.Context, tx *postgres.Tx, name string, agent, collection int32, changes []policies.Change) ([]counted, error) {
	var come, gone [][]byte
	var texts []string
	all := make([][]byte, len(changes))
	for i, c := range changes {
		id := idOf(name, c.Value)
		all[i] = id[:]
		switch c.Kind {
		case "removed":
			gone = append(gone, id[:])
		default:
			come, texts = append(come, id[:]), append(texts, c.Value.Text)
			if c.Was != nil {
				was := idOf(name, *c.Was)
				gone = append(gone, was[:])
			}
		}
	}
	fresh := map[valueID]bool{}
	found, err := tx.Query(ctx, sqlAddValues, tx.Scope.Tenant, collection, come, texts, tx.Now, agent)
	if err != nil {
		return nil, fmt.Errorf("store values: %w", err)
	}
	var id []byte
	if _, err := pgx.ForEachRow(found, []any{&id}, func() error { fresh[valueID(id)] = true; return nil }); err != nil {
		return nil, fmt.Errorf("store values: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlDrop, tx.Scope.Tenant, collection, agent, gone); err != nil {
		return nil, fmt.Errorf("drop values: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlHold, tx.Scope.Tenant, collection, agent, come, tx.Now); err != nil {
		return nil, fmt.Errorf("store who has values: %w", err)
	}
	others := map[valueID]int{}
	if found, err = tx.Query(ctx, sqlOthers, tx.Scope.Tenant, collection, agent, all); err != nil {
		return nil, fmt.Errorf("count who has values: %w", err)
	}
	var n int
	if _, err := pgx.ForEachRow(found, []any{&id, &n}, func() error { others[valueID(id)] = n; return nil }); err != nil {
		return nil, fmt.Errorf("count who has values: %w", err)
	}
	var fleet int
	if err := tx.QueryRow(ctx, sqlFleet, tx.Scope.Tenant, collection).Scan(&fleet); err != nil {
		return nil, fmt.Errorf("count agents: %w", err)
	}
	counts := make([]counted, len(changes))
	for i := range changes {
		key := valueID(all[i])
		counts[i] = counted{isNew: fresh[key], others: others[key], fleet: fleet}
	}
	return counts, nil
}

const sqlAddEvents = `
INSERT INTO drift_events (tenant_id, collection_id, agent_id, at, seq, change, value_id, was_id, is_new, others, fleet, peers, peers_with)
SELECT $1, $2, $3, $4, s, c, v, w, n, o, f, p, q
  FROM unnest($5::int[], $6::text[], $7::bytea[], $8::bytea[], $9::boolean[], $10::int[], $11::int[], $12::int[], $13::int[]) AS x(s, c, v, w, n, o, f, p, q)`

// countPeers counts for each change the agents of the same kind, and those of them that have the value.
func countPeers(ctx context.Context, tx *postgres.Tx, name string, agent, collection int32, changes []policies.Change, counts []counted) error {
	at := map[valueID]int{}
	var ids [][]byte
	for i, c := range changes {
		id := idOf(name, c.Value)
		at[id], ids = i, append(ids, id[:])
	}
	found, err := tx.Query(ctx, sqlPeers, tx.Scope.Tenant, collection, agent, ids)
	if err != nil {
		return fmt.Errorf("count peers: %w", err)
	}
	var id []byte
	var peers, with int
	_, err = pgx.ForEachRow(found, []any{&id, &peers, &with}, func() error {
		c := &counts[at[valueID(id)]]
		c.peers, c.peersWith = peers, with
		return nil
	})
	if err != nil {
		return fmt.Errorf("count peers: %w", err)
	}
	return nil
}

func addEvents(ctx context.Context, tx *postgres.Tx, name string, agent, collection int32, changes []policies.Change, counts []counted) error {
	var seq, others, fleet, peers, peersWith []int32
	var kinds []string
	var values, was [][]byte
	var isNew []bool
	for i, c := range changes {
		id := idOf(name, c.Value)
		seq, kinds, values, isNew = append(seq, int32(i)), append(kinds, c.Kind), append(values, id[:]), append(isNew, counts[i].isNew)
		others, fleet = append(others, int32(counts[i].others)), append(fleet, int32(counts[i].fleet))
		peers, peersWith = append(peers, int32(counts[i].peers)), append(peersWith, int32(counts[i].peersWith))
		if c.Was == nil {
			was = append(was, nil)
			continue
		}
		old := idOf(name, *c.Was)
		was = append(was, old[:])
	}
	if _, err := tx.Exec(ctx, sqlAddEvents, tx.Scope.Tenant, collection, agent, tx.Now, seq, kinds, values, was, isNew, others, fleet, peers, peersWith); err != nil {
		return fmt.Errorf("store changes: %w", err)
	}
	return nil
}

const sqlEvents = `
SELECT e.tenant_id, e.collection_id, e.agent_id, e.seq, e.at, a.public_id, a.hostname, t.name, c.name, e.change, v.value, coalesce(w.value, ''), e.is_new, e.others, e.fleet, e.peers, e.peers_with
  FROM drift_events e
  JOIN collections c ON c.tenant_id = e.tenant_id AND c.id = e.collection_id
  JOIN agents a ON a.tenant_id = e.tenant_id AND a.id = e.agent_id
  JOIN tenants t ON t.id = e.tenant_id
  JOIN drift_values v ON v.tenant_id = e.tenant_id AND v.collection_id = e.collection_id AND v.value_id = e.value_id
  LEFT JOIN drift_values w ON w.tenant_id = e.tenant_id AND w.collection_id = e.collection_id AND w.value_id = e.was_id
 WHERE ($1 = '' OR c.name = $1) AND ($2::uuid IS NULL OR a.public_id = $2) AND e.at >= $3 AND e.at <= $4
   AND (e.at, e.tenant_id, e.collection_id, e.agent_id, e.seq) < ($5::timestamptz, $6::int, $7::int, $8::int, $9::int)
 ORDER BY e.at DESC, e.tenant_id DESC, e.collection_id DESC, e.agent_id DESC, e.seq DESC LIMIT $10`

const sqlHours = `
SELECT e.tenant_id, e.collection_id, (extract(isodow FROM e.at AT TIME ZONE 'UTC')::int - 1) * 24 + extract(hour FROM e.at AT TIME ZONE 'UTC')::int, count(DISTINCT e.value_id)
  FROM drift_events e WHERE e.tenant_id = ANY($1::int[]) AND e.at >= $2 AND e.at < $3 GROUP BY 1, 2, 3`

// hoursOf counts values that came or went, by hour of the week, for each collection. An update that goes to a thousand
// machines within an hour is one change of that hour, else it would make all other hours look empty.
func hoursOf(ctx context.Context, tx *postgres.Tx, from, to time.Time) (map[[2]int32]*Hours, error) {
	found, err := tx.Query(ctx, sqlHours, tx.Scope.Visible, from, to)
	if err != nil {
		return nil, fmt.Errorf("count changes by hour: %w", err)
	}
	byCollection := map[[2]int32]*Hours{}
	var key [2]int32
	var hour, n int
	_, err = pgx.ForEachRow(found, []any{&key[0], &key[1], &hour, &n}, func() error {
		h := byCollection[key]
		if h == nil {
			h = &Hours{}
			byCollection[key] = h
		}
		h[hour] += n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count changes by hour: %w", err)
	}
	return byCollection, nil
}

// place is an event's place in lists.
type place struct {
	At                        time.Time
	Tenant, Collection, Agent int32
	Seq                       int
}

func listEvents(ctx context.Context, tx *postgres.Tx, f Filter, before place, limit int) ([]Event, error) {
	var agent *uuid.UUID
	if f.Agent != uuid.Nil {
		agent = &f.Agent
	}
	found, err := tx.Query(ctx, sqlEvents, f.Collection, agent, f.From, f.To, before.At, before.Tenant, before.Collection, before.Agent, before.Seq, limit)
	if err != nil {
		return nil, fmt.Errorf("list changes: %w", err)
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (Event, error) {
		var e Event
		var value, was string
		err := row.Scan(&e.tenant, &e.collection, &e.agent, &e.seq, &e.At, &e.AgentID, &e.Hostname, &e.TenantName, &e.Collection, &e.Change, &value, &was, &e.New, &e.Others, &e.Fleet, &e.Peers, &e.PeersWith)
		if err != nil {
			return e, err
		}
		v, err := cellsOf(value)
		if err != nil {
			return e, err
		}
		if e.Value = v.Cells; was != "" {
			if v, err = cellsOf(was); err != nil {
				return e, err
			}
			e.Was = v.Cells
		}
		return e, nil
	})
}

const sqlRare = `
WITH looked AS (
    SELECT tenant_id, id FROM collections WHERE tenant_id = ANY($1::int[]) AND name = $2
), fleet AS (
    SELECT count(*) AS n FROM drift_marks m JOIN looked l ON l.tenant_id = m.tenant_id AND l.id = m.collection_id
      JOIN agents a ON a.tenant_id = m.tenant_id AND a.id = m.agent_id AND a.state = 'active'
), had AS (
    SELECT h.value_id, count(*) AS holders, count(DISTINCT h.tenant_id) AS tenants
      FROM drift_holders h JOIN looked l ON l.tenant_id = h.tenant_id AND l.id = h.collection_id
      JOIN agents a ON a.tenant_id = h.tenant_id AND a.id = h.agent_id AND a.state = 'active'
     GROUP BY h.value_id
)
SELECT x.value_id, x.value, had.holders, fleet.n, had.tenants, x.first_seen_at
  FROM had, fleet, LATERAL (SELECT v.value_id, v.value, min(v.first_seen_at) OVER () AS first_seen_at FROM drift_values v
                              JOIN looked l ON l.tenant_id = v.tenant_id AND l.id = v.collection_id WHERE v.value_id = had.value_id LIMIT 1) x
 WHERE had.holders <= $3 AND x.first_seen_at >= $4
 ORDER BY had.holders, x.first_seen_at DESC, x.value_id LIMIT $5`

const sqlHolderNames = `
SELECT h.value_id, a.hostname
  FROM unnest($2::bytea[]) AS k(v),
       LATERAL (SELECT h.value_id, h.tenant_id, h.agent_id FROM drift_holders h JOIN collections c ON c.tenant_id = h.tenant_id AND c.id = h.collection_id
                 WHERE h.tenant_id = $1 AND c.name = $3 AND h.value_id = k.v ORDER BY h.agent_id LIMIT 5) h
  JOIN agents a ON a.tenant_id = h.tenant_id AND a.id = h.agent_id ORDER BY h.value_id, a.hostname`

// listRare gives the values that at most so many of the visible tenants' agents have, the rarest first.
func listRare(ctx context.Context, tx *postgres.Tx, collection string, most int, since time.Time, limit int) ([]Rarity, error) {
	found, err := tx.Query(ctx, sqlRare, tx.Scope.Visible, collection, most, since, limit)
	if err != nil {
		return nil, fmt.Errorf("list rare values: %w", err)
	}
	at := map[valueID]int{}
	var ids [][]byte
	rare, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (Rarity, error) {
		var r Rarity
		var id []byte
		var text string
		if err := row.Scan(&id, &text, &r.Holders, &r.Fleet, &r.Tenants, &r.FirstSeenAt); err != nil {
			return r, err
		}
		at[valueID(id)] = len(ids)
		ids = append(ids, id)
		v, err := cellsOf(text)
		r.Value = v.Cells
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list rare values: %w", err)
	}
	if len(tx.Scope.Visible) > 1 {
		return rare, nil // across tenants there are counts, and no names
	}
	if found, err = tx.Query(ctx, sqlHolderNames, tx.Scope.Tenant, ids, collection); err != nil {
		return nil, fmt.Errorf("list who has rare values: %w", err)
	}
	var id []byte
	var host string
	_, err = pgx.ForEachRow(found, []any{&id, &host}, func() error {
		i := at[valueID(id)]
		rare[i].Hostnames = append(rare[i].Hostnames, host)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list who has rare values: %w", err)
	}
	return rare, nil
}

const sqlBaselineColumns = `
SELECT b.id, b.name, c.name, b.collection_id, coalesce(a.public_id, '00000000-0000-0000-0000-000000000000'::uuid), coalesce(a.hostname, ''), coalesce(b.agent_id, 0), b.tag, b.mode, b.learned_from, b.learned_to,
       (SELECT count(*) FROM drift_baseline_values v WHERE v.tenant_id = b.tenant_id AND v.baseline_id = b.id)
  FROM drift_baselines b
  JOIN collections c ON c.tenant_id = b.tenant_id AND c.id = b.collection_id
  LEFT JOIN agents a ON a.tenant_id = b.tenant_id AND a.id = b.agent_id`

const (
	sqlBaselines    = sqlBaselineColumns + ` WHERE b.tenant_id = ANY($1::int[]) ORDER BY b.name, b.id LIMIT 1000`
	sqlBaseline     = sqlBaselineColumns + ` WHERE b.tenant_id = $1 AND b.id = $2`
	sqlBaselinesFor = sqlBaselineColumns + `
 WHERE b.tenant_id = $1 AND b.collection_id = $2
   AND (b.agent_id = $3 OR b.agent_id IS NULL AND (b.tag = '' OR EXISTS (SELECT FROM agents x WHERE x.tenant_id = $1 AND x.id = $3 AND b.tag = ANY(x.tags))))
 ORDER BY b.name`
)

func scanBaseline(row pgx.CollectableRow) (Baseline, error) {
	var b Baseline
	err := row.Scan(&b.ID, &b.Name, &b.Collection, &b.collection, &b.AgentID, &b.Hostname, &b.agent, &b.Tag, &b.Mode, &b.LearnedFrom, &b.LearnedTo, &b.Values)
	return b, err
}

func listBaselines(ctx context.Context, tx *postgres.Tx) ([]Baseline, error) {
	found, err := tx.Query(ctx, sqlBaselines, tx.Scope.Visible)
	if err != nil {
		return nil, fmt.Errorf("list baselines: %w", err)
	}
	return pgx.CollectRows(found, scanBaseline)
}

func findBaseline(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (Baseline, error) {
	found, err := tx.Query(ctx, sqlBaseline, tx.Scope.Tenant, id)
	if err != nil {
		return Baseline{}, fmt.Errorf("find baseline: %w", err)
	}
	b, err := pgx.CollectExactlyOneRow(found, scanBaseline)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, fault.New(fault.NotFound, "this tenant has no such baseline")
	}
	if err != nil {
		return b, fmt.Errorf("find baseline: %w", err)
	}
	return b, nil
}

// baselinesOf gives the baselines that an agent's collection is held to.
func baselinesOf(ctx context.Context, tx *postgres.Tx, agent, collection int32) ([]Baseline, error) {
	found, err := tx.Query(ctx, sqlBaselinesFor, tx.Scope.Tenant, collection, agent)
	if err != nil {
		return nil, fmt.Errorf("list baselines: %w", err)
	}
	return pgx.CollectRows(found, scanBaseline)
}

const sqlDeviations = `
SELECT v.value FROM drift_holders h JOIN drift_values v ON v.tenant_id = h.tenant_id AND v.collection_id = h.collection_id AND v.value_id = h.value_id
 WHERE h.tenant_id = $1 AND h.collection_id = $2 AND h.agent_id = $3
   AND NOT EXISTS (SELECT FROM drift_baseline_values b WHERE b.tenant_id = $1 AND b.baseline_id = $4 AND b.value_id = h.value_id)`

// deviations gives what an agent has that a baseline does not expect.
func deviations(ctx context.Context, tx *postgres.Tx, b Baseline, agent int32) ([]policies.Value, error) {
	return collectValues(tx.Query(ctx, sqlDeviations, tx.Scope.Tenant, b.collection, agent, b.ID))
}

const sqlAddBaseline = `
INSERT INTO drift_baselines (tenant_id, id, name, collection_id, agent_id, tag, mode, learned_from, learned_to, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, NULLIF($5, 0), $6, $7, $8, $9, $10, $11, $10, $11)`

// What members have now, and of a learned one also what they had, came to have or lost in its time.
const sqlLearn = `
WITH members AS (
    SELECT a.id FROM agents a WHERE a.tenant_id = $1 AND a.state = 'active' AND ($4 = 0 OR a.id = $4) AND ($5 = '' OR $5 = ANY(a.tags))
)
INSERT INTO drift_baseline_values (tenant_id, baseline_id, value_id)
SELECT $1, $2, value_id FROM (
    SELECT h.value_id FROM drift_holders h WHERE h.tenant_id = $1 AND h.collection_id = $3 AND h.agent_id IN (SELECT id FROM members)
    UNION SELECT e.value_id FROM drift_events e WHERE $6 AND e.tenant_id = $1 AND e.collection_id = $3 AND e.agent_id IN (SELECT id FROM members) AND e.at BETWEEN $7 AND $8
    UNION SELECT e.was_id FROM drift_events e WHERE $6 AND e.tenant_id = $1 AND e.collection_id = $3 AND e.agent_id IN (SELECT id FROM members) AND e.at BETWEEN $7 AND $8 AND e.was_id IS NOT NULL
) v ON CONFLICT DO NOTHING`

func addBaseline(ctx context.Context, tx *postgres.Tx, b Baseline) error {
	var taken bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM drift_baselines WHERE tenant_id = $1 AND name = $2)`, tx.Scope.Tenant, b.Name).Scan(&taken); err != nil {
		return fmt.Errorf("find baseline: %w", err)
	}
	if taken {
		return fault.Field(fault.Conflict, "body.name", "there is another baseline of this name")
	}
	if _, err := tx.Exec(ctx, sqlAddBaseline, tx.Scope.Tenant, b.ID, b.Name, b.collection, b.agent, b.Tag, b.Mode, b.LearnedFrom, b.LearnedTo, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store baseline: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlLearn, tx.Scope.Tenant, b.ID, b.collection, b.agent, b.Tag, b.Mode == "learned", b.LearnedFrom, b.LearnedTo); err != nil {
		return fmt.Errorf("learn baseline: %w", err)
	}
	return nil
}

func deleteBaseline(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM drift_baselines WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, id); err != nil {
		return fmt.Errorf("delete baseline: %w", err)
	}
	return nil
}

const sqlFindingsOf = `
SELECT agent_id FROM findings WHERE tenant_id = $1 AND kind = 'drift' AND subject = $2 AND state <> 'resolved'`

func agentsWithFinding(ctx context.Context, tx *postgres.Tx, name string) ([]int32, error) {
	found, err := tx.Query(ctx, sqlFindingsOf, tx.Scope.Tenant, name)
	if err != nil {
		return nil, fmt.Errorf("list findings of baseline: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowTo[int32])
}
