package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// canaries are what is known of the customer that lived makes; no byte of it may outlive them.
var canaries = []string{
	"Amina Canary", "CANARY-REF", "amina.canary@example.com", "08030000CANARY", "0123499999",
	"record canary", "account canary", "SAVINGS CANARY", "payload canary", "report canary", "cause canary", "X-Canary",
	"note canary",
}

// sealedCanaries are those of them that lie sealed.
var sealedCanaries = []string{"0123499999", "payload canary", "report canary"}

// sealedOf is what lies sealed of a customer, as it lies there.
func (d *db) sealedOf(id string) []string {
	d.t.Helper()
	return slices.Concat(
		d.Texts(d.t, `SELECT nuban FROM accounts WHERE customer_id = $1`, id),
		d.Texts(d.t, `SELECT report FROM link_attempts WHERE customer_id = $1`, id),
		d.Texts(d.t, `SELECT substr(body, 1, 100) FROM events WHERE customer_id = $1`, id),
	)
}

// lived is a customer of whom every table knows something.
func (d *db) lived() string {
	d.t.Helper()
	ctx := d.t.Context()
	d.key(store.ReadEvents)
	c, err := d.AddCustomer(ctx, store.Program, store.Customer{
		Name: "Amina Canary", Reference: "CANARY-REF", Email: "amina.canary@example.com", Phone: "08030000CANARY",
	})
	d.ok(err)
	account := naira("account canary", "0123499999")
	account.Name = "SAVINGS CANARY"
	attempt := d.finish(c.ID, "record canary", account)
	d.report(attempt.Nonce, store.Report{Body: `{"report":"report canary"}`})
	a := d.only(c.ID)
	for i := range 40 {
		e := store.Event{
			Provider: "okra", Env: "simulated", DedupKey: fmt.Sprint("key ", i), Method: "BALANCE", ProviderRecord: "record canary", ProviderAccount: "account canary",
			AttemptNonce: attempt.Nonce, Headers: `{"X-Canary":"1"}`, Body: []byte(`{"x":"payload canary` + strings.Repeat(" padding", 200) + `"}`),
		}
		_, err = d.ReceiveEvent(e, nil)
		d.ok(err)
	}
	events, err := d.EventsToApply(ctx, "okra", 30) // some are matched, others wait
	d.ok(err)
	for i, e := range events {
		o := said(a.ID, noon.Add(time.Duration(i)*time.Second), int64(i), store.Minor(5))
		d.ok(d.apply(e.ID, store.Outcome{Result: store.EventApplied, CustomerID: c.ID, Balance: &o}))
	}
	r := d.start(wish(a.ID))
	d.ok(d.EndRefresh(ctx, r, store.Ending{State: store.RefreshFailed, Cause: "cause canary"}))
	d.advance(2 * time.Minute)
	d.start(wish(a.ID))
	d.asked(a, "")
	together := d.askedTogether(c.ID, time.Time{}, nil)
	d.ok(d.DecideFunds(ctx, c.ID, together.ID, store.FundsDecision{StaffID: "s", Decision: "approved", Note: "note canary"}))
	d.Exec(d.t, `INSERT INTO funds_sum_asks (sum_id, account_id, refresh_id) VALUES ($1, $2, $3)`, together.ID, a.ID, r.ID)
	d.ok(d.SetThreshold(ctx, "s", a.ID, 5000))
	d.Exec(d.t, `INSERT INTO account_questions (account_id, customer_id, reason, asked_at) VALUES ($1, $2, 'number', 1)`, a.ID, c.ID)
	d.ok(d.SaveSession(ctx, store.Session{TokenHash: "hash", Kind: "customer", Principal: c.ID, Proof: store.Proof{Password: d.clock()}, Data: "{}", CreatedAt: d.clock(), LastSeenAt: d.clock(), ExpiresAt: d.clock().Add(time.Hour)}))
	d.Exec(d.t, `INSERT INTO sign_in_codes (customer_id, code_hash, sent_at, expires_at) VALUES ($1, 'the hash of a code', 1, 2)`, c.ID)
	d.Exec(d.t, `INSERT INTO mails (id, customer_id, account_id, kind, at, state) VALUES ('mail', $1, $2, 'sign_in_again', 1, 'waiting')`, c.ID, a.ID)
	e := must(d.AddEndpoint(ctx, store.Program, store.Endpoint{URL: "https://host.example"}))
	d.ok(d.ReplaySince(ctx, store.Program, e.ID, 0))
	d.ok(d.TakeUp(ctx, e.ID))
	k, _ := d.key()
	must(d.MakeInvitationOnce(ctx, store.Once{KeyID: k.ID, Idem: "1", Secret: "link canary"}, store.NewInvitation{CustomerID: c.ID, Secret: "x"}))
	return c.ID
}

