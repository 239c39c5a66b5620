-- How the installation sends mail. One row, of the root tenant; the password is sealed.

-- +goose Up
CREATE TABLE tenantra.mail_settings (
    tenant_id        int PRIMARY KEY REFERENCES tenantra.tenants (id) CHECK (tenant_id = 1),
    host             text NOT NULL CHECK (length(host) BETWEEN 1 AND 253),
    port             int NOT NULL CHECK (port BETWEEN 1 AND 65535),
    security         text NOT NULL CHECK (security IN ('starttls', 'tls', 'none')),
    ca               text NOT NULL,     -- PEM; '' for the system's
    username         text NOT NULL,
    password         text NOT NULL,     -- sealed; '' for none
    from_address     text NOT NULL,
    from_name        text NOT NULL,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    last_modified_at timestamptz NOT NULL
);
CALL tenantra.protect('tenantra.mail_settings');

-- +goose Down
DROP TABLE tenantra.mail_settings;
