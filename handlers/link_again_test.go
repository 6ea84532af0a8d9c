package handlers_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/mono/monosim"
	"balancelink/store"
)

// signInWanted is Dayo, whose bank has asked for a new sign-in since.
func signInWanted(s *site.Site, staff *site.Browser) (id string, a store.Account, customer *site.Browser) {
	s.T.Helper()
	id, customer = s.Link(staff, s.Holder("Dayo123"), "Dayo123")
	s.HeardAll()
	a = s.Accounts(id)["3044556672"]
	s.Exec(`UPDATE accounts SET status = 'needs_login' WHERE id = $1`, a.ID)
	return id, a, customer
}

// askedToSignIn makes the link as staff do, and returns its path and the page that shows it.
func askedToSignIn(staff *site.Browser, accountID string) (string, site.Page) {
	staff.T.Helper()
	p := staff.Post("/accounts/"+accountID+"/sign-in-again", nil)
	p.WantStatus(http.StatusOK)
	return site.PersonalLink.FindString(p.Find("#link").Text()), p
}

func TestALinkToSignInAgainAsksForNothingThatIsInForce(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, a, _ := signInWanted(s, staff)
	staff.Get("/customers/"+id).WantText("#account-"+a.ID+" .notice", "Ask Dayo Ogunleye to sign in again")
	link, made := askedToSignIn(staff, a.ID)
	made.WantText("h1", "Link for Dayo Ogunleye to sign in again")
	made.WantText("#message", "First Bank of Nigeria needs you to sign in again")

	b := s.Browser()
	p := b.Get(link)
	p.WantStatus(http.StatusOK)
	p.WantText("h1", "First Bank of Nigeria needs you to sign in again")
	if p.Find("input[name=consent], input[name=code]").Length() != 0 {
		t.Error("it asks for a consent or a code")
	}
	consents := s.Count(`SELECT COUNT(*) FROM consents`)
	p = b.Post(link+"/attempts", nil)
	nonce := strings.TrimPrefix(p.Path, "/connect/attempts/")
	widget := p.Find("script#widget").Text()
	if !strings.Contains(widget, `"banks":["first-bank-of-nigeria"]`) || strings.Contains(widget, a.NUBAN) {
		t.Errorf("the window is opened with %s, which has to be at the bank and without the number", widget)
	}
	s.Shares(b, nonce, id, "Dayo123")
	b.Get("/connect/attempts/"+nonce).WantText("#attempt", "Reconnected; your history stays")
	if got := s.Accounts(id)["3044556672"]; got.ID != a.ID || got.Status != store.AccountLinked || s.Count(`SELECT COUNT(*) FROM consents`) != consents {
		t.Errorf("the account is %s %s, and %d consents", got.ID, got.Status, s.Count(`SELECT COUNT(*) FROM consents`))
	}
	b.Get("/me").WantText("article.account", "Up to date")
	staff.Get("/customers/"+id).WantText("#links-made", "Signed in again")
	s.Browser().Get(link).WantText("main", "You signed in at your bank again with it")
}

