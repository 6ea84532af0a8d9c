package worker

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/money"
)

// edits changes what the provider answers under a path; nil: no more.
func (b *bench) edits(path string, edit func(data map[string]any)) {
	if b.wire = nil; edit == nil {
		return
	}
	b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
		sim.ServeHTTP(w, r)
		if !strings.HasSuffix(r.URL.Path, path) {
			return
		}
		var doc map[string]any
		dec := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
		dec.UseNumber()
		if err := dec.Decode(&doc); err != nil {
			b.t.Error(err)
			return
		}
		edit(doc["data"].(map[string]any))
		w.Body.Reset()
		if err := json.NewEncoder(w.Body).Encode(doc); err != nil {
			b.t.Error(err)
		}
	}
}

// each is the objects of a list of an answer.
func each(data map[string]any, key string, do func(i int, o map[string]any)) {
	list, _ := data[key].([]any)
	for i, item := range list {
		do(i, item.(map[string]any))
	}
}

func TestOneFigureThatCannotBeReadCostsOnlyItsAccount(t *testing.T) {
	for name, spoil := range map[string]func(o map[string]any){
		"an amount in thousandths":  func(o map[string]any) { o["ledger_balance"] = json.Number("153.375") },
		"a currency that is none":   func(o map[string]any) { o["currency"] = "USDT" },
		"an amount that is no text": func(o map[string]any) { o["ledger_balance"] = []any{} },
	} {
		b := newBenchAlone(t)
		a := b.attempt(b.holder("Amina123"))
		b.claim(a, b.connect("Amina123", a.Nonce))
		good := ""
		b.edits("balance/getByCustomer", func(data map[string]any) {
			each(data, "balance", func(i int, o map[string]any) {
				if i == 0 {
					spoil(o)
				} else if account, ok := o["account"].(map[string]any); ok {
					good, _ = account["_id"].(string)
				} else {
					good, _ = o["account"].(string)
				}
			})
		})
		b.ok(b.confirmDue(t.Context()))
		b.wantAttempt(a, store.AttemptLinked)
		for _, acc := range b.accounts(a.CustomerID) {
			if acc.Figure.Known != (acc.ProviderID == good) {
				t.Errorf("%s: the ledger of %s is %v; the good one is %s", name, acc.ProviderID, acc.Figure, good)
			}
		}
		// The bank is asked for the one that is missing, at once.
		b.edits("", nil)
		b.ok(b.fetchFirst(t.Context()))
		b.advance(time.Minute)
		for range 10 {
			b.work()
			b.advance(time.Minute)
		}
		for _, acc := range b.accounts(a.CustomerID) {
			if !acc.Figure.Known {
				t.Errorf("%s: nobody asked the bank for the balance of %s", name, acc.ProviderID)
			}
		}
	}
}

func TestALinkWaitsUntilTheProviderHasTheRecordsAccounts(t *testing.T) {
	for name, edit := range map[string]struct {
		path string
		edit func(data map[string]any)
	}{
		"the record is still fetched": {"products/records/get", func(data map[string]any) {
			record, ok := data["records"].(map[string]any)
			if !ok {
				record = data["records"].([]any)[0].(map[string]any)
			}
			record["status"] = map[string]any{"process": map[string]any{"running": true, "completed": false}}
		}},
		"no account is there": {"accounts/getByCustomer", func(data map[string]any) { data["accounts"] = []any{} }},
	} {
		b := newBenchAlone(t)
		a := b.attempt(b.holder("Amina456"))
		b.claim(a, b.connect("Amina456", a.Nonce))
		b.edits(edit.path, edit.edit)
		for range 5 {
			b.work()
			if got := b.wantAttempt(a, store.AttemptClaimed); got.Fault != "not_yet" || got.Reason == "" {
				t.Errorf("%s: fault %q, reason %q", name, got.Fault, got.Reason)
			}
			b.advance(time.Minute)
		}
		b.edits("", nil)
		b.work()
		b.wantAttempt(a, store.AttemptLinked)

		late := b.attempt("Late Comer")
		b.claim(late, b.connect("Amina456", late.Nonce))
		b.edits(edit.path, edit.edit)
		b.work()
		b.wantAttempt(late, store.AttemptClaimed)
		b.advance(settlePatience + time.Minute)
		b.work()
		if got := b.wantAttempt(late, store.AttemptFailed); got.Reason != noneShared {
			t.Errorf("%s: in the end: %s", name, got.Reason)
		}
	}
}

