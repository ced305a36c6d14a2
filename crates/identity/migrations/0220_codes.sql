-- Codes by mail and SMS. A code is bound to one interaction, and is here as a keyed hash only.
-- The counts of an interaction outlive its codes.
CREATE TABLE otp_challenges (
    interaction_id UUID PRIMARY KEY REFERENCES interactions (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms')),
    -- None while the destination is only on its way to become a factor.
    factor_id UUID REFERENCES factors (id) ON DELETE CASCADE,
    destination BYTEA NOT NULL,
    code_mac BYTEA NOT NULL,
    sent INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE phones (
    id UUID PRIMARY KEY REFERENCES factors (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    number BYTEA NOT NULL,
    number_mac BYTEA NOT NULL,
    verified_at BIGINT NOT NULL,
    UNIQUE (user_id, number_mac)
);

-- What was sent on a day, by keyed hash of the destination, and of all SMS together.
CREATE TABLE send_counts (
    key BYTEA NOT NULL,
    day BIGINT NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (key, day)
);

-- What has become of SMS that a gateway has taken. Neither number nor text is kept.
CREATE TABLE sms_messages (
    id UUID PRIMARY KEY,
    gateway TEXT NOT NULL,
    gateway_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('sent', 'delivered', 'failed')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX sms_messages_gateway ON sms_messages (gateway, gateway_id);

ALTER TABLE factors ADD COLUMN preferred BOOLEAN NOT NULL DEFAULT FALSE;

-- After this there is no use in sending it.
ALTER TABLE outbox ADD COLUMN expires_at BIGINT;
