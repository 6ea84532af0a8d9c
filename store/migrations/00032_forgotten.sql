-- Personal links that have expired are found by when, not among all that there ever
-- were. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE INDEX invitations_to_forget ON invitations (expires_at) WHERE substr(secret_hash, 1, 8) <> 'expired ';

-- +goose Down
DROP INDEX invitations_to_forget;
