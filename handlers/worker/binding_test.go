package worker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/okra"
	"balancelink/store"
	"balancelink/store/storetest"
)

// people is how many customers try each other's names, ids and windows.
func people() int {
	if storetest.Few() {
		return 6
	}
	return 20
}

// pairs is how many pairs of them there are, each tried in each way.
func pairs() int { return people() * (people() - 1) * len(swaps) }

// person is one of them, with one account at a bank and one completed window.
type person struct {
	name, customer, account, record, nuban string
	attempt                                store.Attempt
}

// crowd is what the provider knows of them. It answers as the documents show;
// the simulated Okra has fewer people.
type crowd struct {
	*bench
	all []*person
}

func newCrowd(t *testing.T) *crowd {
	b := newBench(t)
	c := &crowd{bench: b}
	for i := range people() {
		id := func(kind int) string { return fmt.Sprintf("%08x%02x%014x", b.clock().Unix(), kind, i) }
		c.all = append(c.all, &person{name: "Invented " + strings.Repeat(string(rune('a'+i)), 9), customer: id(1), account: id(2), record: id(3), nuban: fmt.Sprintf("%010d", i)})
	}
	b.wire = func(_ http.Handler, w *httptest.ResponseRecorder, r *http.Request) { c.answer(w, r) }
	for _, p := range c.all {
		p.attempt = b.attempt(p.name)
	}
	return c
}

