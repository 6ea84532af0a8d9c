package everyroute_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
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
	"POST /me/code":                         noMail,
	"POST /me/code/enter":                   noMail,
	"POST /me/password":                     asksForProof,
	"POST /inbox/replay":                    "a row for each that failed: TestAllThatFailedIsReplayedAtOnceAndTheResultAppears",
	"POST /amounts":                         "a cookie of the browser's says how it shows amounts; nothing is stored",
	"POST /language":                        "a cookie of the browser's says in which language it shows pages; nothing is stored",
	"POST /customers/import":                "what was sent is held in memory and shown; taking it in is recorded",
	"POST /customers/import/take":           "a file has to be sent before; the store records it with the customers, see TestAFile",
	"POST /customers/import/drop":           "it forgets what was held in memory",
	"POST /customers/import/links":          "a file has to be sent before; see TestLinksForAll",
	"POST /profile/password":                asksForProof,
	"POST /profile/second-factor":           asksForProof,
	"POST /reviews/:id/approve":             "the provider has to confirm the link first; the store records the approval with it",
	"POST /webhooks/okra":                   "the event's own row says what came; that it was applied is recorded",
	"POST /status/mail":                     "no server for e-mail is set; the store records the test with what came of it, see TestOwnersSendThemselvesATest",
	"POST /connect/:secret/opened":          "when a link was first opened is kept with it, and changes nothing else",
	"POST /connect/attempts/:nonce/success": "what the browser reports is kept with the attempt; that the provider confirmed it is recorded",
	"POST /connect/attempts/:nonce/close":   "what the browser reports is kept with the attempt, and changes nothing else",
	"POST /connect/attempts/:nonce/error":   "what the browser reports is kept with the attempt, and changes nothing else",
	"POST /connect/attempts/:nonce/step":    "how far the customer comes is kept with the attempt, and changes nothing else",
}

