-- How long things are kept, counted in days in which the program ran.

-- +goose Up
-- When the program was seen to run: at most once a day, and once more when the
-- clock was set back. Entries of the same day have the same number.
CREATE TABLE run_days (
    day BIGINT NOT NULL, -- 1, 2, 3, …
    at  BIGINT NOT NULL,
    PRIMARY KEY (day, at)
);

ALTER TABLE events ADD COLUMN payload_removed_at BIGINT; -- with the headers, because their time was over
ALTER TABLE accounts ADD COLUMN history_from BIGINT;     -- as-of of the newest balance removed; NULL: none was

CREATE INDEX balances_by_receipt ON balances (received_at);
CREATE INDEX refreshes_by_end ON refreshes (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX link_attempts_with_report ON link_attempts (reported_at) WHERE report <> '';

-- +goose Down
DROP INDEX link_attempts_with_report;
DROP INDEX refreshes_by_end;
DROP INDEX balances_by_receipt;
ALTER TABLE accounts DROP COLUMN history_from;
ALTER TABLE events DROP COLUMN payload_removed_at;
DROP TABLE run_days;
