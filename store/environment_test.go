package store_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"balancelink/store"
	"balancelink/store/storetest"
)

// startsFor says whether the database opens for an environment, and leaves it open.
func (d *db) startsFor(env string) error {
	d.t.Helper()
	d.ok(d.Close())
	s, err := store.Open(d.t.Context(), storetest.URL(d.t, d.path), store.Options{Now: d.clock, Keys: storetest.Keys(d.t, 'k'), Env: env})
	if err == nil {
		d.Store = s
		d.t.Cleanup(func() { s.Close() })
	}
	if err != nil && !errors.Is(err, store.ErrOtherEnvironment) {
		d.t.Fatal(err)
	}
	return err
}

func TestADatabaseBelongsToTheEnvironmentOfItsFirstStart(t *testing.T) {
	d := newDB(t)
	d.ok(d.startsFor("production-sandbox"))
	for _, other := range []string{"production", "simulated"} {
		if err := d.startsFor(other); err == nil || !strings.Contains(err.Error(), "production-sandbox") || !strings.Contains(err.Error(), "DATABASE_URL") {
			t.Errorf("for %s: %v", other, err)
		}
	}
	d.ok(d.startsFor("production-sandbox"))
	d.ok(d.startsFor("")) // a command that nobody said it to
}

func TestAnotherEnvironmentIsSaidBeforeAMissingKey(t *testing.T) {
	d := newDB(t)
	d.ok(d.startsFor("simulated"))
	d.ok(d.Close())
	_, err := store.Open(t.Context(), storetest.URL(t, d.path), store.Options{Keys: storetest.Keys(t, 'x'), Env: "production"})
	if !errors.Is(err, store.ErrOtherEnvironment) {
		t.Errorf("a start with another environment and key: %v", err)
	}
}

func TestADatabaseFromBeforeSaysByItsRowsWhereItBelongs(t *testing.T) {
	for name, live := range map[string]func(*db){
		"an attempt": func(d *db) { d.attempt(d.customer("Amina")) },
		"a webhook": func(d *db) {
			_, err := d.ReceiveEvent(store.Event{Provider: "okra", Env: "simulated", DedupKey: "k", Headers: "{}", Body: []byte("{}")}, nil)
			d.ok(err)
		},
		"the demo's owner": func(d *db) {
			_, err := d.AddStaff(d.t.Context(), store.Program, store.Staff{Email: "demo@example.com", PasswordHash: "-", Role: store.RoleOwner})
			d.ok(err)
		},
		"a start": func(d *db) {
			d.ok(d.RecordChange(d.t.Context(), store.Act{Actor: store.Program, Action: store.ActSettingsChanged, Detail: "LISTEN_ADDR=:1 OKRA_ENV=simulated OKRA_RATE_LIMIT=600"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			live(d)
			d.MigrateTo(t, 12)
			if err := d.startsFor("production"); err == nil {
				t.Error("production starts with it")
			}
			d.ok(d.startsFor("simulated"))
			d.ok(d.startsFor("simulated"))
		})
	}
	d := newDB(t)
	d.ok(d.RecordChange(t.Context(), store.Act{Actor: store.Program, Action: store.ActSettingsChanged, Detail: "LISTEN_ADDR=:1 OKRA_ENV=production OKRA_RATE_LIMIT=20"}))
	d.attempt(d.customer("Amina"))
	for _, env := range []string{"production", "simulated"} {
		if err := d.startsFor(env); err == nil || !strings.Contains(err.Error(), "production and simulated") {
			t.Errorf("with rows of two environments, for %s: %v", env, err)
		}
	}
}

func TestACopyGoesBackOnlyWhereItsEnvironmentIs(t *testing.T) {
	d := newDB(t)
	d.ok(d.startsFor("simulated"))
	file := filepath.Join(t.TempDir(), "copy.db")
	c, err := store.Backup(t.Context(), "sqlite:"+d.path, file, storetest.Keys(t, 'k'), nil)
	d.ok(err)
	if !slices.Equal(c.Environments, []string{"simulated"}) {
		t.Errorf("the copy is of %v", c.Environments)
	}
	real := newDBBeside(t)
	real.ok(real.startsFor("production"))
	staying := real.customer("Bola")
	real.ok(real.Close())
	if _, _, err := store.Restore(t.Context(), "sqlite:"+real.path, file, storetest.Keys(t, 'k'), nil); !errors.Is(err, store.ErrOtherEnvironment) {
		t.Errorf("over a database of production: %v", err)
	}
	real.Store = storetest.Open(t, real.path, real.clock)
	if _, err := real.CustomerByID(t.Context(), staying); err != nil {
		t.Errorf("what was there: %v", err)
	}
	if err := store.CheckEnvironment(t.Context(), "sqlite:"+file, "production"); !errors.Is(err, store.ErrOtherEnvironment) {
		t.Errorf("asked before: %v", err)
	}
	d.ok(store.CheckEnvironment(t.Context(), "sqlite:"+file, "simulated"))
	elsewhere := filepath.Join(storetest.Folder(t), "new.db")
	_, _, err = store.Restore(t.Context(), "sqlite:"+elsewhere, file, storetest.Keys(t, 'k'), nil)
	d.ok(err)
	if _, err := store.Open(t.Context(), "sqlite:"+elsewhere, store.Options{Env: "production"}); !errors.Is(err, store.ErrOtherEnvironment) {
		t.Errorf("production on the restored copy: %v", err)
	}
}
