package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
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

// matrix says what everybody gets of the routes of anyone and of staff. Ids in a
// path belong to customer A: "self" is A signed in, "link" is A come by the
// personal link with which it was begun, "other" is customer B signed in,
// "expired" is an owner and A at once whose sessions are over. "finder" is
// somebody who came by another personal link of A's and has begun nothing: they
// get what "link" gets.
//
//	page    200              to-login  303 to sign in
//	done    303 or 202       NNN       that status
//
// A new route needs a row: find out what it should give each of them, and write
// that down. 422 and 400 mean that the form, which is sent empty, was looked at:
// whoever gets that is let in. A new kind of id in a path needs a line in
// (*cell).path.
const matrix = `
route                                               nobody   self     link     other    owner    admin    viewer   auditor  expired

GET  /healthz                                       page     page     page     page     page     page     page     page     page
GET  /readyz                                        page     page     page     page     page     page     page     page     page
GET  /static/*file                                  page     page     page     page     page     page     page     page     page
GET  /login                                         page     page     page     page     page     page     page     page     page
POST /login                                         401      401      401      401      401      401      401      401      401
GET  /me/login                                      page     page     page     page     page     page     page     page     page
POST /me/login                                      401      401      401      401      401      401      401      401      401
GET  /goodbye                                       page     page     page     page     page     page     page     page     page
GET  /withdrawn                                     page     page     page     page     page     page     page     page     page
POST /amounts                                       done     done     done     done     done     done     done     done     done
POST /language                                      done     done     done     done     done     done     done     done     done
GET  /signed-in                                     done     done     done     done     done     done     done     done     done
GET  /connect/:secret                               page     page     page     page     page     page     page     page     page
POST /connect/:secret/attempts                      422      422      422      422      422      422      422      422      422
GET  /gallery                                       page     page     page     page     page     page     page     page     page
GET  /gallery/:screen/:state                        page     page     page     page     page     page     page     page     page

POST /webhooks/okra                                 401      401      401      401      401      401      401      401      401

GET  /login/code                                    to-login to-login to-login to-login to-login to-login to-login to-login to-login
POST /login/code                                    to-login to-login to-login to-login to-login to-login to-login to-login to-login
GET  /welcome/:secret                               410      410      410      410      410      410      410      410      410
POST /welcome/:secret                               410      410      410      410      410      410      410      410      410
GET  /confirm                                       to-login to-login to-login to-login page     page     page     page     to-login
POST /confirm                                       to-login to-login to-login to-login 401      401      401      401      to-login
GET  /profile/second-factor                         to-login to-login to-login to-login page     page     page     page     to-login
POST /profile/second-factor                         to-login to-login to-login to-login 400      400      400      400      to-login
GET  /profile/second-factor/codes                   to-login to-login to-login to-login 410      410      410      410      to-login
GET  /profile                                       to-login to-login to-login to-login page     page     page     page     to-login
POST /profile/password                              to-login to-login to-login to-login 422      422      422      422      to-login
POST /profile/second-factor/remove                  to-login to-login to-login to-login done     done     done     done     to-login
POST /profile/sessions/end                          to-login to-login to-login to-login done     done     done     done     to-login
GET  /staff                                         to-login to-login to-login to-login page     403      403      403      to-login
POST /staff                                         to-login to-login to-login to-login 422      403      403      403      to-login
POST /staff/:id/role                                to-login to-login to-login to-login 400      403      403      403      to-login
POST /staff/:id/disable                             to-login to-login to-login to-login done     403      403      403      to-login
POST /staff/:id/enable                              to-login to-login to-login to-login done     403      403      403      to-login
POST /staff/:id/link                                to-login to-login to-login to-login done     403      403      403      to-login
GET  /staff/:id/link                                to-login to-login to-login to-login 410      403      403      403      to-login
POST /staff/:id/sessions/end                        to-login to-login to-login to-login done     403      403      403      to-login
POST /staff/:id/second-factor/remove                to-login to-login to-login to-login done     403      403      403      to-login

POST /logout                                        to-login to-login to-login to-login to-login to-login to-login to-login to-login
GET  /                                              to-login to-login to-login to-login page     page     page     page     to-login
GET  /customers                                     to-login to-login to-login to-login page     page     page     page     to-login
POST /customers                                     to-login to-login to-login to-login 422      422      403      403      to-login
GET  /customers.csv                                 to-login to-login to-login to-login page     page     403      403      to-login
GET  /customers/:id                                 to-login to-login to-login to-login page     page     page     page     to-login
GET  /customers/:id/edit                            to-login to-login to-login to-login page     page     403      403      to-login
POST /customers/:id/edit                            to-login to-login to-login to-login 422      422      403      403      to-login
POST /customers/:id/refresh                         to-login to-login to-login to-login done     done     done     403      to-login
POST /customers/:id/invitations                     to-login to-login to-login to-login done     done     403      403      to-login
GET  /customers/:id/invitations/:invitation         to-login to-login to-login to-login 410      410      403      403      to-login
POST /customers/:id/invitations/:invitation/revoke  to-login to-login to-login to-login done     done     403      403      to-login
GET  /customers/:id/consents/:consent               to-login to-login to-login to-login page     page     page     page     to-login
GET  /customers/:id/consents/:consent/file          to-login to-login to-login to-login page     page     page     page     to-login
GET  /customers/:id/withdraw                        to-login to-login to-login to-login page     page     403      403      to-login
POST /customers/:id/withdraw                        to-login to-login to-login to-login done     done     403      403      to-login
POST /customers/:id/export                          to-login to-login to-login to-login page     page     403      403      to-login
GET  /customers/:id/erase                           to-login to-login to-login to-login page     403      403      403      to-login
POST /customers/:id/erase                           to-login to-login to-login to-login 422      403      403      403      to-login
GET  /accounts/:id/unlink                           to-login to-login to-login to-login page     page     403      403      to-login
POST /customers/:id/password/remove                 to-login to-login to-login to-login done     done     403      403      to-login
GET  /accounts/:id                                  to-login to-login to-login to-login page     page     page     page     to-login
GET  /accounts/:id/funds-checks                     to-login to-login to-login to-login page     page     page     page     to-login
POST /accounts/:id/funds-checks                     to-login to-login to-login to-login 422      422      422      403      to-login
GET  /customers/:id/funds-checks                    to-login to-login to-login to-login page     page     page     page     to-login
GET  /funds-checks/:id                              to-login to-login to-login to-login page     page     page     page     to-login
POST /accounts/:id/threshold                        to-login to-login to-login to-login 422      422      403      403      to-login
POST /accounts/:id/threshold/clear                  to-login to-login to-login to-login done     done     403      403      to-login
GET  /accounts/:id/history.csv                      to-login to-login to-login to-login page     page     403      403      to-login
POST /accounts/:id/refresh                          to-login to-login to-login to-login done     done     done     403      to-login
POST /accounts/:id/check                            to-login to-login to-login to-login done     done     done     403      to-login
POST /accounts/:id/reveal                           to-login to-login to-login to-login page     page     403      403      to-login
POST /accounts/:id/unlink                           to-login to-login to-login to-login done     done     403      403      to-login
GET  /refreshes                                     to-login to-login to-login to-login page     page     page     page     to-login
GET  /refreshes/:id                                 to-login to-login to-login to-login done     done     done     done     to-login
GET  /inbox                                         to-login to-login to-login to-login page     page     403      page     to-login
POST /inbox/test                                    to-login to-login to-login to-login 502      502      403      403      to-login
GET  /inbox/:id                                     to-login to-login to-login to-login page     page     403      page     to-login
POST /inbox/:id/match                               to-login to-login to-login to-login 422      422      403      403      to-login
POST /inbox/:id/replay                              to-login to-login to-login to-login done     done     403      403      to-login
GET  /status                                        to-login to-login to-login to-login page     page     403      page     to-login
POST /status/backup                                 to-login to-login to-login to-login done     done     403      403      to-login
GET  /audit                                         to-login to-login to-login to-login page     page     403      page     to-login
POST /audit/check                                   to-login to-login to-login to-login done     done     403      done     to-login
POST /audit/export                                  to-login to-login to-login to-login page     page     403      page     to-login
GET  /reviews                                       to-login to-login to-login to-login page     page     403      403      to-login
GET  /reviews/:id                                   to-login to-login to-login to-login page     page     403      403      to-login
POST /reviews/:id/approve                           to-login to-login to-login to-login 422      422      403      403      to-login
POST /reviews/:id/refuse                            to-login to-login to-login to-login 422      422      403      403      to-login
`

