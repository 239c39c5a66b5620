-- How people want to see their lists. A view belongs to a tenant and to the person who saved it; persons may be of a tenant above.

-- +goose Up
CREATE TABLE tenantra.saved_views (
    tenant_id  int NOT NULL REFERENCES tenantra.tenants (id),
    id         uuid NOT NULL,
    page       text NOT NULL CHECK (length(page) BETWEEN 1 AND 40),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    search     text NOT NULL,
    shared     boolean NOT NULL,
    owner      uuid NOT NULL, -- public id of the person
    owner_name text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX saved_views_name ON tenantra.saved_views (tenant_id, owner, page, name);
CALL tenantra.protect('tenantra.saved_views');

CREATE TABLE tenantra.saved_view_defaults (
    tenant_id int NOT NULL,
    person    uuid NOT NULL,
    page      text NOT NULL,
    view_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, person, page),
    FOREIGN KEY (tenant_id, view_id) REFERENCES tenantra.saved_views (tenant_id, id) ON DELETE CASCADE
);
CALL tenantra.protect('tenantra.saved_view_defaults');

-- +goose Down
DROP TABLE tenantra.saved_view_defaults;
DROP TABLE tenantra.saved_views;
