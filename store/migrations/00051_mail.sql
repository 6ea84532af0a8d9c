-- What people are told by e-mail. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE staff ADD COLUMN told TEXT NOT NULL DEFAULT ''; -- kinds of e-mail that they want, with a space between
ALTER TABLE customers ADD COLUMN consent_told BIGINT;        -- consent_ends_at of which staff were told

CREATE TABLE mails (
	id TEXT PRIMARY KEY,
	staff_id TEXT NOT NULL DEFAULT '',         -- to whom; empty: to the customer
	customer_id TEXT NOT NULL DEFAULT '',      -- about whom; empty: about nobody
	account_id TEXT NOT NULL DEFAULT '',       -- accounts.id
	kind TEXT NOT NULL,
	subject TEXT NOT NULL DEFAULT '',          -- what else it is about, by kind
	at BIGINT NOT NULL,                        -- when that happened
	state TEXT NOT NULL,                       -- waiting, sent, failed or dropped
	held BOOLEAN NOT NULL DEFAULT FALSE,       -- it is put together with others
	tries INTEGER NOT NULL DEFAULT 0,
	next_try_at BIGINT,                        -- while it waits
	error TEXT NOT NULL DEFAULT '',            -- why the last try failed
	invitation_id TEXT NOT NULL DEFAULT '',    -- the personal link in it
	ended_at BIGINT                            -- when it was sent, or will not be any more
);
CREATE INDEX mails_due ON mails (next_try_at, id) WHERE state = 'waiting';
CREATE INDEX mails_by_customer ON mails (customer_id);
CREATE INDEX mails_by_staff ON mails (staff_id, state, ended_at);
CREATE INDEX mails_ended ON mails (ended_at, id) WHERE ended_at IS NOT NULL;

CREATE TABLE mail_server (
	sent_at BIGINT,                            -- when the last e-mail was taken
	failed_at BIGINT,                          -- when the last one was not
	error TEXT NOT NULL DEFAULT ''             -- why
);
INSERT INTO mail_server (sent_at) VALUES (NULL); -- the one row

-- What stands now that staff are told of once, until it is over.
CREATE TABLE occasions (
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	since BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,                   -- when it was last said to stand
	told_at BIGINT,
	PRIMARY KEY (kind, subject)
);

-- +goose Down
DROP TABLE occasions;
DROP TABLE mail_server;
DROP TABLE mails;
ALTER TABLE customers DROP COLUMN consent_told;
ALTER TABLE staff DROP COLUMN told;
