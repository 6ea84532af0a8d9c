-- How long a consent holds, as the text said to whoever gave it: milliseconds;
-- 0: the text said it in words of its own.

-- +goose Up
ALTER TABLE consents ADD COLUMN valid_for  BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consents ADD COLUMN unused_for BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE consents DROP COLUMN unused_for;
ALTER TABLE consents DROP COLUMN valid_for;
