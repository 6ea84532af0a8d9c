package worker

import (
	"testing"

	"balancelink/store"
	"balancelink/store/limits"
)

func TestOneCustomersForgedClaimsHoldNobodysLinkUp(t *testing.T) {
	b := newBench(t)
	const unknown = "5f0000000000000000000000"
	forged := []byte(`{"record":"` + unknown + `","customer_id":"` + unknown + `","accounts":[]}`)
	first := b.attempt("Mallory")
	all := []store.Attempt{first}
	for range limits.ClaimsWaiting - 1 {
		a, err := b.Store.StartAttempt(t.Context(), first, 1e12)
		b.ok(err)
		all = append(all, a)
	}
	for _, a := range all {
		b.claim(a, forged)
	}
	honest := b.attempt(b.holder("Amina123"))
	b.claim(honest, b.connect("Amina123", honest.Nonce))

	b.ok(b.confirmDue(t.Context()))
	b.wantAttempt(honest, store.AttemptLinked)
	for i, a := range all {
		want := store.AttemptClaimed
		if i == 0 {
			want = store.AttemptFailed
		}
		b.wantAttempt(a, want)
	}
	for _, a := range all[1:] {
		select {
		case <-b.wakes[linkLoop]:
		default:
			t.Fatal("nobody looks for the next claim at once")
		}
		b.ok(b.confirmDue(t.Context()))
		b.wantAttempt(a, store.AttemptFailed)
	}
}
