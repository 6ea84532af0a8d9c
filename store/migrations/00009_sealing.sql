-- Some columns lie sealed: see store/seal.go. Going down leaves them sealed.

-- +goose Up
-- The keys that rows are sealed under. Of a key only its id is here.
CREATE TABLE data_keys (
    id      TEXT   PRIMARY KEY, -- derived from the key; plain: there may be rows from before the sealing
    used_at BIGINT NOT NULL     -- since when
);
INSERT INTO data_keys (id, used_at) VALUES ('plain', 0);

-- How far each sealed column has come under the newest key.
CREATE TABLE sealing (
    what   TEXT    PRIMARY KEY, -- table.column
    key_id TEXT    NOT NULL,
    upto   TEXT    NOT NULL,    -- id of the last row that was looked at
    broken INTEGER NOT NULL,    -- rows that did not open and were left as they are
    done   BOOLEAN NOT NULL
);

-- +goose Down
DROP TABLE sealing;
DROP TABLE data_keys;
