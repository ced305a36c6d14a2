CREATE TABLE presence_choices (
    person_id UUID PRIMARY KEY,
    hidden BOOLEAN NOT NULL
);
