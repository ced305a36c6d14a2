CREATE TABLE saved (
    person_id UUID NOT NULL,
    message_id UUID NOT NULL,
    room_id UUID NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (person_id, message_id)
);
CREATE UNIQUE INDEX saved_newest ON saved (person_id, id);
