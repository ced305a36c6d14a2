-- An address that an account is to move to, or has moved to: the old one stays until the new one
-- has confirmed, and can be taken back for some days. Of both links only the hash is kept.
CREATE TABLE address_changes (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BYTEA NOT NULL UNIQUE,
    undo_hash BYTEA NOT NULL UNIQUE,
    old_email BYTEA NOT NULL,
    new_email BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    ended_at BIGINT
);

CREATE INDEX address_changes_user ON address_changes (user_id);
