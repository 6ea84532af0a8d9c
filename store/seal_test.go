package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"balancelink/store"
	"balancelink/store/storetest"
)

// sealedInSchema are the columns that hold whole account numbers, raw payloads
// or what signs somebody in.
var sealedInSchema = []string{"accounts.nuban", "api_requests.secret", "endpoints.secret", "endpoints.secret_old", "events.body", "held_files.content", "link_attempts.pending", "link_attempts.report", "second_factors.seed"}

// filled is a database with something in every sealed column: the canaries of
// sealedValues.
func (d *db) filled() {
	d.t.Helper()
	ctx := d.t.Context()
	for _, name := range []string{"Amina", "Bola"} {
		a := d.finish(d.customer(name), "record of "+name, naira("account of "+name, "0123499999"))
		d.report(a.Nonce, store.Report{Body: `{"report":"report canary"}`})
		d.deliver("key of "+name, `{"payload":"payload canary"}`)
		d.doubtful(name+" again", "other record of "+name, naira("other account of "+name, "0777000777"))
		m, err := d.AddStaff(ctx, store.Program, store.Staff{Email: name + "@lender.example", Role: store.RoleOwner})
		d.ok(err)
		d.ok(d.SetSecondFactor(ctx, m.ID, "", "SEEDCANARY", 1, nil))
		must(d.HoldFile(ctx, m.ID, []byte("file canary")))
		k, _ := d.key()
		_, err = d.AddCustomerOnce(ctx, store.Once{KeyID: k.ID, Idem: "1", Secret: "link canary"}, store.Customer{Name: name + " by a program"})
		d.ok(err)
		must(d.ChangeSecret(ctx, store.Program, d.endpoint().ID))
	}
}

var sealedValues = []string{"0123499999", "0777000777", "report canary", "payload canary", "SEEDCANARY"}

func (d *db) deliver(key, body string) {
	d.t.Helper()
	_, err := d.ReceiveEvent(store.Event{Provider: "okra", Env: "simulated", DedupKey: key, Headers: "{}", Body: []byte(body)}, nil)
	d.ok(err)
}

