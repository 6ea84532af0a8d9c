-- How far long work of an instance is, for the others to show. Each row is written by its own
-- instance alone, which says the same anew every two seconds. Timestamps as in 00001_init.sql.

-- +goose Up
CREATE TABLE works (
	instance TEXT NOT NULL, -- instances.id
	number BIGINT NOT NULL, -- tells it apart from others of that instance
	said_at BIGINT NOT NULL,
	state TEXT NOT NULL,    -- JSON
	PRIMARY KEY (instance, number)
);

-- +goose Down
DROP TABLE works;
