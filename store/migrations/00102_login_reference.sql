-- Customers sign in with their reference however they write its letters.

-- +goose Up
CREATE INDEX customers_by_login_reference ON customers (LOWER(reference)) WHERE reference <> '';

-- +goose Down
DROP INDEX customers_by_login_reference;
