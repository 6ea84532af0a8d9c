package everyroute_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/storetest"
	"balancelink/views"
)

// reach is two customers who link by personal links, signed in, and by staff,
// in whatever order, and what each session must therefore reach.
type reach struct {
	*cell
	chance    *rand.Rand
	customers []string // ids; their references are the same
	sessions  []*reacher
	attempts  []reachAttempt    // that were opened
	brought   map[string]string // by the id of an account: the visit that linked it last; empty: no visit did
	begun     map[string]string // by a record: the visit whose attempt named it first
}

// reacher is a browser in which somebody is signed in, or came by a link.
type reacher struct {
	cookie          *http.Cookie
	customer, visit string
	member          string // of staff
	link            string // the secret of the personal link
}

// actor is for whom its pages are drawn.
func (who *reacher) actor() string {
	if who.member != "" {
		return store.ByStaff(who.member)
	}
	return store.Scope{CustomerID: who.customer, VisitID: who.visit}.Actor()
}

type reachAttempt struct{ nonce, customer, visit string }

// TestAVisitReachesOnlyWhatWasBegunInItWhateverElseHappens lets chance order the
// ways in which accounts come to be linked. SEED repeats one run.
func TestAVisitReachesOnlyWhatWasBegunInItWhateverElseHappens(t *testing.T) {
	p := newPrincipals(t)
	seeds := storetest.Often(20)
	first, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err == nil {
		seeds = 1
	} else {
		first = rand.Uint64N(1 << 32)
	}
	looked := map[bool]int{}
	for seed := first; seed < first+uint64(seeds); seed++ {
		t.Run(fmt.Sprintf("SEED=%d", seed), func(t *testing.T) {
			r := &reach{cell: &cell{principals: p, t: t}, chance: rand.New(rand.NewPCG(seed, 0)), brought: map[string]string{}, begun: map[string]string{}}
			for i := range 2 {
				cu, err := p.store.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina", Reference: fmt.Sprintf("%d-%d", seed, i)})
				r.ok(err)
				r.customers = append(r.customers, cu.ID)
			}
			for step := range 40 {
				what := r.step()
				r.look(fmt.Sprintf("step %d, %s", step, what), looked)
				if t.Failed() {
					return
				}
			}
		})
	}
	if looked[true] == 0 || looked[false] == 0 {
		t.Errorf("accounts in reach of a visit were looked at %d times, others %d times", looked[true], looked[false])
	}
}

func (r *reach) step() string {
	r.time.Advance(time.Duration(r.chance.IntN(60)) * time.Second)
	steps := []struct {
		weight int
		name   string
		do     func()
	}{
		{3, "a personal link is opened", r.open}, {2, "a customer signs in", r.signIn},
		{6, "a bank window is opened", r.window}, {9, "a link is confirmed", r.confirm},
		{2, "staff match a webhook", r.match}, {1, "an account or bank is unlinked", r.unlink}, {1, "consent is withdrawn", r.withdraw},
	}
	n := r.chance.IntN(24)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			s.do()
			return s.name
		}
	}
	panic("the weights do not add up")
}

// one picks one of some.
func one[T any](r *reach, some []T) (picked T, ok bool) {
	if len(some) == 0 {
		return picked, false
	}
	return some[r.chance.IntN(len(some))], true
}

// send is a request of that browser, as its pages would make it.
func (r *reach) send(who *reacher, method, path string, form url.Values) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.t.Context(), method, path, strings.NewReader(site.DrawnFor(who.actor(), form).Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	n := r.comers.Add(1)
	req.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1000", n>>16&255, n>>8&255, n&255) // no address comes too often
	req.AddCookie(site.KeptCookie)
	if who.cookie != nil {
		req.AddCookie(who.cookie)
	}
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, req)
	return w
}

