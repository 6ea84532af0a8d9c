package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"balancelink/store"
	"balancelink/store/storetest"
)

// inClear makes the database as it was before there was any sealing.
func (d *db) inClear() {
	d.t.Helper()
	d.filled()
	for _, c := range sealedInSchema {
		d.Unseal(d.t, c)
	}
	d.MigrateTo(d.t, 8)
	d.ok(d.Close())
	d.ok(os.Remove(d.path + ".erased")) // of a later version
	for _, value := range sealedValues {
		if !d.contains(value) {
			d.t.Fatalf("%q lies nowhere in clear: the test proves nothing", value)
		}
	}
}

func TestADatabaseFromBeforeIsSealedAtTheFirstStart(t *testing.T) {
	d := newDB(t)
	d.inClear()
	d.Store = storetest.Open(t, d.path, d.clock)
	for _, value := range sealedValues {
		if d.contains(value) {
			t.Errorf("%q still lies in the files, of which the server is open", value)
		}
	}
	d.ok(d.readAll())
	if must(d.Events(t.Context(), "", "", 1))[0].Body[0] != '{' {
		t.Error("a payload is not what it was")
	}
}

func TestTheFirstSealingThatWasCutBeginsAgain(t *testing.T) {
	d := newDB(t)
	for i := range 450 {
		d.deliver(fmt.Sprint("key ", i), `{"payload":"payload canary"}`)
	}
	d.inClear()
	ctx, cut := context.WithCancel(t.Context())
	first := 0
	_, err := store.Open(ctx, storetest.URL(t, d.path), store.Options{Now: d.clock, Keys: storetest.Keys(t, 'k'), Sealing: func(p store.Sealing) {
		if first += p.Rows; first > 200 {
			cut()
		}
	}})
	if err == nil {
		t.Fatal("the start was not cut")
	}
	again := 0
	d.Store, err = store.Open(t.Context(), storetest.URL(t, d.path), store.Options{Now: d.clock, Keys: storetest.Keys(t, 'k'), Sealing: func(p store.Sealing) { again += p.Rows }})
	d.ok(err)
	t.Cleanup(func() { d.Close() })
	d.ok(d.readAll())
	for _, value := range sealedValues {
		if d.contains(value) {
			t.Errorf("%q still lies in the files", value)
		}
	}
	if again < 450 {
		t.Errorf("%d rows were sealed before the cut and %d after it", first, again)
	}
}

// under says under which keys the payloads are, and how many under each.
func (d *db) under(keys *store.Keyring) string {
	d.t.Helper()
	var all []string
	for _, id := range keys.IDs() {
		all = append(all, fmt.Sprint(d.Number(d.t, `SELECT COUNT(*) FROM events WHERE substr(body, 1, 11) = $1`, []byte("s1:"+id))))
	}
	return strings.Join(all, " ")
}

// open opens the database with keys made of those letters.
func (d *db) open(letters ...byte) error {
	d.t.Helper()
	s, err := store.Open(d.t.Context(), storetest.URL(d.t, d.path), store.Options{Now: d.clock, Keys: storetest.Keys(d.t, letters...)})
	if err == nil {
		d.Store = s
		d.t.Cleanup(func() { s.Close() })
	}
	return err
}

