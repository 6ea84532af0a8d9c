package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
)

func TestALinkSaysHowFarItHasCome(t *testing.T) {
	d := newDB(t)
	id := d.customer("Ngozi")
	actor := store.ByStaff("s")
	i, secret, err := d.AddInvitation(t.Context(), actor, id, "s", time.Hour)
	d.ok(err)
	link := func() store.LinkProgress {
		t.Helper()
		l, err := d.LinkByID(t.Context(), id, i.ID)
		d.ok(err)
		all, err := d.LinksByCustomer(t.Context(), id)
		d.ok(err)
		newest, err := d.NewestLinks(t.Context(), id, "nobody")
		d.ok(err)
		if len(all) != 1 || all[0] != l || len(newest) != 1 || newest[id] != l {
			t.Fatalf("one says %+v, another %+v, another %+v", l, all, newest)
		}
		return l
	}
	if l := link(); !l.SentAt.IsZero() || !l.OpenedAt.IsZero() || !l.AgreedAt.IsZero() || l.Last.State != "" {
		t.Errorf("just made: %+v", l)
	}
	at := func(what string, got time.Time) {
		t.Helper()
		if !got.Equal(d.clock()) {
			t.Errorf("%s at %v, want %v", what, got, d.clock())
		}
	}
	d.advance(time.Minute)
	d.ok(d.NoteSent(t.Context(), actor, id, i.ID, "WhatsApp"))
	at("sent", link().SentAt)
	d.advance(time.Minute)
	d.ok(d.NoteOpened(t.Context(), secret))
	at("opened", link().OpenedAt)
	before := link()
	d.advance(time.Minute)
	d.ok(d.NoteSent(t.Context(), actor, id, i.ID, "SMS"))
	d.ok(d.NoteOpened(t.Context(), secret))
	d.ok(d.NoteOpened(t.Context(), "unknown"))
	if after := link(); after != before {
		t.Errorf("the first time counts: %+v, was %+v", after, before)
	}
	co, err := d.BeginVisit(t.Context(), store.Consent{CustomerID: id, InvitationID: i.ID}, time.Hour)
	d.ok(err)
	at("agreed", link().AgreedAt)
	for _, nth := range []string{"first", "second"} {
		d.advance(time.Minute)
		a, err := d.StartAttempt(t.Context(), store.Attempt{
			CustomerID: id, InvitationID: i.ID, ConsentID: co.ID, VisitID: co.VisitID, Provider: "okra", Env: "simulated",
		}, time.Hour)
		d.ok(err)
		at(nth+" opening", link().Last.CreatedAt)
		d.report(a.Nonce, store.Report{State: store.AttemptClosed})
		if l := link(); l.Last.State != store.AttemptClosed || !l.Last.EndedAt.Equal(d.clock()) {
			t.Errorf("%s opening, closed: %+v", nth, l.Last)
		}
	}
	if err := d.NoteSent(t.Context(), actor, d.customer("Other"), i.ID, "SMS"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else's link: %v", err)
	}
}

func TestALinkThatCannotBeUsedIsNotOpened(t *testing.T) {
	d := newDB(t)
	id := d.customer("Ngozi")
	i, secret, err := d.AddInvitation(t.Context(), store.Program, id, "", time.Hour)
	d.ok(err)
	d.ok(d.RevokeInvitation(t.Context(), store.Program, id, i.ID))
	d.ok(d.NoteOpened(t.Context(), secret))
	if l, err := d.LinkByID(t.Context(), id, i.ID); err != nil || !l.OpenedAt.IsZero() {
		t.Errorf("it was opened at %v: %v", l.OpenedAt, err)
	}
}

func TestANewLinkInPlaceOfTheOpenOnesRevokesThese(t *testing.T) {
	d := newDB(t)
	id, other := d.customer("Ngozi"), d.customer("Other")
	for _, of := range []string{id, id, other} {
		_, _, err := d.AddInvitation(t.Context(), store.Program, of, "", time.Hour)
		d.ok(err)
	}
	used, err := d.LinksByCustomer(t.Context(), d.linked("Amina").CustomerID)
	d.ok(err)
	alone := store.NewInvitation{CustomerID: id, ValidFor: time.Hour, Secret: store.NewSecret(), Alone: true}
	must(d.MakeInvitation(t.Context(), store.Program, alone))
	if open := d.Number(t, `SELECT COUNT(*) FROM invitations WHERE revoked_at IS NULL AND customer_id = $1`, id); open != 1 {
		t.Errorf("%d of theirs are open, want one", open)
	}
	if _, err := d.OpenInvitation(t.Context(), alone.Secret); err != nil {
		t.Errorf("the new one: %v", err)
	}
	if open := d.Number(t, `SELECT COUNT(*) FROM invitations WHERE revoked_at IS NULL AND customer_id = $1`, other); open != 1 {
		t.Error("somebody else's is revoked")
	}
	alone.CustomerID, alone.Secret = used[0].CustomerID, store.NewSecret()
	must(d.MakeInvitation(t.Context(), store.Program, alone))
	if l, err := d.LinkByID(t.Context(), used[0].CustomerID, used[0].ID); err != nil || !l.RevokedAt.IsZero() {
		t.Errorf("one that was used is revoked: %v, %v", l.RevokedAt, err)
	}
}
