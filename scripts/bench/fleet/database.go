//go:build linux

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// database is the PostgreSQL that the server uses, as its superuser sees it. Safe for concurrent use.
type database struct {
	private *postgres.Private
	mu      sync.Mutex
	conn    *pgx.Conn
}

// startDatabase starts an empty PostgreSQL with its usual durability, which counts its statements where that is asked for. The
// keys of the server's directory fit it.
func startDatabase(ctx context.Context, dir, serverDir string, statements bool) (*database, error) {
	keys := filepath.Join(serverDir, "keys")
	if err := keyfile.Dir(keys); err != nil {
		return nil, err
	}
	scopeKey, err := keyfile.Secret(filepath.Join(keys, "scope.key"), 32)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	if statements {
		settings["shared_preload_libraries"] = "pg_stat_statements"
	}
	private, err := postgres.StartPrivate(ctx, postgres.PrivateConfig{Dir: dir, KeyDir: filepath.Join(dir, "keys"), Settings: settings})
	if err != nil {
		return nil, err
	}
	d := &database{private: private}
	err = postgres.Migrate(ctx, private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: scopeKey})
	if err == nil {
		d.conn, err = pgx.Connect(ctx, private.AdminURL())
	}
	if err == nil && statements {
		_, err = d.conn.Exec(ctx, `CREATE EXTENSION pg_stat_statements SCHEMA public`)
	}
	if err != nil {
		private.Stop()
		return nil, err
	}
	return d, nil
}

func (d *database) stop() {
	d.conn.Close(context.Background()) // it ends either way
	d.private.Stop()
}

// pid is the postmaster's.
func (d *database) pid(ctx context.Context) (pid int, err error) {
	const text = `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`
	err = d.row(func(c *pgx.Conn) pgx.Row { return c.QueryRow(ctx, text) }, &pid)
	return pid, err
}

// row reads one row; ask gives it.
func (d *database) row(ask func(*pgx.Conn) pgx.Row, targets ...any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return ask(d.conn).Scan(targets...)
}

// volume is how much the database holds and has done.
type volume struct {
	rows, evidence, all int64 // bytes with indexes: rows and their values; signed batches; everything
	commits             int64
	wal                 int64 // bytes written ahead since the cluster was made
}

const sqlVolume = `
SELECT pg_total_relation_size('tenantra.agent_rows') + pg_total_relation_size('tenantra.row_values')
         + coalesce((SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'tenantra.agent_rows_past'::regclass), 0)::bigint,
       pg_total_relation_size('tenantra.agent_batches')
         + coalesce((SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'tenantra.agent_batches'::regclass), 0)::bigint,
       pg_database_size(current_database()),
       (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
       pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint`

// measure waits until the counters of all connections have arrived, and gives them.
func (d *database) measure(ctx context.Context) (v volume, err error) {
	const counted = 11 * time.Second // an idle connection keeps its counters to itself for ten
	select {
	case <-ctx.Done():
		return v, ctx.Err()
	case <-time.After(counted):
	}
	err = d.row(func(c *pgx.Conn) pgx.Row { return c.QueryRow(ctx, sqlVolume) }, &v.rows, &v.evidence, &v.all, &v.commits, &v.wal)
	return v, err
}

// writes gives how many rows of each table were inserted, changed or deleted since the database was made.
func (d *database) writes(ctx context.Context) (map[string]int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.conn.Query(ctx, `SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE schemaname = 'tenantra'`)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	var name string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error { counts[name] = n; return nil })
	return counts, err
}

// current counts the rows that agents have now in a collection, and their copies.
func (d *database) current(ctx context.Context, collection string) (rows, copies int64, err error) {
	const text = `
SELECT count(*), coalesce(sum(r.copies), 0) FROM tenantra.agent_rows r
  JOIN tenantra.collections c ON c.tenant_id = r.tenant_id AND c.id = r.collection_id WHERE c.name = $1`
	err = d.row(func(c *pgx.Conn) pgx.Row { return c.QueryRow(ctx, text, collection) }, &rows, &copies)
	if err != nil {
		err = fmt.Errorf("count the rows of %s: %w", collection, err)
	}
	return rows, copies, err
}

// online counts the agents of which the server has noted that they are there.
func (d *database) online(ctx context.Context) (n int, err error) {
	const text = `SELECT count(*) FROM tenantra.agent_presence WHERE online`
	err = d.row(func(c *pgx.Conn) pgx.Row { return c.QueryRow(ctx, text) }, &n)
	return n, err
}

// answered tells how long after a live query was asked its last answer was stored.
func (d *database) answered(ctx context.Context, query string) (after time.Duration, err error) {
	const text = `
SELECT max(a.answered_at) - min(q.created_at)
  FROM tenantra.live_query_agents a JOIN tenantra.live_queries q ON q.id = a.query_id WHERE q.id = $1`
	err = d.row(func(c *pgx.Conn) pgx.Row { return c.QueryRow(ctx, text, query) }, &after)
	return after, err
}

// reportStatements prints which statements took most time, to run and to plan.
func (d *database) reportStatements(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	const text = `
SELECT calls, total_exec_time, total_exec_time / calls, regexp_replace(left(query, 500), '\s+', ' ', 'g')
  FROM public.pg_stat_statements ORDER BY total_exec_time DESC LIMIT 25`
	rows, err := d.conn.Query(ctx, text)
	if err != nil {
		return err
	}
	fmt.Printf("\n%10s %12s %10s  statement\n", "calls", "ms", "ms each")
	var calls int64
	var all, each float64
	var query string
	_, err = pgx.ForEachRow(rows, []any{&calls, &all, &each, &query}, func() error {
		_, err := fmt.Printf("%10d %12.1f %10.3f  %.150s\n", calls, all, each, query)
		return err
	})
	return err
}