func (c *crowd) answer(w http.ResponseWriter, r *http.Request) {
	var q map[string]any
	json.NewDecoder(r.Body).Decode(&q)
	data := map[string]any{"pagination": nil}
	for _, p := range c.all {
		of := map[string]any{"env": okra.WireEnv(c.Env), "owner": clientToken, "customer": p.customer, "created_at": c.bank.Now().Format(time.RFC3339)}
		with := func(more map[string]any) []any {
			for k, v := range of {
				if _, ok := more[k]; !ok {
					more[k] = v
				}
			}
			return []any{more}
		}
		switch {
		case q["record_id"] == p.record:
			data["records"] = with(map[string]any{"_id": p.record})[0]
		case q["customer"] == p.customer && strings.Contains(r.URL.Path, "accounts"):
			data["accounts"] = with(map[string]any{"_id": p.account, "name": p.name, "nuban": p.nuban, "currency": "NGN", "record": []string{p.record}, "owner": []string{clientToken}, "connected": []string{clientToken}})
		case q["customer"] == p.customer:
			data["balance"] = with(map[string]any{"_id": p.account, "account": p.account, "ledger_balance": 1, "available_balance": 1, "currency": "NGN"})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
}

// success is what a person's own window tells the browser.
func (p *person) success() map[string]any {
	return map[string]any{
		"record": p.record, "customer_id": p.customer, "owner": clientToken, "options": map[string]any{"attempt": p.attempt.Nonce},
		"accounts": []any{map[string]any{"accountId": p.account, "customer": p.customer, "nuban": p.nuban, "connected": true}},
	}
}

// swaps put one id of somebody else's in the place of one's own.
var swaps = map[string]func(own map[string]any, other *person){
	"record": func(own map[string]any, other *person) { own["record"] = other.record },
	"customer": func(own map[string]any, other *person) {
		own["customer_id"], own["customerId"] = other.customer, other.customer
	},
	"owner": func(own map[string]any, other *person) { own["owner"] = other.customer },
	"attempt": func(own map[string]any, other *person) {
		own["options"] = map[string]any{"attempt": other.attempt.Nonce}
	},
	"account": func(own map[string]any, other *person) {
		own["accountId"], own["accounts"] = other.account, []any{map[string]any{"accountId": other.account, "customer": other.customer, "nuban": other.nuban, "connected": true}}
		if b, ok := own["balance"].(map[string]any); ok {
			b["accountId"] = other.account
		}
	},
}

// linkAll lets everybody link what is theirs.
func (c *crowd) linkAll() {
	c.t.Helper()
	for _, p := range c.all {
		c.claim(p.attempt, c.json(p.success()))
	}
	for range people()/10 + 1 {
		c.work()
	}
	c.wantOwn()
	for _, p := range c.all {
		if n := len(c.accounts(p.attempt.CustomerID)); n != 1 {
			c.t.Fatalf("%s has %d accounts: the test proves nothing", p.name, n)
		}
	}
}

func (c *crowd) json(v any) []byte {
	c.t.Helper()
	body, err := json.Marshal(v)
	c.ok(err)
	return body
}

// wantOwn fails unless whatever anybody has is theirs.
func (c *crowd) wantOwn() {
	c.t.Helper()
	for _, p := range c.all {
		for _, a := range c.accounts(p.attempt.CustomerID) {
			if a.ProviderID != p.account || a.ProviderRecord != p.record || a.NUBAN != p.nuban || a.ProviderCustomer != p.customer {
				c.t.Errorf("%s has account %s by record %s", p.name, a.ProviderID, a.ProviderRecord)
			}
		}
	}
}

// pairs calls f with everybody and everybody else.
func (c *crowd) pairs(f func(own, other *person)) {
	for _, own := range c.all {
		for _, other := range c.all {
			if own != other {
				f(own, other)
			}
		}
	}
}

// doubted is how many links the audit log says were put up for review or failed.
func (c *crowd) doubted() (n int) {
	c.t.Helper()
	for _, action := range []store.Action{store.ActLinkDoubted, store.ActLinkFailed} {
		rows, err := c.Store.AuditLog(c.t.Context(), store.AuditQuery{Action: action, Limit: 10_000})
		c.ok(err)
		n += len(rows)
	}
	return n
}

// 20 customers, each with one id of each of the 19 others, in five places:
// 1,900 reports of a browser, each in a window of its own.
func TestNobodyIsLinkedToWhatABrowserNamesOfSomebodyElse(t *testing.T) {
	c := newCrowd(t)
	c.linkAll()
	tried := 0
	for name, swap := range swaps {
		c.pairs(func(own, other *person) {
			ctx := t.Context()
			report := own.success()
			a, err := c.Store.StartAttempt(ctx, store.Attempt{CustomerID: own.attempt.CustomerID, ConsentID: own.attempt.ConsentID, Provider: c.Okra.Name(), Env: c.Env}, 30*time.Minute)
			c.ok(err)
			report["options"] = map[string]any{"attempt": a.Nonce}
			swap(report, other)
			c.claim(a, c.json(report))
			c.ok(c.confirmDue(ctx))
			got, err := c.Store.AttemptByNonce(ctx, store.OfCustomer(a.CustomerID), a.Nonce)
			if c.ok(err); got.State != store.AttemptNeedsReview && got.State != store.AttemptFailed || got.Reason == "" {
				t.Errorf("%s of %s, reported by %s: %s (%s)", name, other.name, own.name, got.State, got.Reason)
			}
			if got.State == store.AttemptNeedsReview { // no more of theirs may wait than a few
				c.ok(c.Store.RefuseLink(ctx, store.ByStaff("s1"), a.ID, "not theirs"))
			}
			tried++
		})
	}
	c.wantOwn()
	if n := c.doubted(); tried != pairs() || n != tried {
		t.Errorf("%d were tried, want %d; %d are in the audit log, want as many", tried, pairs(), n)
	}
}

// The same by webhooks that carry the right token: of a sign-in, and of a
// balance. They say what became of them, and set nothing of anybody else's.
func TestNobodyIsLinkedToWhatAWebhookNamesOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for when, linked := range map[string]bool{"before anybody has linked": false, "when everybody has": true} {
		t.Run(when, func(t *testing.T) {
			c := newCrowd(t)
			if linked {
				c.linkAll()
			}
			tried := 0
			for name, swap := range swaps {
				c.pairs(func(own, other *person) {
					method := []string{okra.MethodAuth, okra.MethodBalance}[tried%2]
					tried++
					e := own.success()
					delete(e, "accounts")
					e["method"], e["code"], e["status"], e["env"] = method, method+"_SUCCESS", "is_success", "production-sandbox"
					e["customerId"], e["ended_at"] = own.customer, c.clock().Add(time.Duration(tried)*time.Millisecond).Format(time.RFC3339Nano)
					if method == okra.MethodBalance {
						e["accountId"] = own.account
						e["balance"] = map[string]any{"accountId": own.account, "currency": "NGN", "ledger_balance": 4711.25}
					}
					swap(e, other)
					id := c.receive(c.json(e))
					if got := c.event(id); got.Result != store.EventApplied && got.Result != store.EventReceived && got.Reason == "" {
						t.Errorf("%s of %s, named to %s: %s without a reason", name, other.name, own.name, got.Result)
					}
				})
			}
			for range 2 * people() {
				c.work()
			}
			c.wantOwn()
			if tried != pairs() {
				t.Errorf("%d were tried, want %d", tried, pairs())
			}
			for _, p := range c.all {
				c.wantNoForeignBalance(p)
			}
		})
	}
}

// wantNoForeignBalance fails if a balance of a person's account came by an event
// that named anybody else's customer, owner or record.
func (c *crowd) wantNoForeignBalance(p *person) {
	c.t.Helper()
	for _, a := range c.accounts(p.attempt.CustomerID) {
		all, err := c.Store.BalancesByAccount(c.t.Context(), a.ID, 10_000)
		c.ok(err)
		for _, o := range all {
			if o.Provided.Customer != p.customer || o.Provided.Owner != clientToken {
				c.t.Errorf("%s has a balance of the provider's customer %s, owner %s", p.name, o.Provided.Customer, o.Provided.Owner)
			}
		}
	}
}

// Two customers claim the same record and account at the same moment, again
// and again: one has it afterwards, or nobody, and never both.
func TestOfTwoWhoClaimTheSameAccountAtOnceOneHasIt(t *testing.T) {
	b := newBench(t)
	races := storetest.Often(500)
	var won, none int
	for i := range races {
		var attempts [2]store.Attempt
		for k := range attempts {
			attempts[k] = b.attempt(fmt.Sprint("Racer ", k))
			_, err := b.Store.ReportAttempt(t.Context(), attempts[k].Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: fmt.Sprint("record ", i)})
			b.ok(err)
		}
		var wg sync.WaitGroup
		start := make(chan struct{})
		for _, a := range attempts {
			wg.Go(func() {
				<-start
				if err := b.Store.FinishLink(t.Context(), a.ID, store.Link{ProviderRecord: fmt.Sprint("record ", i), Accounts: []store.LinkedAccount{{ProviderID: fmt.Sprint("account ", i), Currency: "NGN"}}}); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		has, doubtful := 0, 0
		for _, a := range attempts {
			got, err := b.Store.AttemptByNonce(t.Context(), store.OfCustomer(a.CustomerID), a.Nonce)
			b.ok(err)
			has += len(b.accounts(a.CustomerID))
			if got.State == store.AttemptNeedsReview {
				doubtful++
			}
		}
		switch {
		case has == 1 && doubtful == 1:
			won++
		case has == 0 && doubtful == 2:
			none++
		default:
			t.Fatalf("race %d: %d have it, %d wait for staff", i, has, doubtful)
		}
	}
	t.Logf("%d races: one has it in %d, nobody in %d", races, won, none)
}
