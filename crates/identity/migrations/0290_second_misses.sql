-- Wrong codes in a row at the second step of an account, however long they take. Nothing but a
-- right one forgets them.
CREATE TABLE second_misses (
    user_id UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    misses INTEGER NOT NULL
);
