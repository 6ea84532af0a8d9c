-- +goose Up
-- How often a delivery was asked for again: the try that is under way then is not the one
-- that was asked for.
ALTER TABLE deliveries ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE deliveries DROP COLUMN asked;
