-- +goose Up
-- Accounts that were unlinked since the bank window was opened: ids, each with a
-- space behind it. What the customer wished last holds, whenever it is confirmed.
ALTER TABLE link_attempts ADD COLUMN unlinked_since TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE link_attempts DROP COLUMN unlinked_since;
