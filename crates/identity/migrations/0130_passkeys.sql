-- Passkeys (WebAuthn). The handle is all that an authenticator keeps of an account: random, so
-- that it tells nothing, and the same for all passkeys of one person.
CREATE TABLE passkey_handles (
    user_id UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    handle BYTEA NOT NULL UNIQUE
);

CREATE TABLE passkeys (
    id UUID PRIMARY KEY REFERENCES factors (id) ON DELETE CASCADE,
    credential_id BYTEA NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    sign_count BIGINT NOT NULL,
    backup_eligible BOOLEAN NOT NULL,
    backed_up BOOLEAN NOT NULL,
    transports TEXT NOT NULL
);

-- Challenges that were answered, kept until they would have expired anyway.
CREATE TABLE passkey_spent (
    id UUID PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
