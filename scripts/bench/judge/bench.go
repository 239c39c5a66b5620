//go:build linux

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/compliance"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

const tenantCount = 5

var columns = []string{"uid", "shell"}

// The checks differ by their names alone; the rules are one of each kind that looks at agents by itself or at findings.
const check = `check: bench-%d
title: Bench %d
platforms: [linux]
sql: SELECT uid, shell FROM users
pass: all(rows, .uid != 0 or .shell in params.shells)
params: {shells: [/bin/bash]}
severity: high
weight: 5
message: "user 0 has shell {{ failing[0].shell }}"
expected: "shell {{ params.shells[0] }}"
`

var rulesText = []string{`rule: failing-check
title: A check fails
on: finding
when: rows[0].severity == "high" and rows[0].kind == "check"
severity: high
message: "{{ rows[0].title }} on {{ agent.hostname }}"
fixtures:
  - {name: fails, fires: true, rows: {finding: [{severity: high, kind: check, title: x}]}}
  - {name: low, fires: false, rows: {finding: [{severity: low, kind: check}]}}
`, `rule: silent
title: An agent is silent
on: agent
when: rows[0].silent_minutes >= 30
severity: low
message: "{{ rows[0].silent_minutes }} minutes"
fixtures:
  - {name: silent, fires: true, rows: {agent: [{silent_minutes: 31}]}}
  - {name: online, fires: false, rows: {agent: [{silent_minutes: 0}]}}
`, `rule: query-fails
title: A query fails
on: schedule
when: any(rows, .code != 0)
severity: low
message: "{{ rows[0].collection }}"
fixtures:
  - {name: fails, fires: true, rows: {schedule: [{code: 1}]}}
  - {name: runs, fires: false, rows: {schedule: [{code: 0}]}}
`}

type bench struct {
	private  *postgres.Private
	admin    *pgx.Conn
	db       *postgres.DB
	store    *rows.Store
	library  *frameworks.Library
	tenants  []access.Scope
	onStored func([]rows.Stored)
}

// newBench starts a private PostgreSQL with its usual durability and makes the tenants.
func newBench(ctx context.Context, dir string, checks int) (*bench, error) {
	library, err := loadLibrary(checks)
	if err != nil {
		return nil, err
	}
	private, err := postgres.StartPrivate(ctx, postgres.PrivateConfig{Dir: dir, KeyDir: dir + "/keys"})
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	rand.Read(key)
	if err := postgres.Migrate(ctx, private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: key}); err != nil {
		return nil, err
	}
	b := &bench{private: private, library: library}
	if b.db, err = postgres.Open(ctx, postgres.Config{URL: private.AppURL(), ScopeKey: key}); err != nil {
		return nil, err
	}
	if b.admin, err = pgx.Connect(ctx, private.AdminURL()); err != nil {
		return nil, err
	}
	b.store = rows.NewStore(rows.Config{DB: b.db, OnStored: b.wake})
	for i := range tenantCount {
		public, id := uuid.New(), int32(0)
		err := b.db.InScope(ctx, access.System(postgres.RootTenant, "bench"), func(ctx context.Context, tx *postgres.Tx) error {
			return tx.QueryRow(ctx, `SELECT keeper.create_tenant($1, $2, $3, $3, 'pro', 'system:bench', $4)`, postgres.RootTenant, public, fmt.Sprintf("bench-%d", i), tx.Now).Scan(&id)
		})
		if err != nil {
			return nil, err
		}
		scope := access.System(id, "bench")
		scope.TenantID = public
		b.tenants = append(b.tenants, scope)
	}
	return b, nil
}

