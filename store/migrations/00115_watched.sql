-- Of each customer whether an account of theirs has a threshold, and whether one fell
-- below it (thresholds.below): the lists of both are read in the order of names, by
-- indexes that hold nobody else. tx.keepWatched in customer_kept.go keeps them.

-- +goose Up
ALTER TABLE customers ADD COLUMN watched BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE customers ADD COLUMN fell_below BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE customers
SET watched = TRUE
WHERE id IN (SELECT customer_id FROM thresholds JOIN accounts ON accounts.id = thresholds.account_id);
UPDATE customers
SET fell_below = TRUE
WHERE id IN (SELECT customer_id FROM thresholds JOIN accounts ON accounts.id = thresholds.account_id WHERE thresholds.below);
CREATE INDEX customers_watched ON customers (sort_name, id) WHERE watched;
CREATE INDEX customers_fell_below ON customers (sort_name, id) WHERE fell_below;

-- +goose Down
DROP INDEX customers_fell_below;
DROP INDEX customers_watched;
ALTER TABLE customers DROP COLUMN fell_below;
ALTER TABLE customers DROP COLUMN watched;
