CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    auth_method TEXT NOT NULL,
    secret_hash BYTEA,
    scopes TEXT NOT NULL,
    first_party BOOLEAN NOT NULL,
    backchannel_uri TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE client_uris (
    client_id TEXT NOT NULL REFERENCES clients (id),
    kind TEXT NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (client_id, kind, uri)
);

CREATE TABLE consents (
    user_id UUID NOT NULL,
    client_id TEXT NOT NULL REFERENCES clients (id),
    scopes TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (user_id, client_id)
);

CREATE TABLE session_clients (
    session_id UUID NOT NULL,
    client_id TEXT NOT NULL REFERENCES clients (id),
    sid TEXT NOT NULL UNIQUE,
    last_code_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

CREATE TABLE grants (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL,
    client_id TEXT NOT NULL REFERENCES clients (id),
    session_id UUID,
    sid TEXT,
    scopes TEXT NOT NULL,
    resource TEXT,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoke_reason TEXT
);
CREATE INDEX grants_user ON grants (user_id, client_id);
CREATE INDEX grants_session ON grants (session_id);

CREATE TABLE codes (
    hash BYTEA PRIMARY KEY,
    grant_id UUID NOT NULL REFERENCES grants (id),
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE refresh_tokens (
    hash BYTEA PRIMARY KEY,
    grant_id UUID NOT NULL REFERENCES grants (id),
    parent_hash BYTEA,
    issued_at BIGINT NOT NULL,
    idle_expires_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    successor_hash BYTEA
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);

CREATE TABLE revoked (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    alg TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    private_enc BYTEA NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    retire_at BIGINT
);

CREATE TABLE logout_deliveries (
    id UUID PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id),
    uri TEXT NOT NULL,
    sub TEXT NOT NULL,
    sid TEXT,
    tries INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    done_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX logout_deliveries_due ON logout_deliveries (done_at, next_at);
