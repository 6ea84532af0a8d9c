package everyroute_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/static"
	"balancelink/store"
	"balancelink/store/storetest"
	"balancelink/views"
)

// principals are the members of staff and customer B, whom all cells share.
type principals struct {
	server  *handlers.Server
	signIns *site.SignIns
	store   *store.Store
	path    string            // of the database
	staff   map[string]string // id by role
	other   string
	time    *sitetest.Clock
	looked  *cell        // of those who only look
	comers  atomic.Int64 // who each have an address of their own
}

// newPrincipals lets its test run beside others that have a server of their own.
func newPrincipals(t *testing.T) *principals {
	t.Helper()
	path := filepath.Join(storetest.Folder(t), "test.db")
	return principalsOf(t, path, func(now func() time.Time) *store.Store {
		return storetest.Open(t, path, now)
	}, func(s *handlers.Server) {
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		t.Cleanup(func() { stop(); running.Wait() })
	})
}

// principalsOf are those of a store and of a server that run may run.
func principalsOf(
	t *testing.T, path string, open func(now func() time.Time) *store.Store, run func(*handlers.Server),
) *principals {
	t.Helper()
	t.Parallel()
	set, err := settings.Load(nil, []string{"SESSION_KEY=0123456789abcdef0123456789abcdef", "LISTEN_ADDR=" + sitetest.Addr(t)}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &principals{time: sitetest.NewClock(time.Now()), staff: map[string]string{}, path: path}
	p.store = open(p.time.Now)
	p.server, err = handlers.New(handlers.Config{Settings: set, Upstreams: site.Okra(t, set, site.Proven(p.store)), Store: p.store, Logger: site.Quiet, Now: p.time.Now, AtOnce: storetest.Patience})
	if err != nil {
		t.Fatal(err)
	}
	run(p.server)
	p.signIns = site.NewSignIns(t, p.server)
	for _, role := range []store.Role{store.RoleOwner, store.RoleAdmin, store.RoleOfficer, store.RoleViewer, store.RoleAuditor} {
		m, err := p.store.AddStaff(t.Context(), store.Program, store.Staff{Email: string(role) + "@lender.example", PasswordHash: "-", Role: role})
		if err != nil {
			t.Fatal(err)
		}
		p.staff[string(role)] = m.ID
	}
	p.other = p.newCell(t).customer
	return p
}

// cell is one request with a customer A of its own, so that what a request
// changes is nothing to the next.
type cell struct {
	*principals
	t                                                                                                                testing.TB
	member, customer, invitation, secret, consent, visit, finder, nonce, account, refresh, event, review, funds, key string
	sum                                                                                                              string // a funds check over all accounts
}

func (p *principals) newCell(t testing.TB) *cell {
	t.Helper()
	c := &cell{principals: p, t: t}
	ctx, ok := t.Context(), c.ok
	cu, err := p.store.AddCustomer(ctx, store.Program, store.Customer{Name: "Amina Bello"})
	ok(err)
	linked := c.link(cu.ID)
	i, secret, err := p.store.AddInvitation(ctx, store.Program, cu.ID, "", 72*time.Hour)
	ok(err)
	account, err := p.store.AccountByProviderID(ctx, "okra", "simulated", "account of "+cu.ID)
	ok(err)
	r, _, err := p.store.StartRefresh(ctx, store.RefreshRequest{Scope: store.Whole(), AccountID: account.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Minute})
	ok(err)
	unmatched := func(store.EventTarget) (store.Outcome, bool) {
		return store.Outcome{Result: store.EventUnmatched}, true
	}
	_, err = p.store.ReceiveEvent(store.Event{
		Provider: "okra", Env: "simulated", DedupKey: cu.ID, ProviderRecord: "5f0000000000000000000001", Headers: "{}", Body: []byte(`{"method":"AUTH"}`),
	}, unmatched)
	ok(err)
	events, err := p.store.Events(ctx, store.EventUnmatched, "", 1)
	ok(err)
	event := events[0].ID
	open := c.attempt(linked)
	m, err := p.store.AddStaff(ctx, store.Program, store.Staff{Email: cu.ID + "@lender.example", PasswordHash: "-", Role: store.RoleViewer})
	ok(err)
	c.member = m.ID
	c.customer, c.invitation, c.secret, c.consent, c.visit, c.nonce = cu.ID, i.ID, secret, linked.ConsentID, linked.VisitID, open.Nonce
	funds, err := p.store.AskFunds(ctx, store.FundsCheck{AccountID: account.ID, Amount: 1})
	ok(err)
	k, _, err := p.store.AddAPIKey(ctx, store.ByStaff(m.ID), "bl_sim_", store.APIKey{Name: "Core"}, 0) // it has ended: only so many may work
	ok(err)
	c.key = k.ID
	c.account, c.refresh, c.event, c.funds = account.ID, r.ID, event, funds.ID
	c.sum = c.fundsSum(time.Time{})
	c.review, c.finder = c.doubtful(linked).ID, c.visits(cu.ID).VisitID
	c.delivery()
	return c
}

// endpoint is one that things are sent to. It is everybody's: there may be only so many.
func (c *cell) endpoint() string {
	c.t.Helper()
	ctx := c.t.Context()
	all, err := c.store.Endpoints(ctx)
	c.ok(err)
	if len(all) == 0 {
		e, err := c.store.AddEndpoint(ctx, store.Program, store.Endpoint{URL: "https://host.example"})
		c.ok(err)
		return e.ID
	}
	if all[0].State != store.EndpointEnabled {
		_, err = c.store.EnableEndpoint(ctx, store.Program, all[0].ID)
		c.ok(err)
	}
	return all[0].ID
}

// delivery is one to that endpoint.
func (c *cell) delivery() string {
	c.t.Helper()
	ctx, e := c.t.Context(), c.endpoint()
	all, err := c.store.Deliveries(ctx, store.DeliveryQuery{EndpointID: e, Limit: 1})
	c.ok(err)
	if len(all) > 0 {
		return all[0].ID
	}
	c.ok(c.store.TestEndpoint(ctx, store.Program, e))
	c.ok(c.store.TakeUp(ctx, e))
	return c.delivery()
}

// cellFor is a new cell for a request of that method, or one that is shared by
// all that change nothing.
func (p *principals) cellFor(t testing.TB, method string) *cell {
	t.Helper()
	if method != http.MethodGet {
		return p.newCell(t)
	}
	if p.looked == nil {
		p.looked = p.newCell(t)
	}
	return p.looked
}

func (c *cell) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// visits begins a visit by a new personal link of a customer.
func (c *cell) visits(customerID string) store.Consent {
	c.t.Helper()
	i, _, err := c.store.AddInvitation(c.t.Context(), store.Program, customerID, "", time.Hour)
	c.ok(err)
	text := views.CurrentConsent(false)
	co, err := c.store.BeginVisit(c.t.Context(), store.Consent{CustomerID: customerID, InvitationID: i.ID, Version: text.Version, Scope: text.Scope}, 30*time.Minute)
	c.ok(err)
	return co
}

// link takes customer A to an account that is linked in a visit.
func (c *cell) link(customerID string) store.Attempt {
	c.t.Helper()
	ctx, co := c.t.Context(), c.visits(customerID)
	a := c.attempt(store.Attempt{CustomerID: customerID, ConsentID: co.ID, VisitID: co.VisitID})
	_, err := c.store.ReportAttempt(ctx, a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "record of " + customerID})
	c.ok(err)
	c.ok(c.store.FinishLink(ctx, a.ID, store.Link{
		ProviderRecord: "record of " + customerID, Bank: store.Bank{ID: "gtb", Name: "Guaranty Trust Bank", Slug: "guaranty-trust-bank"},
		Accounts: []store.LinkedAccount{{ProviderID: "account of " + customerID, Name: "Amina Bello", NUBAN: "0123456789", Currency: "NGN"}},
	}))
	return a
}

