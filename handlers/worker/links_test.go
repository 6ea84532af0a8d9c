package worker

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/okra/provider/providertest"
	"balancelink/store"
)

func TestAClaimedLinkIsConfirmedWithTheProvidersFigures(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina123")
	all := b.accounts(a.CustomerID)
	if len(all) != 2 {
		t.Fatalf("%d accounts, want 2", len(all))
	}
	for i, want := range []struct {
		nuban, currency   string
		ledger, available int64
	}{{"0123456789", "NGN", 125034075, 124834075}, {"0123456796", "USD", 248050, 248050}} {
		got := all[i]
		if got.NUBAN != want.nuban || got.Currency != want.currency || got.Figure != store.Minor(want.ledger) || got.Available != store.Minor(want.available) {
			t.Errorf("account %d = %s %s %v/%v, want %+v", i, got.NUBAN, got.Currency, got.Figure, got.Available, want)
		}
		if got.Source != store.SourceLink || got.Bank.Name != "Guaranty Trust Bank" || got.AvailableWorkedOut {
			t.Errorf("account %d is from %s at %q, worked out %v", i, got.Source, got.Bank.Name, got.AvailableWorkedOut)
		}
	}
}

func TestAClaimThatDoesNotFitBindsNothing(t *testing.T) {
	t.Parallel()
	const unknown = "5f0000000000000000000000"
	forged := []byte(`{"record":"` + unknown + `","customer_id":"` + unknown + `","accounts":[]}`)
	for name, row := range map[string]struct {
		claim func(*bench) (store.Attempt, []byte)
		want  store.AttemptState
	}{
		"a record made before the attempt": {func(b *bench) (store.Attempt, []byte) {
			old := b.connect("Amina123", "")
			b.advance(bankTimeWindow + time.Minute)
			return b.attempt("Mallory"), old
		}, store.AttemptNeedsReview},
		"a record made after the attempt": {func(b *bench) (store.Attempt, []byte) {
			a := b.attempt("Mallory")
			b.advance(30*time.Minute - time.Second) // still in time to report
			b.advance(time.Hour)
			late := b.connect("Amina123", a.Nonce)
			b.advance(-time.Hour)
			return a, late
		}, store.AttemptNeedsReview},
		"a record that nobody knows": {func(b *bench) (store.Attempt, []byte) {
			return b.attempt("Mallory"), forged
		}, store.AttemptFailed},
		"a record of another company": {func(b *bench) (store.Attempt, []byte) {
			b.Okra.Owner = unknown
			a := b.attempt("Mallory")
			return a, b.connect("Amina123", a.Nonce)
		}, store.AttemptNeedsReview},
		"a record of another environment": {func(b *bench) (store.Attempt, []byte) {
			b.Env = "production"
			a := b.attempt("Mallory")
			return a, b.connect("Amina123", a.Nonce)
		}, store.AttemptNeedsReview},
		"another customer's record": {func(b *bench) (store.Attempt, []byte) {
			a := b.attempt("Amina Bello")
			success := b.connect("Amina123", a.Nonce)
			b.claim(a, success)
			b.work()
			return b.attempt("Mallory"), success
		}, store.AttemptNeedsReview},
		"another customer's account": {func(b *bench) (store.Attempt, []byte) {
			b.linked("Amina123")
			a := b.attempt("Mallory")
			return a, b.connect("Amina123", a.Nonce)
		}, store.AttemptNeedsReview},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			a, success := row.claim(b)
			b.claim(a, success)
			b.work()
			if got := b.wantAttempt(a, row.want); got.Reason == "" {
				t.Error("staff are not told why")
			}
			if n := len(b.accounts(a.CustomerID)); n != 0 {
				t.Errorf("%d accounts were bound, want none", n)
			}
		})
	}
}

func TestAccountsThatWereNotSharedAreNeverStored(t *testing.T) {
	b := newBench(t)
	b.hears.Store(true)
	for _, a := range b.Sim.Accounts() {
		if a.Login == "Amina123" {
			b.Sim.SetScenario(a.ID, okrasim.EarlyWebhook) // so that the link's own webhooks come too
		}
	}
	a := b.attempt("Amina Bello")
	success := b.connect("Amina123", a.Nonce, "0123456789")
	if !strings.Contains(string(success), "0123456796") || !strings.Contains(string(success), "2480.5") {
		t.Fatal("the widget no longer reports the account that was not shared: the test proves nothing")
	}
	b.claim(a, success)
	b.work()
	b.wantAttempt(a, store.AttemptLinked)
	if got := b.accounts(a.CustomerID); len(got) != 1 || got[0].NUBAN != "0123456789" {
		t.Errorf("accounts = %+v, want the shared one alone", got)
	}
	sealed := b.sealed(a)
	if !strings.Contains(sealed, "0123456789") || !b.stored(b.sandbox("0123456789").ID) {
		t.Fatal("the shared account is not found: the test looks in the wrong place")
	}
	for _, canary := range []string{"0123456796", "2480.5"} {
		if b.stored(canary) || strings.Contains(sealed, canary) {
			t.Errorf("%s of the account that was not shared is stored", canary)
		}
	}
}

