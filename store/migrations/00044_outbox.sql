-- What happened, for programs of the business to be told. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE outbox (
	seq BIGINT PRIMARY KEY,                    -- 1, 2, 3, … in the order of the commits, without a gap
	id TEXT NOT NULL,
	type TEXT NOT NULL,
	at BIGINT NOT NULL,
	customer_id TEXT NOT NULL DEFAULT '',      -- customers.id, also of one who was erased; empty: about nobody
	account_id TEXT NOT NULL DEFAULT '',       -- accounts.id
	subject TEXT NOT NULL DEFAULT '',          -- id of what it is about beside, by type
	state TEXT NOT NULL DEFAULT '',            -- of that, since
	figure BIGINT,                             -- of a balance; minor units of currency
	available BIGINT,
	currency TEXT NOT NULL DEFAULT '',
	basis TEXT NOT NULL DEFAULT '',
	as_of BIGINT
);
CREATE INDEX outbox_by_customer ON outbox (customer_id);
CREATE INDEX outbox_by_time ON outbox (at, seq);
CREATE TABLE outbox_head (
	seq BIGINT NOT NULL                        -- of the last row there ever was: one row
);
INSERT INTO outbox_head (seq) VALUES (0);

-- +goose Down
DROP TABLE outbox_head;
DROP TABLE outbox;