// doubtful is a link of customer A that waits for staff.
func (c *cell) doubtful(like store.Attempt) store.Attempt {
	c.t.Helper()
	a := c.attempt(like)
	a, err := c.store.ReportAttempt(c.t.Context(), a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "other of " + a.CustomerID})
	c.ok(err)
	c.ok(c.store.EndAttempt(c.t.Context(), a.Claim(), store.AttemptNeedsReview, "The names differ."))
	return a
}

// attempt opens the bank window once more for the customer, consent and visit
// of another attempt.
func (c *cell) attempt(like store.Attempt) store.Attempt {
	c.t.Helper()
	a, err := c.store.StartAttempt(c.t.Context(), store.Attempt{
		CustomerID: like.CustomerID, ConsentID: like.ConsentID, VisitID: like.VisitID, Provider: "okra", Env: "simulated",
	}, 30*time.Minute)
	c.ok(err)
	return a
}

// path is a route's path with ids that belong to customer A.
func (c *cell) path(route string) string {
	_, path, _ := strings.Cut(route, " ")
	id := ""
	for prefix, of := range map[string]string{
		"/customers/": c.customer, "/accounts/": c.account, "/me/accounts/": c.account,
		"/staff/": c.member, "/refreshes/": c.refresh, "/me/refreshes/": c.refresh, "/inbox/": c.event,
		"/reviews/": c.review, "/funds-checks/": c.funds, "/keys/": c.key,
	} {
		if strings.HasPrefix(path, prefix) {
			id = of
		}
	}
	switch { // which every cell has in common
	case strings.HasPrefix(path, "/endpoints/"):
		id = c.endpoint()
	case strings.HasPrefix(path, "/deliveries/"):
		id = c.delivery()
	}
	path = strings.NewReplacer(":check", c.sum, ":id", id, ":secret", c.secret, ":nonce", c.nonce, ":invitation", c.invitation, ":consent", c.consent, ":account", c.account, ":screen", "me", ":state", "normal", "/static/*file", static.URL("app.css")).Replace(path)
	if strings.Contains(path, ":") || strings.Contains(path, "//") || strings.HasSuffix(path, "/") && path != "/" {
		c.t.Fatalf("%s: no id of customer A is known for it", route)
	}
	return path
}

