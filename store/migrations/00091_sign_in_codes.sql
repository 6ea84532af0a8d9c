-- Codes by which customers sign in who were sent them by e-mail. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE sign_in_codes (
	customer_id TEXT PRIMARY KEY REFERENCES customers (id),
	code_hash TEXT NOT NULL,                   -- keyed: a million codes are soon tried
	sent_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	tries INTEGER NOT NULL DEFAULT 0           -- wrong ones
);
CREATE INDEX sign_in_codes_over ON sign_in_codes (expires_at);

-- The e-mail address was given by whoever had a personal link, and nobody else has said so.
ALTER TABLE customers ADD COLUMN email_unproven BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE customers
SET email_unproven = TRUE
WHERE email <> '' AND EXISTS (
	SELECT 1
	FROM audit
	WHERE audit.customer_id = customers.id AND audit.action = 'customer corrected'
	AND (audit.actor LIKE 'customer:%' OR audit.actor LIKE 'visit:%') AND audit.detail LIKE '%e-mail%');

-- +goose Down
ALTER TABLE customers DROP COLUMN email_unproven;
DROP TABLE sign_in_codes;
