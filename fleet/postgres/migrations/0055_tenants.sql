-- Moving tenants in the tree, and changing the plans of many at once.

-- +goose Up
CREATE POLICY keeper_changes ON tenantra.tenants FOR UPDATE TO tenantra_keeper USING (true) WITH CHECK (true);
GRANT UPDATE ON tenantra.tenants TO tenantra_keeper;

-- +goose StatementBegin
CREATE FUNCTION keeper.parent_of(wanted uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.public_id FROM tenantra.tenants t JOIN tenantra.tenants p ON p.id = t.parent_id WHERE t.public_id = wanted;
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.parent_of(uuid)');

-- +goose StatementBegin
CREATE FUNCTION keeper.move_tenant(moved int, parent int, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Hangs a tenant of the scope, with all below it, below another of the scope. The whole tree is locked, so that two moves
-- at once make no circle.
DECLARE
    old   int[];
    trail int[];
BEGIN
    LOCK TABLE tenantra.tenants IN SHARE ROW EXCLUSIVE MODE;
    SELECT t.path INTO old FROM tenantra.tenants t WHERE t.id = moved AND t.id = ANY (keeper.visible());
    SELECT t.path INTO trail FROM tenantra.tenants t WHERE t.id = parent AND t.id = ANY (keeper.visible());
    IF old IS NULL OR trail IS NULL THEN
        RAISE no_data_found USING MESSAGE = 'tenant not in scope';
    END IF;
    IF moved = ANY (trail) THEN
        RAISE invalid_parameter_value USING MESSAGE = 'a tenant cannot be below itself', CONSTRAINT = 'tenants_circle';
    END IF;
    UPDATE tenantra.tenants t
       SET path = trail || t.path[cardinality(old):],
           parent_id = CASE WHEN t.id = moved THEN parent ELSE t.parent_id END,
           last_modified_by = CASE WHEN t.id = moved THEN actor ELSE t.last_modified_by END,
           last_modified_at = CASE WHEN t.id = moved THEN at ELSE t.last_modified_at END
     WHERE t.path @> ARRAY[moved];
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.move_tenant(int, int, text, timestamptz)');

-- +goose StatementBegin
CREATE FUNCTION keeper.set_plans(wanted int[], new_plan text, actor text, at timestamptz)
RETURNS TABLE (tenant_id int, old_plan text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Gives several tenants of the scope a plan, all or none, and tells what they had.
BEGIN
    IF NOT wanted <@ keeper.visible() THEN
        RAISE no_data_found USING MESSAGE = 'tenant not in scope';
    END IF;
    RETURN QUERY
    WITH before AS (SELECT t.id, t.plan FROM tenantra.tenants t WHERE t.id = ANY (wanted) ORDER BY t.id FOR UPDATE)
    UPDATE tenantra.tenants t SET plan = new_plan, last_modified_by = actor, last_modified_at = at
      FROM before b WHERE t.id = b.id
    RETURNING t.id, b.plan;
END $$;
-- +goose StatementEnd
CALL keeper.keep('keeper.set_plans(int[], text, text, timestamptz)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.set_plans(int[], text, text, timestamptz);
DROP FUNCTION keeper.move_tenant(int, int, text, timestamptz);
DROP FUNCTION keeper.parent_of(uuid);
SET LOCAL ROLE tenantra_owner;
REVOKE UPDATE ON tenantra.tenants FROM tenantra_keeper;
DROP POLICY keeper_changes ON tenantra.tenants;
