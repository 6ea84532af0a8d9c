package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
)

func TestWhoeverHasALinkThatIsOverAsksForANewOneUntilOneIsMade(t *testing.T) {
	d := newDB(t)
	asking := func() int {
		t.Helper()
		rows, err := d.Customers(t.Context(), store.CustomerQuery{Filter: store.AskedLink, Limit: 10})
		d.ok(err)
		n, err := d.Counts(t.Context(), store.CountsAt{StaleBefore: noon, EventsSince: noon})
		if d.ok(err); n.AskedLink != len(rows) {
			t.Errorf("%d are counted and %d listed", n.AskedLink, len(rows))
		}
		return len(rows)
	}
	for name, over := range map[string]func(i store.Invitation, secret string){
		"used": func(i store.Invitation, _ string) {
			d.Exec(t, `UPDATE invitations SET used_at = 1 WHERE id = $1`, i.ID)
		},
		"revoked": func(i store.Invitation, _ string) {
			d.ok(d.RevokeInvitation(t.Context(), store.Program, i.CustomerID, i.ID))
		},
		"locked": func(i store.Invitation, _ string) {
			d.Exec(t, `UPDATE invitations SET code_hash = 'hash' WHERE id = $1`, i.ID)
			for range store.CodeTries {
				_, _, err := d.TryCode(t.Context(), i.ID, "wrong")
				d.ok(err)
			}
		},
		"expired": func(store.Invitation, string) { d.advance(2 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			i, secret, err := d.AddInvitation(t.Context(), store.Program, d.customer("Amina"), "", time.Hour)
			d.ok(err)
			if d.ok(d.AskForLink(t.Context(), secret)); asking() != 0 {
				t.Error("a link that works asks for another")
			}
			over(i, secret)
			d.ok(d.AskForLink(t.Context(), secret))
			cu, err := d.CustomerByID(t.Context(), i.CustomerID)
			if d.ok(err); !cu.AskedLinkAt.Equal(d.clock()) || asking() != 1 {
				t.Errorf("asked at %v, and %d are listed", cu.AskedLinkAt, asking())
			}
			d.advance(time.Minute)
			d.ok(d.AskForLink(t.Context(), secret))
			if again, err := d.CustomerByID(t.Context(), i.CustomerID); err != nil || again != cu {
				t.Errorf("asked again: %+v, %v", again, err)
			}
			_, _, err = d.AddInvitation(t.Context(), store.Program, i.CustomerID, "", time.Hour)
			if d.ok(err); asking() != 0 {
				t.Error("they have a new link and still ask for one")
			}
		})
	}
	if err := d.AskForLink(t.Context(), store.NewSecret()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a secret that nobody was given: %v", err)
	}
}
