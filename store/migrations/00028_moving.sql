-- Accounts that are the same bank account under another id, at the same provider or
-- at another. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE accounts ADD COLUMN bank_key TEXT NOT NULL DEFAULT '';  -- the bank at every provider: ISO country and clearing code, ng:058; empty: not known
ALTER TABLE accounts ADD COLUMN continues TEXT NOT NULL DEFAULT ''; -- accounts.id of the same customer, whose history goes on here; empty: none
ALTER TABLE accounts ADD COLUMN also_with TEXT NOT NULL DEFAULT ''; -- accounts.id of another customer, of the same number when this was linked; empty: none

CREATE UNIQUE INDEX accounts_by_continues ON accounts (continues) WHERE continues <> '';
CREATE INDEX accounts_by_bank_key ON accounts (bank_key, currency) WHERE bank_key <> '';

WITH banks (slug, code) AS (VALUES
	('first-bank-of-nigeria', '011'), ('citibank', '023'), ('citibank-nigeria', '023'), ('heritage-bank', '030'),
	('union-bank-of-nigeria', '032'), ('united-bank-for-africa', '033'), ('alat', '035'), ('wema-bank', '035'),
	('access-bank', '044'), ('ecobank', '050'), ('ecobank-nigeria', '050'), ('zenith-bank', '057'),
	('guaranty-trust-bank', '058'), ('standard-chartered-bank', '068'), ('standard-chartered', '068'),
	('fidelity-bank', '070'), ('polaris-bank', '076'), ('keystone-bank', '082'), ('suntrust-bank', '100'),
	('providus-bank', '101'), ('titan-trust-bank', '102'), ('globus-bank', '103'),
	('first-city-monument-bank', '214'), ('unity-bank', '215'), ('stanbic-ibtc-bank', '221'),
	('sterling-bank', '232'), ('jaiz-bank', '301'), ('taj-bank', '302'))
UPDATE accounts
SET bank_key = COALESCE((
	SELECT MIN('ng:' || banks.code)
	FROM banks
	WHERE accounts.provider = 'okra' AND banks.slug = accounts.bank_slug
	OR accounts.provider = 'mono' AND banks.code = accounts.bank_id), '');

-- Accounts of which staff have to say whether they are one that the customer had.
CREATE TABLE account_questions (
	account_id TEXT PRIMARY KEY REFERENCES accounts (id), -- the one that was linked last
	customer_id TEXT NOT NULL REFERENCES customers (id),
	reason TEXT NOT NULL,                      -- several, holder, number
	asked_at BIGINT NOT NULL,
	decision TEXT NOT NULL DEFAULT '',         -- joined, apart; empty: it waits
	decided_by TEXT NOT NULL DEFAULT '',       -- as in the audit log
	decided_at BIGINT
);
CREATE INDEX account_questions_waiting ON account_questions (customer_id) WHERE decided_at IS NULL;

-- +goose Down
DROP TABLE account_questions;
DROP INDEX accounts_by_bank_key;
DROP INDEX accounts_by_continues;
ALTER TABLE accounts DROP COLUMN also_with;
ALTER TABLE accounts DROP COLUMN continues;
ALTER TABLE accounts DROP COLUMN bank_key;
