-- Providers that send people to a page of their own, and take a code from there.
-- Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE link_attempts ADD COLUMN page TEXT NOT NULL DEFAULT ''; -- address of the provider's page; empty: it has a window, or the page is being made
ALTER TABLE link_attempts ADD COLUMN code TEXT NOT NULL DEFAULT ''; -- that the person came back with, until it is exchanged for a record
ALTER TABLE consents ADD COLUMN provider TEXT NOT NULL DEFAULT 'okra'; -- whom it lets read the balances

CREATE INDEX link_attempts_to_open ON link_attempts (provider, expires_at) WHERE state = 'open' AND page = '';
CREATE INDEX link_attempts_by_record ON link_attempts (provider_record) WHERE provider_record <> '';
CREATE INDEX refreshes_by_question ON refreshes (asked_at) WHERE asked_at IS NOT NULL;

-- +goose Down
DROP INDEX refreshes_by_question;
DROP INDEX link_attempts_by_record;
DROP INDEX link_attempts_to_open;
ALTER TABLE consents DROP COLUMN provider;
ALTER TABLE link_attempts DROP COLUMN code;
ALTER TABLE link_attempts DROP COLUMN page;
