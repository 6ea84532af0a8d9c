-- How it stands with the calls to a provider, as the instance that makes them last said.
-- How many were made stands in provider_calls. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE provider_state (
	provider TEXT NOT NULL,
	env TEXT NOT NULL,
	pause_kind TEXT NOT NULL, -- why none is made; empty: they are
	pause_until BIGINT,
	PRIMARY KEY (provider, env)
);

-- +goose Down
DROP TABLE provider_state;
