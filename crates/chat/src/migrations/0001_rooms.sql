CREATE TABLE rooms (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    name_norm TEXT NOT NULL,
    topic TEXT NOT NULL,
    last_seq BIGINT NOT NULL,
    log_id UUID NOT NULL,
    members_count BIGINT NOT NULL,
    direct_key TEXT UNIQUE,
    last_message_at BIGINT,
    created_by UUID NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX rooms_public ON rooms (kind, name_norm, id);

CREATE TABLE members (
    room_id UUID NOT NULL REFERENCES rooms (id),
    person_id UUID NOT NULL,
    role TEXT NOT NULL,
    last_read BIGINT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, person_id)
);
CREATE INDEX members_person ON members (person_id);

CREATE TABLE room_keys (
    room_id UUID NOT NULL REFERENCES rooms (id),
    version INTEGER NOT NULL,
    wrapped TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, version)
);

CREATE TABLE messages (
    id UUID PRIMARY KEY,
    room_id UUID NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    author_id UUID NOT NULL,
    client_message_id UUID NOT NULL,
    body_mac BYTEA NOT NULL,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    UNIQUE (author_id, client_message_id),
    UNIQUE (room_id, seq)
);

CREATE TABLE revisions (
    message_id UUID NOT NULL REFERENCES messages (id),
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor_id UUID NOT NULL,
    body BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, revision)
);

CREATE TABLE events (
    room_id UUID NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    message_id UUID,
    revision INTEGER,
    person_id UUID,
    role TEXT,
    actor_id UUID NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (room_id, seq)
);

CREATE TABLE invitations (
    id UUID PRIMARY KEY,
    room_id UUID NOT NULL REFERENCES rooms (id),
    kind TEXT NOT NULL,
    username_norm TEXT,
    token_hash BYTEA UNIQUE,
    created_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    uses_max BIGINT,
    uses BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX invitations_room ON invitations (room_id, id);
CREATE UNIQUE INDEX invitations_open_name ON invitations (room_id, username_norm)
    WHERE ended_at IS NULL;
CREATE INDEX invitations_name ON invitations (username_norm);
