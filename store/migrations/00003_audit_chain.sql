-- Every row of the audit log carries a hash over the row before and itself,
-- and the end of the chain is kept beside it: see store/audit.go.

-- +goose Up
CREATE TABLE audit_chained (
    seq         BIGINT PRIMARY KEY, -- 1, 2, 3, … without a gap
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL, -- staff:ID, customer:ID, provider, program or nobody
    action      TEXT   NOT NULL,
    customer_id TEXT   NOT NULL, -- empty: concerns no customer
    subject     TEXT   NOT NULL, -- id of what was acted on
    detail      TEXT   NOT NULL, -- a few words more; no secret and nothing personal
    hash        TEXT   NOT NULL  -- SHA-256, hex
);
INSERT INTO audit_chained (seq, at, actor, action, customer_id, subject, detail, hash)
SELECT ROW_NUMBER() OVER (ORDER BY id), at, actor, action, customer_id, subject, '', ''
FROM audit;
DROP TABLE audit;
ALTER TABLE audit_chained RENAME TO audit;
CREATE INDEX audit_by_customer ON audit (customer_id, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);
CREATE INDEX audit_by_action ON audit (action, seq);
CREATE INDEX audit_repeats ON audit (actor, action, customer_id, subject, at);

-- The last row of the chain: one row.
CREATE TABLE audit_head (
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL -- empty: the rows are from before the chain; the next start chains them
);
INSERT INTO audit_head (seq, hash) SELECT COUNT(*), '' FROM audit;

-- +goose Down
DROP TABLE audit_head;
CREATE TABLE audit_plain (
    id          TEXT   PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    customer_id TEXT   NOT NULL,
    subject     TEXT   NOT NULL
);
INSERT INTO audit_plain (id, at, actor, action, customer_id, subject)
SELECT CAST(seq AS TEXT), at, actor, action, customer_id, subject
FROM audit;
DROP TABLE audit;
ALTER TABLE audit_plain RENAME TO audit;
CREATE INDEX audit_by_customer ON audit (customer_id, id);