func TestALinkToSignInAgainBindsNoOtherBank(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, a, _ := signInWanted(s, staff)
	before := len(s.Accounts(id))
	link, _ := askedToSignIn(staff, a.ID)
	b := s.Browser()
	b.Get(link)
	nonce := strings.TrimPrefix(b.Post(link+"/attempts", nil).Path, "/connect/attempts/")
	success, err := s.Sim.Connect("Amina456", nonce, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.PostJSON("/connect/attempts/"+nonce+"/success", string(success))
	s.Eventually("it is refused", func() bool { return s.Attempt(id, nonce).State == store.AttemptOther })
	p := b.Get("/connect/attempts/" + nonce)
	p.WantText("#attempt h2", "That was another account")
	p.WantText("#attempt", "First Bank of Nigeria ••••6672")
	staff.Get("/customers/"+id).WantText("main", "The customer signed in to another account than their link was for.")
	if n := len(s.Accounts(id)); n != before {
		t.Errorf("%d accounts, want %d", n, before)
	}
	s.HeardAll()
	if left := len(s.EventsWith(store.EventUnmatched)); left != 0 {
		t.Errorf("%d webhooks about the other account are kept", left)
	}

	// The visit goes on to the right one, whatever its form says.
	for name, form := range map[string]url.Values{"nothing": nil, "something else": {"account": {"another"}}} {
		p := b.Post("/me/attempts", form)
		again := s.Attempt(id, strings.TrimPrefix(p.Path, "/connect/attempts/"))
		if p.Status != http.StatusOK || again.AccountID != a.ID {
			t.Errorf("%s: %d, for account %q", name, p.Status, again.AccountID)
		}
	}
	if text := b.Get("/me").TextOf("main"); strings.Contains(text, "Connect ") {
		t.Errorf("the visit is offered a bank: %s", text)
	}
	b.Post("/me/withdraw", nil).WantStatus(http.StatusForbidden)
}

func TestALinkToSignInAgainAsksForTheConsentThatHasEnded(t *testing.T) {
	s := site.New(t, "CONSENT_VALID=48h", "CONSENT_UNUSED=48h")
	staff := s.SignedIn()
	id, a, _ := signInWanted(s, staff)
	s.Advance(49 * time.Hour)
	staff = s.SignedIn()
	link, _ := askedToSignIn(staff, a.ID)
	b := s.Browser()
	p := b.Get(link)
	p.WantText("h1", "First Bank of Nigeria needs you to sign in again")
	p.WantText("h2", "We have to ask you once more")
	b.Post(link+"/attempts", nil).WantStatus(http.StatusUnprocessableEntity)
	nonce := b.Consent(link)
	s.Shares(b, nonce, id, "Dayo123")
	if got := s.Accounts(id)["3044556672"]; got.Status != store.AccountLinked || got.ID != a.ID {
		t.Errorf("the account is %s", got.Status)
	}
}

func TestALinkToSignInAgainSaysWhenThatIsNotNeeded(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	_, a, _ := signInWanted(s, staff)
	link, _ := askedToSignIn(staff, a.ID)
	s.Exec(`UPDATE accounts SET status = 'linked' WHERE id = $1`, a.ID)
	b := s.Browser()
	b.Get(link).WantText("h1", "You don't need to sign in again")
	b.Post(link+"/attempts", nil).WantStatus(http.StatusGone)
	staff.Post("/accounts/"+a.ID+"/sign-in-again", nil).WantStatus(http.StatusConflict)
}

func TestALinkToSignInAgainAtMono(t *testing.T) {
	m, a := linkedAtMono(t)
	m.Mono.SetScenarios(ngozis, monosim.NeedsLogin)
	m.Advance(10 * time.Minute)
	if r := m.Ended(m.staff, a); r.State != store.RefreshNeedsLogin {
		t.Fatalf("the refresh is %s (%s)", r.State, r.Cause)
	}
	m.Mono.Calm()
	link, _ := askedToSignIn(m.staff, a.ID)
	b := m.Browser()
	b.Get(link).WantStatus(http.StatusOK)
	m.nonce = strings.TrimPrefix(b.Post(link+"/attempts", nil).Path, "/connect/attempts/")
	m.Eventually("the page leads to the bank", func() bool { return m.attempt().Page != "" })
	p := m.back(b, "?code="+m.shares("").Code)
	p.WantStatus(http.StatusOK)
	after := m.waitLinked()
	if after.ID != a.ID || after.Status != store.AccountLinked || len(m.Accounts(m.id)) != 1 {
		t.Errorf("the account is %s %s, one of %d", after.ID, after.Status, len(m.Accounts(m.id)))
	}
	p = b.Get("/connect/attempts/" + m.nonce)
	p.WantText("#attempt h2", "Reconnected; your history stays")
	b.Get("/me").WantText("main", "Reconnected; your history stays")
}

func TestOnePressMakesLinksForAllWhoAreToSignInAgain(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, a, _ := signInWanted(s, staff)
	s.Exec(`UPDATE customers SET phone = '+2348031001001', language = 'fr' WHERE id = $1`, id)
	s.Link(staff, s.Holder("Amina456"), "Amina456")
	p := staff.Get("/customers?filter=needs_login")
	p.WantText("#ask-all ~ button", "Make the link for 1 account")
	if n := p.Find("tbody form[action='/accounts/" + a.ID + "/sign-in-again']").Length(); n != 1 {
		t.Errorf("%d buttons in the row, want one", n)
	}
	staff.Get("/customers").WantText("main", "Dayo")
	press := func(form url.Values) [][]string {
		t.Helper()
		p := staff.Do("POST", "/customers/sign-in-again", staff.Form(form), site.FormHeader())
		p.WantStatus(http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Find("body").Text(), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	rows := press(nil)
	if len(rows) != 1 || rows[0][0] != s.Holder("Dayo123") || rows[0][1] != "+2348031001001" || !strings.Contains(rows[0][2], "vous reconnecter") || !strings.Contains(rows[0][2], rows[0][3]) {
		t.Fatalf("the file has %q", rows)
	}
	first := strings.TrimPrefix(rows[0][3], s.URL)
	s.Browser().Get(first).WantText("h1", "First Bank of Nigeria vous demande de vous reconnecter") // their language
	if again := press(nil); len(again) != 0 {
		t.Errorf("pressed again it has %q", again)
	}
	staff.Get("/customers?filter=needs_login").WantText("label[for=renew]", "Also for 1 account with a link that works")
	renewed := press(url.Values{"renew": {"on"}})
	if len(renewed) != 1 {
		t.Fatalf("renewed it has %q", renewed)
	}
	s.Browser().Get(first).WantStatus(http.StatusGone)
	s.Browser().Get(strings.TrimPrefix(renewed[0][3], s.URL)).WantStatus(http.StatusOK)
	if n := s.Acted(store.ActLinksTaken); n != 3 {
		t.Errorf("%d rows of the log, want 3", n)
	}
}