// open goes by a personal link, that of before or a new one, in a new browser or
// in that of a customer who has signed in.
func (r *reach) open() {
	customer, _ := one(r, r.customers)
	_, secret, err := r.store.AddInvitation(r.t.Context(), store.Program, customer, "", time.Hour)
	r.ok(err)
	who := &reacher{customer: customer}
	if before, ok := one(r, r.sessions); ok && r.chance.IntN(3) == 0 {
		if before.visit == "" && before.customer == customer {
			who = before
		} else if before.link != "" {
			secret, who.customer = before.link, before.customer
		}
	}
	w := r.send(who, "POST", "/connect/"+secret+"/attempts", url.Values{"consent": {views.CurrentConsent(false).Version}})
	if w.Code == http.StatusGone {
		return // it was used or revoked
	}
	if who.cookie == nil {
		for _, cookie := range w.Result().Cookies() {
			if strings.HasSuffix(cookie.Name, "_link") && cookie.Value != "" {
				who.cookie = cookie
			}
		}
		newest, err := r.store.AttemptsByCustomer(r.t.Context(), store.OfCustomer(who.customer))
		r.ok(err)
		who.visit, who.link = newest[0].VisitID, secret
		if who.visit == "" {
			r.t.Fatal("who came by a personal link has no visit")
		}
		r.sessions = append(r.sessions, who)
	}
	r.opened(who, w)
}

// opened notes the attempt to which an answer leads.
func (r *reach) opened(who *reacher, w *httptest.ResponseRecorder) {
	r.t.Helper()
	nonce, ok := strings.CutPrefix(w.Header().Get("Location"), "/connect/attempts/")
	if !ok {
		r.t.Fatalf("%d to %q, want an attempt", w.Code, w.Header().Get("Location"))
	}
	r.attempts = append(r.attempts, reachAttempt{nonce, who.customer, who.visit})
}

func (r *reach) signIn() {
	customer, _ := one(r, r.customers)
	r.sessions = append(r.sessions, &reacher{cookie: r.signIns.Customer(r.t, customer), customer: customer})
}

// window opens the bank window, for a new bank or to sign in again to an account
// of either customer.
func (r *reach) window() {
	who, ok := one(r, r.sessions)
	if !ok || r.send(who, "GET", "/me", nil).Code != http.StatusOK {
		return
	}
	form := url.Values{}
	var account store.Account
	if all := r.accounts(); r.chance.IntN(2) == 0 && len(all) > 0 {
		account, _ = one(r, all)
		form.Set("account", account.ID)
	}
	w := r.send(who, "POST", "/me/attempts", form)
	switch {
	case strings.HasPrefix(w.Header().Get("Location"), "/me/consent"):
	case account.ID != "" && !r.reaches(who, account):
		if w.Code != http.StatusNotFound {
			r.t.Errorf("a window for an account out of reach: %d", w.Code)
		}
	default:
		r.opened(who, w)
	}
}

// confirm ends an attempt with a link to some of the four accounts that its
// customer has, by a record of its own or by one that is there already.
func (r *reach) confirm() {
	if a, ok := one(r, r.attempts); ok {
		found, err := r.store.AttemptByNonce(r.t.Context(), store.OfCustomer(a.customer), a.nonce)
		r.ok(err)
		if found.State == store.AttemptOpen {
			by := []string{"widget", "webhook"}[r.chance.IntN(2)]
			r.bind(a, found, by)
		}
	}
}

func (r *reach) bind(a reachAttempt, found store.Attempt, by string) {
	record := found.ProviderRecord
	if record == "" {
		record = fmt.Sprint("record ", r.chance.IntN(8), " of ", a.customer)
		_, err := r.store.ReportAttempt(r.t.Context(), a.nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: by, ProviderRecord: record})
		r.ok(err)
	}
	l := store.Link{ProviderRecord: record, Bank: store.Bank{ID: "gtb", Name: "GTB"}}
	for n := range 4 {
		if r.chance.IntN(3) == 0 {
			l.Accounts = append(l.Accounts, store.LinkedAccount{ProviderID: fmt.Sprint(n, " of ", a.customer), NUBAN: fmt.Sprintf("000000000%d", n), Currency: "NGN"})
		}
	}
	r.ok(r.store.FinishLink(r.t.Context(), found.ID, l))
	now, err := r.store.AttemptByNonce(r.t.Context(), store.OfCustomer(a.customer), found.Nonce)
	r.ok(err)
	if now.State != store.AttemptLinked {
		return // the link or the consent has ended, or what was shared was unlinked since
	}
	if _, known := r.begun[record]; !known {
		r.begun[record] = a.visit
	}
	visit := a.visit
	if r.begun[record] != visit {
		visit = ""
	}
	for _, acc := range r.accounts() {
		shared := slices.ContainsFunc(l.Accounts, func(n store.LinkedAccount) bool { return n.ProviderID == acc.ProviderID })
		if shared && acc.Status == store.AccountLinked {
			r.brought[acc.ID] = visit
		}
	}
}

