package everyroute_test

import (
	"slices"
	"strings"
	"testing"
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
route                                               nobody   self     link     other    owner    admin    officer  viewer   auditor  expired

GET  /healthz                                       page     page     page     page     page     page     page     page     page     page
GET  /readyz                                        page     page     page     page     page     page     page     page     page     page
GET  /static/*file                                  page     page     page     page     page     page     page     page     page     page
GET  /login                                         page     page     page     page     page     page     page     page     page     page
POST /login                                         401      401      401      401      401      401      401      401      401      401
GET  /me/login                                      page     page     page     page     page     page     page     page     page     page
POST /me/login                                      401      401      401      401      401      401      401      401      401      401
GET  /me/code                                       404      404      404      404      404      404      404      404      404      404
POST /me/code                                       404      404      404      404      404      404      404      404      404      404
GET  /me/code/enter                                 404      404      404      404      404      404      404      404      404      404
POST /me/code/enter                                 404      404      404      404      404      404      404      404      404      404
GET  /goodbye                                       page     page     page     page     page     page     page     page     page     page
GET  /withdrawn                                     page     page     page     page     page     page     page     page     page     page
POST /amounts                                       done     done     done     done     done     done     done     done     done     done
POST /language                                      done     done     done     done     done     done     done     done     done     done
GET  /signed-in                                     done     done     done     done     done     done     done     done     done     done
GET  /connect/:secret                               page     page     page     page     page     page     page     page     page     page
POST /connect/:secret/opened                        204      204      204      204      204      204      204      204      204      204
POST /connect/:secret/ask                           done     done     done     done     done     done     done     done     done     done
POST /connect/:secret/attempts                      422      422      422      422      422      422      422      422      422      422
GET  /connect/attempts/:nonce/return                page     404      404      page     page     page     page     page     page     page
GET  /api                                           page     page     page     page     page     page     page     page     page     page
GET  /gallery                                       page     page     page     page     page     page     page     page     page     page
GET  /gallery/:screen/:state                        page     page     page     page     page     page     page     page     page     page

POST /webhooks/okra                                 401      401      401      401      401      401      401      401      401      401

GET  /login/code                                    to-login to-login to-login to-login to-login to-login to-login to-login to-login to-login
POST /login/code                                    to-login to-login to-login to-login to-login to-login to-login to-login to-login to-login
GET  /welcome/:secret                               410      410      410      410      410      410      410      410      410      410
POST /welcome/:secret                               410      410      410      410      410      410      410      410      410      410
GET  /confirm                                       to-login to-login to-login to-login page     page     page     page     page     to-login
POST /confirm                                       to-login to-login to-login to-login 401      401      401      401      401      to-login
GET  /profile/second-factor                         to-login to-login to-login to-login page     page     page     page     page     to-login
POST /profile/second-factor                         to-login to-login to-login to-login 400      400      400      400      400      to-login
GET  /profile/second-factor/codes                   to-login to-login to-login to-login 410      410      410      410      410      to-login
GET  /profile                                       to-login to-login to-login to-login page     page     page     page     page     to-login
POST /profile/password                              to-login to-login to-login to-login 422      422      422      422      422      to-login
POST /profile/second-factor/remove                  to-login to-login to-login to-login done     done     done     done     done     to-login
POST /profile/sessions/end                          to-login to-login to-login to-login done     done     done     done     done     to-login
POST /profile/mail                                  to-login to-login to-login to-login done     done     done     done     done     to-login
GET  /staff                                         to-login to-login to-login to-login page     403      403      403      403      to-login
POST /staff                                         to-login to-login to-login to-login 422      403      403      403      403      to-login
POST /staff/:id/role                                to-login to-login to-login to-login 400      403      403      403      403      to-login
POST /staff/:id/name                                to-login to-login to-login to-login done     403      403      403      403      to-login
POST /staff/:id/disable                             to-login to-login to-login to-login done     403      403      403      403      to-login
POST /staff/:id/enable                              to-login to-login to-login to-login done     403      403      403      403      to-login
POST /staff/:id/link                                to-login to-login to-login to-login done     403      403      403      403      to-login
GET  /staff/:id/link                                to-login to-login to-login to-login 410      403      403      403      403      to-login
POST /staff/:id/sessions/end                        to-login to-login to-login to-login done     403      403      403      403      to-login
POST /staff/:id/second-factor/remove                to-login to-login to-login to-login done     403      403      403      403      to-login
GET  /keys                                          to-login to-login to-login to-login page     403      403      403      403      to-login
POST /keys                                          to-login to-login to-login to-login 422      403      403      403      403      to-login
GET  /keys/:id                                      to-login to-login to-login to-login 410      403      403      403      403      to-login
POST /keys/:id/revoke                               to-login to-login to-login to-login done     403      403      403      403      to-login
GET  /endpoints                                     to-login to-login to-login to-login page     403      403      403      403      to-login
POST /endpoints                                     to-login to-login to-login to-login 422      403      403      403      403      to-login
GET  /endpoints/:id                                 to-login to-login to-login to-login 410      403      403      403      403      to-login
POST /endpoints/:id/secret                          to-login to-login to-login to-login done     403      403      403      403      to-login
POST /endpoints/:id/test                            to-login to-login to-login to-login done     403      403      403      403      to-login
POST /endpoints/:id/enable                          to-login to-login to-login to-login done     403      403      403      403      to-login
POST /endpoints/:id/disable                         to-login to-login to-login to-login done     403      403      403      403      to-login
POST /endpoints/:id/remove                          to-login to-login to-login to-login done     403      403      403      403      to-login
GET  /deliveries                                    to-login to-login to-login to-login page     page     403      403      page     to-login
POST /deliveries/:id/replay                         to-login to-login to-login to-login done     done     403      403      403      to-login

POST /logout                                        to-login to-login to-login to-login to-login to-login to-login to-login to-login to-login
GET  /                                              page     done     done     done     page     page     page     page     page     to-login
GET  /today                                         to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /today/asked                                   to-login to-login to-login to-login done     done     done     done     403      to-login
POST /today/refresh                                 to-login to-login to-login to-login 422      422      422      422      403      to-login
GET  /customers                                     to-login to-login to-login to-login page     page     page     page     page     to-login
POST /customers                                     to-login to-login to-login to-login 422      422      422      403      403      to-login
GET  /customers.csv                                 to-login to-login to-login to-login page     page     403      403      403      to-login
POST /customers/sign-in-again                       to-login to-login to-login to-login page     page     403      403      403      to-login
GET  /balances.csv                                  to-login to-login to-login to-login page     page     403      403      403      to-login
GET  /customers/import                              to-login to-login to-login to-login page     page     page     403      403      to-login
POST /customers/import                              to-login to-login to-login to-login 422      422      422      403      403      to-login
POST /customers/import/take                         to-login to-login to-login to-login done     done     done     403      403      to-login
POST /customers/import/drop                         to-login to-login to-login to-login done     done     done     403      403      to-login
POST /customers/import/links                        to-login to-login to-login to-login done     done     done     403      403      to-login
GET  /customers/links                               to-login to-login to-login to-login done     done     done     done     done     to-login
GET  /customers/:id                                 to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /customers/:id/history                         to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /customers/:id/seen                            to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /customers/:id/seen/history                    to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /customers/:id/seen/accounts/:account          to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /customers/:id/edit                            to-login to-login to-login to-login page     page     page     403      403      to-login
POST /customers/:id/edit                            to-login to-login to-login to-login 422      422      422      403      403      to-login
POST /customers/:id/note                            to-login to-login to-login to-login done     done     done     403      403      to-login
POST /customers/:id/contacted                       to-login to-login to-login to-login done     done     done     403      403      to-login
POST /customers/:id/contacted/undo                  to-login to-login to-login to-login 409      409      409      403      403      to-login
POST /customers/:id/put-off                         to-login to-login to-login to-login 422      422      422      403      403      to-login
POST /customers/:id/refresh                         to-login to-login to-login to-login done     done     done     done     403      to-login
POST /customers/:id/invitations                     to-login to-login to-login to-login done     done     done     403      403      to-login
GET  /customers/:id/invitations/:invitation         to-login to-login to-login to-login 410      410      410      403      403      to-login
GET  /customers/:id/links                           to-login to-login to-login to-login done     done     done     done     done     to-login
GET  /customers/:id/invitations/:invitation/steps   to-login to-login to-login to-login done     done     done     403      403      to-login
POST /customers/:id/invitations/:invitation/sent    to-login to-login to-login to-login done     done     done     403      403      to-login
POST /customers/:id/invitations/:invitation/revoke  to-login to-login to-login to-login done     done     done     403      403      to-login
POST /customers/:id/invitations/:invitation/restore to-login to-login to-login to-login 409      409      409      403      403      to-login
GET  /customers/:id/consents/:consent               to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /customers/:id/consents/:consent/file          to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /customers/:id/withdraw                        to-login to-login to-login to-login page     page     403      403      403      to-login
POST /customers/:id/withdraw                        to-login to-login to-login to-login done     done     403      403      403      to-login
POST /customers/:id/export                          to-login to-login to-login to-login page     page     403      403      403      to-login
GET  /customers/:id/erase                           to-login to-login to-login to-login page     403      403      403      403      to-login
POST /customers/:id/erase                           to-login to-login to-login to-login 422      403      403      403      403      to-login
GET  /accounts/:id/unlink                           to-login to-login to-login to-login page     page     403      403      403      to-login
POST /customers/:id/password/remove                 to-login to-login to-login to-login done     done     done     403      403      to-login
GET  /accounts/:id                                  to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /accounts/:id/funds-checks                     to-login to-login to-login to-login page     page     page     page     page     to-login
POST /accounts/:id/funds-checks                     to-login to-login to-login to-login 422      422      422      422      403      to-login
GET  /customers/:id/funds-checks                    to-login to-login to-login to-login page     page     page     page     page     to-login
POST /customers/:id/funds-checks                    to-login to-login to-login to-login 422      422      422      422      403      to-login
GET  /customers/:id/funds-checks/:check             to-login to-login to-login to-login page     page     page     page     page     to-login
POST /customers/:id/funds-checks/:check/again       to-login to-login to-login to-login done     done     done     done     403      to-login
POST /customers/:id/funds-checks/:check/decision    to-login to-login to-login to-login 422      422      422      422      403      to-login
POST /customers/:id/funds-checks/:check/cancel      to-login to-login to-login to-login done     done     done     done     403      to-login
POST /customers/:id/funds-checks/:check/seen        to-login to-login to-login to-login done     done     done     done     403      to-login
GET  /funds-checks/:id                              to-login to-login to-login to-login page     page     page     page     page     to-login
POST /accounts/:id/threshold                        to-login to-login to-login to-login 422      422      422      403      403      to-login
POST /accounts/:id/threshold/clear                  to-login to-login to-login to-login done     done     done     403      403      to-login
GET  /accounts/:id/history.csv                      to-login to-login to-login to-login page     page     403      403      403      to-login
POST /accounts/:id/refresh                          to-login to-login to-login to-login done     done     done     done     403      to-login
POST /accounts/:id/check                            to-login to-login to-login to-login done     done     done     done     403      to-login
POST /accounts/:id/reveal                           to-login to-login to-login to-login page     page     403      403      403      to-login
POST /accounts/:id/unlink                           to-login to-login to-login to-login done     done     403      403      403      to-login
POST /accounts/:id/sign-in-again                    to-login to-login to-login to-login 409      409      409      403      403      to-login
POST /accounts/:id/join                             to-login to-login to-login to-login 409      409      409      403      403      to-login
POST /accounts/:id/part                             to-login to-login to-login to-login done     done     done     403      403      to-login
GET  /refreshes                                     to-login to-login to-login to-login page     page     page     page     page     to-login
GET  /refreshes/:id                                 to-login to-login to-login to-login done     done     done     done     done     to-login
GET  /inbox                                         to-login to-login to-login to-login page     page     403      403      page     to-login
POST /inbox/test                                    to-login to-login to-login to-login 502      502      403      403      403      to-login
GET  /inbox/:id                                     to-login to-login to-login to-login page     page     403      403      page     to-login
POST /inbox/:id/match                               to-login to-login to-login to-login 422      422      403      403      403      to-login
POST /inbox/replay                                  to-login to-login to-login to-login done     done     403      403      403      to-login
POST /refreshes/try                                 to-login to-login to-login to-login done     done     403      403      403      to-login
POST /inbox/:id/replay                              to-login to-login to-login to-login done     done     403      403      403      to-login
GET  /status                                        to-login to-login to-login to-login page     page     403      403      page     to-login
POST /status/backup                                 to-login to-login to-login to-login done     done     403      403      403      to-login
POST /status/mail                                   to-login to-login to-login to-login 409      403      403      403      403      to-login
GET  /audit                                         to-login to-login to-login to-login page     page     403      403      page     to-login
POST /audit/check                                   to-login to-login to-login to-login done     done     403      403      done     to-login
POST /audit/export                                  to-login to-login to-login to-login page     page     403      403      page     to-login
GET  /reviews                                       to-login to-login to-login to-login page     page     page     403      403      to-login
GET  /reviews/:id                                   to-login to-login to-login to-login page     page     page     403      403      to-login
POST /reviews/:id/approve                           to-login to-login to-login to-login 422      422      422      403      403      to-login
POST /reviews/:id/refuse                            to-login to-login to-login to-login 422      422      422      403      403      to-login
POST /reviews/:id/reopen                            to-login to-login to-login to-login 409      409      409      403      403      to-login
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
GET  /me/history                               any    page
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
	for _, name := range []string{"nobody", "owner", "admin", "officer", "viewer", "auditor", "expired"} {
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
			if strings.HasSuffix(words[1], "/return") { // whoever is not known there is told so
				row["finder"] = row["nobody"]
			}
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
	for _, r := range p.server.Routes() {
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
