package store

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"balancelink/store/progress"
)

// ErrNewer says that a database was written by a newer version of the program.
var ErrNewer = errors.New(
	"the database was written by a newer balancelink: start that one, or restore a copy from before the upgrade",
)

// Copy is what is known of a copy of the database.
type Copy struct {
	File  string    `json:"file"`
	At    time.Time `json:"at"` // when it was made
	Size  int64     `json:"size"`
	Sum   string    `json:"sum"`   // SHA-256, hex
	Rows  int64     `json:"rows"`  // of all tables
	Audit Chain     `json:"audit"` // of the audit log in it

	Environments []string `json:"environments"` // that it belongs to: one, or none yet
}

// checkSteps are those of [checkCopy].
const checkSteps = 1 + wholeSteps + 1

// checkCopy says whether a file is a whole database of this program, and what is
// in it. It changes nothing and leaves no file beside it. That the audit log is
// in order is for the caller to judge: a copy of a broken one is a good copy.
func checkCopy(ctx context.Context, file string, keys *Keyring, w *progress.Work) (c Copy, err error) {
	if c.Sum, c.Size, err = sumFile(ctx, file, w); err != nil {
		return c, err
	}
	pool, err := openPool(uri(file, "mode=ro&immutable=1&_query_only=1"), 1, nil)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, pool.db.Close()) }()
	if c.Rows, err = checkWhole(ctx, pool.db, w); err != nil {
		return c, err
	}
	if c.Environments, err = environmentsOf(ctx, pool); err != nil {
		return c, err
	}
	c.Audit, err = verifyAudit(ctx, pool, keys, nil, w)
	return c, err
}

// isKnown says whether a database is one of this program, and of no newer version.
func isKnown(ctx context.Context, q querier) error {
	var version int64
	err := q.QueryRowContext(
		ctx, `SELECT MAX(version_id) FROM goose_db_version WHERE EXISTS (SELECT 1 FROM audit_head)`,
	).Scan(&version)
	if err != nil {
		return errors.New("it is no database of balancelink")
	}
	if version > newestSchema() {
		return ErrNewer
	}
	return nil
}

// newestSchema is the version of the newest migration.
func newestSchema() int64 {
	newest := int64(max(keyedSchema, foldedSchema))
	names, _ := fs.Glob(migrations, "migrations/*.sql") // an error would be one of the pattern
	for _, name := range names {
		version, _ := goose.NumericComponent(name)
		newest = max(newest, version)
	}
	return newest
}
