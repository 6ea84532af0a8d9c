-- The files of customers that staff have sent, until they are taken in or dropped, one for
-- each member of staff: whichever instance is asked next knows them. Timestamps as in
-- 00001_init.sql.

-- +goose Up
CREATE TABLE held_files (
	staff_id TEXT PRIMARY KEY REFERENCES staff (id),
	sent_at BIGINT NOT NULL,
	state TEXT NOT NULL,       -- read, moved, failed, running or done
	taken_at BIGINT,           -- when it began to be taken in; NULL: it did not
	content BYTEA NOT NULL     -- sealed
);
CREATE INDEX held_files_sent ON held_files (sent_at);

-- +goose Down
DROP TABLE held_files;
