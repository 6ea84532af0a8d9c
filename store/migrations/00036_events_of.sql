-- What was received about a customer is found without looking at all that was received.

-- +goose Up
CREATE INDEX events_by_customer ON events (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX events_of_nobody ON events (id) WHERE customer_id IS NULL AND result <> 'received';

-- +goose Down
DROP INDEX events_of_nobody;
DROP INDEX events_by_customer;
