package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// contains says whether any file of the database holds the text.
func (d *db) contains(text string) bool {
	d.t.Helper()
	return storetest.Holds(d.t, d.path, text)
}

func TestTheSecretOfAPersonalLinkIsKeptNowhere(t *testing.T) {
	d := newDB(t)
	_, secret, err := d.AddInvitation(t.Context(), store.Program, d.customer("Amina Canary"), "", time.Hour)
	d.ok(err)
	if _, err := d.OpenInvitation(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if !d.contains("Amina Canary") || !d.contains(store.HashSecret(secret)) {
		t.Fatal("the files do not hold what they should: the test looks in the wrong place")
	}
	if d.contains(secret) {
		t.Error("the secret lies in the database's files")
	}
}

func TestALinkThatCannotBeUsedIsNotFound(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	invite := func() (store.Invitation, string) {
		i, secret, err := d.AddInvitation(t.Context(), store.Program, id, "", time.Hour)
		d.ok(err)
		return i, secret
	}
	revoked, revokedSecret := invite()
	d.ok(d.RevokeInvitation(t.Context(), store.Program, id, revoked.ID))
	d.ok(d.RevokeInvitation(t.Context(), store.Program, id, revoked.ID))
	good, secret := invite()
	d.advance(time.Hour - time.Millisecond)
	if got, err := d.OpenInvitation(t.Context(), secret); err != nil || got.ID != good.ID {
		t.Errorf("a good link: %v", err)
	}
	for name, s := range map[string]string{"revoked": revokedSecret, "unknown": store.NewSecret(), "empty": "", "the hash itself": store.HashSecret(secret), "cut": secret[:42]} {
		if _, err := d.OpenInvitation(t.Context(), s); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	d.advance(time.Millisecond)
	if _, err := d.OpenInvitation(t.Context(), secret); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("expired: %v, want ErrNotFound", err)
	}
}

func TestASessionEndsWhenIdleWhenOldAndWhenEnded(t *testing.T) {
	const idle = 15 * time.Minute
	d := newDB(t)
	begin := func(hash string) {
		d.ok(d.SaveSession(t.Context(), store.Session{
			TokenHash: hash, Kind: "staff", Principal: "p", Data: "{}", CreatedAt: d.clock(), LastSeenAt: d.clock(), ExpiresAt: d.clock().Add(time.Hour),
		}))
	}
	lives := func(kind, hash string) bool {
		_, err := d.SessionByTokenHash(t.Context(), kind, hash, d.clock().Add(-idle))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	begin("used")
	begin("idle")
	begin("ended")
	d.ok(d.EndSession(t.Context(), "ended"))
	d.ok(d.TouchSession(t.Context(), "ended", d.clock()))
	if lives("staff", "ended") {
		t.Error("an ended session came back to life by being used at the same moment")
	}
	if lives("customer", "used") {
		t.Error("a staff session is good for customers' pages")
	}
	for range 4 {
		d.advance(14 * time.Minute)
		if !lives("staff", "used") {
			t.Fatalf("a used session ended at %v", d.clock().Sub(noon))
		}
		d.ok(d.TouchSession(t.Context(), "used", d.clock()))
	}
	if lives("staff", "idle") {
		t.Error("an idle session lives")
	}
	d.advance(4 * time.Minute)
	if lives("staff", "used") {
		t.Error("a session outlives its absolute end by being used")
	}
}

func TestANewPasswordEndsThatPersonsSessions(t *testing.T) {
	d := newDB(t)
	m := must(d.AddStaff(t.Context(), store.Program, store.Staff{Email: "Officer@Lender.Example", PasswordHash: "old", Role: "owner"}))
	for _, n := range []store.Session{{TokenHash: "1", Kind: "staff", Principal: m.ID}, {TokenHash: "2", Kind: "staff", Principal: "other"}, {TokenHash: "3", Kind: "customer", Principal: m.ID}} {
		n.CreatedAt, n.LastSeenAt, n.ExpiresAt = noon, noon, noon.Add(time.Hour)
		d.ok(d.SaveSession(t.Context(), n))
	}
	d.ok(d.SetStaffPassword(t.Context(), store.Program, m.ID, "new"))
	if n := d.Number(t, `SELECT COUNT(*) FROM sessions WHERE token_hash = '1'`); n != 0 {
		t.Error("the session of before lives")
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM sessions`); n != 2 {
		t.Errorf("%d sessions of others live, want 2", n)
	}
	if got := must(d.StaffByEmail(t.Context(), "OFFICER@lender.example")); got.PasswordHash != "new" {
		t.Errorf("hash = %s", got.PasswordHash)
	}
	if _, err := d.AddStaff(t.Context(), store.Program, store.Staff{Email: "officer@lender.example"}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the same address again: %v, want ErrConflict", err)
	}
}

// A customer signs in with a password that is another by the time that their
// session begins.
func TestACustomersSignInThatWasUnderWayWhenThePasswordChangedComesToNothing(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	begin := func(password string) (begun bool) {
		d.ok(d.SaveSession(t.Context(), store.Session{
			TokenHash: "late", Kind: "customer", Principal: id, Password: password, Data: "{}", CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour),
		}))
		_, err := d.SessionByTokenHash(t.Context(), "customer", "late", noon.Add(-time.Hour))
		return err == nil
	}
	d.ok(d.SetCustomerPassword(t.Context(), store.OfCustomer(id), "", "one"))
	if !begin("one") {
		t.Error("the right password begins no session")
	}
	d.ok(d.SetCustomerPassword(t.Context(), store.OfCustomer(id), "one", "two"))
	if begin("one") {
		t.Error("a session begins by the password of before")
	}
	d.ok(d.RemoveCustomerPassword(t.Context(), store.Program, id))
	if begin("two") {
		t.Error("a session begins by a password that was removed")
	}
}

func TestOnlyOneProcessHasTheDatabase(t *testing.T) {
	d := newDB(t)
	if _, err := store.Open(t.Context(), storetest.URL(t, d.path), store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("second Open: %v, want ErrInUse", err)
	}
	d.ok(d.Ready(t.Context()))
	d.ok(d.Close())
	storetest.Open(t, d.path, time.Now)
}

func TestEveryConnectionHasTheSettingsThatOurPromisesNeed(t *testing.T) {
	d := newDB(t)
	for name, want := range map[string][2]string{
		"journal_mode": {"wal", "wal"}, "synchronous": {"2", "2"}, "foreign_keys": {"1", "1"}, "busy_timeout": {"0", "5000"}, "query_only": {"0", "1"},
	} {
		write, read := d.Pragma(t, name)
		if write != want[0] || read != want[1] {
			t.Errorf("%s = %s when writing and %s when reading, want %v", name, write, read, want)
		}
	}
}

func TestOnlyKnownDatabasesAreOpened(t *testing.T) {
	for _, url := range []string{"", "sqlite:", "mysql://localhost/x", "test.db"} {
		if s, err := store.Open(t.Context(), url, store.Options{}); err == nil {
			s.Close()
			t.Errorf("%q was opened", url)
		}
	}
}

func TestWhoDidWhatIsWrittenWithTheAct(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	q := wish(a.ID)
	q.StaffID = "s1"
	d.start(q)
	for _, act := range []string{"customer added", "personal link made", "consent given", "bank window opened", "bank linked", "refresh started"} {
		if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = $1 AND customer_id = $2`, act, a.CustomerID); n != 1 {
			t.Errorf("%q is written %d times, want once", act, n)
		}
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE actor = 'staff:s1'`); n != 1 {
		t.Errorf("%d acts of the member of staff, want 1", n)
	}
}
