-- What endpoints were never sent, because it was not kept any more when they could have
-- been. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE endpoints ADD COLUMN missed BIGINT NOT NULL DEFAULT 0;     -- how many events went before they were sent
ALTER TABLE endpoints ADD COLUMN missed_seq BIGINT NOT NULL DEFAULT 0; -- of the last of them
ALTER TABLE endpoints ADD COLUMN missed_at BIGINT;                     -- when that one went

-- +goose Down
ALTER TABLE endpoints DROP COLUMN missed_at;
ALTER TABLE endpoints DROP COLUMN missed_seq;
ALTER TABLE endpoints DROP COLUMN missed;