func TestAWebhookAboutARecordHastensItsLink(t *testing.T) {
	b := newBench(t)
	a := b.attempt(b.holder("Amina456"))
	success := b.connect("Amina456", a.Nonce)
	b.claim(a, success)
	b.edits("accounts/getByCustomer", func(data map[string]any) { data["accounts"] = []any{} })
	for range 4 {
		b.work()
		b.advance(31 * time.Second)
	}
	b.work()
	b.edits("", nil)
	due := func() int { all, err := b.Store.DueAttempts(t.Context(), "okra", 10); b.ok(err); return len(all) }
	if n := due(); n != 0 {
		t.Fatalf("%d links are due before anything came", n)
	}
	claim, err := okra.ParseClaim(success)
	b.ok(err)
	b.receive([]byte(`{"method":"AUTH","status":"is_success","env":"production-sandbox","record":"` + claim.Record + `"}`))
	if n := due(); n != 1 {
		t.Errorf("%d links are due after a webhook about the record", n)
	}
	b.work()
	b.wantAttempt(a, store.AttemptLinked)
}

func TestWeAreAmongTheOwnersInWhateverOrder(t *testing.T) {
	b := newBench(t)
	a := b.attempt(b.holder("Amina456"))
	b.claim(a, b.connect("Amina456", a.Nonce))
	owners := []any{"5f0000000000000000000bad", clientToken}
	b.edits("balance/getByCustomer", func(data map[string]any) {
		each(data, "balance", func(_ int, o map[string]any) { o["owner"] = owners })
	})
	b.work()
	b.wantAttempt(a, store.AttemptLinked)
	acc := b.accounts(a.CustomerID)[0]
	if !acc.Figure.Known {
		t.Error("the link has no balance")
	}
	b.edits("callback", func(data map[string]any) {
		for _, key := range []string{"balance", "balances"} {
			each(data, key, func(_ int, o map[string]any) { o["owner"] = owners })
			if o, ok := data[key].(map[string]any); ok {
				o["owner"] = owners
			}
		}
	})
	b.advance(time.Hour)
	b.ok(b.Sim.SetBalance(acc.ProviderID, "17", "17"))
	if r := b.outcome(b.start(acc.ID, store.KindRefresh)); r.State != store.RefreshChanged {
		t.Errorf("refresh = %s (%s)", r.State, r.Cause)
	}
}

func TestAPromisedAnswerThatIsNotThereYetIsLookedForAgain(t *testing.T) {
	b := newBench(t)
	a := b.linked("Amina456")
	b.advance(time.Hour)
	b.ok(b.Sim.SetBalance(a.ProviderID, "17", "17"))
	asked := 0
	b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "callback") {
			if asked++; asked < 3 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
		}
		sim.ServeHTTP(w, r)
	}
	if r := b.outcome(b.start(a.ID, store.KindRefresh)); r.State != store.RefreshChanged || asked < 3 {
		t.Errorf("refresh = %s (%s) after %d looks", r.State, r.Cause, asked)
	}
}

// The job that the provider names may be the account's own record, and its clock
// may be behind ours.
func TestAnAnswerIsJudgedByTheProvidersClockAndEndsWhenTheJobIsDone(t *testing.T) {
	for _, moved := range []bool{true, false} {
		b := newBenchAlone(t)
		a := b.linked("Amina456")
		b.advance(time.Hour)
		stated := a.AsOf
		if moved {
			stated = b.clock().Add(-90 * time.Second)
			b.ok(b.Sim.SetBalance(a.ProviderID, "17", "17"))
		}
		b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
			sim.ServeHTTP(w, r)
			body := w.Body.String()
			if strings.HasSuffix(r.URL.Path, "balance/refresh") {
				body = `{"status":"success","data":{"record":"` + a.ProviderRecord + `","method":"BALANCE"}}`
			} else if strings.HasSuffix(r.URL.Path, "callback") {
				amount := map[bool]string{true: "17", false: money.Decimal(a.Figure.Minor, a.Currency)}[moved]
				body = `{"status":"success","data":{"status":{"process":{"running":false,"completed":true}},"balance":{"account":"` + a.ProviderID +
					`","ledger_balance":` + amount + `,"available_balance":` + amount + `,"last_updated":"` + stated.UTC().Format(time.RFC3339Nano) + `"}}}`
			}
			w.Body.Reset()
			w.Body.WriteString(body)
		}
		r := b.start(a.ID, store.KindRefresh)
		b.work()
		b.advance(3 * time.Minute)
		b.work()
		want := map[bool]store.RefreshState{true: store.RefreshChanged, false: store.RefreshUnchanged}[moved]
		if r = b.refresh(r.ID); r.State != want {
			t.Errorf("moved %v: refresh = %s (%s), want %s at once", moved, r.State, r.Cause, want)
		}
	}
}

