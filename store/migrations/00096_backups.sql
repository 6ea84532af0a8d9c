-- The last copy that "balancelink backup" made, of a database that is no file beside which it
-- could be noted.

-- +goose Up
CREATE TABLE backups (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	note TEXT NOT NULL                     -- JSON: file, when, size, sum, rows, audit log
);

-- +goose Down
DROP TABLE backups;
