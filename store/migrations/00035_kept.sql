-- What the customer list picks by is kept with each customer. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE customers ADD COLUMN links TEXT NOT NULL DEFAULT 'never'; -- 'linked': an account is; 'unlinked': none is any more
UPDATE customers
SET links = CASE
    WHEN EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id AND status <> 'unlinked') THEN 'linked'
    WHEN EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id) THEN 'unlinked'
    ELSE 'never'
END;
CREATE INDEX customers_never_linked ON customers (sort_name, id) WHERE links = 'never';

-- When their consent ends that ends last, and from when on that is soon. NULL: it
-- never ends; 0: they gave none.
ALTER TABLE customers ADD COLUMN consent_ends_at BIGINT DEFAULT 0;
ALTER TABLE customers ADD COLUMN consent_soon_at BIGINT DEFAULT 0;
CREATE INDEX customers_by_consent_end ON customers (consent_ends_at) WHERE links = 'linked';
CREATE INDEX customers_by_consent_notice ON customers (consent_soon_at, consent_ends_at) WHERE links = 'linked';

-- By which settings these are, in milliseconds, and of which customers: they are
-- worked out anew, in the order of ids, when another is set.
CREATE TABLE consent_ends (
    valid  BIGINT NOT NULL,
    unused BIGINT NOT NULL,
    until  TEXT   NOT NULL -- customers.id; '~': of all
);
INSERT INTO consent_ends (valid, unused, until) VALUES (0, 0, '');

CREATE INDEX thresholds_below ON thresholds (account_id) WHERE below;

-- +goose Down
DROP INDEX thresholds_below;
DROP TABLE consent_ends;
DROP INDEX customers_by_consent_notice;
DROP INDEX customers_by_consent_end;
ALTER TABLE customers DROP COLUMN consent_soon_at;
ALTER TABLE customers DROP COLUMN consent_ends_at;
DROP INDEX customers_never_linked;
ALTER TABLE customers DROP COLUMN links;
