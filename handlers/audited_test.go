package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/store"
	"balancelink/views"
)

const asksForProof = "asks for a password, code or secret that a cell has not got; the store records it with the act"

// unaudited are the routes that change something and write nothing to the audit
// log, with the reason.
var unaudited = map[string]string{
	"POST /login":                           asksForProof,
	"POST /login/code":                      asksForProof,
	"POST /welcome/:secret":                 asksForProof,
	"POST /confirm":                         asksForProof,
	"POST /me/login":                        asksForProof,
	"POST /me/password":                     asksForProof,
	"POST /amounts":                         "a cookie of the browser's says how it shows amounts; nothing is stored",
	"POST /language":                        "a cookie of the browser's says in which language it shows pages; nothing is stored",
	"POST /profile/password":                asksForProof,
	"POST /profile/second-factor":           asksForProof,
	"POST /reviews/:id/approve":             "the provider has to confirm the link first; the store records the approval with it",
	"POST /webhooks/okra":                   "the event's own row says what came; that it was applied is recorded",
	"POST /connect/attempts/:nonce/success": "what the browser reports is kept with the attempt; that the provider confirmed it is recorded",
	"POST /connect/attempts/:nonce/close":   "what the browser reports is kept with the attempt, and changes nothing else",
	"POST /connect/attempts/:nonce/error":   "what the browser reports is kept with the attempt, and changes nothing else",
}

// audited says what the form of a route has to hold to be accepted. Routes that
// are not here take an empty one.
func (c *cell) audited(route string) url.Values {
	c.t.Helper()
	switch route {
	case "POST /staff":
		return url.Values{"email": {"new@lender.example"}, "role": {"viewer"}}
	case "POST /staff/:id/role":
		return url.Values{"role": {"auditor"}}
	case "POST /accounts/:id/funds-checks":
		return url.Values{"amount": {"1"}}
	case "POST /accounts/:id/threshold":
		return url.Values{"threshold": {"50,000"}}
	case "POST /accounts/:id/threshold/clear":
		c.ok(c.store.SetThreshold(c.t.Context(), "", c.account, 1))
	case "POST /reviews/:id/refuse":
		return url.Values{"reason": {"The names were compared with the passport."}}
	case "POST /customers":
		return url.Values{"name": {"Bola Ade"}}
	case "POST /connect/:secret/attempts", "POST /me/consent":
		return url.Values{"consent": {views.CurrentConsent().Version}}
	case "POST /me/attempts":
		c.consents(c.customer)
	case "POST /customers/:id/erase":
		return url.Values{"confirm": {"Amina Bello"}, "reason": {views.EraseReasons()[0]}}
	case "POST /inbox/:id/match":
		cu, err := c.store.AddCustomer(c.t.Context(), store.Program, store.Customer{Name: "Of the match", Reference: "of-the-match"})
		c.ok(err)
		c.consents(cu.ID)
		return url.Values{"customer": {"of-the-match"}}
	}
	return nil
}

// consents gives a customer's consent to today's text.
func (c *cell) consents(customerID string) {
	c.t.Helper()
	text := views.CurrentConsent()
	_, err := c.store.AddConsent(c.t.Context(), store.Consent{CustomerID: customerID, Version: text.Version, Scope: text.Scope})
	c.ok(err)
}

func TestEveryRouteThatChangesSomethingWritesToTheAuditLog(t *testing.T) {
	p := newPrincipals(t)
	serve(t, p.server.Settings.ListenAddr, p.server) // where the test delivery goes
	cells, _ := rows(t)
	for _, r := range p.server.Routes(t) {
		route := r.Method + " " + r.Path
		if r.Method == http.MethodGet || unaudited[route] != "" {
			continue
		}
		as := whoMay(cells[route])
		t.Run(route+" as "+as, func(t *testing.T) { p.newCell(t).mustWriteToTheLog(route, as) })
	}
}

// whoMay is somebody whom a row of the matrix lets in. Signing out leads to
// signing in, which looks as if it let nobody in.
func whoMay(row map[string]string) string {
	switch {
	case row["nobody"] != "to-login" && row["nobody"] != "401":
		return "nobody"
	case row["owner"] == "401":
		return "self"
	}
	return "owner"
}

