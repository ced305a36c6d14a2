-- What was removed from the saved messages of somebody a moment ago, and its place there.
CREATE TABLE unsaved (
    person_id UUID NOT NULL,
    message_id UUID NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, message_id)
);
