-- A database belongs to one environment: see store/environment.go.

-- +goose Up
CREATE TABLE environment (
    name TEXT PRIMARY KEY -- as OKRA_ENV has it; one row. None: the next start finds out from what there is
);

-- +goose Down
DROP TABLE environment;
