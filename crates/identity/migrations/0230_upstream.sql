-- Accounts elsewhere by which people sign in here. What counts is the issuer and its id of the
-- person. How the person is called there is only shown, and sealed.
CREATE TABLE federated_identities (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    iss TEXT NOT NULL,
    sub TEXT NOT NULL,
    name BYTEA NOT NULL,
    linked_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE (iss, sub)
);

CREATE INDEX federated_identities_user ON federated_identities (user_id, id);

-- Sessions that rest on a sign-in elsewhere, and end with it.
CREATE TABLE upstream_sessions (
    session_id UUID PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    identity_id UUID NOT NULL REFERENCES federated_identities (id) ON DELETE CASCADE,
    sid TEXT
);

CREATE INDEX upstream_sessions_identity ON upstream_sessions (identity_id);

-- The sign-in elsewhere that a half-done sign-in rests on.
ALTER TABLE interactions ADD COLUMN upstream TEXT;
