-- What staff did can be taken back for some minutes.

-- +goose Up
ALTER TABLE link_attempts ADD COLUMN reopened_at BIGINT; -- when staff took back that they had refused it
ALTER TABLE customers ADD COLUMN contacted_before BIGINT; -- contacted_at before it was last set
ALTER TABLE customers ADD COLUMN contacted_before_by TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE customers DROP COLUMN contacted_before_by;
ALTER TABLE customers DROP COLUMN contacted_before;
ALTER TABLE link_attempts DROP COLUMN reopened_at;
