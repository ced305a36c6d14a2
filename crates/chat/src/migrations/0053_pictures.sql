ALTER TABLE people ADD COLUMN picture TEXT;
CREATE INDEX people_picture ON people (picture)