// personalInSchema are the tables from which foreign keys or the names of
// columns lead to customers, with their columns.
func (d *db) personalInSchema() map[string][]string {
	d.t.Helper()
	personal := map[string][]string{}
	tables, parents := d.Schema(d.t)
	keys := []string{"customer_id", "account_id", "record_id", "attempt_id", "invitation_id", "consent_id", "event_id", "refresh_id", "principal_id"}
	for grown := true; grown; {
		grown = false
		for table, columns := range tables {
			leads := table == "customers" || slices.ContainsFunc(columns, func(c string) bool { return slices.Contains(keys, c) })
			for _, parent := range parents[table] {
				leads = leads || personal[parent] != nil
			}
			if leads && personal[table] == nil {
				personal[table], grown = columns, true
			}
		}
	}
	return personal
}

func TestEveryTableAndColumnAboutCustomersIsInExportAndErasure(t *testing.T) {
	d := newDB(t)
	listed, schema := store.PersonalTables(), d.personalInSchema()
	if len(schema) < 12 {
		t.Fatalf("only %d tables are about customers: the test looks in the wrong place", len(schema))
	}
	for table, columns := range schema {
		if slices.Contains(store.Tombstones(), table) {
			continue
		}
		got, ok := listed[table]
		if !ok {
			t.Errorf("%s is about customers and not in the lists of store/privacy.go", table)
			continue
		}
		slices.Sort(columns)
		slices.Sort(got.Columns)
		if !slices.Equal(got.Columns, columns) {
			t.Errorf("%s has the columns %v; store/privacy.go exports or withholds %v", table, columns, got.Columns)
		}
	}
	for table := range listed {
		if schema[table] == nil {
			t.Errorf("store/privacy.go names %s, which the schema does not have or which is about no customer", table)
		}
	}
}

func TestAnExportHoldsEverythingButSecrets(t *testing.T) {
	d := newDB(t)
	id, other := d.lived(), d.linked("Bola Neighbour")
	var out bytes.Buffer
	all := must(d.Export(t.Context(), id))
	defer all.Close()
	must(all.WriteTo(&out))
	for _, canary := range canaries {
		if !strings.Contains(out.String(), canary) {
			t.Errorf("%q is missing", canary)
		}
	}
	for name, secret := range map[string]string{
		"a neighbour": "Bola Neighbour", "a neighbour's account": other.ID,
		"the hash of a link":   d.Texts(t, `SELECT secret_hash FROM invitations WHERE customer_id = $1`, id)[0],
		"a nonce":              d.Texts(t, `SELECT nonce FROM link_attempts WHERE customer_id = $1`, id)[0] + `","claimed_by`,
		"the hash of a cookie": `"hash"`,
		"the hash of a code":   "the hash of a code",
	} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s is in it", name)
		}
	}
	var doc map[string]json.RawMessage
	d.ok(json.Unmarshal(out.Bytes(), &doc))
	for table := range store.PersonalTables() {
		if table == "customer_words" { // a copy, made for searching
			continue
		}
		var rows []map[string]any
		if d.ok(json.Unmarshal(doc[table], &rows)); len(rows) == 0 && table != "removals" {
			t.Errorf("no rows of %s", table)
		}
	}
	var balances []struct {
		AsOf   string `json:"as_of"`
		Ledger struct {
			Minor            int64
			Currency, Amount string
		} `json:"ledger_balance"`
	}
	d.ok(json.Unmarshal(doc["balances"], &balances))
	if last := balances[len(balances)-1]; last.Ledger.Currency != "NGN" || last.Ledger.Amount != fmt.Sprintf("0.%02d", last.Ledger.Minor) || !strings.HasPrefix(last.AsOf, "2026-11-03T12:") {
		t.Errorf("the last balance is %+v", last)
	}
	if _, err := d.Export(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody: %v, want ErrNotFound", err)
	}
}

