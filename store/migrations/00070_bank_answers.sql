-- How often and how fast banks answer when they are asked for a balance. It grows with the
-- banks, not with their customers, and what is older than a month goes.

-- +goose Up
CREATE TABLE bank_answers (
    provider TEXT   NOT NULL, -- through whom the bank is asked
    bank     TEXT   NOT NULL, -- its key, or its name at the provider where it has none
    day      BIGINT NOT NULL, -- days since 1970, in UTC
    within   BIGINT NOT NULL, -- seconds, of a few lengths; 0: longer than the longest; -1: no answer came
    number   BIGINT NOT NULL,
    name     TEXT   NOT NULL, -- of the bank
    PRIMARY KEY (provider, bank, day, within)
);

-- +goose Down
DROP TABLE bank_answers;
