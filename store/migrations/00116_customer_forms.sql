-- The form that a customer was added by: of one that is sent again nobody else comes.

-- +goose Up
ALTER TABLE customers ADD COLUMN form TEXT NOT NULL DEFAULT ''; -- what it held that no other does; empty: none, or it is not known
CREATE UNIQUE INDEX customers_by_form ON customers (form) WHERE form <> '';

-- +goose Down
DROP INDEX customers_by_form;
ALTER TABLE customers DROP COLUMN form;
