-- What is counted, and who is listed, without the rows that are neither.

-- +goose Up
CREATE INDEX accounts_linked ON accounts (customer_id, provider, id, status) WHERE status <> 'unlinked';
CREATE INDEX accounts_needing_login ON accounts (customer_id, id) WHERE status = 'needs_login';
CREATE INDEX accounts_of_copies ON accounts (customer_id, id, status) WHERE as_of_kind = 'unknown';
CREATE INDEX consents_not_withdrawn ON consents (customer_id, provider, given_at, valid_for, unused_for) WHERE withdrawn_at IS NULL;

-- +goose Down
DROP INDEX consents_not_withdrawn;
DROP INDEX accounts_of_copies;
DROP INDEX accounts_needing_login;
DROP INDEX accounts_linked;
