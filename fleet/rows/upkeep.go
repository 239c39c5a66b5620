package rows

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// UpkeepConfig sets up an Upkeep. Zero values are replaced by the defaults named.
type UpkeepConfig struct {
	DB      *postgres.DB
	Tenants func(context.Context) ([]int32, error) // every tenant of the installation
	// Configured gives, by platform, the collections that agents of a tenant are told to collect, paused ones included; others
	// are closed. Platforms that are absent are left alone. nil: nothing is closed but what revoked agents have.
	Configured    func(ctx context.Context, tenant int32) (map[string][]string, error)
	Interval      time.Duration // between two runs; 6 h
	History       time.Duration // how long history and evidence are kept, in whole months; 90 days
	Appended      time.Duration // how long rows of append collections count as current; 7 days
	AppendedBatch int           // rows moved in one transaction; 10,000
	Log           *slog.Logger
}

// Upkeep makes partitions ahead, drops old history, moves old events and what is collected no more into history, and sweeps the dictionaries.
//
// Rows of append collections (events) never go by themselves. They are current for a week, so that rules and tables see
// recent events, then they move to history like any row that went.
type Upkeep struct{ config UpkeepConfig }

// NewUpkeep makes an Upkeep.
func NewUpkeep(config UpkeepConfig) *Upkeep {
	config.Interval = or(config.Interval, 6*time.Hour)
	config.History = or(config.History, 90*24*time.Hour)
	config.Appended = or(config.Appended, 7*24*time.Hour)
	config.AppendedBatch = or(config.AppendedBatch, 10_000)
	config.Log = or(config.Log, slog.New(slog.DiscardHandler))
	return &Upkeep{config}
}

// Run works at once and then at every interval until ctx ends. What fails is logged and tried again the next time.
func (u *Upkeep) Run(ctx context.Context) error {
	tick := time.NewTicker(u.config.Interval)
	defer tick.Stop()
	for {
		if err := u.RunOnce(ctx); err != nil && ctx.Err() == nil {
			u.config.Log.ErrorContext(ctx, "upkeep of rows did not finish", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// RunOnce does all upkeep that is due.
func (u *Upkeep) RunOnce(ctx context.Context) error {
	if err := u.partitions(ctx); err != nil {
		return err
	}
	tenants, err := u.config.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("list tenants: %w", err)
	}
	for _, tenant := range tenants {
		if err := u.expire(ctx, tenant); err != nil {
			return err
		}
		if err := u.closeLeft(ctx, tenant); err != nil {
			return err
		}
		swept, err := Sweep(ctx, u.config.DB, tenant)
		if err != nil {
			return err
		}
		if swept > 0 {
			u.config.Log.DebugContext(ctx, "dictionary swept", "tenant_id", tenant, "rows", swept)
		}
	}
	return nil
}

// monthsAhead is how many months have their partitions made, this one counted: a server that runs at least once in two
// months never lacks one.
const monthsAhead = 3

func (u *Upkeep) partitions(ctx context.Context) error {
	return u.config.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		const add = `SELECT keeper.make_row_partitions(current_date, $1)`
		if _, err := tx.Exec(ctx, add, monthsAhead); err != nil {
			return fmt.Errorf("make partitions: %w", err)
		}
		const drop = `SELECT keeper.drop_row_partitions((current_timestamp - $1::interval)::date)`
		if _, err := tx.Exec(ctx, drop, u.config.History); err != nil {
			return fmt.Errorf("drop partitions: %w", err)
		}
		return nil
	})
}

const sqlExpire = `
WITH hit AS MATERIALIZED (
    SELECT x.ctid AS place, x.collection_id, x.agent_id, x.row_id, x.seen_from, x.copies
      FROM agent_collections s
      JOIN agent_rows x ON x.tenant_id = s.tenant_id AND x.collection_id = s.collection_id AND x.agent_id = s.agent_id
     WHERE s.tenant_id = $1 AND s.mode = 'append' AND x.seen_from < $2
     LIMIT $4 FOR UPDATE OF x SKIP LOCKED
), gone AS (
    DELETE FROM agent_rows WHERE ctid = ANY(ARRAY(SELECT place FROM hit))
), past AS (
    INSERT INTO agent_rows_past (tenant_id, collection_id, agent_id, row_id, seen_from, seen_to)
    SELECT $1, collection_id, agent_id, row_id, seen_from, $3 FROM hit
), fewer AS (
    UPDATE agent_collections s SET rows = GREATEST(s.rows - h.copies, 0)
      FROM (SELECT collection_id, agent_id, sum(copies) AS copies FROM hit GROUP BY collection_id, agent_id) h
     WHERE s.tenant_id = $1 AND s.agent_id = h.agent_id AND s.collection_id = h.collection_id
)
SELECT count(*) FROM hit`

// expire moves the events of a tenant that are too old to be current into history.
func (u *Upkeep) expire(ctx context.Context, tenant int32) error {
	for {
		var moved int
		err := u.config.DB.InScope(ctx, access.System(tenant, "upkeep"), func(ctx context.Context, tx *postgres.Tx) error {
			return tx.QueryRow(ctx, sqlExpire, tenant, tx.Now.Add(-u.config.Appended), tx.Now, u.config.AppendedBatch).Scan(&moved)
		})
		if err != nil {
			return fmt.Errorf("expire events of tenant %d: %w", tenant, err)
		}
		if moved < u.config.AppendedBatch {
			return nil
		}
	}
}

const (
	sqlSweepGeneration = `UPDATE row_tenants SET generation = generation + 1 WHERE tenant_id = $1`
	sqlSweep           = `
DELETE FROM row_values v
 WHERE v.tenant_id = $1 AND v.collection_id = $2
   AND NOT EXISTS (SELECT FROM agent_rows r WHERE r.tenant_id = $1 AND r.collection_id = $2 AND r.row_id = v.row_id AND r.seen_from > '-infinity')
   AND NOT EXISTS (SELECT FROM agent_rows_past r WHERE r.tenant_id = $1 AND r.collection_id = $2 AND r.row_id = v.row_id)`
)

// Sweep deletes the dictionary rows of a tenant that nobody has or had within history, and gives their number.
//
// A server may know such a row as being in the dictionary and not send it again. The sweep therefore shuts out all ingest
// of the tenant, one collection at a time, and raises the tenant's generation, by which servers forget what they know.
func Sweep(ctx context.Context, db *postgres.DB, tenant int32) (int64, error) {
	scope := access.System(tenant, "upkeep")
	var collections []int32
	err := db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id FROM collections WHERE tenant_id = $1 ORDER BY id`, tenant)
		if err != nil {
			return err
		}
		collections, err = pgx.CollectRows(rows, pgx.RowTo[int32])
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("list collections of tenant %d: %w", tenant, err)
	}
	var swept int64
	for _, collection := range collections {
		var gone int64
		err := db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
			if err := tx.Lock(ctx, postgres.Sweeping, tenant); err != nil {
				return err
			}
			done, err := tx.Exec(ctx, sqlSweep, tenant, collection)
			if gone = done.RowsAffected(); err != nil || gone == 0 {
				return err
			}
			_, err = tx.Exec(ctx, sqlSweepGeneration, tenant)
			return err
		})
		if err != nil {
			return swept, fmt.Errorf("sweep collection %d of tenant %d: %w", collection, tenant, err)
		}
		swept += gone
	}
	return swept, nil
}
