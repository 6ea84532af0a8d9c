-- Whether a customer is a person or a business.

-- +goose Up
ALTER TABLE customers ADD COLUMN kind TEXT NOT NULL DEFAULT 'person'; -- person or business

-- +goose Down
ALTER TABLE customers DROP COLUMN kind;
