-- Who came by a personal link has a visit. What was begun in it names it; what
-- the customer began signed in, or staff for them, names none.

-- +goose Up
CREATE TABLE visits (
    id            TEXT   PRIMARY KEY,
    customer_id   TEXT   NOT NULL REFERENCES customers (id),
    invitation_id TEXT   NOT NULL REFERENCES invitations (id), -- the personal link
    begun_at      BIGINT NOT NULL,
    until_at      BIGINT NOT NULL
);
CREATE INDEX visits_by_customer ON visits (customer_id);

ALTER TABLE consents ADD COLUMN visit_id TEXT NOT NULL DEFAULT '';      -- visits.id; empty: given without one
ALTER TABLE link_attempts ADD COLUMN visit_id TEXT NOT NULL DEFAULT ''; -- visits.id; empty: begun without one
ALTER TABLE accounts ADD COLUMN visit_id TEXT NOT NULL DEFAULT '';      -- of the attempt that linked it last

-- Until now these named a consent.
DELETE FROM sessions WHERE kind = 'link';

-- +goose Down
ALTER TABLE accounts DROP COLUMN visit_id;
ALTER TABLE link_attempts DROP COLUMN visit_id;
ALTER TABLE consents DROP COLUMN visit_id;
DROP TABLE visits;
