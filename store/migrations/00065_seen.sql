-- When customers were last here themselves.

-- +goose Up
ALTER TABLE customers ADD COLUMN seen_at BIGINT;

-- +goose Down
ALTER TABLE customers DROP COLUMN seen_at;
