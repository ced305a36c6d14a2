CREATE TABLE push_key (
    id INTEGER PRIMARY KEY,
    sealed BYTEA NOT NULL
);

CREATE TABLE push_devices (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL,
    session_id UUID,
    endpoint_mac BYTEA NOT NULL UNIQUE,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX push_devices_person ON push_devices (person_id, created_at);

CREATE TABLE deliveries (
    message_id UUID NOT NULL,
    target_id UUID NOT NULL,
    way TEXT NOT NULL,
    person_id UUID NOT NULL,
    room_id UUID NOT NULL,
    tries INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    outcome TEXT,
    PRIMARY KEY (message_id, target_id)
);
CREATE INDEX deliveries_due ON deliveries (way, next_at) WHERE outcome IS NULL;
CREATE INDEX deliveries_age ON deliveries (created_at);

CREATE TABLE delivery_positions (
    room_id UUID PRIMARY KEY,
    seq BIGINT NOT NULL
);
INSERT INTO delivery_positions (room_id, seq) SELECT id, last_seq FROM rooms;
