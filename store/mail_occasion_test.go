package store_test

import (
	"testing"
	"time"

	"balancelink/store"
)

func TestStaffAreToldOnceOfWhatStands(t *testing.T) {
	d, _ := newMailDB(t, store.MailPaused)
	ctx := t.Context()
	say := func(stands bool) {
		d.t.Helper()
		d.ok(d.Occasion(ctx, store.MailPaused, "mono", stands, 10*time.Minute))
	}
	say(true)
	d.wants("at once")
	d.advance(10 * time.Minute)
	say(true)
	say(true)
	d.wants("after ten minutes", store.MailPaused)
	d.reopenWith(store.Options{Now: d.clock, Mails: true})
	d.advance(time.Hour)
	say(true)
	d.wants("still, after a restart")
	say(false)
	d.advance(time.Minute)
	say(true)
	d.advance(10 * time.Minute)
	say(true)
	d.wants("after a moment in which it did not stand")
	d.advance(10 * time.Minute)
	say(false)
	say(true)
	d.advance(10 * time.Minute)
	say(true)
	d.wants("once more", store.MailPaused)
}

func TestStaffAreToldOnceThatAConsentEndsSoon(t *testing.T) {
	d, _ := newMailDB(t, store.MailConsentEnding)
	options := store.Options{Now: d.clock, Mails: true, ConsentValid: 365 * 24 * time.Hour}
	d.reopenWith(options)
	look := func() {
		d.t.Helper()
		_, err := d.MailConsentsEnding(t.Context())
		d.ok(err)
	}
	a := d.linked("Amina")
	d.ok(d.Unshare(t.Context(), d.linked("Bola").ID)) // who is not linked any more
	look()
	d.wants("a year before")
	d.advance(355 * 24 * time.Hour)
	look()
	d.advance(time.Minute)
	look()
	d.wants("ten days before", store.MailConsentEnding)
	_, err := d.AddConsent(t.Context(), store.Consent{CustomerID: a.CustomerID, Version: "1", Scope: "balance"})
	d.ok(err)
	look()
	d.advance(360 * 24 * time.Hour)
	look()
	d.wants("of the next one", store.MailConsentEnding)
}

func TestWithoutAServerWhatStandsIsNotKept(t *testing.T) {
	d := newDB(t)
	d.ok(d.Occasion(t.Context(), store.MailBackupOld, "", true, 0))
	if n := d.Number(t, `SELECT COUNT(*) FROM occasions`); n != 0 {
		t.Errorf("%d occasions", n)
	}
}
