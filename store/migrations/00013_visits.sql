-- Who came by a personal link has a visit. What was begun in it names it; what
-- the customer began signed in, or staff for them, names none.

-- +goose Up
CREATE TABLE visits (
    id            TEXT   PRIMARY KEY,
    customer_id   TEXT   NOT NULL REFERENCES customers (id),
    invitation_id TEXT   NOT NULL REFERENCES invitations (id), -- the personal link
    begun_at      BIGINT NOT NULL,
    until_at      BIGINT NOT NULL
);
CREATE INDEX visits_by_customer ON visits (customer_id);

ALTER TABLE consents ADD COLUMN visit_id TEXT NOT NULL DEFAULT '';      -- visits.id; empty: given without one
ALTER TABLE link_attempts ADD COLUMN visit_id TEXT NOT NULL DEFAULT ''; -- visits.id; empty: begun without one
ALTER TABLE accounts ADD COLUMN visit_id TEXT NOT NULL DEFAULT '';      -- of the attempt that linked it last

-- Until now these named a consent.
DELETE FROM sessions WHERE kind = 'link';

-- What a customer signs in with besides the reference: several may have an
-- e-mail address, but it is the login of one.
ALTER TABLE customers ADD COLUMN login_email TEXT NOT NULL DEFAULT ''; -- lower case; empty: none, or no password
UPDATE customers
SET login_email = LOWER(email)
WHERE password_hash <> '' AND NOT EXISTS (
    SELECT 1
    FROM customers AS other
    WHERE other.password_hash <> '' AND LOWER(other.email) = LOWER(customers.email)
    AND (other.password_set_at < customers.password_set_at OR other.password_set_at = customers.password_set_at AND other.id < customers.id));
CREATE UNIQUE INDEX customers_login_email ON customers (login_email) WHERE login_email <> '';
DROP INDEX customers_by_email;

-- +goose Down
CREATE INDEX customers_by_email ON customers (LOWER(email)) WHERE password_hash <> '';
DROP INDEX customers_login_email;
ALTER TABLE customers DROP COLUMN login_email;
ALTER TABLE accounts DROP COLUMN visit_id;
ALTER TABLE link_attempts DROP COLUMN visit_id;
ALTER TABLE consents DROP COLUMN visit_id;
DROP TABLE visits;
