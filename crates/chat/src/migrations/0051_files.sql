CREATE TABLE files (
    id UUID PRIMARY KEY,
    room_id UUID NOT NULL REFERENCES rooms (id),
    owner_id UUID NOT NULL,
    name BYTEA NOT NULL,
    bytes BIGINT NOT NULL,
    media_type TEXT,
    width INTEGER,
    height INTEGER,
    blurhash TEXT,
    expires_at BIGINT NOT NULL,
    message_id UUID REFERENCES messages (id),
    place INTEGER
);
CREATE INDEX files_message ON files (message_id, place);
CREATE INDEX files_owner ON files (owner_id);
CREATE INDEX files_expires ON files (expires_at)
