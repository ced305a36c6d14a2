-- User names that somebody has asked for who signed up, until the link in their mail is over. An
-- address that has an account reserves like one that has none, so that the name does not tell.
CREATE TABLE reserved_names (
    username_norm TEXT PRIMARY KEY,
    email_mac BYTEA NOT NULL,
    until BIGINT NOT NULL
);

CREATE INDEX reserved_names_email ON reserved_names (email_mac);