// readAll reads every sealed column of every row in the ways that the program does.
func (d *db) readAll() error {
	d.t.Helper()
	ctx := d.t.Context()
	var errs []error
	for _, id := range d.Texts(d.t, `SELECT id FROM accounts`) {
		errs = append(errs, d.account(id).Broken)
	}
	for _, e := range must(d.Events(ctx, "", "", 1000)) {
		errs = append(errs, e.Broken)
	}
	for _, r := range must(d.Reviews(ctx, "", "", 1000)) {
		errs = append(errs, r.Broken)
	}
	for _, id := range d.Texts(d.t, `SELECT id FROM staff`) {
		_, err := d.SecondFactorSeed(ctx, id)
		errs = append(errs, err)
	}
	for _, id := range d.Texts(d.t, `SELECT staff_id FROM held_files`) {
		_, err := d.FileOf(ctx, id)
		errs = append(errs, err)
	}
	for _, e := range must(d.Endpoints(ctx)) {
		errs = append(errs, e.Broken)
	}
	for _, id := range d.Texts(d.t, `SELECT key_id FROM api_requests`) {
		_, err := d.FindDone(ctx, store.Once{KeyID: id, Idem: "1"})
		errs = append(errs, err)
	}
	for _, id := range d.Texts(d.t, `SELECT id FROM customers`) {
		all, err := d.Export(ctx, id)
		if err == nil {
			err = all.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// rowID is the column with the ids of a table's rows.
func rowID(table string) string {
	if table == "second_factors" || table == "held_files" {
		return "staff_id"
	}
	return "id"
}

func TestWhatIsWorthATheftLiesSealed(t *testing.T) {
	d := newDB(t)
	d.filled()
	if !slices.Equal(store.SealedColumns(), sealedInSchema) {
		t.Errorf("sealed are %v, want %v", store.SealedColumns(), sealedInSchema)
	}
	for _, c := range sealedInSchema {
		table, name, _ := strings.Cut(c, ".")
		ids := slices.DeleteFunc(d.Texts(t, `SELECT `+rowID(table)+` FROM `+table), func(id string) bool {
			return !strings.HasPrefix(string(d.Kept(t, table+"."+name, id)), "s1:")
		})
		if len(ids) < 2 {
			t.Errorf("%d values of %s are sealed, want 2: the test proves little", len(ids), c)
		}
	}
	for _, value := range append(slices.Clone(sealedValues), "link canary", "file canary") { // whose tables are from after the sealing
		if d.contains(value) {
			t.Errorf("%q lies in the files", value)
		}
	}
	d.ok(d.readAll())
	if a := must(d.Reviews(t.Context(), "", "", 1))[0].Accounts; len(a) != 1 || a[0].NUBAN != "0777000777" {
		t.Errorf("a doubtful link would bind %+v", a)
	}
	if e := must(d.Events(t.Context(), "", "", 1))[0]; string(e.Body) != `{"payload":"payload canary"}` {
		t.Errorf("the webhook says %s", e.Body)
	}
}

// sealTamperings are what somebody who can write to the file may do to a row, of which
// another has a value as well.
var sealTamperings = map[string]func(kept, other []byte) []byte{
	"the value of another row": func(_, other []byte) []byte { return other },
	"a flipped bit of the text": func(kept, _ []byte) []byte {
		changed := slices.Clone(kept)
		changed[40] = map[bool]byte{true: 'B', false: 'A'}[changed[40] == 'A']
		return changed
	},
	"a text cut short":     func(kept, _ []byte) []byte { return kept[:len(kept)-4] },
	"nothing but the mark": func(_, _ []byte) []byte { return []byte("s1:") },
	"another key":          func(kept, _ []byte) []byte { return append([]byte("s1:00000000"), kept[11:]...) },
	"a value in clear":     func(_, _ []byte) []byte { return []byte(`{"nuban":"0999999999"}`) },
}

func TestAValueThatWasChangedOrMovedIsNeverShown(t *testing.T) {
	d := newDB(t)
	d.filled()
	for _, c := range sealedInSchema {
		table, name, _ := strings.Cut(c, ".")
		key := rowID(table)
		ids := d.Texts(t, `SELECT `+key+` FROM `+table+` WHERE `+name+` NOT IN ('', '{}') ORDER BY `+key+` DESC`)
		id, kept := ids[0], d.Kept(t, c, ids[0])
		for how, tamper := range sealTamperings {
			d.PutKept(t, c, id, tamper(kept, d.Kept(t, c, ids[len(ids)-1])))
			var broken *store.SealError
			if err := d.readAll(); !errors.As(err, &broken) {
				t.Errorf("%s of %s: reading everything says %v, want a SealError", how, c, err)
			} else if broken.Table != table || broken.Column != name || broken.Row != id {
				t.Errorf("%s of %s of row %s: %v", how, c, id, broken)
			}
		}
		d.PutKept(t, c, id, kept)
		d.ok(d.readAll())
	}
}

func TestAValueOfAnotherColumnDoesNotOpen(t *testing.T) {
	d := newDB(t)
	d.filled()
	d.Exec(t, `UPDATE link_attempts SET report = pending WHERE pending <> ''`)
	var broken *store.SealError
	if err := d.readAll(); !errors.As(err, &broken) || broken.Column != "report" {
		t.Errorf("a report that was put up for review: %v", err)
	}
}

func TestAnAccountWhoseNumberDoesNotOpenIsStillAskedAbout(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.Exec(t, `UPDATE accounts SET nuban = 's1:'`)
	if got := d.account(a.ID); got.NUBAN != "" || got.Broken == nil || got.Status != store.AccountLinked {
		t.Errorf("account = %+v", got)
	}
	d.save(said(a.ID, noon, 5, store.Amount{}))
	d.start(wish(a.ID))
	if all := must(d.Refreshes(t.Context(), store.AllRefreshes, "", 1)); all[0].NUBAN != "" || all[0].Broken == nil {
		t.Errorf("the refresh is logged as %+v", all[0])
	}
}

func TestAnAccountIsFoundAgainByItsNumber(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.finish(a.CustomerID, "record two", naira("another id", "0123456789"))
	if got := d.only(a.CustomerID); got.ID != a.ID || got.ProviderID != "another id" {
		t.Errorf("account = %+v, want %s repaired", got, a.ID)
	}
}

func TestWithoutAKeyNothingIsWrittenInClear(t *testing.T) {
	d := newDB(t)
	d.filled()
	d.ok(d.Close())
	s, err := store.Open(t.Context(), storetest.URL(t, d.path), store.Options{Now: d.clock})
	d.ok(err)
	d.Store = s
	t.Cleanup(func() { s.Close() })
	if err := d.readAll(); err == nil {
		t.Error("everything opens without a key")
	}
	if _, err := d.ReceiveEvent(store.Event{DedupKey: "k", Headers: "{}", Body: []byte(`{"payload":"no key canary"}`)}, nil); err == nil || d.contains("no key canary") {
		t.Errorf("a webhook was stored without a key: %v", err)
	}
	if must(d.AllStaff(t.Context()))[0].Email == "" {
		t.Error("what is not sealed cannot be read")
	}
}

func TestKeysThatAreOfNoUseAreRefused(t *testing.T) {
	good := []byte(strings.Repeat("k", store.KeySize))
	for name, keys := range map[string][][]byte{"none": nil, "short": {good[1:]}, "long": {append(good, 'k')}, "one twice": {good, good}} {
		if _, err := store.NewKeyring(keys...); err == nil {
			t.Errorf("%s: a keyring was made", name)
		}
	}
	if ids := storetest.Keys(t, 'n', 'k').IDs(); len(ids) != 2 || ids[0] == ids[1] || len(ids[0]) != 8 {
		t.Errorf("ids = %v", ids)
	}
}
