//go:build linux

// Command ingest measures what it costs the fleet to store rows: CPU of this process and of PostgreSQL, in milliseconds per
// 1,000 row changes, beside a baseline that inserts and commits row by row.
//
// Usage: go run ./scripts/bench/ingest [-agents 200] [-rows 820] [-rounds 5] [-isolation]
package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/scripts/bench/processes"
	"github.com/tenantra/tenantra/tables"
)

const (
	tenantCount  = 5
	collection   = "pack:bench/rows"
	churnEach    = 5     // rows that a batch of the churn adds, and as many that it removes
	baselineRows = 2_000 // of which each is one transaction
)

var columns = []string{"name", "path", "version", "owner", "group", "mode", "kind", "state", "source", "digest"}

func main() {
	agentCount := flag.Int("agents", 200, "agents")
	rowCount := flag.Int("rows", 820, "rows of an agent's collection")
	rounds := flag.Int("rounds", 5, "rounds of churn")
	isolation := flag.Bool("isolation", false, "measure instead what a tenant feels of another's flood")
	flag.Parse()
	if err := run(*agentCount, *rowCount, *rounds, *isolation); err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
		os.Exit(1)
	}
}

func run(agentCount, rowCount, rounds int, isolation bool) error {
	dir, err := os.MkdirTemp("", "tenantra-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, err := newBench(ctx, dir)
	if err != nil {
		return err
	}
	defer b.private.Stop()
	stopped := make(chan error, 1)
	go func() { stopped <- b.store.Run(ctx) }()
	if isolation {
		err := b.isolate(ctx, rowCount)
		cancel()
		<-stopped
		return err
	}

	first, second := make([]*endpoint, agentCount), make([]*endpoint, agentCount)
	for i := range agentCount {
		if first[i], err = b.enroll(ctx, i%tenantCount); err != nil {
			return err
		}
		if second[i], err = b.enroll(ctx, i%tenantCount); err != nil {
			return err
		}
		first[i].fill(i, rowCount)
		second[i].fill(i, rowCount) // the same rows as the first's: known to the dictionary
	}
	fmt.Printf("%d agents, %d rows each, %d tenants; CPU ms per 1,000 row changes\n\n%-42s %8s %12s\n", agentCount, rowCount, tenantCount, "", "ms", "rows/CPU s")
	baseline, err := b.baseline(ctx)
	if err != nil {
		return err
	}
	report("baseline: one INSERT and commit a row", baseline, baseline)
	for _, phase := range []struct {
		name   string
		agents []*endpoint
	}{{"new rows", first}, {"known rows", second}} {
		opened, stored, err := b.round(ctx, phase.agents)
		if err != nil {
			return err
		}
		report(phase.name+", stored", stored, baseline)
		report(phase.name+", with signature, decoding and hashing", opened+stored, baseline)
	}
	var opened, stored float64
	for range rounds {
		for _, e := range first {
			e.churn()
		}
		o, s, err := b.round(ctx, first)
		if err != nil {
			return err
		}
		opened, stored = opened+o/float64(rounds), stored+s/float64(rounds)
	}
	report(fmt.Sprintf("churn of %d rows a batch, stored", churnEach), stored, baseline)
	report("churn, with signature, decoding and hashing", opened+stored, baseline)
	cancel()
	<-stopped
	return nil
}

func report(name string, ms, baseline float64) {
	fmt.Printf("%-42s %8.1f %12.0f   ×%.1f\n", name, ms, 1e6/ms, baseline/ms)
}

type bench struct {
	private *postgres.Private
	admin   string
	db      *postgres.DB
	store   *rows.Store
	tenants []tenant
}

type tenant struct {
	id     int32
	public uuid.UUID
}

// newBench starts a private PostgreSQL with its usual durability and makes the tenants.
func newBench(ctx context.Context, dir string) (*bench, error) {
	private, err := postgres.StartPrivate(ctx, postgres.PrivateConfig{Dir: dir, KeyDir: dir + "/keys"})
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	rand.Read(key)
	if err := postgres.Migrate(ctx, private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: key}); err != nil {
		return nil, err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: private.AppURL(), ScopeKey: key})
	if err != nil {
		return nil, err
	}
	b := &bench{private: private, admin: private.AdminURL(), db: db, store: rows.NewStore(rows.Config{DB: db})}
	for i := range tenantCount {
		t := tenant{public: uuid.New()}
		err := db.InScope(ctx, access.System(postgres.RootTenant, "bench"), func(ctx context.Context, tx *postgres.Tx) error {
			name := fmt.Sprintf("bench-%d", i)
			return tx.QueryRow(ctx, `SELECT keeper.create_tenant($1, $2, $3, $3, 'free', 'system:bench', $4)`, postgres.RootTenant, t.public, name, tx.Now).Scan(&t.id)
		})
		if err != nil {
			return nil, err
		}
		err = db.InScope(ctx, access.System(t.id, "bench"), func(ctx context.Context, tx *postgres.Tx) error {
			_, err := rows.EnsureCollections(ctx, tx, []string{collection})
			return err
		})
		if err != nil {
			return nil, err
		}
		b.tenants = append(b.tenants, t)
	}
	return b, nil
}

