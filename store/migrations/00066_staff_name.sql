-- What members of staff are called.

-- +goose Up
ALTER TABLE staff ADD COLUMN name TEXT NOT NULL DEFAULT ''; -- empty: the e-mail address stands for it

-- +goose Down
ALTER TABLE staff DROP COLUMN name;
