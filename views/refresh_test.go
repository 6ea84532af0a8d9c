package views

import (
	"testing"
	"time"
)

func TestOutcomeSentence(t *testing.T) {
	c := Clock{Now: at("2026-11-23 14:00:00"), Zone: lagos}
	for _, tt := range []struct {
		name     string
		refresh  Refresh
		forStaff bool
		want     string
	}{
		{"up", Refresh{State: "changed", Change: naira(500000), ChangeIn: "available"}, false, "New from GTBank: the available balance is up by ₦5,000.00."},
		{"down", Refresh{State: "changed", Change: naira(-500000), ChangeIn: "ledger"}, false, "New from GTBank: the ledger balance is down by ₦5,000.00."},
		{"both, apart", Refresh{State: "changed", Change: naira(500000), ChangeIn: "available", Other: naira(-100)}, false, "New from GTBank: the available balance is up by ₦5,000.00. The ledger balance is down by ₦1.00."},
		{"the large one not", Refresh{State: "changed", Change: naira(500000), ChangeIn: "ledger", Other: naira(0)}, false, "New from GTBank: the ledger balance is up by ₦5,000.00. The available balance has not changed."},
		{"by an unknown amount", Refresh{State: "changed"}, false, "GTBank gave a new balance."},
		{"unchanged", Refresh{State: "unchanged"}, false, "GTBank answered: the balance has not changed."},
		{"check says changed", Refresh{Kind: "check", State: "changed", Changed: true}, true, "GTBank says the balance has changed. Refresh to see the new figure."},
		{"check says unchanged", Refresh{Kind: "check", State: "unchanged"}, true, "GTBank says the balance has not changed."},
		{"sign-in, customer", Refresh{State: "needs_login"}, false, "GTBank wants you to sign in again. The old balance stays until then."},
		{"sign-in, staff", Refresh{State: "needs_login"}, true, "GTBank wants the customer to sign in again. The old balance stays until then."},
		{"limited until", Refresh{State: "limited", TryAgain: at("2026-11-23 15:20:00")}, false, "Too many requests to GTBank for now. The old balance stays. Please try again after 15:20."},
		{"limited", Refresh{State: "limited"}, false, "Too many requests to GTBank for now. The old balance stays. Please try again later."},
		{"failed", Refresh{State: "failed", Reference: "R-7K2P"}, false, "The balance could not be fetched. The old balance stays. If it keeps happening, quote R-7K2P."},
		{"timed out", Refresh{State: "timed_out"}, false, "We waited for GTBank and gave up. The old balance stays; if a late answer comes, we will take it."},
		{"interrupted", Refresh{State: "interrupted"}, false, "This was interrupted before GTBank answered. The old balance stays. Please refresh again."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := Account{BankName: "GTBank", ForStaff: tt.forStaff, Refresh: &tt.refresh}
			if got := outcomeSentence(t.Context(), c, a); got != tt.want {
				t.Errorf("outcomeSentence = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAChangeHasAnArrowOfItsDirection(t *testing.T) {
	for want, r := range map[string]Refresh{
		"up good":    {State: "changed", Change: naira(1)},
		"down info":  {State: "changed", Change: naira(-1)},
		"check good": {State: "changed"}, // amounts are hidden
		"alert bad":  {State: "failed", Change: naira(1)},
	} {
		if icon, tone := r.direction(t.Context()); icon+" "+string(tone) != want {
			t.Errorf("%+v: %s %s, want %s", r, icon, tone, want)
		}
	}
}

func TestRunningSentenceAndPatience(t *testing.T) {
	c := Clock{Now: at("2026-11-23 14:00:12"), Zone: lagos}
	r := Refresh{Kind: "refresh", State: "waiting", Running: true, StartedAt: at("2026-11-23 14:00:00")}
	a := Account{BankName: "GTBank", Refresh: &r}
	got := runningSentence(t.Context(), a) + " " + patience(t.Context(), c, a)
	want := "Asking GTBank… usually takes 1–2 minutes, started 12 s ago. You may leave this page."
	if got != want {
		t.Errorf("running = %q, want %q", got, want)
	}
	for want, h := range map[string]BankHealth{
		"usually takes up to 20 seconds, started 12 s ago. You may leave this page.": {Asked: 10, Answered: 9, Most: 20 * time.Second},
		"usually takes up to 1 minute, started 12 s ago. You may leave this page.":   {Asked: 5, Answered: 5, Most: time.Minute},
		"usually takes 1–2 minutes, started 12 s ago. You may leave this page.":      {Asked: 10, Answered: 3, Most: 5 * time.Second}, // it often does not answer at all
	} {
		a.Health = &h
		if got := patience(t.Context(), c, a); got != want {
			t.Errorf("after %+v: %q, want %q", h, got, want)
		}
	}
	r.State, r.Kind = "asked", "check"
	if got, want := runningSentence(t.Context(), a), "Asking GTBank whether the balance has changed…"; got != want {
		t.Errorf("check = %q, want %q", got, want)
	}
}

func TestABankThatTakesLongerThanIsCountedIsSaidToTakeMoreThanThat(t *testing.T) {
	h := BankHealth{Asked: 10, Answered: 9, Longest: 10 * time.Minute}
	if got, want := h.within(t.Context()), "more than 10 minutes"; got != want {
		t.Errorf("it takes %q, want %q", got, want)
	}
}

// A running request says the same at every poll, so that it is heard once; an
// end is news for a minute.
func TestAnnouncement(t *testing.T) {
	now := at("2026-11-23 14:00:00")
	c := Clock{Now: now, Zone: lagos}
	a := Account{Name: "ADA OBI", NUBAN: "••••1234", BankName: "GTBank"}
	for _, tt := range []struct {
		name    string
		refresh *Refresh
		want    string
	}{
		{"nothing", nil, ""},
		{"running", &Refresh{State: "waiting", Running: true, StartedAt: now.Add(-time.Minute)}, "GTBank account ending 1234: Asking GTBank…"},
		{"just ended", &Refresh{State: "unchanged", EndedAt: now.Add(-time.Second)}, "GTBank account ending 1234: GTBank answered: the balance has not changed."},
		{"old", &Refresh{State: "unchanged", EndedAt: now.Add(-time.Hour)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.Refresh = tt.refresh
			if got := announcement(t.Context(), c, a); got != tt.want {
				t.Errorf("announcement = %q, want %q", got, tt.want)
			}
		})
	}
}
