ALTER TABLE messages ADD COLUMN thread_id UUID;
ALTER TABLE messages ADD COLUMN aside BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN quote_id UUID;
CREATE INDEX messages_thread ON messages (thread_id, seq) WHERE thread_id IS NOT NULL;

CREATE TABLE threads (
    root_id UUID PRIMARY KEY REFERENCES messages (id),
    room_id UUID NOT NULL,
    replies BIGINT NOT NULL,
    last_id UUID NOT NULL,
    last_seq BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

CREATE TABLE thread_followers (
    root_id UUID NOT NULL,
    person_id UUID NOT NULL,
    room_id UUID NOT NULL,
    following BOOLEAN NOT NULL,
    last_read BIGINT NOT NULL,
    PRIMARY KEY (root_id, person_id)
);
CREATE INDEX thread_followers_person ON thread_followers (person_id) WHERE following;
