-- What the API was asked to do once, so that asking again does it no second time.
-- Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE api_requests (
	id TEXT PRIMARY KEY,
	key_id TEXT NOT NULL REFERENCES api_keys (id),
	idem TEXT NOT NULL,                        -- the Idempotency-Key
	asked TEXT NOT NULL,                       -- SHA-256 of what was asked for, hexadecimal
	status INTEGER NOT NULL,                   -- that it was answered with
	subject TEXT NOT NULL,                     -- id of what was made
	customer_id TEXT NOT NULL REFERENCES customers (id),
	secret TEXT NOT NULL DEFAULT '',           -- that the answer shows; sealed
	at BIGINT NOT NULL
);
CREATE UNIQUE INDEX api_requests_once ON api_requests (key_id, idem);
CREATE INDEX api_requests_by_customer ON api_requests (customer_id);
CREATE INDEX api_requests_by_time ON api_requests (at);
ALTER TABLE funds_checks ADD COLUMN key_id TEXT NOT NULL DEFAULT ''; -- api_keys.id of the program that asked; empty: none did

-- +goose Down
ALTER TABLE funds_checks DROP COLUMN key_id;
DROP TABLE api_requests;