func TestErasingIsNotDoneWhileSomebodyReadsWhatWasThere(t *testing.T) {
	d := newDB(t)
	id := d.lived()
	release := d.Reads(t)
	d.ok(d.Erase(t.Context(), store.Program, id, "asked"))
	d.ok(d.Clean(t.Context()))
	if e := must(d.ErasureByCustomer(t.Context(), id)); !e.RemovedAt.IsZero() || !d.Unclean() {
		t.Errorf("while it is read: %+v, unclean: %v", e, d.Unclean())
	}
	if !d.contains(canaries[0]) {
		t.Errorf("%q is gone already: the test proves nothing", canaries[0])
	}
	release()
	d.advance(time.Minute)
	d.ok(d.Clean(t.Context()))
	if e := must(d.ErasureByCustomer(t.Context(), id)); !e.RemovedAt.Equal(d.clock()) || d.Unclean() {
		t.Errorf("when nobody reads it any more: %+v, unclean: %v", e, d.Unclean())
	}
	for _, canary := range canaries {
		if d.contains(canary) {
			t.Errorf("%q lies in the files", canary)
		}
	}
	d.Exec(t, `UPDATE erasures SET removed_at = NULL`) // as a kill leaves it
	d.reopen()
	if e := must(d.ErasureByCustomer(t.Context(), id)); e.RemovedAt.IsZero() {
		t.Error("after a restart it is still not known to be gone")
	}
}

