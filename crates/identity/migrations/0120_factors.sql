-- Second factors. Each kind keeps what only it needs in a table of its own, whose id is the
-- factor's, and which goes with it.
CREATE TABLE factors (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms', 'totp', 'passkey', 'recovery')),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE INDEX factors_user ON factors (user_id, id);
CREATE UNIQUE INDEX factors_single ON factors (user_id, kind) WHERE kind IN ('mail', 'recovery');

-- Authenticator apps: the secret is sealed, and a step that was used is not accepted again.
CREATE TABLE totp (
    id UUID PRIMARY KEY REFERENCES factors (id) ON DELETE CASCADE,
    secret BYTEA NOT NULL,
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    id UUID PRIMARY KEY,
    factor_id UUID NOT NULL REFERENCES factors (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    used_at BIGINT
);

CREATE INDEX recovery_codes_factor ON recovery_codes (factor_id);

-- How far a sign-in has come: whose it is, and what was proved.
ALTER TABLE interactions ADD COLUMN user_id UUID;
ALTER TABLE interactions ADD COLUMN acr TEXT;
ALTER TABLE interactions ADD COLUMN amr TEXT NOT NULL DEFAULT '';
ALTER TABLE interactions ADD COLUMN keep BOOLEAN NOT NULL DEFAULT FALSE;
