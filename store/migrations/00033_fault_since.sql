-- Since when the tries to confirm a link end as the last one did. Timestamps as in 00001_init.sql.

-- +goose Up
ALTER TABLE link_attempts ADD COLUMN fault_since BIGINT;
UPDATE link_attempts SET fault_since = next_try_at WHERE state = 'claimed' AND fault <> '';

-- +goose Down
ALTER TABLE link_attempts DROP COLUMN fault_since;
