package worker

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// removal is the only removal of a customer, as it is now.
func (b *bench) removal(customerID string) store.Removal {
	b.t.Helper()
	all, err := b.Store.RemovalsByCustomer(b.t.Context(), customerID)
	b.ok(err)
	if len(all) != 1 {
		b.t.Fatalf("%d removals, want one", len(all))
	}
	return all[0]
}

// unreachable makes the provider answer nothing of use to removals.
func (b *bench) unreachable() {
	b.wire = func(api http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "customers/remove") {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		api.ServeHTTP(w, r)
	}
}

func TestWithdrawingHasTheProviderForgetTheCustomerOnce(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina123")
	_, err := b.Store.WithdrawConsent(t.Context(), store.ByCustomer(a.CustomerID), store.OfCustomer(a.CustomerID))
	b.ok(err)
	b.ok(b.removeUpstream(t.Context()))
	if n := b.Sim.Calls("customers/remove"); n != 0 {
		t.Fatalf("asked %d times at once: who unlinks by mistake could not link again", n)
	}
	b.advance(11 * time.Minute)
	for range 3 {
		b.ok(b.removeUpstream(t.Context()))
		b.advance(time.Hour)
	}
	if r := b.removal(a.CustomerID); r.State != store.RemovalDone || r.ProviderCustomer != "" || b.Sim.Calls("customers/remove") != 1 {
		t.Errorf("removal = %+v after %d calls", r, b.Sim.Calls("customers/remove"))
	}
	if _, err := b.Okra.Confirm(t.Context(), provider.Claim{Record: a.ProviderRecord, Customer: a.ProviderCustomer}); err == nil {
		t.Error("the provider still shares the accounts")
	}
}

func TestWithdrawingHoldsWhileTheProviderIsUnreachableAndIsGivenUpInTheEnd(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina123")
	b.unreachable()
	_, err := b.Store.WithdrawConsent(t.Context(), store.ByCustomer(a.CustomerID), store.OfCustomer(a.CustomerID))
	b.ok(err)
	for _, account := range b.accounts(a.CustomerID) {
		if account.Status != store.AccountUnlinked {
			t.Errorf("an account is %s", account.Status)
		}
	}
	b.restart()
	for range 100 {
		b.advance(time.Hour)
		b.ok(b.removeUpstream(t.Context()))
	}
	r := b.removal(a.CustomerID)
	if r.State != store.RemovalGivenUp || r.ProviderCustomer != a.ProviderCustomer || !strings.Contains(r.Cause, "503") {
		t.Errorf("removal = %+v, want it given up, with whom and why", r)
	}
}

func TestWhatIsLinkedAgainIsNotRemoved(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina123")
	b.ok(b.Store.UnlinkBank(t.Context(), store.Program, store.Whole(), a.ID))
	b.removal(a.CustomerID)
	co, err := b.Store.AddConsent(t.Context(), store.Consent{CustomerID: a.CustomerID, Version: "1", Scope: "balance"})
	b.ok(err)
	again, err := b.Store.StartAttempt(t.Context(), store.Attempt{CustomerID: a.CustomerID, ConsentID: co.ID, Provider: b.Okra.Name(), Env: b.Env}, 30*time.Minute)
	b.ok(err)
	b.claim(again, b.connect("Amina123", again.Nonce))
	b.work()
	b.wantAttempt(again, store.AttemptLinked)
	b.advance(11 * time.Minute)
	b.ok(b.removeUpstream(t.Context()))
	if r := b.removal(a.CustomerID); r.State != store.RemovalCancelled || b.Sim.Calls("customers/remove") != 0 {
		t.Errorf("removal = %s after %d calls", r.State, b.Sim.Calls("customers/remove"))
	}
}
