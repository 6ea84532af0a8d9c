-- +goose Up
-- A doubtful link, and what staff made of it.
ALTER TABLE link_attempts ADD COLUMN holder TEXT NOT NULL DEFAULT '';     -- the bank's name for the holder, the one that fits worst
ALTER TABLE link_attempts ADD COLUMN name_match TEXT NOT NULL DEFAULT ''; -- same, similar, different, unknown; empty: not compared
ALTER TABLE link_attempts ADD COLUMN pending TEXT NOT NULL DEFAULT '';    -- what approving would bind, JSON; only while it needs review
ALTER TABLE link_attempts ADD COLUMN decided_by TEXT NOT NULL DEFAULT ''; -- who, as in the audit log
ALTER TABLE link_attempts ADD COLUMN decided_at BIGINT;
ALTER TABLE link_attempts ADD COLUMN decision TEXT NOT NULL DEFAULT '';   -- the reason they gave

-- A personal link is an activation: it is used by one consent.
ALTER TABLE invitations ADD COLUMN used_by TEXT NOT NULL DEFAULT '';      -- consents.id
ALTER TABLE invitations ADD COLUMN code_hash TEXT NOT NULL DEFAULT '';    -- keyed hash of the code to be typed; empty: none is asked for
ALTER TABLE invitations ADD COLUMN code_tries INTEGER NOT NULL DEFAULT 0; -- wrong ones

-- What a customer signs in with, if they have chosen it.
ALTER TABLE customers ADD COLUMN password_hash TEXT NOT NULL DEFAULT '';  -- argon2id as a PHC string; empty: none
ALTER TABLE customers ADD COLUMN password_set_at BIGINT;
CREATE INDEX customers_by_email ON customers (LOWER(email)) WHERE password_hash <> '';

-- +goose Down
DROP INDEX customers_by_email;
ALTER TABLE customers DROP COLUMN password_set_at;
ALTER TABLE customers DROP COLUMN password_hash;
ALTER TABLE invitations DROP COLUMN code_tries;
ALTER TABLE invitations DROP COLUMN code_hash;
ALTER TABLE invitations DROP COLUMN used_by;
ALTER TABLE link_attempts DROP COLUMN decision;
ALTER TABLE link_attempts DROP COLUMN decided_at;
ALTER TABLE link_attempts DROP COLUMN decided_by;
ALTER TABLE link_attempts DROP COLUMN pending;
ALTER TABLE link_attempts DROP COLUMN name_match;
ALTER TABLE link_attempts DROP COLUMN holder;
