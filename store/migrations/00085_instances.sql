-- Several instances of the program on one database. Timestamps as in 00001_init.sql.

-- +goose Up
-- What one instance alone does, and which one. Nobody holds what is over.
CREATE TABLE leases (
	name TEXT PRIMARY KEY,
	holder TEXT NOT NULL, -- instances.id
	since BIGINT NOT NULL, -- when the holder took it
	until BIGINT NOT NULL  -- it is renewed before
);

CREATE TABLE instances (
	id TEXT PRIMARY KEY,
	version TEXT NOT NULL,
	started_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL -- when it last said that it runs
);

-- +goose Down
DROP TABLE instances;
DROP TABLE leases;
