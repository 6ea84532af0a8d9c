-- One index of whose accounts there are in place of two, one of which had those that are
-- linked. PostgreSQL writes to every index of a row when its balance changes, whatever
-- is in the index.

-- +goose Up
CREATE INDEX accounts_of_customers ON accounts (customer_id, provider, env, id, status);
-- contract: nothing asks by them since 00122, and what does of the release before takes the new one
DROP INDEX accounts_linked;
-- contract: as above, since 00122
DROP INDEX accounts_by_customer;

-- +goose Down
CREATE INDEX accounts_by_customer ON accounts (customer_id, provider, env);
CREATE INDEX accounts_linked ON accounts (customer_id, provider, id, status) WHERE status <> 'unlinked';
DROP INDEX accounts_of_customers;
