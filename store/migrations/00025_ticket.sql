-- How to look for a question's answer is the provider's own business: a text
-- that only its adapter reads, in place of Okra's record and method. These stay
-- for the rows that have them.

-- +goose Up
ALTER TABLE refreshes ADD COLUMN ticket TEXT NOT NULL DEFAULT '';
UPDATE refreshes
	SET ticket = CASE WHEN provider_record = '' THEN 'saved' ELSE provider_record || ' ' || provider_method END
	WHERE state = 'waiting' AND (provider_record = '' OR provider_method <> '');

-- +goose Down
ALTER TABLE refreshes DROP COLUMN ticket;
