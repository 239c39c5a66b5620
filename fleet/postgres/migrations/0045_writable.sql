-- Who sees a subtree does not write all of it: writes go to the tenant acted in, or to those that a transaction of the
-- server's own names. The scope carries both lists under one code.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION keeper.writable() RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- The tenants that this transaction may write. Scopes of servers before this migration have no such list: what is visible.
DECLARE
    visible int[] := keeper.visible(); -- checks code and expiry
    named   text  := split_part(current_setting('tenantra.scope', true), '|', 3);
BEGIN
    IF named IS NULL OR named = '' THEN
        RETURN visible;
    END IF;
    RETURN named::int[];
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.writable()');

-- Without a check of its own for DELETE, a statement could delete what it can see.
-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE tenantra.protect(target regclass) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Isolates a table, or a partition, by its column tenant_id. The parentheses and the cast make the policy an index
-- condition that is evaluated once a statement. Partitions get no grant: read directly they would bypass nothing, but
-- there is no reason to read them so.
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY tenant ON %s TO tenantra_app'
        ' USING (tenant_id = ANY ((SELECT keeper.visible())::int[]))'
        ' WITH CHECK (tenant_id = ANY ((SELECT keeper.writable())::int[]))', target);
    EXECUTE format('CREATE POLICY tenant_deletes ON %s AS RESTRICTIVE FOR DELETE TO tenantra_app'
        ' USING (tenant_id = ANY ((SELECT keeper.writable())::int[]))', target);
    IF NOT (SELECT relispartition FROM pg_class WHERE oid = target) THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO tenantra_app', target);
    END IF;
END $$;

DO $$
DECLARE
    target regclass;
BEGIN
    FOR target IN
        SELECT p.polrelid::regclass FROM pg_policy p
          JOIN pg_class c ON c.oid = p.polrelid
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
         WHERE c.relnamespace = 'tenantra'::regnamespace AND p.polname = 'tenant'
    LOOP
        EXECUTE format('ALTER POLICY tenant ON %s WITH CHECK (tenant_id = ANY ((SELECT keeper.writable())::int[]))', target);
        EXECUTE format('CREATE POLICY tenant_deletes ON %s AS RESTRICTIVE FOR DELETE TO tenantra_app'
            ' USING (tenant_id = ANY ((SELECT keeper.writable())::int[]))', target);
    END LOOP;
END $$;
-- +goose StatementEnd
ALTER POLICY tenant ON tenantra.tenants WITH CHECK (id = ANY ((SELECT keeper.writable())::int[]));

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE
    target regclass;
BEGIN
    FOR target IN SELECT p.polrelid::regclass FROM pg_policy p WHERE p.polname = 'tenant_deletes' LOOP
        EXECUTE format('ALTER POLICY tenant ON %s WITH CHECK (tenant_id = ANY ((SELECT keeper.visible())::int[]))', target);
        EXECUTE format('DROP POLICY tenant_deletes ON %s', target);
    END LOOP;
END $$;

CREATE OR REPLACE PROCEDURE tenantra.protect(target regclass) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY tenant ON %s TO tenantra_app'
        ' USING (tenant_id = ANY ((SELECT keeper.visible())::int[]))'
        ' WITH CHECK (tenant_id = ANY ((SELECT keeper.visible())::int[]))', target);
    IF NOT (SELECT relispartition FROM pg_class WHERE oid = target) THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO tenantra_app', target);
    END IF;
END $$;
-- +goose StatementEnd
ALTER POLICY tenant ON tenantra.tenants WITH CHECK (id = ANY ((SELECT keeper.visible())::int[]));
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.writable();
SET LOCAL ROLE tenantra_owner;