// customers are the routes of customers: who may use each, and what it gives to
// whoever may. Everybody who is no customer gets 401.
//
//	own    a customer who has signed in; a visit is told to
//	any    a visit too: there is no id in the path
//	begun  a visit too, if what the path names was begun in it
//
// A new route is own unless it was thought about what somebody who found a
// personal link would do there.
const customers = `
POST /me/export                                own    page
POST /me/sessions/end                          own    done

GET  /connect/attempts/:nonce                  begun  page
GET  /connect/attempts/:nonce/status           begun  page
POST /connect/attempts/:nonce/success          begun  422
POST /connect/attempts/:nonce/close            begun  done
POST /connect/attempts/:nonce/error            begun  done
POST /connect/attempts/:nonce/step             begun  422
GET  /me                                       any    page
POST /me/refresh                               any    done
POST /me/attempts                              any    done
GET  /me/accounts/:id                          begun  page
GET  /me/accounts/:id/history.csv              begun  page
POST /me/accounts/:id/refresh                  begun  done
POST /me/accounts/:id/reveal                   begun  page
POST /me/accounts/:id/unlink                   begun  done
GET  /me/accounts/:id/unlink                   begun  page
GET  /me/unlinked                              any    page
GET  /me/consent                               any    page
POST /me/consent                               any    422
GET  /me/consents                              any    page
GET  /me/consents/:consent                     begun  page
GET  /me/consents/:consent/file                begun  page
GET  /me/withdraw                              any    page
POST /me/withdraw                              any    done
GET  /me/refreshes/:id                         begun  done
GET  /me/password                              any    page
POST /me/password                              any    409
POST /me/logout                                any    done
`