func loadLibrary(checks int) (*frameworks.Library, error) {
	e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: tables.Linux})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	files := fstest.MapFS{"catalogues/bench.yaml": {Data: []byte("framework: bench\ntitle: B\nsource: us\nlicence: ours\ncontrols: [{id: A.1}]\n")}}
	for i := range checks {
		files[fmt.Sprintf("checks/bench-%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, check, i, i)}
	}
	return frameworks.Load(files, queries.Compilers{tables.Linux: e})
}

func (b *bench) tenantIDs() (ids []int32) {
	for _, scope := range b.tenants {
		ids = append(ids, scope.Tenant)
	}
	return ids
}

// What agents of a tenant have told and what was judged, as storing and judging would have written it: one row for each
// check, which all agents of the tenant share.
const (
	fillAgents = `
INSERT INTO tenantra.agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
SELECT $1, gen_random_uuid(), sha256(i::text::bytea), 'active', 'host-' || i, 'linux', 'amd64', 'Debian', '12', '0.1', '', gen_random_uuid(), now(), 'bench', now(), 'bench', now()
  FROM generate_series(1, $2::int) i`
	fillPresence = `
INSERT INTO tenantra.agent_presence (tenant_id, agent_id, last_seen_at, online) SELECT a.tenant_id, a.id, now(), true FROM tenantra.agents a WHERE a.tenant_id = $1`
	fillShapes = `
INSERT INTO tenantra.row_shapes (tenant_id, collection_id, columns, columns_sha256)
SELECT c.tenant_id, c.id, '["shell","uid"]', sha256('["shell","uid"]') FROM tenantra.collections c WHERE c.tenant_id = $1`
	fillValues = `
INSERT INTO tenantra.row_values (tenant_id, collection_id, row_id, check_hash, shape_id, value)
SELECT s.tenant_id, s.collection_id, 1, 1, s.id, '["/bin/bash",0]' FROM tenantra.row_shapes s WHERE s.tenant_id = $1`
	fillRows = `
INSERT INTO tenantra.agent_rows (tenant_id, collection_id, agent_id, copies, row_id, seen_from)
SELECT a.tenant_id, c.id, a.id, 1, 1, now() FROM tenantra.collections c JOIN tenantra.agents a ON a.tenant_id = c.tenant_id WHERE c.tenant_id = $1`
	fillCollections = `
INSERT INTO tenantra.agent_collections (tenant_id, agent_id, collection_id, epoch, counter, query_version, mode, shape_id, rows, duplicates, changed_at, last_batch_at, told_at,
       status_code, execution_log, duration_ms, cpu_ms, bytes)
SELECT a.tenant_id, a.id, s.collection_id, 1, 0, '1', 'differential', s.id, 1, false, now(), now(), now(), 0, '', 1, 1, 20
  FROM tenantra.row_shapes s JOIN tenantra.agents a ON a.tenant_id = s.tenant_id WHERE s.tenant_id = $1`
	fillVerdicts = `
INSERT INTO tenantra.verdicts (tenant_id, check_id, agent_id, verdict, message, class, rule_version, since)
SELECT a.tenant_id, k.check_id, a.id, 'pass', '', $4, k.version, now()
  FROM unnest($2::text[], $3::text[]) AS k(check_id, version) CROSS JOIN tenantra.agents a WHERE a.tenant_id = $1`
)

func (b *bench) fill(ctx context.Context, agents int) error {
	var checks, versions, collections []string
	var class tables.Class
	for _, c := range b.library.Checks() {
		checks, versions, collections, class = append(checks, c.ID), append(versions, c.Version), append(collections, c.Collection()), c.Class
	}
	for _, scope := range b.tenants {
		err := b.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := rows.EnsureCollections(ctx, tx, collections)
			return err
		})
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue(fillAgents, scope.Tenant, agents/tenantCount)
		batch.Queue(fillPresence, scope.Tenant)
		batch.Queue(fillShapes, scope.Tenant)
		batch.Queue(fillValues, scope.Tenant)
		batch.Queue(fillRows, scope.Tenant)
		batch.Queue(fillCollections, scope.Tenant)
		batch.Queue(fillVerdicts, scope.Tenant, checks, versions, class)
		if err := b.admin.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("fill tenant %d: %w", scope.Tenant, err)
		}
	}
	// So that neither runs while something is measured.
	if _, err := b.admin.Exec(ctx, `VACUUM ANALYZE`); err != nil {
		return err
	}
	_, err := b.admin.Exec(ctx, `CHECKPOINT`)
	return err
}

type silentBus struct{}

func (silentBus) Publish(context.Context, uuid.UUID, string, string, []byte) error { return nil }

// told hands over what people would be told, once it is stored.
type told chan alerts.Notification

func (c told) Notify(_ context.Context, tx *postgres.Tx, n alerts.Notification) ([]string, error) {
	tx.AfterCommit(func() { c <- n })
	return n.Channels, nil
}

// noSources has no collection: the rules here read none.
type noSources struct{}

func (noSources) Collection(string) (alertrules.Schema, bool) { return alertrules.Schema{}, false }
func (noSources) Drift(string) (alertrules.Schema, bool)      { return alertrules.Schema{}, false }

