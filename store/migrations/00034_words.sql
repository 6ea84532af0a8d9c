-- Customers are found by the beginnings of words. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE customer_words (
    word        TEXT NOT NULL, -- folded, or digits of a telephone or an account number
    name        TEXT NOT NULL, -- the customer's, folded
    customer_id TEXT NOT NULL REFERENCES customers (id),
    PRIMARY KEY (word, name, customer_id)
);
CREATE INDEX customer_words_by_customer ON customer_words (customer_id, word);

ALTER TABLE customers ADD COLUMN indexed BOOLEAN NOT NULL DEFAULT FALSE; -- customer_words has all words of theirs
CREATE INDEX customers_to_index ON customers (id) WHERE NOT indexed;
ALTER TABLE customers DROP COLUMN search;

-- +goose Down
ALTER TABLE customers ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE customers SET search = sort_name;
DROP INDEX customers_to_index;
ALTER TABLE customers DROP COLUMN indexed;
DROP TABLE customer_words;
