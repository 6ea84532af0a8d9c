package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

func TestWhatCannotBeCopiedIsNotAndSaysWhy(t *testing.T) {
	older := func(d *db) {
		d.Exec(d.t, `DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)`)
	}
	for name, c := range map[string]struct {
		first func(d *db) // while the source is open
		with  func(d *db, one *store.Transfer)
		want  string // that is said
		is    error
	}{
		"no file":         {nil, func(d *db, one *store.Transfer) { one.From += ".none" }, "no such file", os.ErrNotExist},
		"no key":          {nil, func(d *db, one *store.Transfer) { one.Keys = nil }, "DATA_KEY is missing", nil},
		"another key":     {nil, func(d *db, one *store.Transfer) { one.Keys = storetest.Keys(d.t, 'x') }, "under which this database is sealed", store.ErrKeyMissing},
		"itself":          {nil, func(d *db, one *store.Transfer) { one.To = one.From }, "it is the same one", nil},
		"an older one":    {older, nil, "the database to copy: it is of an earlier version", nil},
		"a newer one":     {func(d *db) { d.Exec(d.t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`) }, nil, "newer balancelink", store.ErrNewer},
		"of another env":  {func(d *db) { d.linked("Bola") }, func(d *db, one *store.Transfer) { one.Env = "production" }, "ENV=simulated, not production", store.ErrOtherEnvironment},
		"a changed log":   {func(d *db) { d.Exec(d.t, `UPDATE audit SET actor = 'somebody'`) }, nil, "not in order: row 1 of the audit log", nil},
		"a contradiction": {func(d *db) { d.Exec(d.t, `UPDATE accounts SET ledger = 7 WHERE id = $1`, d.linked("Bola").ID) }, nil, "without any balance", nil},
		"none of ours": {nil, func(d *db, one *store.Transfer) {
			one.From = "sqlite:" + d.path + ".erased"
			d.ok(os.WriteFile(d.path+".erased", nil, 0o600))
		}, "it is no database of balancelink", nil},
		"a broken list": {nil, func(d *db, one *store.Transfer) { d.ok(os.WriteFile(d.path+".erased", []byte("{}\n"), 0o600)) }, "line 1 is no tombstone", nil},
		"a lost list":   {func(d *db) { d.ok(d.Erase(d.t.Context(), store.Program, d.customer("Gone"), "asked")) }, func(d *db, one *store.Transfer) { d.ok(os.Remove(d.path + ".erased")) }, "is not there: start this version with it once", nil},
		"another's list": {nil, func(d *db, one *store.Transfer) {
			list := one.Erased
			if list == "" {
				list = strings.TrimPrefix(one.To, "sqlite:") + ".erased"
			}
			d.ok(os.WriteFile(list, []byte("{}\n"), 0o600))
		}, "list of who was erased of another database", nil},
		"two servers": {nil, func(d *db, one *store.Transfer) {
			one.From, one.To = "postgres://a:canary@host/name", "postgres://b@host/name"
		}, "backup and restore", nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := onFile(t)
			d.customer("Amina")
			if c.first != nil {
				c.first(d)
			}
			d.ok(d.Close())
			one := d.to(filepath.Join(storetest.Folder(t), "target.db"))
			if c.with != nil {
				c.with(d, &one)
			}
			_, err := one.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%v, want %q, %v", err, c.want, c.is)
			}
		})
	}
}

func TestNothingIsCopiedWhileAProgramRunsOrIntoWhatIsNotEmpty(t *testing.T) {
	d := onFile(t)
	d.customer("Amina")
	target := filepath.Join(storetest.Folder(t), "target.db")
	one := d.to(target)
	if _, err := one.Run(t.Context()); !errors.Is(err, store.ErrInUse) || !strings.HasPrefix(err.Error(), "the database to copy: ") {
		t.Errorf("while the source is open: %v", err)
	}
	d.ok(d.Close())
	other := &db{t: t, path: target, time: d.time, Store: storetest.Open(t, target, d.clock)}
	other.Exec(t, `INSERT INTO instances (id, version, started_at, seen_at, data_key) VALUES ('i', '1', 1, $1, '')`, time.Now().UnixMilli())
	if _, err := one.Run(t.Context()); !errors.Is(err, store.ErrInUse) || !strings.HasPrefix(err.Error(), "the database to copy into: ") {
		t.Errorf("while the target is open: %v", err)
	}
	other.Exec(t, `UPDATE instances SET seen_at = $1`, time.Now().Add(-store.LeaseFor-time.Second).UnixMilli())
	other.ok(other.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActSignedIn}))
	d.ok(other.Close())
	if _, err := one.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "it is not empty, there are rows in audit") {
		t.Errorf("into one with an audit log: %v", err)
	}
}

func TestPostgreSQLIsNotCopiedWhileAnInstanceRuns(t *testing.T) {
	d := onPostgres(t)
	d.customer("Amina")
	d.Exec(t, `INSERT INTO instances (id, version, started_at, seen_at, data_key) VALUES ('i', '1', 1, $1, '')`, time.Now().UnixMilli())
	d.ok(d.Close())
	back := "sqlite:" + filepath.Join(storetest.Folder(t), "back.db")
	one := store.Transfer{From: storetest.URL(t, d.path), To: back, Erased: d.path + ".erased", Keys: storetest.Keys(t, 'k')}
	if _, err := one.Run(t.Context()); !errors.Is(err, store.ErrInUse) {
		t.Errorf("%v, want ErrInUse", err)
	}
	one.Erased = ""
	_, err := opened(t, one.From).ExecContext(t.Context(), `DELETE FROM instances`)
	d.ok(err)
	if _, err := one.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "ERASED_FILE is missing") {
		t.Errorf("without the list of who was erased: %v", err)
	}
}
