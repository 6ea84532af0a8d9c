-- Who withdrew a consent, as the audit log names them. What was withdrawn before this
-- is looked up there.

-- +goose Up
ALTER TABLE consents ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT ''; -- empty: it was not, or nobody knows
UPDATE consents
SET withdrawn_by = COALESCE((
    SELECT actor
    FROM audit
    WHERE audit.customer_id = consents.customer_id AND audit.action = 'consent withdrawn' AND audit.at = consents.withdrawn_at
    ORDER BY seq DESC
    LIMIT 1), '')
WHERE withdrawn_at IS NOT NULL;

-- +goose Down
ALTER TABLE consents DROP COLUMN withdrawn_by;
