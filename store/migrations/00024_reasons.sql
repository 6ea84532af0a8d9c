-- Two sentences of why a link waits were worded anew; pages know what is stored
-- by its words.

-- +goose Up
UPDATE link_attempts SET reason = REPLACE(REPLACE(reason,
	'The bank''s name for the holder is another than the customer''s.', 'The name on the account does not match the customer''s.'),
	'The bank''s name for the holder is similar to the customer''s, not the same.', 'The name on the account is like the customer''s, not the same.')
	WHERE reason LIKE '%The bank''s name for the holder%';

-- +goose Down
UPDATE link_attempts SET reason = REPLACE(REPLACE(reason,
	'The name on the account does not match the customer''s.', 'The bank''s name for the holder is another than the customer''s.'),
	'The name on the account is like the customer''s, not the same.', 'The bank''s name for the holder is similar to the customer''s, not the same.')
	WHERE reason LIKE '%The name on the account%';
