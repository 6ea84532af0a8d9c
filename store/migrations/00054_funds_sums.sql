-- Whether a customer's accounts in one currency cover an amount together, now or on a day
-- to come. Question, answer and decisions are only ever added.

-- +goose Up
CREATE TABLE funds_sums (
    id           TEXT   PRIMARY KEY,
    customer_id  TEXT   NOT NULL REFERENCES customers (id),
    staff_id     TEXT   NOT NULL, -- who asked
    amount       BIGINT NOT NULL, -- that has to be available
    currency     TEXT   NOT NULL,
    fresh_for    BIGINT NOT NULL, -- ms; a figure older than that decides nothing
    due_at       BIGINT,          -- when the banks are to be asked for it; NULL: it is not for a day to come
    asked_at     BIGINT NOT NULL,
    begun_at     BIGINT,          -- when the banks were asked, or nobody had to be; NULL: it waits for due_at
    cancelled_at BIGINT,          -- before it had begun
    seen_at      BIGINT,          -- when staff had seen the answer that they had waited for
    seen_by      TEXT   NOT NULL DEFAULT '' -- staff.id
);
CREATE INDEX funds_sums_by_customer ON funds_sums (customer_id, id);
CREATE INDEX funds_sums_due ON funds_sums (due_at) WHERE due_at IS NOT NULL AND begun_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX funds_sums_unseen ON funds_sums (due_at) WHERE due_at IS NOT NULL AND seen_at IS NULL AND cancelled_at IS NULL;

-- The requests to the banks whose end the answer waits for.
CREATE TABLE funds_sum_asks (
    sum_id     TEXT NOT NULL REFERENCES funds_sums (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    refresh_id TEXT NOT NULL,
    PRIMARY KEY (sum_id, account_id)
);
CREATE INDEX funds_sum_asks_by_account ON funds_sum_asks (account_id, sum_id);

CREATE TABLE funds_sum_answers (
    sum_id      TEXT   PRIMARY KEY REFERENCES funds_sums (id),
    answer      TEXT   NOT NULL, -- yes, no, perhaps, unknown, too_old
    reason      TEXT   NOT NULL, -- in one word; empty: none
    available   BIGINT,          -- of all accounts that are counted; NULL: none is
    unspecified BIGINT,          -- of those of which nobody says whether it can be drawn; NULL: none is
    answered_at BIGINT NOT NULL
);

-- Every account that the answer looked at.
CREATE TABLE funds_sum_parts (
    sum_id     TEXT NOT NULL REFERENCES funds_sums (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    left_out   TEXT NOT NULL, -- why it is not counted, in one word; empty: it is
    available  BIGINT,        -- the last that is known
    figure     BIGINT,        -- where nothing is known to be available
    basis      TEXT NOT NULL, -- of figure
    as_of      BIGINT,
    as_of_kind TEXT NOT NULL,
    checked_at BIGINT,        -- when the bank last answered
    balance_id TEXT NOT NULL, -- the newest balance then; empty: none yet
    PRIMARY KEY (sum_id, account_id)
);
CREATE INDEX funds_sum_parts_by_account ON funds_sum_parts (account_id);

CREATE TABLE funds_decisions (
    id       TEXT   PRIMARY KEY,
    sum_id   TEXT   NOT NULL REFERENCES funds_sums (id),
    staff_id TEXT   NOT NULL,
    decision TEXT   NOT NULL, -- approved, declined, later
    note     TEXT   NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX funds_decisions_by_sum ON funds_decisions (sum_id, id);

-- +goose Down
DROP TABLE funds_decisions;
DROP TABLE funds_sum_parts;
DROP TABLE funds_sum_answers;
DROP TABLE funds_sum_asks;
DROP TABLE funds_sums;