// audited says what the form of a route has to hold to be accepted. Routes that
// are not here take an empty one.
func (c *cell) audited(route string) url.Values {
	c.t.Helper()
	switch route {
	case "POST /staff":
		return url.Values{"email": {"new@lender.example"}, "role": {"viewer"}}
	case "POST /keys":
		return url.Values{"name": {"Core"}, string(store.ReadBalances): {"on"}}
	case "POST /endpoints":
		return url.Values{"url": {"https://host.example"}}
	case "POST /staff/:id/name":
		return url.Values{"name": {"Ngozi Umeh"}}
	case "POST /staff/:id/role":
		return url.Values{"role": {"auditor"}}
	case "POST /customers/:id/funds-checks/:check/cancel":
		c.sum = c.fundsSum(c.time.Now().Add(time.Hour))
	case "POST /customers/:id/funds-checks/:check/seen":
		c.sum = c.fundsSum(c.time.Now())
	case "POST /customers/:id/funds-checks/:check/decision":
		return url.Values{"decision": {"later"}}
	case "POST /accounts/:id/funds-checks", "POST /customers/:id/funds-checks":
		return url.Values{"amount": {"1"}}
	case "POST /accounts/:id/threshold":
		return url.Values{"threshold": {"50,000"}}
	case "POST /accounts/:id/threshold/clear":
		c.ok(c.store.SetThreshold(c.t.Context(), "", c.account, 1))
	case "POST /accounts/:id/sign-in-again":
		r, _, err := c.store.StartRefresh(c.t.Context(), store.RefreshRequest{AccountID: c.account, Scope: store.Whole(), Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Minute})
		c.ok(err)
		c.ok(c.store.EndRefresh(c.t.Context(), r, store.Ending{State: store.RefreshNeedsLogin}))
	case "POST /accounts/:id/join":
		return url.Values{"older": {c.linkedAnew()}}
	case "POST /accounts/:id/part":
		older := c.linkedAnew()
		c.ok(c.store.JoinAccounts(c.t.Context(), store.ByStaff("s"), c.account, older))
	case "POST /customers/:id/contacted/undo":
		c.ok(c.store.Contacted(c.t.Context(), c.staff["owner"], c.customer))
	case "POST /customers/:id/invitations/:invitation/restore":
		c.ok(c.store.RevokeInvitation(c.t.Context(), store.ByStaff(c.staff["owner"]), c.customer, c.invitation))
	case "POST /reviews/:id/reopen":
		c.ok(c.store.RefuseLink(c.t.Context(), store.ByStaff(c.staff["owner"]), c.review, "not theirs"))
	case "POST /reviews/:id/refuse":
		return url.Values{"reason": {"The names were compared with the passport."}}
	case "POST /customers", "POST /customers/:id/edit":
		return url.Values{"name": {"Bola Ade"}}
	case "POST /connect/:secret/attempts", "POST /me/consent":
		return url.Values{"consent": {views.CurrentConsent(false).Version}}
	case "POST /customers/:id/note":
		return url.Values{"note": {"She rings back on Monday."}}
	case "POST /customers/:id/put-off":
		return url.Values{"until": {"monday"}}
	case "POST /today/refresh":
		return url.Values{"customer": {c.customer}}
	case "POST /me/attempts":
		c.consents(c.customer)
	case "POST /connect/:secret/ask":
		c.ok(c.store.RevokeInvitation(c.t.Context(), store.Program, c.customer, c.invitation))
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

// linkedAnew links the account of the cell once more, as another bank names it, makes
// that the account of the cell, and returns the older one.
func (c *cell) linkedAnew() (older string) {
	c.t.Helper()
	older = c.account
	co := c.visits(c.customer)
	a := c.attempt(store.Attempt{CustomerID: c.customer, ConsentID: co.ID, VisitID: co.VisitID})
	_, err := c.store.ReportAttempt(c.t.Context(), a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "anew of " + c.customer})
	c.ok(err)
	c.ok(c.store.FinishLink(c.t.Context(), a.ID, store.Link{
		ProviderRecord: "anew of " + c.customer, Bank: store.Bank{ID: "058", Name: "GTBank"},
		Accounts: []store.LinkedAccount{{ProviderID: "anew of " + c.customer, Name: "Amina Bello", NUBAN: "0123456789", Currency: "NGN"}},
	}))
	anew, err := c.store.AccountByProviderID(c.t.Context(), "okra", "simulated", "anew of "+c.customer)
	c.ok(err)
	c.account = anew.ID
	return older
}

// consents gives a customer's consent to today's text.
func (c *cell) consents(customerID string) {
	c.t.Helper()
	text := views.CurrentConsent(false)
	_, err := c.store.AddConsent(c.t.Context(), store.Consent{CustomerID: customerID, Version: text.Version, Scope: text.Scope})
	c.ok(err)
}

func TestEveryRouteThatChangesSomethingWritesToTheAuditLog(t *testing.T) {
	p := newPrincipals(t)
	site.Serve(t, p.server.Settings.ListenAddr, p.server) // where the test delivery goes
	cells, _ := rows(t)
	for _, r := range p.server.Routes() {
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
	case row["nobody"] == "page" && row["self"] == "done": // a door, behind which staff come
		return "owner"
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
	for _, cookie := range append(c.cookies(as), site.KeptCookie) {
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
	c.mustSay(route, as, w)
	if action := string(now[0].Action); views.ActionWords(c.t.Context(), action) == action {
		c.t.Errorf("%q has no sentence in views/audit.go", action)
	}
}

const (
	nobodysData = "shows nothing of any customer"
	noBalance   = "shows what was agreed to or is about to be done, and no balance"
	taken       = "is taken out as a file, which is recorded each time"
)

// unnoted are the pages of which no look is written to the audit log, with the reason.
var unnoted = map[string]string{
	"GET /healthz": nobodysData, "GET /readyz": nobodysData, "GET /static/*file": nobodysData, "GET /api": nobodysData, "GET /gallery": nobodysData, "GET /gallery/:screen/:state": nobodysData,
	"GET /login": nobodysData, "GET /login/code": nobodysData, "GET /me/login": nobodysData, "GET /me/code": nobodysData, "GET /me/code/enter": nobodysData, "GET /welcome/:secret": nobodysData, "GET /confirm": nobodysData,
	"GET /goodbye": nobodysData, "GET /signed-in": nobodysData, "GET /withdrawn": nobodysData, "GET /me/unlinked": nobodysData, "GET /me/password": nobodysData,
	"GET /profile": nobodysData, "GET /profile/second-factor": nobodysData, "GET /profile/second-factor/codes": nobodysData, "GET /staff/:id/link": nobodysData, "GET /staff": nobodysData, "GET /keys": nobodysData, "GET /keys/:id": nobodysData, "GET /endpoints": nobodysData, "GET /endpoints/:id": nobodysData, "GET /status": nobodysData,
	"GET /customers/import": "without a file it shows nobody; with one it notes a look at the list",
	"GET /connect/:secret":  noBalance, "GET /connect/attempts/:nonce": noBalance, "GET /connect/attempts/:nonce/status": noBalance, "GET /connect/attempts/:nonce/return": noBalance,
	"GET /me/consent": noBalance, "GET /me/consents": noBalance, "GET /me/consents/:consent": noBalance, "GET /me/consents/:consent/file": noBalance,
	"GET /me/withdraw": noBalance, "GET /me/accounts/:id/unlink": noBalance,
	"GET /customers/:id/consents/:consent": noBalance, "GET /customers/:id/consents/:consent/file": noBalance, "GET /customers/:id/withdraw": noBalance,
	"GET /customers/:id/edit": noBalance, "GET /customers/:id/erase": noBalance, "GET /customers/:id/invitations/:invitation": noBalance,
	"GET /customers/links": noBalance, "GET /today/asked": nobodysData, "GET /customers/:id/links": noBalance, "GET /customers/:id/invitations/:invitation/steps": noBalance,
	"GET /accounts/:id/unlink": noBalance, "GET /customers.csv": taken, "GET /balances.csv": taken, "GET /accounts/:id/history.csv": taken, "GET /me/accounts/:id/history.csv": taken,
}

func TestEveryLookAtWhatCustomersHaveIsARowAnHour(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	cells, _ := rows(t)
	for _, r := range p.server.Routes() {
		route := r.Method + " " + r.Path
		if r.Method != http.MethodGet || unnoted[route] != "" {
			continue
		}
		as := whoMay(cells[route])
		t.Run(route+" as "+as, func(t *testing.T) {
			c.t = t
			c.time.Advance(seenAgain)
			before := c.looks()
			for range 2 {
				c.look(route, as)
			}
			if got := c.looks(); len(got) != len(before)+1 {
				t.Fatalf("%d rows of looks after two, %d before: note one, or say in unnoted why not", len(got), len(before))
			}
			c.time.Advance(seenAgain)
			c.look(route, as)
			got := c.looks()
			if len(got) != len(before)+2 {
				t.Errorf("an hour later there are %d rows", len(got)-len(before))
			}
			actor := store.ByStaff(c.staff["owner"])
			if as == "self" {
				actor = store.ByCustomer(c.customer)
			}
			about := strings.Contains(r.Path, ":") && route != "GET /inbox/:id" || as == "self" // whose the webhook is nobody knows
			if e := got[0]; e.Actor != actor || e.Subject == "" || about != (e.Customer == c.customer) {
				t.Errorf("noted %+v", e)
			}
		})
	}
}

// seenAgain is how long after a look another is written down.
const seenAgain = time.Hour + time.Second

// looks are the rows of the audit log about looks at something, newest first.
func (c *cell) looks() (all []store.AuditEntry) {
	c.t.Helper()
	rows, err := c.store.AuditLog(c.t.Context(), store.AuditQuery{Limit: 1000})
	c.ok(err)
	for _, e := range rows {
		if strings.HasSuffix(string(e.Action), " seen") {
			all = append(all, e)
		}
	}
	return all
}

// look opens a page, as its script does where only that shows it.
func (c *cell) look(route, as string) {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), "GET", c.path(route), nil)
	if strings.Contains(route, "/refreshes/:id") {
		r.Header.Set("Hx-Request", "true")
	}
	for _, cookie := range c.cookies(as) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	if c.server.ServeHTTP(w, r); w.Code != http.StatusOK {
		c.t.Fatalf("status %d", w.Code)
	}
}
