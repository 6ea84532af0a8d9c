-- How far a personal link has come before anybody agreed to anything. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE invitations ADD COLUMN sent_at BIGINT;   -- when staff first took it to the customer; NULL: not that we know
ALTER TABLE invitations ADD COLUMN opened_at BIGINT; -- when a person first had its page before them; NULL: nobody yet

-- +goose Down
ALTER TABLE invitations DROP COLUMN opened_at;
ALTER TABLE invitations DROP COLUMN sent_at;