// fundsSum is a funds check over the accounts of customer A, for then or for at once.
func (c *cell) fundsSum(dueAt time.Time) string {
	c.t.Helper()
	f, err := c.store.AskFundsSum(c.t.Context(), store.FundsSum{CustomerID: c.customer, Amount: 1, Currency: "NGN", DueAt: dueAt}, nil)
	c.ok(err)
	return f.ID
}

// actor is a principal as the audit log names them, and as pages say for whom
// they were drawn.
func (c *cell) actor(name string) string {
	switch name {
	case "nobody", "expired":
		return ""
	case "link":
		return store.ByVisit(c.visit)
	case "finder":
		return store.ByVisit(c.finder)
	case "self":
		return store.ByCustomer(c.customer)
	case "other":
		return store.ByCustomer(c.principals.other)
	}
	return store.ByStaff(c.staff[name])
}

// body is an empty form of a page that was drawn for a principal, on a route that
// takes one.
func (c *cell) body(route, name string) io.Reader {
	if forNobody[route] != "" {
		return http.NoBody
	}
	return c.form(name, nil)
}

// form is a form of a page that was drawn for a principal.
func (c *cell) form(name string, fields url.Values) io.Reader {
	return strings.NewReader(site.DrawnFor(c.actor(name), fields).Encode())
}

// cookies sign the principal in, just now.
func (c *cell) cookies(name string) []*http.Cookie {
	switch name {
	case "nobody":
		return nil
	case "link":
		return []*http.Cookie{c.signIns.Visit(c.t, c.visit)}
	case "finder":
		return []*http.Cookie{c.signIns.Visit(c.t, c.finder)}
	case "self":
		return []*http.Cookie{c.signIns.Customer(c.t, c.customer)}
	case "other":
		return []*http.Cookie{c.signIns.Customer(c.t, c.principals.other)}
	case "expired":
		return []*http.Cookie{c.signIns.Staff(c.t, c.staff["owner"]), c.signIns.Customer(c.t, c.customer), c.signIns.Visit(c.t, c.visit)}
	}
	return []*http.Cookie{c.signIns.Staff(c.t, c.staff[name])}
}

// ask sends the request as a principal and says what it gives, in the matrix's words.
func (c *cell) ask(route, name string) string {
	c.t.Helper()
	req := c.asked(route, name)
	if name == "expired" {
		c.time.Advance(9 * time.Hour)
		defer c.time.Advance(-9 * time.Hour)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, req)
	switch to := w.Header().Get("Location"); {
	case w.Code == http.StatusSeeOther && (to == "/login" || strings.HasPrefix(to, "/login?")):
		return "to-login"
	case w.Code == http.StatusSeeOther, w.Code == http.StatusAccepted:
		return "done"
	case w.Code == http.StatusOK:
		return "page"
	}
	return fmt.Sprint(w.Code)
}
