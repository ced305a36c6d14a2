CREATE TABLE mentions (
    message_id UUID NOT NULL REFERENCES messages (id),
    person_id UUID NOT NULL,
    room_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    thread_id UUID,
    reason TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    read_at BIGINT,
    PRIMARY KEY (message_id, person_id)
);
CREATE INDEX mentions_person ON mentions (person_id, message_id);
CREATE INDEX mentions_unread ON mentions (person_id, room_id) WHERE read_at IS NULL AND active;
ALTER TABLE messages ADD COLUMN everyone TEXT;
ALTER TABLE rooms ADD COLUMN everyone_role TEXT NOT NULL DEFAULT 'moderator';