// sealed is what the files do not show of an attempt: payloads, its report and
// the account numbers.
func (b *bench) sealed(a store.Attempt) string {
	b.t.Helper()
	ctx := b.t.Context()
	report, err := b.Store.AttemptReport(ctx, a.ID)
	b.ok(err)
	all := []string{report}
	events, err := b.Store.Events(ctx, "", "", 100)
	b.ok(err)
	for _, e := range events {
		all = append(all, string(e.Body))
	}
	for _, acc := range b.accounts(a.CustomerID) {
		all = append(all, acc.NUBAN)
	}
	return strings.Join(all, "\n")
}

// balanceEvent is a BALANCE webhook about an account, with changes.
func (b *bench) balanceEvent(a okrasim.AccountInfo, record string, change map[string]any) []byte {
	b.t.Helper()
	e := map[string]any{
		"method": "BALANCE", "callback_code": "BALANCE_SUCCESS", "status": "is_success", "env": "production-sandbox", "owner": clientToken,
		"record": record, "customerId": a.CustomerID, "ended_at": b.clock().Format(time.RFC3339),
		"balance": map[string]any{"accountId": a.ID, "nuban": a.NUBAN, "currency": "NGN", "ledger_balance": 9876.54, "available_balance": 9000.25},
	}
	for k, v := range change {
		e[k] = v
	}
	body, err := json.Marshal(e)
	b.ok(err)
	return body
}

func (b *bench) sandbox(nuban string) okrasim.AccountInfo {
	b.t.Helper()
	for _, a := range b.Sim.Accounts() {
		if a.NUBAN == nuban {
			return a
		}
	}
	b.t.Fatalf("no sandbox account %s", nuban)
	return okrasim.AccountInfo{}
}

func TestWhatAWebhookSaysOfAnAccountThatWasNotSharedIsDropped(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"before the link": true, "after the link": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			unshared := b.sandbox("0123456796")
			a := b.attempt("Amina Bello")
			success := b.connect("Amina123", a.Nonce, "0123456789")
			var claim struct{ Record string }
			b.ok(json.Unmarshal(success, &claim))
			var id string
			if before {
				id = b.receive(b.balanceEvent(unshared, claim.Record, nil))
				b.work()
				if got := b.event(id); got.Result != store.EventUnmatched {
					t.Fatalf("before the link the event is %s", got.Result)
				}
			}
			b.claim(a, success)
			b.work()
			if !before {
				id = b.receive(b.balanceEvent(unshared, claim.Record, nil))
			}
			b.work()
			if got := b.event(id); got.Result != store.EventIgnored || string(got.Body) != "{}" {
				t.Errorf("event is %s with body %s, want it ignored and empty", got.Result, got.Body)
			}
		})
	}
}

func TestAnAvailableBalanceThatTheBankDoesNotState(t *testing.T) {
	t.Parallel()
	const narrow, wide = "auth,balance", "auth,balance,transactions"
	for name, row := range map[string]struct {
		login, scope string
		on           bool
		available    store.Amount
		workedOut    bool
	}{
		"is worked out from pending transactions and labelled": {"Chidi123", wide, true, store.Minor(49304975), true},
		"stays unknown without transactions":                   {"Bola123", wide, true, store.Amount{}, false},
		"stays unknown without the setting":                    {"Chidi123", wide, false, store.Amount{}, false},
		"stays unknown without the customer's consent":         {"Chidi123", narrow, true, store.Amount{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.Transactions, b.scope = row.on, row.scope
			a := b.linked(row.login)
			for _, when := range []string{"linked", "refreshed", "told"} {
				if a = b.account(a.ID); !a.Figure.Known || a.Available.Known != row.available.Known || a.AvailableWorkedOut != row.workedOut {
					t.Errorf("%s: available = %v, worked out %v", when, a.Available, a.AvailableWorkedOut)
				}
				if when == "linked" && a.Available != row.available {
					t.Errorf("available = %v, want %v", a.Available, row.available)
				}
				b.outcome(b.start(a.ID, store.KindRefresh))
				b.receive(b.balanceEvent(b.sandbox(a.NUBAN), a.ProviderRecord, map[string]any{"balance": map[string]any{"accountId": a.ProviderID, "currency": "NGN", "ledger_balance": 512300.25}}))
				b.work()
			}
			if asked := b.Sim.Calls("transactions/getByAccount") > 0; asked != (row.on && row.scope == wide) {
				t.Errorf("the provider was asked for transactions: %v", asked)
			}
		})
	}
}

func TestABalanceFromALinkHasTheBanksOwnTime(t *testing.T) {
	b := newBench(t)
	a := b.linked("Ibrahim123")
	if want := b.clock().Add(-72 * time.Hour); !a.AsOf.Equal(want) || a.AsOfKind != store.AsOfStated {
		t.Errorf("as of %v, stated %v; want %v as the bank says", a.AsOf, a.AsOfKind, want)
	}
}