// customersRow is what everybody gets of a route of customers. The account of a
// customer that a visit did not begin is there, and to be seen after signing in;
// all else that is out of reach is not there.
func customersRow(route, who, gives string) map[string]string {
	row := map[string]string{"self": gives, "link": gives, "other": gives, "finder": gives}
	switch who {
	case "own":
		row["link"], row["finder"] = "403", "403"
	case "begun":
		row["other"], row["finder"] = "404", "404"
		if strings.Contains(route, " /me/accounts/:id") {
			row["finder"] = "403"
		}
	}
	for _, name := range []string{"nobody", "owner", "admin", "viewer", "auditor", "expired"} {
		row[name] = "401"
	}
	return row
}

// rows are the matrix's cells by route and principal, and the principals in order.
func rows(t *testing.T) (cells map[string]map[string]string, principals []string) {
	t.Helper()
	cells = map[string]map[string]string{}
	for line := range strings.Lines(matrix) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case principals == nil:
			principals = words[1:]
		case len(words) != len(principals)+2:
			t.Fatalf("the row %q does not have %d cells", strings.TrimSpace(line), len(principals))
		default:
			row := map[string]string{}
			for i, p := range principals {
				row[p] = words[i+2]
			}
			row["finder"] = row["link"]
			cells[words[0]+" "+words[1]] = row
		}
	}
	for line := range strings.Lines(customers) {
		if words := strings.Fields(line); len(words) == 4 {
			route := words[0] + " " + words[1]
			cells[route] = customersRow(route, words[2], words[3])
		}
	}
	return cells, append(principals, "finder")
}

