ALTER TABLE files ADD COLUMN blob TEXT;
ALTER TABLE files ADD COLUMN small TEXT;
ALTER TABLE files ADD COLUMN small_type TEXT;
ALTER TABLE files ADD COLUMN small_bytes BIGINT;
CREATE INDEX files_blob ON files (blob);
CREATE INDEX files_small ON files (small)
