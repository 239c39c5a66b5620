-- Agents that go to another tenant. What they told stays with the agent that they were; in the other tenant they begin anew.

-- +goose Up
CREATE TABLE tenantra.agent_moves (
    tenant_id        int NOT NULL, -- the old tenant
    agent_id         int NOT NULL,
    to_tenant_id     int NOT NULL, -- no foreign key: it would lead to another tenant
    to_tenant        uuid NOT NULL,
    to_agent         uuid NOT NULL,
    arrived_at       timestamptz,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES tenantra.agents (tenant_id, id)
);
CALL tenantra.protect('tenantra.agent_moves');

-- Where an agent that has yet to arrive comes from.
ALTER TABLE tenantra.agents ADD COLUMN from_tenant_id int, ADD COLUMN from_agent_id int;

-- +goose Down
ALTER TABLE tenantra.agents DROP COLUMN from_agent_id, DROP COLUMN from_tenant_id;
DROP TABLE tenantra.agent_moves;
