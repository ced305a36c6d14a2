CREATE TABLE link_previews (
    message_id UUID NOT NULL REFERENCES messages (id),
    revision INTEGER NOT NULL,
    preview BYTEA,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, revision)
)
