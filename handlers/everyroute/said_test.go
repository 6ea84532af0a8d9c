package everyroute_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
)

const (
	aFile  = "what it asks for is the answer itself, a file"
	arrive = "who signs in sees it by the page they come to"
	browse = "the page itself is drawn otherwise at once"
	script = "our script reports, and shows what comes of it"
	noMail = "e-mail has to be set up; see TestACustomerSignsInWithACodeThatWasSentByEMail"
	inTurn = "a file has to be sent before; the page is about that file, and says how far it is"
)

// unsaid are the routes that change something and say no sentence about it, with the
// reason.
var unsaid = map[string]string{
	"POST /login": arrive, "POST /login/code": arrive, "POST /me/login": arrive, "POST /confirm": arrive,
	"POST /welcome/:secret":       "the sign-in page says that the password is set; it asks for a secret that a cell has not got",
	"POST /profile/password":      asksForProof + "; see TestANewPasswordEndsTheOtherSessions",
	"POST /profile/second-factor": asksForProof + "; the page of the recovery codes says so",
	"POST /me/password":           asksForProof + "; see TestWhoSetsAPasswordIsToldHowToComeBack",
	"POST /reviews/:id/approve":   "the provider has to confirm the link first; see TestARejectedLinkThatIsTakenBackWaitsForStaffAgain",
	"POST /status/mail":           "e-mail has to be set up; see TestOwnersSendThemselvesATest",
	"POST /me/code":               noMail, "POST /me/code/enter": noMail,
	"POST /inbox/replay":                    "a webhook has to fail first; see TestAllThatFailedIsReplayedAtOnceAndTheResultAppears",
	"POST /amounts":                         browse,
	"POST /language":                        browse,
	"POST /accounts/:id/reveal":             browse,
	"POST /me/accounts/:id/reveal":          browse,
	"POST /customers/import":                inTurn,
	"POST /customers/import/take":           inTurn,
	"POST /customers/import/drop":           inTurn,
	"POST /customers/import/links":          aFile,
	"POST /customers/sign-in-again":         aFile,
	"POST /customers/:id/export":            aFile,
	"POST /me/export":                       aFile,
	"POST /audit/export":                    aFile,
	"POST /webhooks/okra":                   "a program asks, and gets the status",
	"POST /connect/:secret/opened":          script,
	"POST /connect/attempts/:nonce/success": script,
	"POST /connect/attempts/:nonce/close":   script,
	"POST /connect/attempts/:nonce/error":   script,
	"POST /connect/attempts/:nonce/step":    script,
}

// saidIn is where a page says what was done that does not say it in its notice: most are
// pages about that alone.
var saidIn = map[string]string{
	"POST /staff":                                      "h1", // Link for …
	"POST /staff/:id/link":                             "h1",
	"POST /keys":                                       "h1", // Key for …
	"POST /endpoints":                                  "h1", // Secret of an endpoint
	"POST /endpoints/:id/secret":                       "h1",
	"POST /customers/:id/invitations":                  "h1",
	"POST /accounts/:id/sign-in-again":                 "h1",
	"POST /accounts/:id/funds-checks":                  "h1",
	"POST /customers/:id/funds-checks":                 "h1",
	"POST /customers/:id/funds-checks/:check/again":    "h1",
	"POST /customers/:id/erase":                        "h1", // This customer was erased
	"POST /logout":                                     ".notice-good",
	"POST /me/logout":                                  "h1", // You are signed out
	"POST /me/sessions/end":                            "h1",
	"POST /me/withdraw":                                "h1", // Your consent is withdrawn
	"POST /me/accounts/:id/unlink":                     "h1",
	"POST /me/attempts":                                "h1", // the bank window
	"POST /connect/:secret/attempts":                   "h1",
	"POST /connect/:secret/ask":                        ".notice",
	"POST /today/refresh":                              "#asked",
	"POST /customers/:id/contacted":                    ".notice-good",
	"POST /customers/:id/note":                         ".notice-good",
	"POST /customers/:id/put-off":                      ".notice-good",
	"POST /accounts/:id/refresh":                       ".account .progress", // the card follows the request
	"POST /accounts/:id/check":                         ".account .progress",
	"POST /me/accounts/:id/refresh":                    ".account .progress",
	"POST /customers/:id/invitations/:invitation/sent": "h1",
}

// mustSay follows the answer to a form that was accepted, and looks for the sentence about
// what was done.
func (c *cell) mustSay(route, as string, answer *httptest.ResponseRecorder) {
	c.t.Helper()
	if unsaid[route] != "" {
		return
	}
	if answer.Code != http.StatusSeeOther {
		c.t.Fatalf("status %d: say in unsaid why nothing is said", answer.Code)
	}
	to, _, _ := strings.Cut(answer.Header().Get("Location"), "#")
	req := httptest.NewRequestWithContext(c.t.Context(), "GET", to, http.NoBody)
	cookies := map[string]*http.Cookie{}
	for _, cookie := range append(append(c.cookies(as), site.KeptCookie), answer.Result().Cookies()...) {
		cookies[cookie.Name] = cookie
	}
	for _, cookie := range cookies {
		if cookie.MaxAge >= 0 {
			req.AddCookie(cookie)
		}
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, req)
	page, err := goquery.NewDocumentFromReader(w.Body)
	c.ok(err)
	where := saidIn[route]
	if where == "" {
		where = "#notice"
	}
	if said := strings.TrimSpace(page.Find(where).First().Text()); said == "" {
		c.t.Errorf("%s (%d) says nothing in %s of what was done: answer with (*web.Site).Done, or say in unsaid why not", to, w.Code, where)
	}
}

// TestEveryFormIsAnsweredWithASentence is asked with
// [TestEveryRouteThatChangesSomethingWritesToTheAuditLog]: this looks whether that leaves
// any out.
func TestEveryFormIsAnsweredWithASentence(t *testing.T) {
	for _, r := range newPrincipals(t).server.Routes() {
		if route := r.Method + " " + r.Path; r.Method != http.MethodGet && unaudited[route] != "" && unsaid[route] == "" {
			t.Errorf("%s is tried nowhere: say in unsaid who says what was done", route)
		}
	}
}
