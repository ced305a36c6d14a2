-- Requests that apps push before they send a person here (RFC 9126).
CREATE TABLE par_requests (
    hash BYTEA PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id),
    request TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX par_requests_expired ON par_requests (expires_at);

-- What may be shown only once: ids of client assertions and of DPoP proofs.
CREATE TABLE replay (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX replay_until ON replay (until);

-- Keys that codes, grants and refresh tokens are bound to (RFC 9449).
ALTER TABLE codes ADD COLUMN jkt TEXT;
ALTER TABLE grants ADD COLUMN jkt TEXT;

-- Sign-ins that a device without a browser began (RFC 8628).
CREATE TABLE device_codes (
    hash BYTEA PRIMARY KEY,
    user_code_hash BYTEA NOT NULL UNIQUE,
    client_id TEXT NOT NULL REFERENCES clients (id),
    scopes TEXT NOT NULL,
    resource TEXT,
    jkt TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    interval_s INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    grant_id UUID,
    decided_at BIGINT,
    used_at BIGINT
);
CREATE INDEX device_codes_expired ON device_codes (expires_at);