// baseline inserts and commits row by row, into a table with the two indexes that agent_rows has.
func (b *bench) baseline(ctx context.Context) (float64, error) {
	conn, err := pgx.Connect(ctx, b.admin)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	const table = `
CREATE TABLE tenantra.bench_baseline (tenant_id int, agent_id int, collection_id int, value jsonb, seen_from timestamptz, PRIMARY KEY (tenant_id, collection_id, agent_id, value));
CREATE INDEX ON tenantra.bench_baseline (tenant_id, collection_id, value)`
	if _, err := conn.Exec(ctx, table); err != nil {
		return 0, err
	}
	before := processes.CPU(os.Getpid())
	for i := range baselineRows {
		value, err := json.Marshal(cells(1_000_000+i, 0))
		if err != nil {
			return 0, err
		}
		if _, err := conn.Exec(ctx, `INSERT INTO tenantra.bench_baseline VALUES (1, $1, 1, $2, now())`, i%50, value); err != nil {
			return 0, err
		}
	}
	return perThousand(processes.CPU(os.Getpid())-before, baselineRows), nil
}

// round has every agent send its present rows. It gives the CPU of opening the batches and of storing them.
func (b *bench) round(ctx context.Context, agents []*endpoint) (opened, stored float64, err error) {
	bodies := make([][]byte, len(agents))
	changes := 0
	for i, e := range agents {
		body, n, err := e.batch()
		if err != nil {
			return 0, 0, err
		}
		bodies[i], changes = body, changes+n
	}
	batches := make([]*rows.Batch, len(agents))
	start := processes.CPU(os.Getpid())
	for i, e := range agents {
		batch, _, refused := rows.Open(e.sender, bodies[i], time.Now())
		if refused != nil {
			return 0, 0, refused
		}
		batches[i] = batch
	}
	middle := processes.CPU(os.Getpid())
	ends := make(chan error, len(agents))
	for _, batch := range batches {
		err := b.store.Submit(ctx, &rows.Session{}, batch, func(r rows.Result, err error) {
			if err == nil && (r.Refused != nil || r.Resync) {
				err = fmt.Errorf("a batch was not stored: %+v", r)
			}
			ends <- err
		})
		if err != nil {
			return 0, 0, err
		}
	}
	for range agents {
		if err := <-ends; err != nil {
			return 0, 0, err
		}
	}
	return perThousand(middle-start, changes), perThousand(processes.CPU(os.Getpid())-middle, changes), nil
}

func perThousand(d time.Duration, changes int) float64 {
	return float64(d.Microseconds()) / float64(changes)
}

// endpoint is an agent that sends differential batches.
type endpoint struct {
	sender   rows.Sender
	key      ed25519.PrivateKey
	rows     [][]tables.Value
	state    diff.State
	counter  int64
	sequence int64
	changed  int
}

func (b *bench) enroll(ctx context.Context, index int) (*endpoint, error) {
	t := b.tenants[index]
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	e := &endpoint{key: private, counter: -1, sender: rows.Sender{Tenant: t.id, TenantID: t.public, AgentID: uuid.New(), Key: public}}
	err = b.db.InScope(ctx, access.System(t.id, "bench"), func(ctx context.Context, tx *postgres.Tx) error {
		const text = `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'active', 'bench', 'linux', '', '', '', '', '', $2, $4, 'bench', $4, 'bench', $4) RETURNING id`
		if err := tx.QueryRow(ctx, text, t.id, e.sender.AgentID, []byte(public), tx.Now).Scan(&e.sender.Agent); err != nil {
			return err
		}
		return rows.AgentEnrolled(ctx, tx, e.sender.Agent)
	})
	return e, err
}

// cells makes a row; rows of the same numbers are equal.
func cells(n, edition int) []string {
	out := make([]string, len(columns))
	for i, name := range columns {
		out[i] = fmt.Sprintf("%s-%d-%d", name, n, edition)
	}
	return out
}

func row(n, edition int) []tables.Value {
	var out []tables.Value
	for _, cell := range cells(n, edition) {
		out = append(out, tables.TextValue(cell))
	}
	return out
}

// fill gives the agent rows, of which seven agents of its tenant share each.
func (e *endpoint) fill(agent, count int) {
	base := agent / (7 * tenantCount) * count
	for i := range count {
		e.rows = append(e.rows, row(base+i, 0))
	}
}

// churn replaces some rows.
func (e *endpoint) churn() {
	for range churnEach {
		e.changed++
		e.rows[e.changed%len(e.rows)] = row(int(e.sender.Agent)*100_000+e.changed, 1)
	}
}

// batch signs the difference to the batch before.
func (e *endpoint) batch() ([]byte, int, error) {
	changes := diff.Rows(e.state, columns, e.rows)
	e.state = changes.Next
	e.counter++
	e.sequence++
	hasher := diff.NewHasher(columns)
	var leaves []diff.Hash
	var removed [][]byte
	for _, r := range changes.Added {
		leaves = append(leaves, diff.Leaf(true, hasher.Row(r)))
	}
	for _, hash := range changes.Removed {
		leaves = append(leaves, diff.Leaf(false, hash))
		removed = append(removed, hash[:])
	}
	root := diff.Root(leaves)
	header, err := protocol.Sign(e.key, protocol.PurposeBatch, protocol.BatchHeader{
		TenantID: e.sender.TenantID.String(), AgentID: e.sender.AgentID.String(), Collection: collection, QueryVersion: "1",
		Mode: protocol.ModeDifferential, Epoch: 1, Counter: e.counter, Sequence: e.sequence, Timestamp: time.Now().UTC(), Columns: columns,
		AddedCount: len(changes.Added), RemovedCount: len(removed), Root: root[:], Execution: protocol.Execution{Rows: int64(len(e.rows))},
	})
	if err != nil {
		return nil, 0, err
	}
	body, err := json.Marshal(protocol.Batch{Header: header, Added: changes.Added, Removed: removed})
	return body, len(leaves), err
}
