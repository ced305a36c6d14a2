-- The secret that an app had before its present one, for as long as its developer lets it be good.
ALTER TABLE clients ADD COLUMN old_secret_hash BYTEA;
ALTER TABLE clients ADD COLUMN old_secret_until BIGINT;

-- What lets a program register apps (RFC 7591 section 3), made by an operator.
CREATE TABLE registration_tokens (
    hash BYTEA PRIMARY KEY,
    uses_left INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Everything that concerns one app.
CREATE INDEX grants_client ON grants (client_id, created_at);
CREATE INDEX session_clients_client ON session_clients (client_id);
CREATE INDEX consents_client ON consents (client_id);
CREATE INDEX logout_deliveries_client ON logout_deliveries (client_id);
CREATE INDEX audit_failed ON audit (client_id, at) WHERE outcome = 'failed';
