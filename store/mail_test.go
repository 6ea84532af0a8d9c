package store_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

// newMailDB is [newDB] of a program that sends e-mail, with a member of staff who is told of
// those kinds.
func newMailDB(t *testing.T, kinds ...store.MailKind) (d *db, staffID string) {
	t.Helper()
	t.Parallel()
	d = &db{t: t, path: filepath.Join(storetest.Folder(t), "test.db"), time: sitetest.NewClock(noon)}
	d.Store = storetest.OpenWith(t, d.path, store.Options{Now: d.clock, Mails: true})
	m, err := d.AddStaff(t.Context(), store.Program, store.Staff{Email: "officer@lender.example", PasswordHash: "x", Role: store.RoleOwner})
	d.ok(err)
	d.ok(d.ChooseMails(t.Context(), m.ID, kinds))
	return d, m.ID
}

// reopenWith closes the database and opens it again with other options.
func (d *db) reopenWith(o store.Options) {
	d.t.Helper()
	d.ok(d.Close())
	d.Store = storetest.OpenWith(d.t, d.path, o)
}

// accounts are a customer's.
func (d *db) accounts(customerID string) []store.Account {
	d.t.Helper()
	all, err := d.AccountsByCustomer(d.t.Context(), customerID)
	d.ok(err)
	return all
}

// needsLogin has the bank of an account want a new sign-in.
func (d *db) needsLogin(accountID string) {
	d.t.Helper()
	r := d.start(wish(accountID))
	d.ok(d.EndRefresh(d.t.Context(), r, store.Ending{State: store.RefreshNeedsLogin}))
	d.advance(2 * time.Minute)
}

// mended has the bank answer again.
func (d *db) mended(accountID string) {
	d.t.Helper()
	r := d.start(wish(accountID))
	d.ok(d.EndRefresh(d.t.Context(), r, store.Ending{State: store.RefreshUnchanged}))
	d.advance(2 * time.Minute)
}

// letters sends everything that is due, and returns it.
func (d *db) letters() (all []store.Letter) {
	d.t.Helper()
	for {
		l, err := d.NextLetter(d.t.Context())
		if errors.Is(err, store.ErrNotFound) {
			return all
		}
		d.ok(err)
		d.ok(d.EndLetter(d.t.Context(), l, store.MailTried{}))
		all = append(all, l)
	}
}

// kinds are what letters are about.
func kinds(letters []store.Letter) (all []store.MailKind) {
	for _, l := range letters {
		for _, m := range l.Mails {
			all = append(all, m.Kind)
		}
	}
	return all
}

func (d *db) wants(what string, want ...store.MailKind) {
	d.t.Helper()
	if got := kinds(d.letters()); !slices.Equal(got, want) {
		d.t.Errorf("%s: e-mail about %v, want %v", what, got, want)
	}
}

func TestStaffAreToldOnceOfWhatTheyChose(t *testing.T) {
	d, staff := newMailDB(t, store.MailKinds()...)
	ctx := t.Context()
	id := d.customer("Amina")
	d.finish(id, "r", naira("one", "0123456789"), naira("two", "0123456780"))
	letters := d.letters()
	if got := kinds(letters); !slices.Equal(got, []store.MailKind{store.MailLinked}) {
		t.Fatalf("of a bank with two accounts: %v", got)
	}
	if l := letters[0]; l.To != "officer@lender.example" || l.Role != store.RoleOwner || l.Mails[0].Customer != "Amina" || l.Mails[0].Bank != gtb.Name {
		t.Errorf("letter %+v", l)
	}
	a := d.accounts(id)[0]
	d.ok(d.SetThreshold(ctx, staff, a.ID, 5000))
	for i, balance := range []int64{6000, 4000, 3000, 6000, 4000} {
		d.advance(time.Minute)
		o := said(a.ID, d.clock(), int64(i), store.Minor(balance))
		d.save(o)
	}
	d.wants("two crossings", store.MailFellBelow, store.MailFellBelow)
	d.needsLogin(a.ID)
	d.needsLogin(a.ID)
	d.wants("asked twice", store.MailNeedsLogin)
	d.doubtful("Dayo", "r2", naira("doubtful", "0123456783"))
	_, err := d.WithdrawConsent(ctx, store.ByStaff(staff), store.OfCustomer(id))
	d.ok(err)
	d.wants("doubted and withdrawn", store.MailReview, store.MailWithdrawn)
	d.ok(d.ChooseMails(ctx, staff, []store.MailKind{store.MailFellBelow}))
	d.finish(d.customer("Bola"), "r3", naira("three", "0123456781"))
	d.wants("not chosen")
	d.ok(d.ChooseMails(ctx, staff, store.MailKinds()))
	_, err = d.AddStaff(ctx, store.Program, store.Staff{Email: "other@lender.example", PasswordHash: "x", Role: store.RoleOwner})
	d.ok(err)
	chidi := d.finish(d.customer("Chidi"), "r4", naira("four", "0123456782"))
	d.Exec(t, `UPDATE customers SET email = 'chidi@example.com' WHERE id = $1`, chidi.CustomerID)
	d.ok(d.DisableStaff(ctx, store.Program, staff))
	if l, err := d.NextLetter(ctx); err != nil || l.To != "" {
		t.Errorf("what waits for somebody who was disabled goes to %q, %v", l.To, err)
	}
	d.letters()
	d.finish(d.customer("Dupe"), "r5", naira("five", "0123456784"))
	d.wants("disabled")
}

