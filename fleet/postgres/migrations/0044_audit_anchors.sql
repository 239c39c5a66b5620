-- What proves a chain against somebody who rewrites it from end to end: signed statements of where it stood. Anchors are
-- also kept outside of the database. A checkpoint stands for the entries before it, which retention has dropped.

-- +goose Up
CREATE TABLE tenantra.audit_anchors (
    tenant_id int NOT NULL REFERENCES tenantra.tenants (id),
    seq       bigint NOT NULL CHECK (seq > 0),
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    at        timestamptz NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
CALL tenantra.protect('tenantra.audit_anchors');
REVOKE UPDATE, DELETE ON tenantra.audit_anchors FROM tenantra_app;

CREATE TABLE tenantra.audit_checkpoints (
    tenant_id int PRIMARY KEY REFERENCES tenantra.tenants (id),
    seq       bigint NOT NULL CHECK (seq > 0), -- the last entry that was dropped
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    at        timestamptz NOT NULL,
    signature bytea NOT NULL
);
CALL tenantra.protect('tenantra.audit_checkpoints');
REVOKE DELETE ON tenantra.audit_checkpoints FROM tenantra_app;

CREATE POLICY keeper_reads ON tenantra.audit_entries FOR SELECT TO tenantra_keeper USING (true);
CREATE POLICY keeper_cuts ON tenantra.audit_entries FOR DELETE TO tenantra_keeper USING (true);
CREATE POLICY keeper_reads ON tenantra.audit_anchors FOR SELECT TO tenantra_keeper USING (true);
CREATE POLICY keeper_cuts ON tenantra.audit_anchors FOR DELETE TO tenantra_keeper USING (true);
CREATE POLICY keeper_reads ON tenantra.audit_checkpoints FOR SELECT TO tenantra_keeper USING (true);
GRANT SELECT (tenant_id, seq), DELETE ON tenantra.audit_entries TO tenantra_keeper;
GRANT SELECT (tenant_id, seq), DELETE ON tenantra.audit_anchors TO tenantra_keeper;
GRANT SELECT (tenant_id, seq) ON tenantra.audit_checkpoints TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.cut_audit(tenant int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Drops a tenant's entries and anchors up to its checkpoint and gives the number of entries. Whoever moves a checkpoint
-- without the signing key is found by the next verification.
DECLARE
    upto bigint;
    cut  bigint;
BEGIN
    SELECT c.seq INTO upto FROM tenantra.audit_checkpoints c WHERE c.tenant_id = tenant AND c.tenant_id = ANY (keeper.visible());
    IF upto IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM tenantra.audit_anchors a WHERE a.tenant_id = tenant AND a.seq <= upto;
    DELETE FROM tenantra.audit_entries e WHERE e.tenant_id = tenant AND e.seq <= upto;
    GET DIAGNOSTICS cut = ROW_COUNT;
    RETURN cut;
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.cut_audit(int)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.cut_audit(int);
SET LOCAL ROLE tenantra_owner;
DROP POLICY keeper_cuts ON tenantra.audit_entries;
DROP POLICY keeper_reads ON tenantra.audit_entries;
REVOKE SELECT (tenant_id, seq), DELETE ON tenantra.audit_entries FROM tenantra_keeper;
DROP TABLE tenantra.audit_checkpoints;
DROP TABLE tenantra.audit_anchors;
