package rows

// The statements of one flush. All take arrays, one element a batch or a change; none is run once per row.
//
// Reading and deleting go through LATERAL … LIMIT 1 on the primary key: joins with unnest change their plan with the
// tables' statistics, to sequential scans at worst (DESIGN.md).
const (
	// Shared with every ingest, exclusive to the sweep that deletes dictionary rows nobody has.
	sqlLock = `
SELECT pg_advisory_xact_lock_shared($2, t) FROM unnest($1::int[]) AS t`

	sqlGenerations = `
SELECT tenant_id, generation FROM row_tenants WHERE tenant_id = ANY($1::int[])`

	// Locks the cursors in the order given, so that two servers that have the same agents do not deadlock.
	sqlCursors = `
SELECT k.t, k.a, c.last_sequence, c.last_header
  FROM unnest($1::int[], $2::int[]) AS k(t, a),
       LATERAL (SELECT last_sequence, last_header FROM agent_cursors x
                 WHERE x.tenant_id = k.t AND x.agent_id = k.a LIMIT 1 FOR UPDATE) c`

	sqlStreams = `
SELECT k.t, k.a, k.c, s.epoch, s.counter, s.query_version, s.shape_id, s.rows, s.duplicates, s.changed_at, s.last_batch_at, s.status_code
  FROM unnest($1::int[], $2::int[], $3::int[]) AS k(t, a, c),
       LATERAL (SELECT epoch, counter, query_version, shape_id, rows, duplicates, changed_at, last_batch_at, status_code
                  FROM agent_collections x
                 WHERE x.tenant_id = k.t AND x.agent_id = k.a AND x.collection_id = k.c LIMIT 1) s`

	// OFFSET 0 keeps the subquery one: an index scan a stream.
	sqlCurrent = `
SELECT k.t, k.a, k.c, r.row_id, r.copies
  FROM unnest($1::int[], $2::int[], $3::int[]) AS k(t, a, c),
       LATERAL (SELECT row_id, copies FROM agent_rows x
                 WHERE x.tenant_id = k.t AND x.collection_id = k.c AND x.agent_id = k.a OFFSET 0) r`

	sqlHeld = `
SELECT k.t, k.a, k.c, k.r, x.copies
  FROM unnest($1::int[], $2::int[], $3::int[], $4::bigint[]) AS k(t, a, c, r),
       LATERAL (SELECT copies FROM agent_rows x
                 WHERE x.tenant_id = k.t AND x.collection_id = k.c AND x.agent_id = k.a AND x.row_id = k.r LIMIT 1) x`

	sqlHeaders = `
SELECT k.t, k.a, k.s, b.header
  FROM unnest($1::int[], $2::int[], $3::bigint[]) AS k(t, a, s),
       LATERAL (SELECT header FROM agent_batches x
                 WHERE x.tenant_id = k.t AND x.agent_id = k.a AND x.sequence = k.s LIMIT 1) b`

	sqlValues = `
INSERT INTO row_values (tenant_id, collection_id, row_id, check_hash, shape_id, value)
SELECT t, c, r, k, s, v FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::text[]) AS x(t, c, r, k, s, v)
ON CONFLICT DO NOTHING`

	sqlCollisions = `
SELECT count(*)
  FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) AS s(t, c, r, k),
       LATERAL (SELECT check_hash FROM row_values x
                 WHERE x.tenant_id = s.t AND x.collection_id = s.c AND x.row_id = s.r LIMIT 1) v
 WHERE v.check_hash <> s.k`

	sqlRemove = `
WITH hit AS MATERIALIZED (
    SELECT s.t, s.c, s.a, s.r, s.at, x.place, x.seen_from
      FROM unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::timestamptz[]) AS s(t, c, a, r, n, at),
           LATERAL (SELECT ctid AS place, seen_from FROM agent_rows x
                     WHERE x.tenant_id = s.t AND x.collection_id = s.c AND x.agent_id = s.a AND x.row_id = s.r AND x.copies <= s.n
                     LIMIT 1) x
), gone AS (
    DELETE FROM agent_rows WHERE ctid = ANY(ARRAY(SELECT place FROM hit))
), past AS (
    INSERT INTO agent_rows_past (tenant_id, collection_id, agent_id, row_id, seen_from, seen_to)
    SELECT t, c, a, r, seen_from, at FROM hit
)
SELECT t, a, c, count(*) FROM hit GROUP BY t, a, c`

	sqlFewer = `
WITH cut AS (
    UPDATE agent_rows x SET copies = x.copies - s.n
      FROM unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::int[]) AS s(t, c, a, r, n)
     WHERE x.tenant_id = s.t AND x.collection_id = s.c AND x.agent_id = s.a AND x.row_id = s.r AND x.copies > s.n
    RETURNING x.tenant_id, x.agent_id, x.collection_id
)
SELECT tenant_id, agent_id, collection_id, count(*) FROM cut GROUP BY tenant_id, agent_id, collection_id`

	sqlAdd = `
WITH put AS (
    INSERT INTO agent_rows (tenant_id, collection_id, agent_id, copies, row_id, seen_from)
    SELECT t, c, a, n, r, at
      FROM unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::timestamptz[]) AS s(t, c, a, r, n, at)
    ON CONFLICT (tenant_id, collection_id, agent_id, row_id)
    DO UPDATE SET copies = LEAST(agent_rows.copies::bigint + excluded.copies, 2000000000)::int
    RETURNING tenant_id, agent_id, collection_id, copies
)
SELECT DISTINCT tenant_id, agent_id, collection_id FROM put WHERE copies > 1`

	sqlMoveCursors = `
UPDATE agent_cursors c SET last_sequence = s.l, last_header = s.h
  FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bytea[]) AS s(t, a, l, h)
 WHERE c.tenant_id = s.t AND c.agent_id = s.a`

	sqlPutStreams = `
INSERT INTO agent_collections (tenant_id, agent_id, collection_id, epoch, counter, query_version, mode, shape_id, rows, duplicates,
       changed_at, last_batch_at, told_at, status_code, execution_log, duration_ms, cpu_ms, bytes)
SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::int[], $9::bigint[], $10::boolean[],
       $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::smallint[], $15::text[], $16::bigint[], $17::bigint[], $18::bigint[])
ON CONFLICT (tenant_id, agent_id, collection_id) DO UPDATE SET
       epoch = excluded.epoch, counter = excluded.counter, query_version = excluded.query_version, mode = excluded.mode,
       shape_id = excluded.shape_id, rows = excluded.rows, duplicates = excluded.duplicates, changed_at = excluded.changed_at,
       last_batch_at = excluded.last_batch_at, told_at = excluded.told_at, status_code = excluded.status_code,
       execution_log = excluded.execution_log, duration_ms = excluded.duration_ms, cpu_ms = excluded.cpu_ms, bytes = excluded.bytes`

	sqlMarkDuplicates = `
UPDATE agent_collections c SET duplicates = true
  FROM unnest($1::int[], $2::int[], $3::int[]) AS s(t, a, c)
 WHERE c.tenant_id = s.t AND c.agent_id = s.a AND c.collection_id = s.c`

	sqlDisagree = `
UPDATE agent_collections c SET counter = -1
  FROM unnest($1::int[], $2::int[], $3::int[]) AS s(t, a, c)
 WHERE c.tenant_id = s.t AND c.agent_id = s.a AND c.collection_id = s.c`

	sqlPutBatches = `
INSERT INTO agent_batches (tenant_id, agent_id, sequence, collection_id, at, header, signature, leaves)
SELECT * FROM unnest($1::int[], $2::int[], $3::bigint[], $4::int[], $5::timestamptz[], $6::bytea[], $7::bytea[], $8::bytea[])`

	// at grows with every change: a judge that read the row before deletes nothing.
	sqlPutPending = `
INSERT INTO pending_judgements AS p (tenant_id, agent_id, collection_id, at)
SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $4::timestamptz[])
ON CONFLICT (tenant_id, agent_id, collection_id) DO UPDATE SET at = GREATEST(excluded.at, p.at + interval '1 microsecond')`
)