func TestWithoutAServerNothingIsQueued(t *testing.T) {
	d := newDB(t)
	m, err := d.AddStaff(t.Context(), store.Program, store.Staff{Email: "o@lender.example", PasswordHash: "x", Role: store.RoleOwner})
	d.ok(err)
	d.ok(d.ChooseMails(t.Context(), m.ID, store.MailKinds()))
	a := d.linked("Amina")
	d.Exec(t, `UPDATE customers SET email = 'amina@example.com'`)
	d.needsLogin(a.ID)
	if server, err := d.MailServer(t.Context()); err != nil || server.Waiting != 0 {
		t.Errorf("%+v, %v", server, err)
	}
}

func TestACustomerIsSentALinkOncePerOccasion(t *testing.T) {
	d, _ := newMailDB(t)
	ctx := t.Context()
	id := d.customer("Amina")
	d.Exec(t, `UPDATE customers SET email = 'amina@example.com', language = 'fr'`)
	d.finish(id, "r", naira("one", "0123456789"), naira("two", "0123456780"))
	for _, a := range d.accounts(id) {
		d.needsLogin(a.ID)
	}
	l, err := d.NextLetter(ctx)
	d.ok(err)
	m := l.Mails[0]
	if l.To != "amina@example.com" || l.Role != "" || l.Language != "fr" || m.Kind != store.MailSignIn || m.CustomerID != id {
		t.Fatalf("letter %+v", l)
	}
	again := store.NewInvitation{ValidFor: time.Hour, Secret: "first"}
	first, err := d.AgainByMail(ctx, m, again)
	d.ok(err)
	d.ok(d.EndLetter(ctx, l, store.MailTried{Error: "refused", NextTryAt: d.clock().Add(time.Minute)}))
	d.wants("before its next try")
	d.advance(time.Minute)
	l, err = d.NextLetter(ctx)
	d.ok(err)
	again.Secret = "second"
	second, err := d.AgainByMail(ctx, l.Mails[0], again)
	d.ok(err)
	l.Mails[0].Invitation = second.ID
	d.ok(d.EndLetter(ctx, l, store.MailTried{}))
	if i, err := d.InvitationByID(ctx, first.ID); err != nil || i.RevokedAt.IsZero() {
		t.Errorf("the link of the try before works: %+v, %v", i, err)
	}
	if i, err := d.InvitationByID(ctx, second.ID); err != nil || i.SentAt.IsZero() || i.AccountID != m.AccountID {
		t.Errorf("the link that was sent: %+v, %v", i, err)
	}
	d.wants("of the other account of the same link")
	d.mended(m.AccountID)
	d.needsLogin(m.AccountID)
	d.wants("after it was mended", store.MailSignIn)
}

