ALTER TABLE people ADD COLUMN locale TEXT;

CREATE TABLE mail_choices (
    person_id UUID PRIMARY KEY,
    pace TEXT NOT NULL
);

CREATE TABLE mail_notices (
    message_id UUID NOT NULL,
    person_id UUID NOT NULL,
    room_id UUID NOT NULL,
    due_at BIGINT NOT NULL,
    look_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    outcome TEXT,
    PRIMARY KEY (message_id, person_id)
);
CREATE INDEX mail_notices_look ON mail_notices (look_at) WHERE outcome IS NULL;
CREATE INDEX mail_notices_person ON mail_notices (person_id, message_id);
CREATE INDEX mail_notices_age ON mail_notices (created_at);
