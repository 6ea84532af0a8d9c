package worker

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/store"
)

const (
	consentValid  = 365 * 24 * time.Hour
	consentUnused = 180 * 24 * time.Hour
)

// newConsentBench is a bench in which consents end, as they do by default.
func newConsentBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.consentsEnd()
	return b
}

func (b *bench) consentsEnd() {
	b.t.Helper()
	b.consentValid, b.consentUnused = consentValid, consentUnused
	b.restart()
}

// lapse lets so much time pass without a look that every consent has ended.
func (b *bench) lapse() { b.advance(consentUnused + time.Hour) }

// renew lets a customer agree again.
func (b *bench) renew(customerID string) {
	b.t.Helper()
	for _, p := range b.Providers {
		_, err := b.Store.AddConsent(b.t.Context(), store.Consent{CustomerID: customerID, Version: "1", Scope: "balance", Provider: p.Name()})
		b.ok(err)
	}
}

// counted counts the calls to the provider from now on.
func (b *bench) counted() *atomic.Int64 {
	var calls atomic.Int64
	b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
		calls.Add(1)
		sim.ServeHTTP(w, r)
	}
	return &calls
}

func TestWithoutAConsentNothingThatAWebhookSaysIsKeptUntilItIsGivenAgain(t *testing.T) {
	t.Parallel()
	const canary = "4711.25"
	for name, row := range map[string]struct {
		end     func(*bench, store.Account)
		heals   bool
		account store.AccountStatus
	}{
		"it has ended":      {func(b *bench, _ store.Account) { b.lapse() }, true, store.AccountLinked},
		"it was withdrawn":  {withdraw, false, store.AccountUnlinked},
		"first one, then…":  {func(b *bench, a store.Account) { b.lapse(); withdraw(b, a) }, false, store.AccountUnlinked},
		"it is in force on": {func(*bench, store.Account) {}, true, store.AccountLinked},
	} {
		t.Run(name, func(t *testing.T) {
			b := newConsentBench(t)
			a := b.linked("Amina456")
			info := b.sandbox("2230011442")
			before, err := b.Store.BalancesByAccount(t.Context(), a.ID, 10)
			b.ok(err)
			row.end(b, a)
			b.ok(b.Sim.SetBalance(a.ProviderID, canary, canary))
			said := map[string]any{"balance": map[string]any{"accountId": info.ID, "nuban": info.NUBAN, "currency": "NGN", "ledger_balance": 4711.25, "available_balance": 4711.25}}
			unsaid := map[string]any{"balance": map[string]any{"accountId": info.ID, "nuban": info.NUBAN, "currency": "NGN", "ledger_balance": 4711.25}}
			calls := b.counted()
			consented := name == "it is in force on"
			for i, change := range []map[string]any{
				said, unsaid, {"method": "AUTH"}, {"method": "IDENTITY"},
				{"owner": "5f0000000000000000000009"}, {"env": "production"}, {"status": "is_failed"},
			} {
				change["ended_at"] = b.clock().Add(time.Duration(i-10) * time.Second).Format(time.RFC3339)
				body := b.balanceEvent(info, a.ProviderRecord, change)
				id := b.receive(body)
				b.receive(body)
				b.work()
				e := b.event(id)
				if kept := strings.Contains(string(e.Body), canary); i < 2 && kept != consented {
					t.Errorf("event %d: the figure is kept: %v", i, kept)
				}
				if dropped := e.BodyDropped(); dropped == consented {
					t.Errorf("event %d: payload dropped: %v (%s, %s)", i, dropped, e.Result, e.Reason)
				}
				if !consented && (e.Result != store.EventIgnored || e.Reason == "" || e.Deliveries != 2 || e.CustomerID != a.CustomerID) {
					t.Errorf("event %d: %s (%s) of %q, %d deliveries; want it ignored with a reason, and both counted", i, e.Result, e.Reason, e.CustomerID, e.Deliveries)
				}
			}
			if n := calls.Load(); n != 0 && !consented {
				t.Errorf("the provider was asked %d times", n)
			}
			after, err := b.Store.BalancesByAccount(t.Context(), a.ID, 10)
			b.ok(err)
			if !consented && len(after) != len(before) {
				t.Errorf("%d balances were stored", len(after)-len(before))
			}
			b.ok(b.Sim.SendBalanceWebhook(a.ProviderID)) // it is lost; the provider has the figure
			b.renew(a.CustomerID)
			b.SweepEvery = time.Hour
			b.advance(2 * time.Hour)
			b.ok(b.sweep(t.Context()))
			got := b.account(a.ID)
			if healed := got.Figure == store.Minor(471125); healed != row.heals || got.Status != row.account {
				t.Errorf("after the sweep the balance is %v, the account %s", got.Figure, got.Status)
			}
		})
	}
}

func withdraw(b *bench, a store.Account) {
	b.t.Helper()
	_, err := b.Store.WithdrawConsent(b.t.Context(), store.ByCustomer(a.CustomerID), store.OfCustomer(a.CustomerID))
	b.ok(err)
}

func TestAWebhookThatNamesTheWindowOfSomebodyWithoutConsentLinksAndKeepsNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*bench, store.Attempt){
		"ended":     func(b *bench, _ store.Attempt) { b.lapse() },
		"withdrawn": func(b *bench, a store.Attempt) { withdraw(b, store.Account{CustomerID: a.CustomerID}) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newConsentBench(t)
			a := b.attempt("Amina Bello")
			end(b, a)
			calls := b.counted()
			id := b.receive(b.balanceEvent(b.sandbox("2230011442"), "5f0000000000000000000001", map[string]any{"method": "AUTH", "options": map[string]any{"attempt": a.Nonce}}))
			b.work()
			b.work()
			if e := b.event(id); e.Result != store.EventIgnored || !e.BodyDropped() || e.CustomerID != a.CustomerID {
				t.Errorf("the event is %s (%s) with body %s", e.Result, e.Reason, e.Body)
			}
			got, err := b.Store.AttemptByNonce(t.Context(), store.OfCustomer(a.CustomerID), a.Nonce)
			if b.ok(err); got.State != store.AttemptOpen && got.State != store.AttemptClosed || got.ProviderRecord != "" {
				t.Errorf("the attempt is %s with record %q", got.State, got.ProviderRecord)
			}
			if n := calls.Load(); n != 0 {
				t.Errorf("the provider was asked %d times", n)
			}
		})
	}
}

func TestARequestEndsWhenTheConsentDoes(t *testing.T) {
	b := newConsentBench(t)
	a := b.linked("Amina456")
	r := b.start(a.ID, store.KindRefresh)
	b.work()
	b.lapse()
	calls := b.counted()
	b.work()
	if got := b.refresh(r.ID); got.State != store.RefreshInterrupted || got.Cause == "" {
		t.Errorf("the refresh is %s (%s)", got.State, got.Cause)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}

func TestADoubtfulLinkIsNotBoundWithoutConsent(t *testing.T) {
	b := newConsentBench(t)
	a := b.attempt("Somebody Else")
	b.claim(a, b.connect("Amina456", a.Nonce))
	b.work()
	a = b.wantAttempt(a, store.AttemptNeedsReview)
	b.lapse()
	if err := b.Store.ApproveLink(t.Context(), store.ByStaff("s1"), a.ID, "they called"); err == nil || len(b.accounts(a.CustomerID)) != 0 {
		t.Errorf("approving: %v, %d accounts", err, len(b.accounts(a.CustomerID)))
	}
	b.renew(a.CustomerID)
	b.ok(b.Store.ApproveLink(t.Context(), store.ByStaff("s1"), a.ID, "they called"))
}