// judges makes what a server makes.
func (b *bench) judges() (*judging, error) {
	log := slog.Default()
	compiler := alertrules.NewCompiler()
	var library []*alertrules.Rule
	for _, text := range rulesText {
		r, err := alertrules.Parse("bench.yaml", []byte(text), compiler, noSources{})
		if err != nil {
			return nil, err
		}
		library = append(library, r)
	}
	runner, err := jobs.New(jobs.Config{DB: b.db, Log: log})
	if err != nil {
		return nil, err
	}
	notices := make(told, 1000)
	found := findings.New(findings.Config{DB: b.db, Bus: silentBus{}, Log: log})
	checks := compliance.New(b.db, b.library, found)
	watch := alerts.New(alerts.Config{DB: b.db, Bus: silentBus{}, Findings: found, Notifier: notices, Jobs: runner, Library: library, Compiler: compiler, Log: log,
		Sources: func(context.Context, int32) (alertrules.Sources, error) { return noSources{}, nil }})
	found.Follow = watch.FindingChanged
	if err := runner.Ready(); err != nil {
		return nil, err
	}
	j := &judging{bench: b, compliance: checks, jobs: runner, told: notices, runner: findings.NewRunner(findings.RunnerConfig{DB: b.db, Judges: []findings.Judge{checks, watch}, Log: log}),
		close: func() { runner.Close(); _ = compiler.Close() }}
	b.onStored = j.runner.Wake
	return j, nil
}

// endpoint is an agent that sends differential batches.
type endpoint struct {
	scope    access.Scope
	sender   rows.Sender
	key      ed25519.PrivateKey
	states   map[int]diff.State
	counters map[int]int64
	sequence int64
}

func (b *bench) enroll(ctx context.Context) (*endpoint, error) {
	scope := b.tenants[0]
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	e := &endpoint{scope: scope, key: private, states: map[int]diff.State{}, counters: map[int]int64{},
		sender: rows.Sender{Tenant: scope.Tenant, TenantID: scope.TenantID, AgentID: uuid.New(), Key: public}}
	return e, b.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		const text = `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'active', 'bench', 'linux', '', '', '', '', '', $2, $4, 'bench', $4, 'bench', $4) RETURNING id`
		if err := tx.QueryRow(ctx, text, scope.Tenant, e.sender.AgentID, []byte(public), tx.Now).Scan(&e.sender.Agent); err != nil {
			return err
		}
		return rows.AgentEnrolled(ctx, tx, e.sender.Agent)
	})
}

// tellAll has the agent tell what every check asks, and has it judged.
func (b *bench) tellAll(ctx context.Context, e *endpoint, runner *findings.Runner) error {
	for i := range b.library.Checks() {
		if err := b.tell(ctx, e, i, "/bin/bash"); err != nil {
			return err
		}
	}
	return runner.RunOnce(ctx, e.scope.Tenant)
}

// tell signs and stores a batch: root has this shell now, as far as the collection of the check at an index says.
func (b *bench) tell(ctx context.Context, e *endpoint, index int, shell string) error {
	changes := diff.Rows(e.states[index], columns, [][]tables.Value{{tables.IntValue(0), tables.TextValue(shell)}})
	e.states[index] = changes.Next
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
	e.sequence++
	header, err := protocol.Sign(e.key, protocol.PurposeBatch, protocol.BatchHeader{
		TenantID: e.sender.TenantID.String(), AgentID: e.sender.AgentID.String(), Collection: b.library.Checks()[index].Collection(), QueryVersion: "1",
		Mode: protocol.ModeDifferential, Epoch: 1, Counter: e.counters[index], Sequence: e.sequence, Timestamp: time.Now().UTC(), Columns: columns,
		AddedCount: len(changes.Added), RemovedCount: len(removed), Root: root[:], Execution: protocol.Execution{Rows: 1},
	})
	if err != nil {
		return err
	}
	e.counters[index]++
	body, err := json.Marshal(protocol.Batch{Header: header, Added: changes.Added, Removed: removed})
	if err != nil {
		return err
	}
	batch, _, refused := rows.Open(e.sender, body, time.Now())
	if refused != nil {
		return refused
	}
	result, err := b.store.Put(ctx, &rows.Session{}, batch)
	if err == nil && (result.Refused != nil || result.Resync) {
		err = fmt.Errorf("a batch was not stored: %+v", result)
	}
	return err
}

// mark is a moment in the database's count of transactions.
type mark int64

func (b *bench) mark(ctx context.Context) (m mark, err error) {
	err = b.admin.QueryRow(ctx, `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint`).Scan(&m)
	return m, err
}

// writtenSince counts the verdicts that were written, by the system column that names the transaction which wrote a row.
func (b *bench) writtenSince(ctx context.Context, m mark) (n int, err error) {
	err = b.admin.QueryRow(ctx, `SELECT count(*) FROM tenantra.verdicts WHERE xmin::text::bigint >= $1`, m).Scan(&n)
	return n, err
}
