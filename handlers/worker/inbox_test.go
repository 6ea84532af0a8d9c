package worker

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
)

func TestWhatAWebhookDoes(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina123", "0123456789")
	info, stranger := b.sandbox("0123456789"), b.sandbox("1100200301")
	product := func(members map[string]any) map[string]any {
		p := map[string]any{"accountId": info.ID, "nuban": info.NUBAN, "currency": "NGN", "ledger_balance": 1, "available_balance": 1}
		for k, v := range members {
			p[k] = v
		}
		return map[string]any{"balance": p}
	}
	for name, row := range map[string]struct {
		about  okrasim.AccountInfo
		change map[string]any
		want   store.EventResult
		saved  int
	}{
		"a balance of a linked account":       {info, nil, store.EventApplied, 1},
		"of an account we do not know":        {stranger, map[string]any{"record": "5f0000000000000000000001"}, store.EventUnmatched, 0},
		"for another environment":             {info, map[string]any{"env": "production"}, store.EventIgnored, 0},
		"of another owner":                    {info, map[string]any{"owner": "5f0000000000000000000009"}, store.EventIgnored, 0},
		"that tells of a failure":             {info, map[string]any{"status": "is_failed"}, store.EventIgnored, 0},
		"naming another of Okra's customers":  {info, map[string]any{"customerId": stranger.CustomerID}, store.EventFailed, 0},
		"without a ledger balance":            {info, product(map[string]any{"ledger_balance": nil}), store.EventFailed, 0},
		"in another currency":                 {info, product(map[string]any{"currency": "USD"}), store.EventFailed, 0},
		"of an account that was disconnected": {info, product(map[string]any{"connected": false}), store.EventIgnored, 0},
		"of a method we do not know":          {stranger, map[string]any{"method": "HOROSCOPE", "record": "5f0000000000000000000002"}, store.EventIgnored, 0},
		"of a method of no use, linked":       {info, map[string]any{"method": "IDENTITY"}, store.EventIgnored, 0},
		"a sign-in to a bank we do not know":  {stranger, map[string]any{"method": "AUTH", "record": "5f0000000000000000000003"}, store.EventUnmatched, 0},
		"a sign-in that is linked":            {info, map[string]any{"method": "AUTH"}, store.EventApplied, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b.advance(time.Minute)
			before, err := b.Store.BalancesByAccount(t.Context(), a.ID, 100)
			b.ok(err)
			id := b.receive(b.balanceEvent(row.about, a.ProviderRecord, row.change))
			for range 2 { // applying twice does no more than once
				b.work()
				got := b.event(id)
				if got.Result != row.want || got.Result != store.EventApplied && got.Reason == "" {
					t.Errorf("result = %s (%s), want %s", got.Result, got.Reason, row.want)
				}
				after, err := b.Store.BalancesByAccount(t.Context(), a.ID, 100)
				if b.ok(err); len(after)-len(before) != row.saved {
					t.Errorf("%d balances saved, want %d", len(after)-len(before), row.saved)
				}
				if string(got.Body) == "{}" {
					break // nothing left to replay
				}
				b.ok(b.Store.ReplayEvent(t.Context(), store.Program, id))
			}
		})
	}
}

func TestOfABalanceInNoStatedCurrencyThatIsSaid(t *testing.T) {
	at := store.EventTarget{AccountID: "a", CustomerID: "c", Status: store.AccountLinked, Currency: "NGN", Consented: true}
	for currency, want := range map[string]string{
		"": "It does not say in which currency its balance is.", "USD": "The balance is in another currency than the account.",
	} {
		b := provider.Balance{Account: "a", Figure: provider.Amount{Minor: 7, Known: true}, Currency: currency}
		if o := (decision{event: provider.Event{Balance: &b}}).outcome(at); o.Result != store.EventFailed || o.Reason != want || o.Balance != nil {
			t.Errorf("in %q: %s, %q", currency, o.Result, o.Reason)
		}
	}
}

func TestThatAnAccountIsSharedNoMoreIsNotSaidOfOneThatNeverWas(t *testing.T) {
	at := store.EventTarget{AccountID: "a", CustomerID: "c", Status: store.AccountLinked, Currency: "NGN", Consented: true}
	for want, target := range map[string]store.EventTarget{
		"The account is not shared with us any more. The payload was removed.": at,
		"The customer did not share this account. The payload was removed.":    {RecordCustomer: "c", RecordConsented: true},
	} {
		b := provider.Balance{Account: "a", Unshared: true}
		o := (decision{event: provider.Event{Balance: &b}}).outcome(target)
		if o.Reason != want || o.Unshared != (target.AccountID != "") || !o.DropBody {
			t.Errorf("%+v, want %q", o, want)
		}
	}
}

func TestTwoFiguresOfOneMomentShowTheSameInWhicheverOrderTheyCame(t *testing.T) {
	b := newBench(t)
	one, other := b.linked("Amina123", "0123456789"), b.linked("Amina456")
	b.advance(time.Minute)
	receive := func(a store.Account, ledger int) {
		b.receive(b.balanceEvent(b.sandbox(a.NUBAN), a.ProviderRecord, map[string]any{
			"balance": map[string]any{"accountId": a.ProviderID, "currency": "NGN", "ledger_balance": ledger, "available_balance": ledger},
		}))
	}
	receive(one, 10)
	receive(one, 20)
	receive(other, 20)
	receive(other, 10)
	one, other = b.accounts(one.CustomerID)[0], b.accounts(other.CustomerID)[0]
	if one.Figure != other.Figure || one.Available != one.Figure || other.Available != other.Figure {
		t.Errorf("one order shows %v and %v, the other %v and %v", one.Figure, one.Available, other.Figure, other.Available)
	}
}

