-- The row that a change locks before it reads anything, where the database does not
-- have one change wait for the other by itself. Nothing is ever written to it.

-- +goose Up
CREATE TABLE writer (id INTEGER PRIMARY KEY);
INSERT INTO writer (id) VALUES (1);

-- +goose Down
DROP TABLE writer;
