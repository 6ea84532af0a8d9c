-- What waits for the provider, and why; and what only counting, not the clock,
-- may decide.

-- +goose Up
-- It waits for its turn: the calls of the minute are used up, or paused.
ALTER TABLE refreshes ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
-- Answers that spoke of a change and still gave the figure from before.
ALTER TABLE refreshes ADD COLUMN stale_answers INTEGER NOT NULL DEFAULT 0;
-- Why the confirmation did not get on, in one word; empty: it did, or was not tried.
ALTER TABLE link_attempts ADD COLUMN fault TEXT NOT NULL DEFAULT '';
-- The hours of the running program that nobody has claimed it.
ALTER TABLE events ADD COLUMN unclaimed_hours INTEGER NOT NULL DEFAULT 0;
-- When recurring work was last done.
CREATE TABLE rounds (
    name TEXT   PRIMARY KEY,
    at   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE rounds;
ALTER TABLE events DROP COLUMN unclaimed_hours;
ALTER TABLE link_attempts DROP COLUMN fault;
ALTER TABLE refreshes DROP COLUMN stale_answers;
ALTER TABLE refreshes DROP COLUMN held;
