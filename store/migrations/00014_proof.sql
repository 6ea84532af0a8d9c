-- +goose Up
-- What whoever signed in had proven, and when; NULL: never. A session from before
-- does not say by which factors it began, so it ends.
ALTER TABLE sessions ADD COLUMN password_at BIGINT;
ALTER TABLE sessions ADD COLUMN factor_at BIGINT;
DELETE FROM sessions WHERE kind IN ('staff', 'halfway');

-- How often what a member of staff signs in with, or what they may do, was
-- changed: a sign-in that was under way meanwhile comes to nothing.
ALTER TABLE staff ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- Guesses are counted by the login as it was typed: login:…, source:…, network:…
-- and person:… instead of account:…, nobody:… and address:…
DELETE FROM guesses;

-- +goose Down
DELETE FROM guesses;
ALTER TABLE staff DROP COLUMN version;
ALTER TABLE sessions DROP COLUMN factor_at;
ALTER TABLE sessions DROP COLUMN password_at;
