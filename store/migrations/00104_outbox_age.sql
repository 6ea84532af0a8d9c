-- Of the balance that a notice tells: of when the available one is, which may be older
-- than the figure, and why it is not the bank's own newest word (see Account.Unstated in
-- account.go). Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE outbox ADD COLUMN available_as_of BIGINT; -- NULL: nobody knows
ALTER TABLE outbox ADD COLUMN unstated TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE outbox DROP COLUMN unstated;
ALTER TABLE outbox DROP COLUMN available_as_of;
