-- +goose Up
CREATE INDEX sessions_by_principal ON sessions (kind, principal_id);

-- One-time links: the set-up of the first owner, an invitation, a new password.
CREATE TABLE staff_links (
    id          TEXT   PRIMARY KEY,
    staff_id    TEXT   REFERENCES staff (id), -- NULL: it makes the first owner
    secret_hash TEXT   NOT NULL UNIQUE,       -- SHA-256, hex; the secret itself is nowhere
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX staff_links_by_staff ON staff_links (staff_id);

CREATE TABLE second_factors (
    staff_id     TEXT   PRIMARY KEY REFERENCES staff (id),
    seed         TEXT   NOT NULL, -- of the time-based codes, base32
    last_step    BIGINT NOT NULL, -- the last 30 seconds whose code was taken
    confirmed_at BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    code_hash TEXT   PRIMARY KEY, -- SHA-256, hex
    staff_id  TEXT   NOT NULL REFERENCES staff (id),
    used_at   BIGINT
);
CREATE INDEX recovery_codes_by_staff ON recovery_codes (staff_id);

-- Wrong passwords and codes, by whom they were for and by where they came from.
CREATE TABLE guesses (
    subject TEXT    PRIMARY KEY, -- account:…, nobody:… or address:…
    number  INTEGER NOT NULL,    -- in a row
    last_at BIGINT  NOT NULL
);
CREATE INDEX guesses_by_age ON guesses (last_at);

-- +goose Down
DROP TABLE guesses;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP TABLE staff_links;
DROP INDEX sessions_by_principal;
