-- What was found when the program last looked through its own database: whichever instance
-- looked, all of them say it, and so does the next start. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE self_checks (
	what TEXT PRIMARY KEY, -- balances or audit
	at BIGINT NOT NULL,    -- when the look began
	found TEXT NOT NULL    -- JSON: how many rows contradict each other, or the state of the log
);

-- +goose Down
DROP TABLE self_checks;
