-- What an account shows may be known to be wrong: see Account.Outdated.

-- +goose Up
ALTER TABLE accounts ADD COLUMN outdated_as_of BIGINT; -- time of the figure of which the bank said that it is not right any more; NULL: none
ALTER TABLE accounts ADD COLUMN bound_at BIGINT; -- when it was linked last
UPDATE accounts SET bound_at = linked_at;

-- +goose Down
ALTER TABLE accounts DROP COLUMN bound_at;
ALTER TABLE accounts DROP COLUMN outdated_as_of;
