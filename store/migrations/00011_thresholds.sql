-- What an account should hold at least, and the customer list by the age of
-- what it shows.

-- +goose Up
-- The least that should be available; staff are told when it is not.
CREATE TABLE thresholds (
    account_id TEXT    PRIMARY KEY REFERENCES accounts (id),
    amount     BIGINT  NOT NULL,
    currency   TEXT    NOT NULL,
    set_by     TEXT    NOT NULL, -- staff.id
    set_at     BIGINT  NOT NULL,
    below      BOOLEAN NOT NULL, -- the last figure that could be compared was less
    crossed_at BIGINT            -- when that last changed
);
CREATE INDEX accounts_by_oldest ON accounts (as_of, customer_id) WHERE status <> 'unlinked';

-- +goose Down
DROP INDEX accounts_by_oldest;
DROP TABLE thresholds;