func TestEveryRouteGivesEverybodyWhatTheMatrixSays(t *testing.T) {
	p := newPrincipals(t)
	cells, names := rows(t)
	var routes []string
	for _, r := range p.server.Routes(t) {
		routes = append(routes, r.Method+" "+r.Path)
	}
	for route := range cells {
		if !slices.Contains(routes, route) {
			t.Errorf("the matrix has a row for %s, which is no route", route)
		}
	}
	c := p.newCell(t)
	for _, route := range routes {
		row, ok := cells[route]
		if !ok {
			t.Errorf("%s has no row in the matrix: say there who gets what", route)
			continue
		}
		for _, name := range names {
			t.Run(route+" as "+name, func(t *testing.T) {
				c.t = t
				got := c.ask(route, name)
				if got != row[name] {
					t.Errorf("got %s, want %s", got, row[name])
				}
				if !strings.HasPrefix(route, "GET ") && !refusal[got] { // it may have changed something
					c = p.newCell(t)
				}
			})
		}
	}
}

// refusal are the answers to somebody who is not let in.
var refusal = map[string]bool{"to-login": true, "401": true, "403": true, "404": true, "410": true}

// principals are the members of staff and customer B, whom all cells share.
type principals struct {
	server *handlers.Server
	store  *store.Store
	path   string            // of the database
	staff  map[string]string // id by role
	other  string
	time   *sitetest.Clock
	looked *cell        // of those who only look
	comers atomic.Int64 // who each have an address of their own
}

// newPrincipals lets its test run beside others that have a server of their own.
func newPrincipals(t *testing.T) *principals {
	t.Helper()
	t.Parallel()
	return newPrincipalsHere(t)
}

// newPrincipalsHere is [newPrincipals] for a test that has to run alone.
func newPrincipalsHere(t testing.TB) *principals {
	t.Helper()
	set, err := settings.Load(nil, []string{"SESSION_KEY=0123456789abcdef0123456789abcdef", "LISTEN_ADDR=" + sitetest.Addr(t)}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &principals{time: sitetest.NewClock(time.Now()), staff: map[string]string{}, path: filepath.Join(storetest.Folder(t), "test.db")}
	p.store = storetest.Open(t, p.path, p.time.Now)
	p.server, err = handlers.New(handlers.Config{Settings: set, Provider: site.Adapter(set, nil), Store: p.store, Trust: proven(p.store), Logger: site.Quiet, Now: p.time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []store.Role{store.RoleOwner, store.RoleAdmin, store.RoleViewer, store.RoleAuditor} {
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
	t                                                                                                           testing.TB
	member, customer, invitation, secret, consent, visit, finder, nonce, account, refresh, event, review, funds string
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
	c.account, c.refresh, c.event, c.funds = account.ID, r.ID, event, funds.ID
	c.review, c.finder = c.doubtful(linked).ID, c.visits(cu.ID).VisitID
	return c
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
	_, err := c.store.ReportAttempt(c.t.Context(), a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "other of " + a.CustomerID})
	c.ok(err)
	c.ok(c.store.EndAttempt(c.t.Context(), a.ID, store.AttemptNeedsReview, "The names differ."))
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
		"/reviews/": c.review, "/funds-checks/": c.funds,
	} {
		if strings.HasPrefix(path, prefix) {
			id = of
		}
	}
	path = strings.NewReplacer(":id", id, ":secret", c.secret, ":nonce", c.nonce, ":invitation", c.invitation, ":consent", c.consent, ":screen", "me", ":state", "normal", "/static/*file", static.URL("app.css")).Replace(path)
	if strings.Contains(path, ":") || strings.Contains(path, "//") || strings.HasSuffix(path, "/") && path != "/" {
		c.t.Fatalf("%s: no id of customer A is known for it", route)
	}
	return path
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
		return []*http.Cookie{c.server.VisitCookie(c.t, c.visit)}
	case "finder":
		return []*http.Cookie{c.server.VisitCookie(c.t, c.finder)}
	case "self":
		return []*http.Cookie{c.server.CustomerCookie(c.t, c.customer)}
	case "other":
		return []*http.Cookie{c.server.CustomerCookie(c.t, c.principals.other)}
	case "expired":
		return []*http.Cookie{c.server.StaffCookie(c.t, c.staff["owner"]), c.server.CustomerCookie(c.t, c.customer), c.server.VisitCookie(c.t, c.visit)}
	}
	return []*http.Cookie{c.server.StaffCookie(c.t, c.staff[name])}
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
