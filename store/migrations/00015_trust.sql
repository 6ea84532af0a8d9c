-- What speaks for a link beside the browser's word, and whether the provider's
-- hosts are trusted.

-- +goose Up
-- The record that a webhook named which echoes the attempt's nonce, and whether
-- the report that is kept is a claim.
ALTER TABLE link_attempts ADD COLUMN echoed_record TEXT NOT NULL DEFAULT '';
ALTER TABLE link_attempts ADD COLUMN claim_kept BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE link_attempts SET echoed_record = provider_record WHERE claimed_by = 'webhook';
UPDATE link_attempts SET claim_kept = TRUE WHERE claimed_by = 'widget' AND report <> '';
CREATE INDEX link_attempts_by_echo ON link_attempts (echoed_record) WHERE echoed_record <> '';
CREATE INDEX link_attempts_by_start ON link_attempts (created_at);

-- Whom a failure is about that names neither account nor record.
CREATE INDEX accounts_by_provider_customer ON accounts (provider_customer);

CREATE TABLE trust (
    provider TEXT    NOT NULL,
    env      TEXT    NOT NULL,
    trusted  BOOLEAN NOT NULL,
    reason   TEXT    NOT NULL, -- why not, for staff
    since    BIGINT  NOT NULL,
    PRIMARY KEY (provider, env)
);


-- Calls to the provider of the last minute, so that its limit holds over a restart.
CREATE TABLE provider_calls (
    provider TEXT   NOT NULL,
    env      TEXT   NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX provider_calls_by_time ON provider_calls (at);

-- +goose Down
DROP TABLE provider_calls;
DROP TABLE trust;
DROP INDEX accounts_by_provider_customer;
DROP INDEX link_attempts_by_start;
DROP INDEX link_attempts_by_echo;
ALTER TABLE link_attempts DROP COLUMN claim_kept;
ALTER TABLE link_attempts DROP COLUMN echoed_record;
