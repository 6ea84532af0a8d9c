-- Where what happened is sent, and how that went. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE endpoints (
	id TEXT PRIMARY KEY,
	url TEXT NOT NULL,
	types TEXT NOT NULL,                       -- of what is sent, with a space between; empty: everything
	amounts BOOLEAN NOT NULL,                  -- balances are sent with their figures
	secret TEXT NOT NULL,                      -- that it is signed with; sealed
	secret_old TEXT NOT NULL DEFAULT '',       -- the one before; sealed
	old_until BIGINT,                          -- until then it is signed with the old one as well
	cursor BIGINT NOT NULL,                    -- outbox.seq up to which everything was taken up
	state TEXT NOT NULL,                       -- enabled or disabled
	why TEXT NOT NULL DEFAULT '',              -- it was disabled: asked, gone or failing
	disabled_at BIGINT,
	failing_since BIGINT,                      -- the first try since which all have failed
	failures INTEGER NOT NULL DEFAULT 0,       -- since then
	slow_until BIGINT,                         -- nothing is sent before, because it asked for that
	made_by TEXT NOT NULL,                     -- an actor of the audit log
	created_at BIGINT NOT NULL
);
CREATE TABLE deliveries (
	id TEXT PRIMARY KEY,
	endpoint_id TEXT NOT NULL REFERENCES endpoints (id),
	seq BIGINT NOT NULL REFERENCES outbox (seq),
	state TEXT NOT NULL,                       -- waiting, succeeded or failed
	tries INTEGER NOT NULL DEFAULT 0,
	next_try_at BIGINT,                        -- while it waits
	status INTEGER NOT NULL DEFAULT 0,         -- of the last answer; 0: there was none
	error TEXT NOT NULL DEFAULT '',            -- why the last try failed
	at BIGINT                                  -- of the last try
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (endpoint_id, seq);
CREATE INDEX deliveries_by_state ON deliveries (endpoint_id, state, seq);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, next_try_at) WHERE state = 'waiting';
CREATE INDEX deliveries_by_seq ON deliveries (seq);

-- +goose Down
DROP TABLE deliveries;
DROP TABLE endpoints;
