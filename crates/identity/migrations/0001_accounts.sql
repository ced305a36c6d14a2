-- Accounts, passwords, sessions, and what carries a sign-in from page to page.
-- Times are unix milliseconds, UTC. Secrets are only here as hashes, addresses only sealed.

CREATE TABLE users (
    id UUID PRIMARY KEY,
    sub UUID NOT NULL UNIQUE,
    username TEXT NOT NULL,
    username_norm TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    email BYTEA NOT NULL,
    email_mac BYTEA NOT NULL UNIQUE,
    email_verified_at BIGINT,
    locale TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'blocked')),
    blocked_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- One row at most: the account that came first. Inserting it is the race for ownership.
CREATE TABLE ownership (
    seat INTEGER PRIMARY KEY CHECK (seat = 1),
    user_id UUID NOT NULL,
    taken_at BIGINT NOT NULL
);

CREATE TABLE passwords (
    user_id UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    phc TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Links in mails: only the SHA-256 of a token is kept.
CREATE TABLE action_tokens (
    hash BYTEA PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('verify', 'known', 'reset')),
    interaction_id UUID,
    browser_hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX action_tokens_user ON action_tokens (user_id, kind);

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    keep BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);

CREATE INDEX sessions_user ON sessions (user_id);

-- An authorization request while its person signs in, bound to the browser by a cookie.
CREATE TABLE interactions (
    id UUID PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    request TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Mails to be sent, sealed, because they hold addresses and links.
CREATE TABLE outbox (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    payload BYTEA NOT NULL,
    tries INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX outbox_next ON outbox (next_at);

-- Wrong passwords in a row, by keyed hash of the account or of the account's known device.
CREATE TABLE throttle (
    key BYTEA PRIMARY KEY,
    misses INTEGER NOT NULL,
    next_try_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Who did what, only ever appended to, each row bound to the one before by its hash.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    user_id UUID,
    client_id TEXT,
    session_id UUID,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL
);
