-- Portable SQL only: one text for SQLite and PostgreSQL.
-- Times are Unix milliseconds UTC, money is minor units of the ISO 4217
-- currency beside it, ids are UUIDv7 made by the program. NULL means "not
-- known" or "not yet"; an empty text means "none".

-- +goose Up
CREATE TABLE staff (
    id            TEXT   PRIMARY KEY,
    email         TEXT   NOT NULL UNIQUE, -- lower case
    password_hash TEXT   NOT NULL,        -- argon2id as a PHC string
    role          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

CREATE TABLE sessions (
    token_hash   TEXT   PRIMARY KEY, -- SHA-256 of the cookie's token, hex
    kind         TEXT   NOT NULL,    -- staff or customer
    principal_id TEXT   NOT NULL,    -- staff.id or customers.id
    data         TEXT   NOT NULL,    -- the session's other values, JSON
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE customers (
    id         TEXT   PRIMARY KEY,
    name       TEXT   NOT NULL,
    reference  TEXT   NOT NULL, -- the business's own number for the customer
    email      TEXT   NOT NULL,
    phone      TEXT   NOT NULL,
    sort_name  TEXT   NOT NULL, -- name in lower case
    search     TEXT   NOT NULL, -- all of the above in lower case
    created_at BIGINT NOT NULL,
    viewed_at  BIGINT           -- when anybody last looked at the balances
);
CREATE INDEX customers_by_name ON customers (sort_name, id);
CREATE UNIQUE INDEX customers_reference ON customers (reference) WHERE reference <> '';

CREATE TABLE invitations (
    id          TEXT   PRIMARY KEY,
    customer_id TEXT   NOT NULL REFERENCES customers (id),
    secret_hash TEXT   NOT NULL UNIQUE, -- SHA-256, hex; the secret itself is nowhere
    created_by  TEXT   NOT NULL,        -- staff.id; empty: the program
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT,                 -- a bank was linked through it
    revoked_at  BIGINT
);
CREATE INDEX invitations_by_customer ON invitations (customer_id, id);

CREATE TABLE consents (
    id            TEXT   PRIMARY KEY,
    customer_id   TEXT   NOT NULL REFERENCES customers (id),
    invitation_id TEXT   REFERENCES invitations (id),
    version       TEXT   NOT NULL, -- of the text that was shown
    scope         TEXT   NOT NULL, -- products, comma-separated
    given_at      BIGINT NOT NULL,
    withdrawn_at  BIGINT
);
CREATE INDEX consents_by_customer ON consents (customer_id, id);

CREATE TABLE link_attempts (
    id                TEXT    PRIMARY KEY,
    nonce             TEXT    NOT NULL UNIQUE, -- echoed by the provider
    customer_id       TEXT    NOT NULL REFERENCES customers (id),
    invitation_id     TEXT    REFERENCES invitations (id),
    consent_id        TEXT    NOT NULL REFERENCES consents (id),
    account_id        TEXT    NOT NULL, -- accounts.id to sign in to again; empty: a new link
    provider          TEXT    NOT NULL,
    env               TEXT    NOT NULL,
    state             TEXT    NOT NULL, -- open, claimed, linked, needs_review, closed, failed
    provider_record   TEXT    NOT NULL, -- claimed by the widget or named by a webhook
    provider_customer TEXT    NOT NULL,
    claimed_by        TEXT    NOT NULL, -- widget or webhook
    bank_name         TEXT    NOT NULL,
    report            TEXT    NOT NULL, -- the widget's last report, redacted JSON
    reason            TEXT    NOT NULL, -- why it failed or needs review, for staff
    tries             INTEGER NOT NULL, -- of the confirmation
    next_try_at       BIGINT,           -- of the confirmation, while claimed
    created_at        BIGINT  NOT NULL,
    expires_at        BIGINT  NOT NULL,
    reported_at       BIGINT,
    ended_at          BIGINT
);
CREATE INDEX link_attempts_by_customer ON link_attempts (customer_id, id);
CREATE INDEX link_attempts_due ON link_attempts (next_try_at) WHERE state = 'claimed';
CREATE INDEX link_attempts_review ON link_attempts (customer_id) WHERE state = 'needs_review';

CREATE TABLE records (
    id          TEXT   PRIMARY KEY,
    provider    TEXT   NOT NULL,
    env         TEXT   NOT NULL,
    provider_id TEXT   NOT NULL,
    customer_id TEXT   NOT NULL REFERENCES customers (id),
    attempt_id  TEXT   NOT NULL REFERENCES link_attempts (id),
    bank_id     TEXT   NOT NULL,
    bank_name   TEXT   NOT NULL,
    bank_slug   TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (provider, env, provider_id)
);
CREATE INDEX records_by_customer ON records (customer_id);

CREATE TABLE accounts (
    id                  TEXT    PRIMARY KEY,
    customer_id         TEXT    NOT NULL REFERENCES customers (id),
    record_id           TEXT    NOT NULL REFERENCES records (id), -- the newest link it came with
    provider            TEXT    NOT NULL,
    env                 TEXT    NOT NULL,
    provider_id         TEXT    NOT NULL,
    provider_customer   TEXT    NOT NULL,
    bank_id             TEXT    NOT NULL,
    bank_name           TEXT    NOT NULL,
    bank_slug           TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    nuban               TEXT    NOT NULL, -- digits, leading zeros kept
    type                TEXT    NOT NULL,
    currency            TEXT    NOT NULL,
    status              TEXT    NOT NULL, -- linked, needs_login, unlinked
    linked_at           BIGINT  NOT NULL,
    -- The latest balance, copied from balances by the statement that adds one there.
    balance_id           TEXT,
    ledger               BIGINT,
    as_of                BIGINT,
    as_of_stated         BOOLEAN NOT NULL,
    source               TEXT    NOT NULL,
    available            BIGINT,           -- the newest known; NULL: never stated
    available_as_of      BIGINT,
    available_worked_out BOOLEAN NOT NULL,
    checked_at           BIGINT,
    swept_at             BIGINT,           -- when the saved balance was last asked for
    UNIQUE (provider, env, provider_id)
);
CREATE INDEX accounts_by_customer ON accounts (customer_id);
CREATE INDEX accounts_by_age ON accounts (as_of);
CREATE INDEX accounts_by_sweep ON accounts (swept_at) WHERE status <> 'unlinked';

CREATE TABLE balances (
    id                   TEXT    PRIMARY KEY,
    account_id           TEXT    NOT NULL REFERENCES accounts (id),
    fact                 TEXT    NOT NULL, -- hash of what was observed, so that a repeat adds nothing
    source               TEXT    NOT NULL, -- link, webhook, refresh, schedule
    currency             TEXT    NOT NULL,
    as_of                BIGINT  NOT NULL, -- the provider's time, else received_at
    as_of_stated         BOOLEAN NOT NULL,
    available_worked_out BOOLEAN NOT NULL, -- ledger minus pending, by us
    received_at          BIGINT  NOT NULL,
    event_id             TEXT    NOT NULL, -- the webhook that brought it; empty: none did
    -- The provider's balance object, all eleven fields.
    provider_id          TEXT    NOT NULL,
    available_balance    BIGINT,           -- NULL: the bank did not say
    ledger_balance       BIGINT  NOT NULL,
    account              TEXT    NOT NULL,
    connected            TEXT    NOT NULL, -- as received: true, false, a list of owners, or empty
    customer             TEXT    NOT NULL,
    record               TEXT    NOT NULL,
    owner                TEXT    NOT NULL,
    env                  TEXT    NOT NULL,
    created_at           BIGINT,
    last_updated         BIGINT,
    UNIQUE (account_id, as_of, fact) -- as_of is part of fact: it stands here for the order
);
CREATE INDEX balances_by_event ON balances (event_id) WHERE event_id <> '';

CREATE TABLE events (
    id                TEXT    PRIMARY KEY,
    provider          TEXT    NOT NULL,
    env               TEXT    NOT NULL, -- ours, when it came in
    dedup_key         TEXT    NOT NULL,
    method            TEXT    NOT NULL,
    code              TEXT    NOT NULL,
    provider_env      TEXT    NOT NULL, -- as the payload says
    provider_record   TEXT    NOT NULL,
    provider_account  TEXT    NOT NULL,
    attempt_nonce     TEXT    NOT NULL,
    headers           TEXT    NOT NULL, -- redacted JSON
    body              BYTEA   NOT NULL, -- redacted JSON
    deliveries        INTEGER NOT NULL,
    result            TEXT    NOT NULL, -- received, applied, unmatched, ignored, failed
    reason            TEXT    NOT NULL,
    customer_id       TEXT,
    received_at       BIGINT  NOT NULL,
    last_received_at  BIGINT  NOT NULL,
    applied_at        BIGINT,
    UNIQUE (provider, env, dedup_key)
);
CREATE INDEX events_unapplied ON events (id) WHERE result = 'received';
CREATE INDEX events_unmatched ON events (provider_record) WHERE result = 'unmatched';
CREATE INDEX events_by_day ON events (last_received_at);

-- Deliveries that were turned away at the door. Their bodies are not kept.
CREATE TABLE rejections (
    hour     BIGINT  NOT NULL, -- when that hour began
    code     TEXT    NOT NULL, -- why, as the sender was told
    number   INTEGER NOT NULL,
    last_at  BIGINT  NOT NULL,
    PRIMARY KEY (hour, code)
);

CREATE TABLE refreshes (
    id                 TEXT    PRIMARY KEY,
    account_id         TEXT    NOT NULL REFERENCES accounts (id),
    kind               TEXT    NOT NULL, -- refresh or check
    trigger            TEXT    NOT NULL, -- staff, customer, schedule, link
    staff_id           TEXT    NOT NULL, -- empty unless staff asked
    state              TEXT    NOT NULL,
    provider_record    TEXT    NOT NULL, -- of the provider's job
    provider_method    TEXT    NOT NULL,
    polls              INTEGER NOT NULL,
    created_at         BIGINT  NOT NULL,
    asked_at           BIGINT,
    next_at            BIGINT  NOT NULL, -- when the worker looks at it again, while open
    deadline_at        BIGINT  NOT NULL,
    ended_at           BIGINT,
    ledger_before      BIGINT,
    available_before   BIGINT,
    ledger_after       BIGINT,
    available_after    BIGINT,
    balance_changed    BOOLEAN,          -- the answer of a check
    last_checked       BIGINT,
    last_fetched       BIGINT,
    retry_at           BIGINT,           -- when the provider limits us or is paused: not before
    tries              INTEGER NOT NULL, -- of the question, when nothing of it could leave
    fault              TEXT    NOT NULL, -- why it failed, in one word; empty: it did not
    cause              TEXT    NOT NULL  -- for staff
);
CREATE UNIQUE INDEX refreshes_one_open ON refreshes (account_id) WHERE ended_at IS NULL;
CREATE INDEX refreshes_due ON refreshes (next_at) WHERE ended_at IS NULL;
CREATE INDEX refreshes_by_account ON refreshes (account_id, kind, created_at);

CREATE TABLE audit (
    id          TEXT   PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL, -- staff:ID, customer:ID, provider or program
    action      TEXT   NOT NULL,
    customer_id TEXT   NOT NULL, -- empty: concerns no customer
    subject     TEXT   NOT NULL  -- id of what was acted on
);
CREATE INDEX audit_by_customer ON audit (customer_id, id);

-- +goose Down
DROP TABLE audit;
DROP TABLE refreshes;
DROP TABLE rejections;
DROP TABLE events;
DROP TABLE balances;
DROP TABLE accounts;
DROP TABLE records;
DROP TABLE link_attempts;
DROP TABLE consents;
DROP TABLE invitations;
DROP TABLE customers;
DROP TABLE sessions;
DROP TABLE staff;
