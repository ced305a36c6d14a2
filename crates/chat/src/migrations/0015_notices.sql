CREATE TABLE notice_choices (
    person_id UUID PRIMARY KEY,
    level TEXT NOT NULL,
    quiet_from INTEGER,
    quiet_to INTEGER,
    time_zone TEXT
);

CREATE TABLE room_notice_choices (
    person_id UUID NOT NULL,
    room_id UUID NOT NULL,
    level TEXT,
    muted_until BIGINT,
    PRIMARY KEY (person_id, room_id)
);
