-- What speaks for a link beside the browser's word.

-- +goose Up
-- The record that a webhook named which echoes the attempt's nonce, and whether
-- the report that is kept is a claim.
ALTER TABLE link_attempts ADD COLUMN echoed_record TEXT NOT NULL DEFAULT '';
ALTER TABLE link_attempts ADD COLUMN claim_kept BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE link_attempts SET echoed_record = provider_record WHERE claimed_by = 'webhook';
UPDATE link_attempts SET claim_kept = TRUE WHERE claimed_by = 'widget' AND report <> '';
CREATE INDEX link_attempts_by_echo ON link_attempts (echoed_record) WHERE echoed_record <> '';
CREATE INDEX link_attempts_by_start ON link_attempts (created_at);

-- +goose Down
DROP INDEX link_attempts_by_start;
DROP INDEX link_attempts_by_echo;
ALTER TABLE link_attempts DROP COLUMN claim_kept;
ALTER TABLE link_attempts DROP COLUMN echoed_record;
