-- Indexes for what read every row of a table, and in place of those that were not
-- used where they should have been: without statistics SQLite prefers an index of
-- which more columns are known.

-- +goose Up
-- What waits, and what is looked for there.
DROP INDEX events_unapplied;
CREATE INDEX events_to_apply ON events (provider, id) WHERE result = 'received';
DROP INDEX events_unmatched;
CREATE INDEX events_unmatched_by_record ON events (provider, env, provider_record) WHERE result = 'unmatched';
CREATE INDEX events_unmatched_by_account ON events (provider, env, provider_account) WHERE result = 'unmatched';

-- The lists of the inbox, without those that hold nearly all.
CREATE INDEX events_by_result ON events (result, id) WHERE result NOT IN ('received', 'applied');
CREATE INDEX events_repeated ON events (id) WHERE deliveries > 1;

DROP INDEX link_attempts_review;
CREATE INDEX link_attempts_review ON link_attempts (customer_id, id) WHERE state = 'needs_review';
CREATE INDEX link_attempts_reviews ON link_attempts (id) WHERE state = 'needs_review';
CREATE INDEX account_questions_open ON account_questions (account_id) WHERE decided_at IS NULL;
CREATE INDEX account_questions_by_customer ON account_questions (customer_id, account_id);

DROP INDEX accounts_by_customer;
CREATE INDEX accounts_by_customer ON accounts (customer_id, provider, env);
CREATE INDEX accounts_by_record ON accounts (record_id);
DROP INDEX accounts_by_provider_customer;
CREATE INDEX accounts_by_provider_customer ON accounts (provider_customer, provider, env);
CREATE INDEX accounts_by_also_with ON accounts (also_with) WHERE also_with <> '';

-- What the worker asks the provider about.
CREATE INDEX accounts_to_fetch ON accounts (provider, id) WHERE status = 'linked' AND balance_id IS NULL;
DROP INDEX accounts_by_sweep;
CREATE INDEX accounts_to_sweep ON accounts (provider, (COALESCE(swept_at, linked_at))) WHERE status IN ('linked', 'needs_login');
DROP INDEX accounts_by_age;
CREATE INDEX accounts_to_refresh ON accounts (provider, as_of) WHERE status = 'linked';

CREATE INDEX refreshes_running ON refreshes (id) WHERE ended_at IS NULL;
CREATE INDEX refreshes_failed ON refreshes (id) WHERE ended_at IS NOT NULL AND state NOT IN ('changed', 'unchanged');

CREATE INDEX refreshes_of_schedule ON refreshes (created_at) WHERE trigger = 'schedule';

CREATE INDEX erasures_on_disk ON erasures (customer_id) WHERE removed_at IS NULL;
CREATE INDEX erased_ids_by_customer ON erased_ids (customer_id);

-- +goose Down
DROP INDEX erased_ids_by_customer;
DROP INDEX erasures_on_disk;
DROP INDEX refreshes_of_schedule;
DROP INDEX refreshes_failed;
DROP INDEX refreshes_running;
DROP INDEX accounts_to_refresh;
CREATE INDEX accounts_by_age ON accounts (as_of);
DROP INDEX accounts_to_sweep;
CREATE INDEX accounts_by_sweep ON accounts (swept_at) WHERE status <> 'unlinked';
DROP INDEX accounts_to_fetch;
DROP INDEX accounts_by_also_with;
DROP INDEX accounts_by_provider_customer;
CREATE INDEX accounts_by_provider_customer ON accounts (provider_customer);
DROP INDEX accounts_by_record;
DROP INDEX accounts_by_customer;
CREATE INDEX accounts_by_customer ON accounts (customer_id);
DROP INDEX account_questions_by_customer;
DROP INDEX account_questions_open;
DROP INDEX link_attempts_reviews;
DROP INDEX link_attempts_review;
CREATE INDEX link_attempts_review ON link_attempts (customer_id) WHERE state = 'needs_review';
DROP INDEX events_repeated;
DROP INDEX events_by_result;
DROP INDEX events_unmatched_by_account;
DROP INDEX events_unmatched_by_record;
CREATE INDEX events_unmatched ON events (provider_record) WHERE result = 'unmatched';
DROP INDEX events_to_apply;
CREATE INDEX events_unapplied ON events (id) WHERE result = 'received';
