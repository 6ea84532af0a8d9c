-- Personal links that have expired are known as such to whoever has their secret: that one
-- has expired is written down, in place of its secret's being forgotten, and no clock that
-- is set back revives it. Who has such a link, or another that is over, can ask for a new
-- one. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE invitations ADD COLUMN expired_at BIGINT; -- when that was noticed; NULL: it has not
UPDATE invitations SET expired_at = expires_at WHERE substr(secret_hash, 1, 8) = 'expired ';
DROP INDEX invitations_to_forget;
CREATE INDEX invitations_to_expire ON invitations (expires_at) WHERE expired_at IS NULL;

ALTER TABLE customers ADD COLUMN asked_link_at BIGINT; -- when they asked for a new link; NULL: they have one since, or did not
CREATE INDEX customers_asking ON customers (id) WHERE asked_link_at IS NOT NULL;

-- +goose Down
DROP INDEX customers_asking;
ALTER TABLE customers DROP COLUMN asked_link_at;
DROP INDEX invitations_to_expire;
UPDATE invitations SET secret_hash = 'expired ' || id WHERE expired_at IS NOT NULL;
CREATE INDEX invitations_to_forget ON invitations (expires_at) WHERE substr(secret_hash, 1, 8) <> 'expired ';
ALTER TABLE invitations DROP COLUMN expired_at;
