CREATE TABLE reactions (
    message_id UUID NOT NULL REFERENCES messages (id),
    emoji TEXT NOT NULL,
    person_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (message_id, emoji, person_id)
);
ALTER TABLE events ADD COLUMN emoji TEXT;
ALTER TABLE events ADD COLUMN reactions BIGINT;