func TestALinkThatCannotBeConfirmedNowIsTriedAgainForADay(t *testing.T) {
	b := newBench(t)
	a := b.attempt("Amina Bello")
	success := b.connect("Amina456", a.Nonce)
	account := b.sandbox("2230011442")
	b.Sim.SetScenario(account.ID, okrasim.ServerError)
	b.claim(a, success)
	b.work()
	b.work() // not due again yet
	if got := b.wantAttempt(a, store.AttemptClaimed); got.Tries != 1 || got.Reason == "" {
		t.Errorf("after one failure: %d tries, reason %q", got.Tries, got.Reason)
	}
	b.advance(2 * time.Second)
	b.work()
	if got := b.wantAttempt(a, store.AttemptClaimed); got.Tries != 2 {
		t.Errorf("%d tries, want 2", got.Tries)
	}
	b.restart()
	b.advance(time.Minute)
	b.Sim.SetScenario(account.ID, okrasim.Normal)
	b.work()
	b.wantAttempt(a, store.AttemptLinked)

	late := b.attempt("Late")
	b.Sim.SetScenario(account.ID, okrasim.InvalidJSON)
	b.claim(late, b.connect("Amina456", late.Nonce))
	b.advance(confirmPatience + time.Minute)
	b.work()
	b.wantAttempt(late, store.AttemptFailed)
}

// hindered does something first when it is asked what came of a sign-in, once each. An
// error is its answer then.
type hindered struct {
	*providertest.Instant
	first []func() error
}

func (p *hindered) Confirm(ctx context.Context, c provider.Claim) (provider.Link, error) {
	if len(p.first) > 0 {
		hinder := p.first[0]
		p.first = p.first[1:]
		if err := hinder(); err != nil {
			return provider.Link{}, err
		}
	}
	return p.Instant.Confirm(ctx, c)
}

// failures are answers that failed in these ways.
func failures(kinds ...provider.Kind) (all []func() error) {
	for _, kind := range kinds {
		all = append(all, func() error { return provider.Because("signing", kind, "Not yet.") })
	}
	return all
}

func TestWhatComesOfAClaimIsNoAnswerAboutTheClaimThatTookItsPlace(t *testing.T) {
	for name, answer := range map[string]error{
		"it is bound": nil,
		"not yet":     provider.Because("signing", provider.KindNotYet, "Not yet."),
		"nothing":     provider.Because("shared", provider.KindNotShared, "Nothing was shared."),
		"unknown":     provider.Because("record", provider.KindNoRecord, "No such record."),
		"unreachable": provider.Because("network", provider.KindUnreachable, "Nobody answers."),
		"a stranger":  provider.Because("customer", provider.KindForeign, "It is of somebody else."),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			p := &hindered{Instant: providertest.NewHost(b.clock).Adapter()}
			b.Worker.Providers = provider.Set{p}
			a := b.attempt("Amina Bello")
			claim := func(by string, l provider.Link) {
				_, err := b.Store.ReportAttempt(t.Context(), a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: by, ProviderRecord: l.Record})
				b.ok(err)
			}
			shared := provider.Account{ID: "first", Name: "Amina Bello", NUBAN: "0123456789", Currency: "NGN"}
			claim("widget", p.SignIn(a.Nonce, shared))
			p.first = []func() error{func() error {
				shared.ID = "second"
				claim("webhook", p.SignIn(a.Nonce, shared))
				return answer
			}}
			b.work()
			b.work()
			b.wantAttempt(a, store.AttemptLinked)
			if all := b.accounts(a.CustomerID); len(all) != 1 || all[0].ProviderID != "second" {
				t.Errorf("bound is %+v, want what the webhook named", all)
			}
		})
	}
}

// Neither an outage nor a customer who takes long at the bank takes of that time.
func TestABankHasItsTimeToShareAccountsFromWhenItIsAskedForThem(t *testing.T) {
	for name, row := range map[string]struct {
		answers []provider.Kind
		want    store.AttemptState
	}{
		"soon":                 {[]provider.Kind{provider.KindNotYet, provider.KindNotYet}, store.AttemptLinked},
		"after an outage":      {[]provider.Kind{provider.KindUnreachable, provider.KindNotYet, provider.KindNotYet}, store.AttemptLinked},
		"with an outage in it": {[]provider.Kind{provider.KindNotYet, provider.KindUnreachable, provider.KindNotYet, provider.KindNotYet}, store.AttemptLinked},
		"never":                {slices.Repeat([]provider.Kind{provider.KindNotYet}, 40), store.AttemptFailed},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			p := &hindered{Instant: providertest.NewHost(b.clock).Adapter(), first: failures(row.answers...)}
			b.Worker.Providers = provider.Set{p}
			a := b.attempt("Amina Bello")
			b.advance(2 * settlePatience)
			l := p.SignIn(a.Nonce, provider.Account{ID: "hers", Name: "Amina Bello", NUBAN: "0123456789", Currency: "NGN"})
			_, err := b.Store.ReportAttempt(t.Context(), a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "webhook", ProviderRecord: l.Record})
			b.ok(err)
			for _, kind := range row.answers {
				b.work()
				if kind == provider.KindUnreachable {
					b.advance(2 * settlePatience)
				}
				b.advance(time.Minute)
			}
			b.work()
			b.wantAttempt(a, row.want)
		})
	}
}
