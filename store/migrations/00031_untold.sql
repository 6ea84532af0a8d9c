-- Providers that are done with a question before they say by a webhook how it went.
-- Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE refreshes ADD COLUMN untold BOOLEAN NOT NULL DEFAULT FALSE; -- that webhook was waited for

-- +goose Down
ALTER TABLE refreshes DROP COLUMN untold;
