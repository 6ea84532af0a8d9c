-- What the main figure of a balance is, and how it is known of when it is. All
-- until now was Okra's ledger. What came without a time of its own was what the
-- bank had just been read for: by a refresh, by a sign-in, or by Okra before it sent
-- its webhook. Saved figures without a time were never kept.

-- +goose Up
ALTER TABLE balances ADD COLUMN provider TEXT NOT NULL DEFAULT 'okra'; -- who told it
ALTER TABLE balances ADD COLUMN basis TEXT NOT NULL DEFAULT 'ledger'; -- of ledger_balance: ledger, current, unspecified
-- stated; asked: the bank was asked, as_of is when the answer came; unknown: the
-- provider's saved copy, no later than received_at. as_of is then that of the newest
-- balance from before it, or 0: its age counts from there.
ALTER TABLE balances ADD COLUMN as_of_kind TEXT NOT NULL DEFAULT '';
UPDATE balances SET as_of_kind = CASE WHEN as_of_stated THEN 'stated' ELSE 'asked' END;

CREATE INDEX balances_copies ON balances (account_id, received_at) WHERE as_of_kind = 'unknown';

-- The same of the latest balance, and when that was received.
ALTER TABLE accounts ADD COLUMN basis TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN as_of_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN received_at BIGINT;
UPDATE accounts
SET (basis, as_of_kind, received_at) = (SELECT basis, as_of_kind, received_at FROM balances WHERE balances.id = accounts.balance_id)
WHERE balance_id IN (SELECT id FROM balances);

-- A main figure that was looked at because nobody says what is available.
ALTER TABLE funds_answers ADD COLUMN figure BIGINT; -- NULL: the available balance was looked at
ALTER TABLE funds_answers ADD COLUMN basis TEXT NOT NULL DEFAULT ''; -- of figure

-- +goose Down
ALTER TABLE funds_answers DROP COLUMN basis;
ALTER TABLE funds_answers DROP COLUMN figure;
ALTER TABLE accounts DROP COLUMN received_at;
ALTER TABLE accounts DROP COLUMN as_of_kind;
ALTER TABLE accounts DROP COLUMN basis;
DROP INDEX balances_copies;
ALTER TABLE balances DROP COLUMN as_of_kind;
ALTER TABLE balances DROP COLUMN basis;
ALTER TABLE balances DROP COLUMN provider;