func TestAWebhookThatTheBankWantsASignInIsHeard(t *testing.T) {
	for _, row := range []struct {
		code string
		ago  time.Duration // before the balance that we have
		want store.AccountStatus
	}{
		{"1010", -time.Hour, store.AccountNeedsLogin}, {"1011", -time.Hour, store.AccountNeedsLogin}, {"EXPIRED", -time.Hour, store.AccountNeedsLogin},
		{"1003", -time.Hour, store.AccountLinked}, {"1010", time.Minute, store.AccountLinked},
	} {
		b := newBenchAlone(t)
		a := b.linked("Amina456")
		b.advance(time.Hour)
		e := b.event(b.receive([]byte(`{"method":"BALANCE","code":"BALANCE_FAILED","status":"is_error","env":"production-sandbox","record":"` + a.ProviderRecord +
			`","accountId":"` + a.ProviderID + `","ended_at":"` + a.AsOf.Add(-row.ago).UTC().Format(time.RFC3339Nano) + `","type":"` + row.code + `","error":{"code":"` + row.code + `"}}`)))
		if got := b.account(a.ID); got.Status != row.want {
			t.Errorf("after %s the account is %s (%s, %s), want %s", row.code, got.Status, e.Result, e.Reason, row.want)
		}
	}
}

func TestAWebhookThatTheBankWantsASignInIsHeardAlsoWithoutATime(t *testing.T) {
	for _, ended := range []string{``, `"ended_at":null,`, `"ended_at":"yesterday",`} {
		b := newBenchAlone(t)
		a := b.linked("Amina456")
		b.advance(time.Hour)
		e := b.event(b.receive([]byte(`{"method":"BALANCE","code":"BALANCE_FAILED","status":"is_error","env":"production-sandbox","record":"` + a.ProviderRecord +
			`","accountId":"` + a.ProviderID + `",` + ended + `"error":{"code":"1010"}}`)))
		if got := b.account(a.ID); got.Status != store.AccountNeedsLogin || e.Result != store.EventApplied {
			t.Errorf("%q: the account is %s and the event %s", ended, got.Status, e.Result)
		}
	}
}

func TestWhatItsOwnerNoLongerSharesIsShownSoAndTheBankIsNotAsked(t *testing.T) {
	unshare := func(o map[string]any) { o["connected"] = []any{} }
	for name, say := range map[string]func(b *bench, a store.Account){
		"a refresh": func(b *bench, a store.Account) {
			b.edits("callback", func(data map[string]any) {
				for _, key := range []string{"balance", "balances"} {
					each(data, key, func(_ int, o map[string]any) { unshare(o) })
					if o, ok := data[key].(map[string]any); ok {
						unshare(o)
					}
				}
			})
			b.outcome(b.start(a.ID, store.KindRefresh))
		},
		"a sweep": func(b *bench, _ store.Account) {
			b.SweepEvery = time.Minute
			b.edits("balance/getByCustomer", func(data map[string]any) { each(data, "balance", func(_ int, o map[string]any) { unshare(o) }) })
			b.ok(b.sweep(b.t.Context()))
		},
		"a webhook": func(b *bench, a store.Account) {
			b.receive([]byte(`{"method":"BALANCE","status":"is_success","env":"production-sandbox","record":"` + a.ProviderRecord +
				`","balance":{"accountId":"` + a.ProviderID + `","ledger_balance":1,"connected":[]}}`))
		},
	} {
		b := newBenchAlone(t)
		a := b.linked("Amina456")
		b.advance(time.Hour)
		say(b, a)
		b.edits("", nil)
		if got := b.account(a.ID); got.Status != store.AccountUnshared {
			t.Errorf("after %s the account is %s", name, got.Status)
		}
		_, _, err := b.Store.StartRefresh(t.Context(), store.RefreshRequest{Scope: store.Whole(), AccountID: a.ID, Kind: store.KindRefresh, Deadline: time.Minute})
		if !refusedToStart(err) {
			t.Errorf("after %s the bank is asked: %v", name, err)
		}
	}
}

func TestALinkThatLeavesAnAccountOutSaysThatItIsNotSharedAnyMore(t *testing.T) {
	b := newBench(t)
	first := b.linked("Amina123")
	all := b.accounts(first.CustomerID)
	if len(all) != 2 {
		t.Fatalf("%d accounts", len(all))
	}
	co, err := b.Store.AddConsent(t.Context(), store.Consent{CustomerID: first.CustomerID, Version: "1", Scope: b.scope})
	b.ok(err)
	again, err := b.Store.StartAttempt(t.Context(), store.Attempt{CustomerID: first.CustomerID, ConsentID: co.ID, Provider: b.Okra.Name(), Env: b.Env}, 30*time.Minute)
	b.ok(err)
	b.claim(again, b.connect("Amina123", again.Nonce, all[0].NUBAN))
	b.edits("accounts/getByCustomer", func(data map[string]any) {
		each(data, "accounts", func(_ int, o map[string]any) {
			if o["nuban"] == all[1].NUBAN {
				o["connected"] = []any{}
			}
		})
	})
	b.work()
	b.wantAttempt(again, store.AttemptLinked)
	if kept, left := b.account(all[0].ID), b.account(all[1].ID); kept.Status != store.AccountLinked || left.Status != store.AccountUnshared {
		t.Errorf("what is shared is %s, what is not any more %s", kept.Status, left.Status)
	}
}

