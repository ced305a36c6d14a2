ALTER TABLE reactions ADD COLUMN id UUID;
ALTER TABLE reactions ADD COLUMN author_id UUID;
UPDATE reactions SET
    id = (SELECT e.id FROM messages g JOIN events e ON e.room_id = g.room_id
          AND e.seq = reactions.seq WHERE g.id = reactions.message_id),
    author_id = (SELECT g.author_id FROM messages g WHERE g.id = reactions.message_id);
CREATE INDEX reactions_author ON reactions (author_id, id) WHERE person_id <> author_id;

CREATE TABLE reaction_marks (
    person_id UUID PRIMARY KEY,
    seen UUID NOT NULL
);
INSERT INTO reaction_marks (person_id, seen)
SELECT a.author_id, (SELECT x.id FROM reactions x WHERE x.author_id = a.author_id
                     AND x.person_id <> x.author_id ORDER BY x.id DESC LIMIT 1)
FROM (SELECT DISTINCT author_id FROM reactions WHERE person_id <> author_id) a;
