-- Under which data key an instance seals: rows are put under the newest one when all do.

-- +goose Up
ALTER TABLE instances ADD COLUMN data_key TEXT NOT NULL DEFAULT ''; -- its id; empty: none

-- +goose Down
ALTER TABLE instances DROP COLUMN data_key;
