CREATE TABLE drafts (
    person_id UUID NOT NULL,
    room_id UUID NOT NULL,
    thread_id UUID NOT NULL,
    version BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (person_id, room_id, thread_id)
);
