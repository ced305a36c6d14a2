ALTER TABLE people ADD COLUMN name_order TEXT NOT NULL DEFAULT '';
UPDATE people SET name_order = COALESCE(NULLIF(TRIM(display_norm), ''), username_norm);
CREATE INDEX people_by_name ON people (name_order, id);
