-- +goose Up
ALTER TABLE consents ADD COLUMN business TEXT NOT NULL DEFAULT ''; -- who asked, as the text named them

-- Customers whom the provider is to forget, because nothing of them is linked here any more.
CREATE TABLE removals (
    id                TEXT    PRIMARY KEY,
    customer_id       TEXT    NOT NULL, -- of ours; they may be erased already
    provider          TEXT    NOT NULL,
    env               TEXT    NOT NULL,
    provider_customer TEXT    NOT NULL, -- empty as soon as it is no longer needed
    state             TEXT    NOT NULL, -- queued, done, given_up, cancelled
    tries             INTEGER NOT NULL,
    next_try_at       BIGINT,           -- while queued
    cause             TEXT    NOT NULL, -- why the last try failed, for staff
    requested_at      BIGINT  NOT NULL,
    ended_at          BIGINT
);
CREATE INDEX removals_due ON removals (next_try_at) WHERE state = 'queued';
CREATE INDEX removals_by_customer ON removals (customer_id);

-- What is left of customers who were erased: that they were, and hashes by which
-- later webhooks about them are recognised.
CREATE TABLE erasures (
    customer_id TEXT   PRIMARY KEY,
    erased_at   BIGINT NOT NULL,
    erased_by   TEXT   NOT NULL, -- as audit.actor
    reason      TEXT   NOT NULL  -- a word of a fixed list
);

CREATE TABLE erased_ids (
    hash        TEXT PRIMARY KEY, -- HMAC-SHA-256 of a provider's id, hex
    customer_id TEXT NOT NULL REFERENCES erasures (customer_id)
);

CREATE TABLE erasure_key (
    value TEXT PRIMARY KEY -- of the hashes in erased_ids; one row
);

-- How much was removed because its time was over.
CREATE TABLE purges (
    day    BIGINT  NOT NULL, -- when that day began, UTC
    what   TEXT    NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (day, what)
);

-- Events whose payload and headers are still there, by age.
CREATE INDEX events_with_payload ON events (received_at) WHERE headers <> '';

-- +goose Down
DROP INDEX events_with_payload;
DROP TABLE purges;
DROP TABLE erasure_key;
DROP TABLE erased_ids;
DROP TABLE erasures;
DROP TABLE removals;
ALTER TABLE consents DROP COLUMN business;
