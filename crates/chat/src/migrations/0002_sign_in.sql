CREATE TABLE people (
    id UUID PRIMARY KEY,
    iss TEXT NOT NULL,
    sub TEXT NOT NULL,
    username TEXT NOT NULL,
    username_norm TEXT NOT NULL,
    display_name TEXT NOT NULL,
    display_norm TEXT NOT NULL,
    role TEXT NOT NULL,
    email BYTEA,
    blocked BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (iss, sub)
);
CREATE INDEX people_username ON people (username_norm);

CREATE TABLE browser_sessions (
    id UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    person_id UUID NOT NULL REFERENCES people (id),
    sid TEXT,
    scopes TEXT NOT NULL,
    refresh_token BYTEA,
    id_token BYTEA,
    access_expires_at BIGINT NOT NULL,
    refreshing_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX browser_sessions_sid ON browser_sessions (sid);
CREATE INDEX browser_sessions_person ON browser_sessions (person_id);

CREATE TABLE ended_sign_ins (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);
