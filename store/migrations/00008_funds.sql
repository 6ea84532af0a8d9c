-- What staff ask of an account besides its balance: whether it can cover an
-- amount.

-- +goose Up
-- Questions and answers are only ever added: together they are evidence.
CREATE TABLE funds_checks (
    id          TEXT   PRIMARY KEY,
    account_id  TEXT   NOT NULL REFERENCES accounts (id),
    customer_id TEXT   NOT NULL REFERENCES customers (id),
    staff_id    TEXT   NOT NULL, -- who asked
    amount      BIGINT NOT NULL, -- that has to be available
    currency    TEXT   NOT NULL,
    fresh_for   BIGINT NOT NULL, -- ms; a figure older than that decides nothing
    refresh_id  TEXT   NOT NULL, -- the request to the bank that is waited for; empty: none
    asked_at    BIGINT NOT NULL
);
CREATE INDEX funds_checks_by_account ON funds_checks (account_id, id);
CREATE INDEX funds_checks_by_customer ON funds_checks (customer_id, id);

CREATE TABLE funds_answers (
    check_id     TEXT    PRIMARY KEY REFERENCES funds_checks (id),
    answer       TEXT    NOT NULL, -- yes, no, unknown, too_old
    reason       TEXT    NOT NULL, -- of unknown, in one word; empty otherwise
    available    BIGINT,           -- the figure looked at; NULL: the bank has never said
    as_of        BIGINT,           -- of that figure
    as_of_stated BOOLEAN NOT NULL,
    balance_id   TEXT    NOT NULL, -- the newest balance then; empty: none yet
    answered_at  BIGINT  NOT NULL
);

-- +goose Down
DROP TABLE funds_answers;
DROP TABLE funds_checks;
