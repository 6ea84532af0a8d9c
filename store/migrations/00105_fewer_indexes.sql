-- Fewer indexes that each balance has to be written to. Whose balances the schedule
-- refreshes is found by who was looked at lately: they are few, where those that are
-- old may be nearly all. What a webhook brought is found by when it was received.

-- +goose Up
CREATE INDEX customers_by_look ON customers (viewed_at) WHERE viewed_at IS NOT NULL;
-- contract: nothing asks by them since 00105, and what does of the release before only takes longer
DROP INDEX accounts_to_refresh;
-- contract: as above, since 00105
DROP INDEX balances_by_event;

-- +goose Down
CREATE INDEX balances_by_event ON balances (event_id) WHERE event_id <> '';
CREATE INDEX accounts_to_refresh ON accounts (provider, as_of) WHERE status = 'linked';
DROP INDEX customers_by_look;