// The provider takes its time with one customer: another's link does not wait.
func TestASlowAnswerAboutOneCustomerHoldsNobodyElsesLinkUp(t *testing.T) {
	b := newBench(t)
	slow := b.attempt(b.holder("Amina123"))
	b.claim(slow, b.connect("Amina123", slow.Nonce))
	other := b.attempt(b.holder("Amina456"))
	b.claim(other, b.connect("Amina456", other.Nonce))
	var calls sync.Mutex // the simulator is asked by one at a time
	let, first := make(chan struct{}), sync.Once{}
	b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
		held := false
		first.Do(func() { held = true })
		if held {
			<-let
		}
		calls.Lock()
		defer calls.Unlock()
		sim.ServeHTTP(w, r)
	}
	var wg sync.WaitGroup
	step := b.confirmLinks(&wg)
	b.ok(step(t.Context()))
	sitetest.Await(t, "one of the two to be linked", func() string { return "both wait" }, func() bool {
		n := 0
		for _, a := range []store.Attempt{slow, other} {
			got, err := b.Store.AttemptByNonce(t.Context(), store.OfCustomer(a.CustomerID), a.Nonce)
			b.ok(err)
			if got.State == store.AttemptLinked {
				n++
			}
		}
		return n == 1
	})
	close(let)
	wg.Wait()
	b.wantAttempt(slow, store.AttemptLinked)
	b.wantAttempt(other, store.AttemptLinked)
}

// Whoever cannot be confirmed is tried again with what others leave.
func TestLinksThatAreTriedAgainLeaveCallsToWhoeverComes(t *testing.T) {
	b := newBench(t)
	b.Okra.Budget = provider.NewBudget(20, b.clock)
	var stuck []store.Attempt
	for range 8 {
		a := b.attempt("Stuck Person")
		b.claim(a, b.connect("Amina123", a.Nonce))
		stuck = append(stuck, a)
	}
	b.edits("products/records/get", func(data map[string]any) { data["records"] = "x" })
	for range 5 {
		b.work()
		b.advance(10 * time.Second)
	}
	for _, a := range stuck {
		b.wantAttempt(a, store.AttemptClaimed)
	}
	if left := b.Okra.Budget.State().Left; left < 6 {
		t.Errorf("%d of 20 calls are left for others", left)
	}
}

// The provider takes its time with one account's transactions: what webhooks say
// of others is applied meanwhile.
func TestASlowLookUpForOneEventHoldsNoOtherEventUp(t *testing.T) {
	b := newBench(t)
	b.Transactions, b.scope = true, "auth,balance,transactions"
	slow, other := b.linked("Amina456"), b.linked("Funke123")
	b.advance(time.Hour)
	let := make(chan struct{})
	b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "transactions/getByAccount") {
			<-let
		}
		sim.ServeHTTP(w, r)
	}
	tell := func(a store.Account, env string) string {
		return b.receive([]byte(`{"method":"BALANCE","code":"BALANCE_SUCCESS","status":"is_success","env":"` + env + `","record":"` + a.ProviderRecord +
			`","ended_at":"` + b.clock().UTC().Format(time.RFC3339Nano) + `","options":{"attempt":"nobody's"},"balance":{"accountId":"` + a.ProviderID + `","ledger_balance":5}}`))
	}
	waits, goes := tell(slow, "production-sandbox"), tell(other, "production")
	b.ok(b.Store.ReplayEvent(t.Context(), store.Program, goes)) // which leaves it to the worker
	var wg sync.WaitGroup
	b.ok(b.applyEvents(&wg)(t.Context()))
	if e := b.event(waits); e.Result != store.EventReceived {
		t.Errorf("the slow one is %s: the test proves nothing", e.Result)
	}
	if e := b.event(goes); e.Result != store.EventIgnored {
		t.Errorf("the other one is %s", e.Result)
	}
	close(let)
	wg.Wait()
	if e := b.event(waits); e.Result != store.EventApplied {
		t.Errorf("once the provider has answered it is %s (%s)", e.Result, e.Reason)
	}
}
