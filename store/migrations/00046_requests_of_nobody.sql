-- What the API was asked to do once may be about no customer.

-- +goose Up
CREATE TABLE api_requests_new (
	id TEXT PRIMARY KEY,
	key_id TEXT NOT NULL REFERENCES api_keys (id),
	idem TEXT NOT NULL,                        -- the Idempotency-Key
	asked TEXT NOT NULL,                       -- SHA-256 of what was asked for, hexadecimal
	status INTEGER NOT NULL,                   -- that it was answered with
	subject TEXT NOT NULL,                     -- id of what was made
	customer_id TEXT REFERENCES customers (id), -- NULL: it is about nobody
	secret TEXT NOT NULL DEFAULT '',           -- that the answer shows; sealed
	at BIGINT NOT NULL
);
INSERT INTO api_requests_new (id, key_id, idem, asked, status, subject, customer_id, secret, at)
SELECT id, key_id, idem, asked, status, subject, customer_id, secret, at FROM api_requests;
DROP TABLE api_requests;
ALTER TABLE api_requests_new RENAME TO api_requests;
CREATE UNIQUE INDEX api_requests_once ON api_requests (key_id, idem);
CREATE INDEX api_requests_by_customer ON api_requests (customer_id);
CREATE INDEX api_requests_by_time ON api_requests (at);

-- +goose Down
DELETE FROM api_requests WHERE customer_id IS NULL;