func TestAKeyIsChangedWhileRunningAndAcrossAKill(t *testing.T) {
	d := newDB(t)
	d.filled()
	for i := range 498 {
		d.deliver(fmt.Sprint("key ", i), `{"payload":"payload canary"}`)
	}
	both := storetest.Keys(t, 'n', 'k')
	d.ok(d.UseKeys(t.Context(), both))
	d.deliver("after the change", `{"payload":"payload canary"}`)
	if got := d.under(both); got != "1 500" {
		t.Fatalf("payloads under the new and the old key: %s, want 1 500", got)
	}
	whole := must(d.ToSeal(t.Context()))
	if whole < 501 {
		t.Errorf("%d rows are to be looked at, want all", whole)
	}
	var looked int
	for d.under(both) == "1 500" {
		looked += must(d.SealSome(t.Context())).Looked
	}
	d.ok(d.readAll())
	d.ok(d.Close())
	old := storetest.Keys(t, 'k').IDs()[0]
	if err := d.open('n'); !errors.Is(err, store.ErrKeyMissing) || !strings.Contains(err.Error(), old) {
		t.Errorf("a start without the old key in the middle of it: %v, want that %s is missing", err, old)
	}
	d.ok(d.open('n', 'k'))
	if got := d.under(both); got == "1 500" || got == "501 0" {
		t.Fatalf("payloads after the restart: %s, want some under each", got)
	}
	if left := must(d.ToSeal(t.Context())); left != whole-int64(looked) {
		t.Errorf("after the restart %d rows are to be looked at, want the rest of %d, without %d", left, whole, looked)
	}
	var retired []string
	for done := false; !done; {
		step := must(d.SealSome(t.Context()))
		done, retired = step.Done, step.Retired
	}
	if left := must(d.ToSeal(t.Context())); left != 0 {
		t.Errorf("in the end %d rows are to be looked at", left)
	}
	if got := d.under(both); got != "501 0" || !slices.Equal(retired, []string{old}) {
		t.Errorf("in the end: %s, and %v are retired", got, retired)
	}
	d.ok(d.readAll())
	d.ok(d.Close())
	d.ok(d.open('n'))
	d.ok(d.readAll())
	d.ok(d.Close())
	if err := d.open('k'); !errors.Is(err, store.ErrKeyMissing) {
		t.Errorf("a start with the retired key alone: %v, want ErrKeyMissing", err)
	}
	d.ok(d.open('n'))
	for _, act := range []store.Action{store.ActDataKeyUsed, store.ActDataKeyRetired} {
		if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = $1`, string(act)); n != 1 {
			t.Errorf("%q is written %d times, want once", act, n)
		}
	}
}

func TestAnotherKeyIsRefusedAndChangesNothing(t *testing.T) {
	d := newDB(t)
	d.filled()
	if err := d.UseKeys(t.Context(), storetest.Keys(t, 'x')); !errors.Is(err, store.ErrKeyMissing) {
		t.Errorf("while running: %v, want ErrKeyMissing", err)
	}
	d.ok(d.readAll())
	d.ok(d.Close())
	before, _ := os.ReadFile(d.path) // there is none on PostgreSQL
	if err := d.open('x'); !errors.Is(err, store.ErrKeyMissing) {
		t.Errorf("at start: %v, want ErrKeyMissing", err)
	}
	if after, _ := os.ReadFile(d.path); !bytes.Equal(before, after) {
		t.Error("the refused start changed the database")
	}
	d.ok(d.open('k'))
	d.ok(d.readAll())
}

func TestARowThatDoesNotOpenKeepsItsKeyNeeded(t *testing.T) {
	d := newDB(t)
	d.filled()
	id := d.Texts(t, `SELECT id FROM events WHERE dedup_key = 'key of Amina'`)[0]
	d.PutKept(t, "events.body", id, append(d.Kept(t, "events.body", id), 'x'))
	change := func() (broken []error, retired []string) {
		for {
			step := must(d.SealSome(t.Context()))
			broken = append(broken, step.Broken...)
			if step.Done {
				return broken, step.Retired
			}
		}
	}
	d.ok(d.UseKeys(t.Context(), storetest.Keys(t, 'n', 'k')))
	if broken, retired := change(); len(broken) != 1 || len(retired) != 0 {
		t.Errorf("broken %v, retired %v, want one broken row and no retired key", broken, retired)
	}
	d.Exec(t, `DELETE FROM events WHERE dedup_key = 'key of Amina'`)
	d.ok(d.UseKeys(t.Context(), storetest.Keys(t, 'n', 'k')))
	if broken, retired := change(); len(broken) != 0 || len(retired) != 1 {
		t.Errorf("once it is gone: broken %v, retired %v", broken, retired)
	}
	d.ok(d.UseKeys(t.Context(), storetest.Keys(t, 'n')))
	d.ok(d.readAll())
}

func TestAValuePutThereInClearIsNotTakenForOneFromBefore(t *testing.T) {
	d := newDB(t)
	d.filled()
	d.Exec(t, `UPDATE accounts SET nuban = '0999999999'`)
	d.ok(d.UseKeys(t.Context(), storetest.Keys(t, 'n', 'k')))
	for !must(d.SealSome(t.Context())).Done {
	}
	if err := d.readAll(); err == nil {
		t.Error("what somebody wrote into the file was sealed as if it were ours")
	}
}

func TestWhatIsPutThereInClearIsNeverSealedWhateverTheMarksSay(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	for _, mark := range []string{
		`INSERT INTO data_keys (id, used_at) VALUES ('plain', 0)`, `DELETE FROM data_keys`, `DELETE FROM sealing`, `UPDATE sealing SET done = FALSE, upto = ''`,
	} {
		d.Exec(t, mark)
		d.Exec(t, `UPDATE accounts SET nuban = '0999999999'`)
		d.reopen()
		for !must(d.SealSome(t.Context())).Done {
		}
		if got := d.account(a.ID); got.Broken == nil || got.NUBAN != "" {
			t.Errorf("%s: the account is %q, %v", mark, got.NUBAN, got.Broken)
		}
	}
}

func TestAMarkThatSomebodyElseSetDoesNotEndTheChangeOfAKey(t *testing.T) {
	d := newDB(t)
	d.filled()
	both := storetest.Keys(t, 'n', 'k')
	d.ok(d.UseKeys(t.Context(), both))
	d.Exec(t, `UPDATE sealing SET done = TRUE`)
	for !must(d.SealSome(t.Context())).Done {
	}
	if got := d.under(both); got != "2 0" {
		t.Errorf("payloads under the new and the old key: %s, want 2 0", got)
	}
}

func TestWhenTheKeyIsLostTheRestGoesOnUnderAnotherOne(t *testing.T) {
	d := newDB(t)
	d.filled()
	a := d.linked("Chidi")
	d.ok(d.Close())
	if err := d.open('x'); !errors.Is(err, store.ErrKeyMissing) {
		t.Fatalf("without the key: %v", err)
	}
	d.ok(store.RestartAudit(t.Context(), storetest.URL(t, d.path), storetest.Keys(t, 'x'), nil)) // as the README says
	d.ok(d.open('x'))
	if c := d.chain(); c.BadRow != 0 {
		t.Errorf("the audit log under another key: %+v", c)
	}
	if got := d.account(a.ID); got.Broken == nil || got.NUBAN != "" {
		t.Errorf("without its key: %+v", got)
	}
	for !must(d.SealSome(t.Context())).Done {
	}
	d.finish(a.CustomerID, "record of Chidi", naira("account of Chidi", "0123456789"))
	if got := d.account(a.ID); got.Broken != nil || got.NUBAN != "0123456789" {
		t.Errorf("once it is linked again: %+v", got)
	}
	d.ok(d.Close())
	d.ok(d.open('x'))
	d.deliver("a new one", `{"payload":"payload canary"}`)
	if e := must(d.Events(t.Context(), "", "", 1))[0]; e.Broken != nil {
		t.Errorf("a new payload: %v", e.Broken)
	}
}
