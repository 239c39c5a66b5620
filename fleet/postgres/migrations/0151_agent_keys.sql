-- Agents change keys: the next one counts beside the present one until the agent's first message under it. What was replaced
-- stays, to check old evidence with and to know an endpoint that still uses it.

-- +goose Up
ALTER TABLE tenantra.agents
    ADD COLUMN key_made_at      timestamptz, -- when public_key came; NULL: with the enrolment
    ADD COLUMN next_key         bytea CHECK (length(next_key) = 32),
    ADD COLUMN rekey_order      uuid,        -- that the agent was told, and has not carried out
    ADD COLUMN rekey_ordered_at timestamptz;

CREATE TABLE tenantra.agent_keys (
    tenant_id   int NOT NULL,
    agent_id    int NOT NULL,
    public_key  bytea NOT NULL CHECK (length(public_key) = 32),
    made_at     timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, public_key),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CALL tenantra.protect('tenantra.agent_keys');

GRANT SELECT (next_key) ON tenantra.agents TO tenantra_keeper;

-- keeper.agent stays: servers of the release before call it until they are replaced.
-- +goose StatementBegin
CREATE FUNCTION keeper.agent_with_keys(public uuid, OUT tenant int, OUT tenant_public uuid, OUT agent int, OUT agent_key bytea, OUT agent_next_key bytea, OUT agent_state text, OUT agent_platform text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.tenant_id, t.public_id, a.id, a.public_key, a.next_key, a.state, a.platform FROM tenantra.agents a JOIN tenantra.tenants t ON t.id = a.tenant_id
     WHERE a.public_id = public AND keeper.standing(t.path) = 'active'; -- of the tenants above too, as for enrolment
END;
-- +goose StatementEnd
CALL keeper.keep('keeper.agent_with_keys(uuid)');

-- +goose Down
SET LOCAL ROLE tenantra_keeper;
DROP FUNCTION keeper.agent_with_keys(uuid);
SET LOCAL ROLE tenantra_owner;
DROP TABLE tenantra.agent_keys;
ALTER TABLE tenantra.agents DROP COLUMN rekey_ordered_at, DROP COLUMN rekey_order, DROP COLUMN next_key, DROP COLUMN key_made_at;
