CREATE TABLE clips (
    message_id UUID NOT NULL REFERENCES messages (id),
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    delayed BOOLEAN NOT NULL,
    blob TEXT,
    duration_ms BIGINT,
    language TEXT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, revision)
);
CREATE INDEX clips_blob ON clips (blob)
