-- A consent says who asks and what for, and for how long balances are kept: what it said
-- stays with it, whatever is set later.

-- +goose Up
ALTER TABLE consents ADD COLUMN kept_for BIGINT NOT NULL DEFAULT 0; -- milliseconds; 0: for good, or it was not said
ALTER TABLE consents ADD COLUMN purpose TEXT NOT NULL DEFAULT ''; -- empty: in words of the text's own
ALTER TABLE consents ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE consents ADD COLUMN licence TEXT NOT NULL DEFAULT '';
ALTER TABLE consents ADD COLUMN phone TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE consents DROP COLUMN phone;
ALTER TABLE consents DROP COLUMN licence;
ALTER TABLE consents DROP COLUMN address;
ALTER TABLE consents DROP COLUMN purpose;
ALTER TABLE consents DROP COLUMN kept_for;