func TestErasingLeavesNoByteOfACustomer(t *testing.T) {
	d := newDB(t)
	id, other := d.lived(), d.linked("Bola Neighbour")
	canaries := slices.Concat(canaries, d.sealedOf(id))
	for _, canary := range canaries {
		if d.contains(canary) == slices.Contains(sealedCanaries, canary) {
			t.Fatalf("%q is nowhere, or lies there in clear: the test looks in the wrong place", canary)
		}
	}
	d.ok(d.Erase(t.Context(), "staff:s1", id, "asked"))
	d.ok(d.Erase(t.Context(), "staff:s2", id, "mistake"))
	for _, canary := range canaries {
		if d.contains(canary) {
			t.Errorf("%q lies in the files", canary)
		}
	}
	for table, columns := range d.personalInSchema() {
		if slices.Contains(columns, "customer_id") && !slices.Contains(store.Tombstones(), table) && store.PersonalTables()[table].Kept == "" {
			left := map[string]int{"outbox": 1}[table] // which says that the customer was erased
			if n := d.Number(t, `SELECT COUNT(*) FROM `+table+` WHERE customer_id = $1 AND $2 <> 'removals'`, id, table); n != left {
				t.Errorf("%d rows of %s are left, want %d", n, table, left)
			}
		}
	}
	got := must(d.ErasureByCustomer(t.Context(), id))
	want := store.Erasure{CustomerID: id, At: d.clock(), By: "staff:s1", Reason: "asked"}
	if d.IsFile() {
		want.RemovedAt = d.clock()
	}
	if got != want {
		t.Errorf("tombstone = %+v, want %+v", got, want)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM events WHERE result = 'ignored'`); n != 40 {
		t.Errorf("%d deliveries can still be seen to have come, want 40", n)
	}
	if d.only(other.CustomerID).Status != store.AccountLinked || !d.contains("Bola Neighbour") {
		t.Error("a neighbour was touched")
	}
	if d.IsFile() { // PostgreSQL takes no change that leaves one
		if n := d.Number(t, `SELECT COUNT(*) FROM pragma_foreign_key_check`); n != 0 {
			t.Errorf("%d references lead nowhere", n)
		}
	}
	if err := d.Erase(t.Context(), "staff:s1", "nobody", "asked"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("erasing nobody: %v, want ErrNotFound", err)
	}
}

func TestAnOlderCopyOfTheDatabaseDoesNotBringAnErasedCustomerBack(t *testing.T) {
	d := newDB(t)
	id := d.lived()
	d.ok(d.Close())
	back := storetest.Keep(t, d.path)
	d.Store = storetest.Open(t, d.path, d.clock)
	later := d.customer("Chidi Canary") // is in no older copy
	d.ok(d.Erase(t.Context(), "staff:s1", id, "asked"))
	d.ok(d.Erase(t.Context(), "staff:s1", later, "mistake"))
	erased := must(d.ErasureByCustomer(t.Context(), id))
	d.ok(d.Close())
	back()
	if !d.contains("Amina Canary") {
		t.Fatal("the older copy does not hold her: the test restores nothing")
	}

	d.Store = storetest.Open(t, d.path, d.clock)
	for _, canary := range canaries {
		if d.contains(canary) {
			t.Errorf("%q came back", canary)
		}
	}
	if got := must(d.ErasureByCustomer(t.Context(), id)); got != erased {
		t.Errorf("tombstone = %+v, want that of before, %+v", got, erased)
	}
	must(d.ErasureByCustomer(t.Context(), later))
	d.hears("record canary", "account canary")
	if d.contains("told late") {
		t.Error("a webhook about her is kept")
	}
}

// hears receives a webhook about a record and an account of the provider.
func (d *db) hears(record, account string) store.Event {
	d.t.Helper()
	_, err := d.ReceiveEvent(store.Event{
		Provider: "okra", Env: "simulated", DedupKey: store.HashSecret(record + account + d.clock().String()), Method: "BALANCE",
		ProviderRecord: record, ProviderAccount: account, Headers: `{}`, Body: []byte(`{"x":"told late"}`),
	}, nil)
	d.ok(err)
	all, err := d.Events(d.t.Context(), "", "", 1)
	d.ok(err)
	return all[0]
}

func TestAWebhookAboutAnErasedCustomerIsKeptWithoutContent(t *testing.T) {
	d := newDB(t)
	id := d.lived()
	d.ok(d.Erase(t.Context(), "staff:s1", id, "asked"))
	for _, restarted := range []bool{false, true} {
		if restarted {
			d.reopen()
		}
		d.advance(time.Second)
		for _, ids := range [][2]string{{"record canary", ""}, {"another record", "account canary"}} {
			if e := d.hears(ids[0], ids[1]); !e.BodyDropped() || e.ProviderRecord+e.ProviderAccount+e.Headers != "" {
				t.Errorf("kept (restarted: %v): %+v", restarted, e)
			}
		}
		if e := d.hears("a stranger's record", "a stranger's account"); e.BodyDropped() {
			t.Error("a stranger's webhook lost its payload")
		}
	}
	if d.contains("record canary") || d.contains("account canary") {
		t.Error("her ids are kept")
	}
}

func TestNoInstanceKeepsWhatItHearsOfSomebodyWhomAnotherErased(t *testing.T) {
	d := newDB(t)
	id := d.lived()
	other := d.beside('k')
	other.hears("a stranger's record", "a stranger's account")
	d.ok(d.Erase(t.Context(), "staff:s1", id, "asked"))
	d.advance(time.Second)
	if e := other.hears("record canary", "account canary"); !e.BodyDropped() || e.ProviderRecord+e.ProviderAccount+e.Headers != "" {
		t.Errorf("kept: %+v", e)
	}
	if d.contains("account canary") {
		t.Error("her ids are kept")
	}
}

func TestSomebodyErasedWhoComesBackIsHeardAbout(t *testing.T) {
	d := newDB(t)
	d.ok(d.Erase(t.Context(), "staff:s1", d.lived(), "asked"))
	again := d.customer("Amina, again")
	d.finish(again, "a new record", naira("account canary", "0123499999"))
	if e := d.hears("a new record", "account canary"); e.BodyDropped() {
		t.Error("a webhook about what she linked again lost its payload")
	}
}

func TestATombstoneThatACrashCutOffDoesNoHarm(t *testing.T) {
	d := newDB(t)
	first, second := d.customer("Amina"), d.customer("Bola")
	d.ok(d.Erase(t.Context(), "staff:s1", first, "asked"))
	file := d.path + ".erased"
	whole := must(os.ReadFile(file))
	d.ok(os.WriteFile(file, whole[:len(whole)-5], 0o600))
	d.ok(d.Erase(t.Context(), "staff:s1", second, "asked"))
	d.reopen()
	text := string(must(os.ReadFile(file)))
	for _, id := range []string{first, second} {
		if !strings.Contains(text, id) {
			t.Errorf("%s is not in the file: %s", id, text)
		}
	}
}

func TestAFileThatIsNoTombstonesStopsTheStart(t *testing.T) {
	d := newDB(t)
	d.ok(d.Close())
	d.ok(os.WriteFile(d.path+".erased", []byte("not this\n"), 0o600))
	if s, err := store.Open(t.Context(), storetest.URL(t, d.path), store.Options{ErasedFile: d.path + ".erased"}); err == nil {
		s.Close()
		t.Error("it was opened")
	} else if !strings.Contains(err.Error(), "line 1") {
		t.Errorf("the error names no line: %v", err)
	}
}

// What a bank's account was for who had it before is theirs, whoever has it now: it is
// in the file of the one and not of the other, and goes with the one.
func TestWhatWasSentAboutAnAccountIsOfWhoHadItThen(t *testing.T) {
	d := newDB(t)
	had := d.customer("Amina")
	d.finish(had, "r1", naira("a1", "0123456789"))
	theirs := d.hears("r1", "a1")
	d.ok(d.apply(theirs.ID, store.Outcome{Result: store.EventApplied, CustomerID: had}))
	d.ok(d.UnlinkAccount(t.Context(), clerk, store.Whole(), d.only(had).ID))
	a := d.doubtful("Bola", "r1", naira("a1", "0123456789"))
	d.advance(time.Minute)
	unmatched := d.hears("r1", "a1")
	d.ok(d.ApproveLink(t.Context(), clerk, a.ID, "It is hers now."))
	for id, want := range map[string]string{had: theirs.ID, a.CustomerID: unmatched.ID} {
		file := d.file(id)
		for _, e := range []store.Event{theirs, unmatched} {
			if strings.Contains(file, e.ID) != (e.ID == want) {
				t.Errorf("the file of %s has the webhook %s: %v", id, e.ID, e.ID != want)
			}
		}
	}
	d.ok(d.Erase(t.Context(), clerk, a.CustomerID, "asked"))
	if must(d.EventByID(t.Context(), theirs.ID)).BodyDropped() {
		t.Error("what was sent about who had the account before went with who has it now")
	}
	if !must(d.EventByID(t.Context(), unmatched.ID)).BodyDropped() {
		t.Error("what was sent about the customer stayed")
	}
}

// file is what there is of a customer, as they get it.
func (d *db) file(customerID string) string {
	d.t.Helper()
	e := must(d.Export(d.t.Context(), customerID))
	defer e.Close()
	var file strings.Builder
	must(e.WriteTo(&file))
	return file.String()
}
