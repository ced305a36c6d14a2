-- One role more. SQLite cannot change a check, so the column is made anew.
ALTER TABLE users ADD COLUMN new_role TEXT NOT NULL DEFAULT 'member'
    CHECK (new_role IN ('owner', 'admin', 'moderator', 'member'));
UPDATE users SET new_role = role;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users RENAME COLUMN new_role TO role;
CREATE INDEX users_role ON users (role);

-- Who did it, when it was somebody else than the person it is about.
ALTER TABLE audit ADD COLUMN actor_id UUID;
CREATE INDEX audit_user ON audit (user_id, seq);
CREATE INDEX audit_actor ON audit (actor_id, seq);
CREATE INDEX audit_event ON audit (event, seq);

-- What the entries that were kept long enough ended with: the chain goes on from here.
CREATE TABLE audit_start (
    seat INTEGER PRIMARY KEY CHECK (seat = 1),
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- The command line's own client is not to be changed by anybody.
UPDATE clients SET kind = 'configured' WHERE id = 'tertulia-cli';