func TestACustomerIsNotSentWhatIsOfNoUse(t *testing.T) {
	d, _ := newMailDB(t)
	ctx := t.Context()
	nobody := d.linked("Without an address")
	d.needsLogin(nobody.ID)
	d.wants("without an address")
	again := store.NewInvitation{ValidFor: time.Hour, Secret: "by mail"}
	for name, meanwhile := range map[string]func(a store.Account){
		"signed in again": func(a store.Account) { d.mended(a.ID) },
		"withdrawn": func(a store.Account) {
			_, err := d.WithdrawConsent(ctx, store.Program, store.OfCustomer(a.CustomerID))
			d.ok(err)
		},
		"staff have made a link": func(a store.Account) {
			_, err := d.MakeInvitation(ctx, store.ByStaff("s"), store.NewInvitation{
				CustomerID: a.CustomerID, AccountID: a.ID, ValidFor: time.Hour, Secret: "by staff",
			})
			d.ok(err)
		},
		"no consent": func(a store.Account) { d.Exec(t, `UPDATE consents SET withdrawn_at = 1`) },
	} {
		a := d.linked(name)
		d.Exec(t, `UPDATE customers SET email = 'amina@example.com' WHERE id = $1`, a.CustomerID)
		d.needsLogin(a.ID)
		l, err := d.NextLetter(ctx)
		d.ok(err)
		meanwhile(a)
		if _, err := d.AgainByMail(ctx, l.Mails[0], again); !errors.Is(err, store.ErrNotWanted) {
			t.Errorf("%s: %v", name, err)
		}
		d.ok(d.EndLetter(ctx, l, store.MailTried{Unwanted: true}))
	}
	a := d.linked("Put off")
	d.Exec(t, `UPDATE customers SET email = 'p@example.com' WHERE id = $1`, a.CustomerID)
	d.ok(d.PutOff(ctx, "s", a.CustomerID, d.clock().Add(100*time.Hour)))
	d.needsLogin(a.ID)
	d.wants("put off")
	d.advance(100 * time.Hour)
	d.wants("no longer put off", store.MailSignIn)
	a = d.linked("Erased")
	d.Exec(t, `UPDATE customers SET email = 'e@example.com' WHERE id = $1`, a.CustomerID)
	d.needsLogin(a.ID)
	d.ok(d.Erase(ctx, store.Program, a.CustomerID, "asked"))
	if n := d.Number(t, `SELECT COUNT(*) FROM mails WHERE customer_id = $1`, a.CustomerID); n != 0 {
		t.Errorf("%d e-mails of somebody who was erased", n)
	}
}

func TestWhatComesAfterTenInAnHourIsPutTogether(t *testing.T) {
	d, staff := newMailDB(t, store.MailLinked)
	link := func(n int) {
		for i := range n {
			name := d.clock().String() + string(rune('a'+i))
			d.finish(d.customer(name), "r"+name, naira(name, "0123456789"))
		}
	}
	link(10)
	if got := d.letters(); len(got) != 10 || slices.ContainsFunc(got, store.Letter.Digest) {
		t.Fatalf("%d letters, want ten of their own", len(got))
	}
	d.advance(30 * time.Minute)
	link(3)
	d.wants("beyond ten")
	d.advance(31 * time.Minute) // the ten are older than an hour, what is held is not
	link(2)
	d.wants("while others are held")
	d.reopenWith(store.Options{Now: d.clock, Mails: true})
	d.advance(30 * time.Minute)
	got := d.letters()
	if len(got) != 1 || !got[0].Digest() || len(got[0].Mails) != 5 || got[0].Mails[0].StaffID != staff {
		t.Fatalf("after the hour: %d letters, the first %+v", len(got), got)
	}
	link(1)
	if got := d.letters(); len(got) != 1 || got[0].Digest() {
		t.Errorf("one more: %+v", got)
	}
}

func TestWhatTheMailServerDidLastCountsThoughTheClockWasSetBackMeanwhile(t *testing.T) {
	d, _ := newMailDB(t)
	for _, failed := range []string{"unreachable", "", "refused", ""} {
		d.ok(d.NoteMailServer(t.Context(), failed))
		if m, err := d.MailServer(t.Context()); err != nil || m.Failing() != (failed != "") || m.FailedAt.After(d.clock()) || m.SentAt.After(d.clock()) {
			t.Errorf("after %q at %v: %+v, %v", failed, d.clock(), m, err)
		}
		d.advance(-24 * time.Hour)
	}
}

func TestALetterThatIsNotTakenIsTriedAgainOrGivenUp(t *testing.T) {
	d, _ := newMailDB(t, store.MailLinked)
	ctx := t.Context()
	d.linked("Amina")
	since := d.clock()
	d.advance(time.Minute)
	if server, err := d.MailServer(ctx); err != nil || server.Waiting != 1 || !server.Due.Equal(since) {
		t.Errorf("while it waits: %+v, %v", server, err)
	}
	l, err := d.NextLetter(ctx)
	d.ok(err)
	d.ok(d.EndLetter(ctx, l, store.MailTried{Error: "refused"}))
	d.wants("given up")
	server, err := d.MailServer(ctx)
	d.ok(err)
	if !server.Failing() || server.Error != "refused" || server.Waiting != 0 || !server.Due.IsZero() {
		t.Errorf("server %+v", server)
	}
	d.ok(d.NoteMailServer(ctx, "recipient"))
	if server, err = d.MailServer(ctx); err != nil || server.Failing() {
		t.Errorf("for one recipient's sake the server counts as failing: %+v, %v", server, err)
	}
	d.linked("Bola")
	d.advance(4 * 24 * time.Hour)
	d.ok(d.DropLateMail(ctx))
	d.wants("too late")
	d.ok(d.NoteMailServer(ctx, ""))
	if server, err = d.MailServer(ctx); err != nil || server.Failing() || !server.SentAt.Equal(d.clock()) {
		t.Errorf("server %+v, %v", server, err)
	}
}
