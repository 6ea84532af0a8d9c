-- A personal link may be for signing in again to one account, and a visit by it stands on
-- the consent that is in force already. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE invitations ADD COLUMN account_id TEXT NOT NULL DEFAULT ''; -- accounts.id to sign in to again, and to no other; empty: any bank
CREATE UNIQUE INDEX invitations_again ON invitations (account_id)
WHERE account_id <> '' AND used_at IS NULL AND revoked_at IS NULL AND expired_at IS NULL;

ALTER TABLE visits ADD COLUMN consent_id TEXT NOT NULL DEFAULT ''; -- consents.id that was in force before; empty: it was given in the visit

-- +goose Down
ALTER TABLE visits DROP COLUMN consent_id;
DROP INDEX invitations_again;
ALTER TABLE invitations DROP COLUMN account_id;
