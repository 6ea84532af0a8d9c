-- Staff work through those who wait for a person: whom they have spoken to, and whom
-- they put off until another day.

-- +goose Up
ALTER TABLE customers ADD COLUMN contacted_at BIGINT; -- when staff last spoke to them
ALTER TABLE customers ADD COLUMN contacted_by TEXT NOT NULL DEFAULT ''; -- staff.id
ALTER TABLE customers ADD COLUMN put_off_until BIGINT; -- they wait for nobody before
CREATE INDEX customers_put_off ON customers (put_off_until) WHERE put_off_until IS NOT NULL;

CREATE INDEX refreshes_by_staff ON refreshes (staff_id, created_at) WHERE staff_id <> '';

-- +goose Down
DROP INDEX refreshes_by_staff;
DROP INDEX customers_put_off;
ALTER TABLE customers DROP COLUMN put_off_until;
ALTER TABLE customers DROP COLUMN contacted_by;
ALTER TABLE customers DROP COLUMN contacted_at;
