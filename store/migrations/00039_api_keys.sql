-- Keys by which programs of the business ask for what pages show. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE api_keys (
	id TEXT PRIMARY KEY,
	mark TEXT NOT NULL,                        -- how the key begins, to be known by
	hash TEXT NOT NULL UNIQUE,                 -- SHA-256 of the whole key, hexadecimal
	name TEXT NOT NULL,
	scopes TEXT NOT NULL,                      -- what it may be used for, with a space between
	made_by TEXT NOT NULL,                     -- staff.id
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at BIGINT,                            -- to the minute
	revoked_at BIGINT,
	revoked_by TEXT NOT NULL DEFAULT ''        -- staff.id
);

-- +goose Down
DROP TABLE api_keys;
