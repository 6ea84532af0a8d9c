-- Amounts in these currencies were kept in units without digits after the point,
-- by a table of how they are written in practice. ISO 4217 gives them two, and
-- the Iraqi dinar three: see store/money.

-- +goose Up
CREATE TEMPORARY TABLE rescaled (currency TEXT PRIMARY KEY, times BIGINT NOT NULL);
INSERT INTO rescaled (currency, times)
VALUES ('AFN', 100), ('ALL', 100), ('AMD', 100), ('COP', 100), ('GYD', 100), ('IDR', 100), ('IRR', 100), ('KPW', 100), ('LAK', 100),
    ('LBP', 100), ('MGA', 100), ('MMK', 100), ('MNT', 100), ('MUR', 100), ('PKR', 100), ('RSD', 100), ('SLL', 100), ('SOS', 100),
    ('SYP', 100), ('TZS', 100), ('UZS', 100), ('YER', 100), ('IQD', 1000);

UPDATE balances
SET ledger_balance = ledger_balance * times, available_balance = available_balance * times
FROM rescaled
WHERE rescaled.currency = balances.currency;
UPDATE accounts
SET ledger = ledger * times, available = available * times
FROM rescaled
WHERE rescaled.currency = accounts.currency;

UPDATE funds_answers
SET available = available * times
FROM rescaled JOIN funds_checks ON funds_checks.currency = rescaled.currency
WHERE funds_checks.id = funds_answers.check_id;
UPDATE funds_checks
SET amount = amount * times
FROM rescaled
WHERE rescaled.currency = funds_checks.currency;
UPDATE thresholds
SET amount = amount * times
FROM rescaled
WHERE rescaled.currency = thresholds.currency;
UPDATE refreshes
SET ledger_before = ledger_before * times, available_before = available_before * times,
    ledger_after = ledger_after * times, available_after = available_after * times
FROM rescaled JOIN accounts ON accounts.currency = rescaled.currency
WHERE accounts.id = refreshes.account_id;
DROP TABLE rescaled;

-- +goose Down
SELECT 1; -- the way back would lose what has digits after the point by now
