package store_test

import (
	"errors"
	"slices"
	"testing"

	"balancelink/store"
	"balancelink/store/limits"
)

func TestACustomerHasOnlySoManyOpenWindows(t *testing.T) {
	d := newDB(t)
	id, other := d.customer("Amina"), d.attempt(d.customer("Bola"))
	var all []store.Attempt
	for range 3 * limits.OpenAttempts {
		all = append(all, d.attempt(id))
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM link_attempts WHERE state = 'open' AND customer_id = $1`, id); n != limits.OpenAttempts {
		t.Errorf("%d windows are open, want %d", n, limits.OpenAttempts)
	}
	if a := must(d.AttemptByNonce(t.Context(), store.OfCustomer(id), all[len(all)-1].Nonce)); a.State != store.AttemptOpen {
		t.Errorf("the newest is %s", a.State)
	}
	if a := must(d.AttemptByNonce(t.Context(), store.OfCustomer(other.CustomerID), other.Nonce)); a.State != store.AttemptOpen {
		t.Errorf("somebody else's is %s", a.State)
	}
	if a := d.report(all[0].Nonce, claim("widget", "r")); a.State != store.AttemptClaimed { // who was in it still succeeds
		t.Errorf("a success in one that was closed is %s", a.State)
	}
}

func TestOnlySoManyLinksOfACustomerWait(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	var more []store.Attempt
	for range limits.ClaimsWaiting + 3 {
		more = append(more, d.attempt(id))
	}
	for i, a := range more[:limits.ClaimsWaiting] {
		a = d.report(a.Nonce, claim("widget", "r"))
		if i%2 == 0 {
			d.ok(d.EndAttempt(t.Context(), a.Claim(), store.AttemptNeedsReview, "look at it"))
		}
	}
	left := more[limits.ClaimsWaiting:]
	r := claim("widget", "one more")
	r.Body = `{"what":"is not kept"}`
	if _, err := d.ReportAttempt(t.Context(), left[0].Nonce, r); !errors.Is(err, store.ErrManyClaims) {
		t.Errorf("one more claim: %v", err)
	}
	if text := must(d.AttemptReport(t.Context(), left[0].ID)); text != "" {
		t.Errorf("of a claim that was not taken %q is kept", text)
	}
	if _, err := d.StartAttempt(t.Context(), left[0], 1); !errors.Is(err, store.ErrManyClaims) {
		t.Errorf("one more window: %v", err)
	}
	if a := d.report(left[1].Nonce, claim("webhook", "true")); a.State != store.AttemptClaimed {
		t.Errorf("what the provider says makes it %s", a.State)
	}
	d.report(left[2].Nonce, store.Report{State: store.AttemptClosed}) // is no claim
	if a := d.attempt(d.customer("Bola")); a.State != store.AttemptOpen {
		t.Errorf("somebody else's is %s", a.State)
	}
}

func TestCustomersTakeTurnsWithTheirClaims(t *testing.T) {
	d := newDB(t)
	many, few := d.customer("Amina"), d.customer("Bola")
	for range 4 {
		d.report(d.attempt(many).Nonce, claim("widget", "r"))
	}
	honest := d.attempt(few)
	d.report(honest.Nonce, claim("widget", "r"))
	for turn := range 4 {
		due := must(d.DueAttempts(t.Context(), "okra", 20))
		var whose []string
		for _, a := range due {
			whose = append(whose, a.CustomerID)
			d.ok(d.EndAttempt(t.Context(), a.Claim(), store.AttemptFailed, "forged"))
		}
		want := []string{many, few}
		if turn > 0 {
			want = want[:1]
		}
		if !slices.Equal(whose, want) {
			t.Errorf("in turn %d these are due: %v, want %v", turn, whose, want)
		}
	}
}

func TestDoubtfulLinksAreListedByCustomer(t *testing.T) {
	d := newDB(t)
	var ids []string
	for _, name := range []string{"Amina", "Bola", "Chidi"} {
		ids = append(ids, d.customer(name))
		n := 1
		if name == "Amina" {
			n = limits.ClaimsWaiting
		}
		for range n {
			d.in(store.AttemptNeedsReview, ids[len(ids)-1], "r")
		}
	}
	var got []string
	after := ""
	for {
		page := must(d.Doubted(t.Context(), after, 2, 3))
		if len(page) == 0 {
			break
		}
		for _, one := range page {
			got = append(got, one.CustomerID)
			if want := map[bool]int{true: limits.ClaimsWaiting, false: 1}[one.CustomerID == ids[0]]; one.Number != want || len(one.Reviews) != min(want, 3) {
				t.Errorf("%d of %d links are shown", len(one.Reviews), one.Number)
			}
			for _, r := range one.Reviews {
				if r.CustomerID != one.CustomerID {
					t.Error("the link is somebody else's")
				}
			}
		}
		after = page[len(page)-1].Oldest
	}
	if !slices.Equal(got, ids) {
		t.Errorf("listed are %v, want %v", got, ids)
	}
}
