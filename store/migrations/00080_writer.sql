-- The row that a change locks before it reads anything, where the database does not
-- have one change wait for the other by itself. It is written to once a start.

-- +goose Up
CREATE TABLE writer (
    holder TEXT NOT NULL -- the process that has the database; empty: none yet
);
INSERT INTO writer (holder) VALUES ('');

-- +goose Down
DROP TABLE writer;
