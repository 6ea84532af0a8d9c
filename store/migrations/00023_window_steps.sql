-- How far customers come in the bank window: see Attempt.Step.

-- +goose Up
ALTER TABLE link_attempts ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE link_attempts ADD COLUMN step_at BIGINT; -- NULL: the window told of none

-- +goose Down
ALTER TABLE link_attempts DROP COLUMN step_at;
ALTER TABLE link_attempts DROP COLUMN step;
