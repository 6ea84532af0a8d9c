package store_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"balancelink/store"
)

func TestOnePressMakesALinkForEachAccountInNeedAndASecondNone(t *testing.T) {
	d := newDB(t)
	var names []string
	for n := range 5 {
		names = append(names, "Customer "+strconv.Itoa(n))
		d.inNeed(names[n])
	}
	d.linked("Amina")
	press := func(renew bool, limit int) (of []string) {
		t.Helper()
		d.advance(time.Minute)
		links := make([]store.NewInvitation, limit)
		for i := range links {
			links[i] = store.NewInvitation{ValidFor: time.Hour, Secret: store.NewSecret()}
		}
		made, err := d.MakeAgainLinks(t.Context(), store.ByStaff("s"), renew, links)
		d.ok(err)
		for _, l := range made {
			if i, err := d.OpenInvitation(t.Context(), l.Secret); err != nil || i.ID != l.ID || l.Bank.Name != gtb.Name {
				t.Errorf("%+v opens %+v, %v", l, i, err)
			}
			of = append(of, l.Customer.Name)
		}
		slices.Sort(of)
		return of
	}
	counts := func(want store.AgainCounts) {
		t.Helper()
		if got := must(d.AgainCounts(t.Context())); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	}
	counts(store.AgainCounts{Accounts: 5})
	first, second := press(false, 3), press(false, 3)
	if all := append(first, second...); len(first) != 3 || len(second) != 2 || !slices.Equal(slices.Sorted(slices.Values(all)), names) {
		t.Errorf("made %v, then %v", first, second)
	}
	counts(store.AgainCounts{Accounts: 5, Linked: 5})
	if again := press(false, 3); again != nil {
		t.Errorf("pressed again it makes %v", again)
	}
	if renewed := press(true, 3); !slices.Equal(renewed, first) {
		t.Errorf("renewed %v, want the oldest: %v", renewed, first)
	}
	counts(store.AgainCounts{Accounts: 5, Linked: 5})
	if n := len(must(d.AuditLog(t.Context(), store.AuditQuery{Action: store.ActLinksTaken, Limit: 10}))); n != 4 {
		t.Errorf("%d rows of the log, want 4", n)
	}
	d.advance(2 * time.Hour)
	counts(store.AgainCounts{Accounts: 5})
}