// match lets staff say whose a record of a webhook is.
func (r *reach) match() {
	customer, _ := one(r, r.customers)
	record := fmt.Sprintf("5f00000000000000%08x", r.chance.Uint32())
	_, err := r.store.ReceiveEvent(store.Event{
		Provider: "okra", Env: "simulated", DedupKey: record, ProviderRecord: record, Headers: "{}", Body: []byte(`{"method":"AUTH"}`),
	}, func(store.EventTarget) (store.Outcome, bool) {
		return store.Outcome{Result: store.EventUnmatched}, true
	})
	r.ok(err)
	events, err := r.store.Events(r.t.Context(), store.EventUnmatched, "", 1)
	r.ok(err)
	cu, err := r.store.CustomerByID(r.t.Context(), customer)
	r.ok(err)
	owner := &reacher{cookie: r.signIns.Staff(r.t, r.staff["owner"]), member: r.staff["owner"]}
	w := r.send(owner, "POST", "/inbox/"+events[0].ID+"/match", url.Values{"customer": {cu.Reference}})
	if w.Code == http.StatusUnprocessableEntity {
		return // there is no consent in force
	}
	newest, err := r.store.AttemptsByCustomer(r.t.Context(), store.OfCustomer(customer))
	r.ok(err)
	r.bind(reachAttempt{newest[0].Nonce, customer, ""}, newest[0], "staff")
}

func (r *reach) unlink() {
	who, ok := one(r, r.sessions)
	a, some := one(r, r.accounts())
	if !ok || !some {
		return
	}
	before := r.accounts()
	r.send(who, "POST", "/me/accounts/"+a.ID+"/unlink", url.Values{"scope": {[]string{"account", "bank"}[r.chance.IntN(2)]}})
	r.wantOnlyInReach(who, before)
}

func (r *reach) withdraw() {
	if who, ok := one(r, r.sessions); ok && r.chance.IntN(2) == 0 {
		before := r.accounts()
		r.send(who, "POST", "/me/withdraw", nil)
		r.wantOnlyInReach(who, before)
	}
}

// wantOnlyInReach fails when something was unlinked that the browser does not reach.
func (r *reach) wantOnlyInReach(who *reacher, before []store.Account) {
	r.t.Helper()
	for i, now := range r.accounts() {
		if now.Status != before[i].Status && !r.reaches(who, now) {
			r.t.Errorf("it changed an account out of its reach to %s", now.Status)
		}
	}
}

// accounts are those of both customers.
func (r *reach) accounts() (all []store.Account) {
	r.t.Helper()
	for _, id := range r.customers {
		some, err := r.store.AccountsByCustomer(r.t.Context(), id)
		r.ok(err)
		all = append(all, some...)
	}
	return all
}

// reaches says what the rule says.
func (r *reach) reaches(who *reacher, a store.Account) bool {
	return a.CustomerID == who.customer && (who.visit == "" || r.brought[a.ID] == who.visit)
}

// look holds every living session to the rule, on every page that an account is on.
func (r *reach) look(after string, looked map[bool]int) {
	r.t.Helper()
	all := r.accounts()
	for _, who := range r.sessions {
		page := r.send(who, "GET", "/me", nil)
		if page.Code == http.StatusUnauthorized {
			continue
		}
		doc, err := goquery.NewDocumentFromReader(page.Body)
		r.ok(err)
		listed := map[string]bool{}
		doc.Find("a[href^='/me/accounts/']").Each(func(_ int, a *goquery.Selection) {
			listed[strings.Split(a.AttrOr("href", ""), "/")[3]] = true
		})
		for _, a := range all {
			in := r.reaches(who, a)
			got := map[string]bool{"/me": listed[a.ID]}
			for _, path := range r.pagesOf(a) {
				got[path] = r.send(who, "GET", path, nil).Code < http.StatusBadRequest
			}
			if who.visit != "" {
				looked[in]++
			}
			for _, path := range slices.Sorted(maps.Keys(got)) {
				if got[path] != in {
					r.t.Errorf("after %s: %s by visit %q shows account %s of %q (linked by %q): %v, want %v", after, path, who.visit, a.NUBAN, a.CustomerID, r.brought[a.ID], got[path], in)
				}
			}
		}
	}
}

// pagesOf are an account's own page and one more.
func (r *reach) pagesOf(a store.Account) []string {
	own := "/me/accounts/" + a.ID
	return []string{own, own + []string{"/unlink", "/history.csv"}[r.chance.IntN(2)]}
}