// mustWriteToTheLog sends a request that is accepted and looks for the new row,
// whose action must have its sentence on the page.
func (c *cell) mustWriteToTheLog(route, as string) {
	c.t.Helper()
	r, err := c.store.RefreshByID(c.t.Context(), c.refresh)
	c.ok(err)
	c.ok(c.store.EndRefresh(c.t.Context(), r, store.Ending{State: store.RefreshUnchanged})) // so that another can start
	c.time.Advance(2 * time.Minute)
	form := c.audited(route)
	newest, err := c.store.AuditLog(c.t.Context(), store.AuditQuery{Limit: 1})
	c.ok(err)
	req := httptest.NewRequestWithContext(c.t.Context(), "POST", c.path(route), c.form(as, form))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, cookie := range c.cookies(as) {
		req.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, req)
	if w.Code >= 400 {
		c.t.Fatalf("status %d: give the route a form in (*cell).audited with which it works, or say in unaudited why it writes nothing", w.Code)
	}
	now, err := c.store.AuditLog(c.t.Context(), store.AuditQuery{Limit: 1})
	c.ok(err)
	if now[0].Seq == newest[0].Seq {
		c.t.Fatalf("status %d and no new row in the audit log: write one in the transaction of the act, or say in unaudited why not", w.Code)
	}
	if action := string(now[0].Action); views.ActionWords(c.t.Context(), action) == action {
		c.t.Errorf("%q has no sentence in views/audit.go", action)
	}
}

func TestEveryActionHasASentence(t *testing.T) {
	for _, a := range store.Actions() {
		if views.ActionWords(t.Context(), string(a)) == string(a) {
			t.Errorf("%q has no sentence in views/audit.go", a)
		}
	}
}

func TestSigningInAndFailingToIsRecorded(t *testing.T) {
	s := newSite(t)
	stranger := s.browser()
	for range 3 {
		stranger.post("/login", url.Values{"email": {staffEmail}, "password": {"a wrong password"}}).wantStatus(http.StatusUnauthorized)
	}
	stranger.post("/login", url.Values{"email": {"nobody@lender.example"}, "password": {"a wrong password"}}).wantStatus(http.StatusUnauthorized)
	staff := s.signedIn()
	staff.get("/audit").wantStatus(http.StatusOK)
	m, err := s.Store.StaffByEmail(t.Context(), staffEmail)
	if err != nil {
		t.Fatal(err)
	}
	failed := s.acts(store.AuditQuery{Action: store.ActSignInFailed})
	if len(failed) != 2 {
		t.Fatalf("%d rows of failed sign-ins, want one for the member of staff and one for the address that nobody has", len(failed))
	}
	for _, e := range failed {
		if want := map[string]string{m.ID: "3 times", "": "1 times"}[e.Subject]; !strings.HasPrefix(e.Detail, want) || e.Actor != store.Nobody {
			t.Errorf("%+v, want %q", e, want)
		}
	}
	if in := s.acts(store.AuditQuery{Action: store.ActSignedIn}); len(in) != 1 || in[0].Actor != store.ByStaff(m.ID) {
		t.Errorf("signed in: %+v", in)
	}
}

// acts are rows of the audit log, newest first.
func (s *site) acts(q store.AuditQuery) []store.AuditEntry {
	s.t.Helper()
	q.Limit = 1000
	all, err := s.Store.AuditLog(s.t.Context(), q)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func TestWhoLooksAtWhoseBalancesIsOneRowAnHour(t *testing.T) {
	s := newSite(t)
	staff, other := s.signedIn(), s.signedInAs(store.RoleViewer)
	id, customer := s.link(staff, "Amina Bello", "Amina123")
	var account store.Account
	for _, account = range s.accounts(id) {
		break
	}
	look := func(b *browser) {
		b.get("/customers/" + id).wantStatus(http.StatusOK)
		b.get("/accounts/" + account.ID).wantStatus(http.StatusOK)
	}
	for range 2 {
		look(staff)
		look(other)
		customer.get("/me").wantStatus(http.StatusOK)
	}
	if n := len(s.acts(store.AuditQuery{Action: store.ActBalancesSeen, Customer: id})); n != 2 {
		t.Errorf("%d rows, want one for each of the two members of staff", n)
	}
	if err := handlers.RecordSettings(t.Context(), s.Store, s.Settings); err != nil {
		t.Fatal(err)
	}
	s.restart()
	if err := handlers.RecordSettings(t.Context(), s.Store, s.Settings); err != nil {
		t.Fatal(err)
	}
	if n := len(s.acts(store.AuditQuery{Action: store.ActSettingsChanged})); n != 1 {
		t.Errorf("%d rows of the settings, which did not change", n)
	}
}