func TestAWebhookThatEchoesTheAttemptLinksWithoutTheBrowser(t *testing.T) {
	b := newBench(t)
	b.hears.Store(true)
	b.Sim.SetScenario(b.sandbox("2230011442").ID, okrasim.EarlyWebhook)
	a := b.attempt("Amina Bello")
	b.connect("Amina456", a.Nonce)
	b.work()
	b.work()
	if got := b.wantAttempt(a, store.AttemptLinked); got.ClaimedBy != "webhook" {
		t.Errorf("claimed by %s, want the webhook", got.ClaimedBy)
	}
	events, err := b.Store.Events(t.Context(), "", "", 10)
	b.ok(err)
	for _, e := range events {
		if e.Result != store.EventApplied || e.CustomerID != a.CustomerID {
			t.Errorf("%s is %s (%s), want all applied once the link is there", e.Method, e.Result, e.Reason)
		}
	}
	if n := len(b.accounts(a.CustomerID)); n != 1 || len(events) != 3 {
		t.Errorf("%d accounts after %d events, want 1 after 3", n, len(events))
	}
}

func TestAnUnreadableReportOfTheBrowserTakesNothingFromAWebhooksClaim(t *testing.T) {
	b := newBench(t)
	a := b.attempt("Amina Bello")
	var claim struct{ Record string }
	b.ok(json.Unmarshal(b.connect("Amina456", a.Nonce), &claim))
	for _, r := range []store.Report{
		{State: store.AttemptClaimed, ClaimedBy: "webhook", ProviderRecord: claim.Record},
		{Body: `{"nonsense":true}`},
	} {
		_, err := b.Store.ReportAttempt(t.Context(), a.Nonce, r)
		b.ok(err)
	}
	b.work()
	b.wantAttempt(a, store.AttemptLinked)
}

func TestABalanceByWebhookEndsTheRefreshThatWaitsForIt(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.advance(time.Minute)
	r := b.start(a.ID, store.KindRefresh)
	b.work()
	b.advance(30 * time.Second)
	b.hears.Store(true)
	b.ok(b.Sim.SetBalance(a.ProviderID, "17", "16.5"))
	b.ok(b.Sim.SendBalanceWebhook(a.ProviderID))
	b.work()
	if got := b.refresh(r.ID); got.State != store.RefreshChanged || got.FigureAfter != store.Minor(1700) {
		t.Errorf("refresh = %s with %v, want changed with 1700", got.State, got.FigureAfter)
	}
	if n := b.Sim.Calls("callback"); n != 0 {
		t.Errorf("%d polls, want none", n)
	}
}

func TestAFailureIsAboutWhomItNames(t *testing.T) {
	b := newBench(t)
	a := b.linked("Efe123")
	tells := func(change map[string]any) string {
		e := map[string]any{
			"method": "BALANCE", "code": "BALANCE_FAILED", "status": "is_fail", "env": "production-sandbox", "customerName": "Efe Oghenekaro",
			"ended_at": b.clock().Format(time.RFC3339), "error": map[string]any{"code": 1003},
		}
		for k, v := range change {
			e[k] = v
		}
		body, err := json.Marshal(e)
		b.ok(err)
		return b.receive(body)
	}
	late := b.attempt("Bola Adeyemi")
	success := b.connect("Bola123", late.Nonce)
	var claim struct{ Record string }
	b.ok(json.Unmarshal(success, &claim))
	before := tells(map[string]any{"record": claim.Record})
	if got := b.event(before); got.Result != store.EventUnmatched {
		t.Fatalf("a failure of a link that is not confirmed yet is %s", got.Result)
	}
	b.claim(late, success)
	b.work()
	ids := map[string]string{
		"the record":           tells(map[string]any{"record": a.ProviderRecord}),
		"the account":          tells(map[string]any{"accountId": a.ProviderID}),
		"the balance":          tells(map[string]any{"balance": map[string]any{"accountId": a.ProviderID, "nuban": a.NUBAN}}),
		"the customer":         tells(map[string]any{"customerId": a.ProviderCustomer}),
		"the customer, within": tells(map[string]any{"data": map[string]any{"customer": map[string]any{"_id": a.ProviderCustomer}}}),
	}
	for what, id := range ids {
		if got := b.event(id); got.CustomerID != a.CustomerID || got.Result != store.EventIgnored {
			t.Errorf("a failure that names %s is %s and about %q", what, got.Result, got.CustomerID)
		}
	}
	if got := b.event(before); got.CustomerID != late.CustomerID {
		t.Errorf("a failure that came before the link is %s and about %q", got.Result, got.CustomerID)
	}
	if got := b.event(tells(map[string]any{"customerId": "5f00000000000000000000cc"})); !got.BodyDropped() {
		t.Errorf("the payload of a failure about nobody is kept: %s", got.Body)
	}
	var file bytes.Buffer
	all, err := b.Store.Export(t.Context(), a.CustomerID)
	b.ok(err)
	defer all.Close()
	_, err = all.WriteTo(&file)
	b.ok(err)
	for what, id := range ids {
		if !strings.Contains(file.String(), id) {
			t.Errorf("the failure that names %s is not in the export", what)
		}
	}
	b.ok(b.Store.Erase(t.Context(), store.Program, a.CustomerID, "asked"))
	for what, id := range ids {
		if got := b.event(id); !got.BodyDropped() || got.CustomerID != "" {
			t.Errorf("after the erasure the failure that names %s is kept: %s", what, got.Body)
		}
	}
}
