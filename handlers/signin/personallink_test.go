package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views"
)

// another opens the bank window once more and returns the nonce of the attempt.
func another(b *site.Browser) string {
	b.T.Helper()
	p := b.Post("/me/attempts", nil)
	p.WantStatus(http.StatusOK)
	return strings.TrimPrefix(p.Path, "/connect/attempts/")
}

func TestAPersonalLinkThatWasUsedLetsNobodyIn(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	link := staff.Invite(id)
	nonce := s.Browser().Consent(link) // opened, not used
	other := s.Browser()
	second := other.Consent(link)
	success, err := s.Sim.Connect("Amina456", second, nil)
	if err != nil {
		t.Fatal(err)
	}
	other.PostJSON("/connect/attempts/"+second+"/success", string(success)).WantStatus(http.StatusAccepted)
	s.Eventually("it is linked", func() bool { return len(s.Accounts(id)) == 1 })
	late := s.Browser()
	late.Get(link).WantStatus(http.StatusGone)
	late.Post(link+"/attempts", url.Values{"consent": {views.CurrentConsent(false).Version}}).WantStatus(http.StatusGone)
	if a, err := s.Store.AttemptByNonce(t.Context(), store.OfCustomer(id), nonce); err != nil || a.State != store.AttemptOpen {
		t.Errorf("the first attempt is %s, %v", a.State, err)
	}
}

func TestWhoComesByALinkSeesWhatTheyLinkedAndForHalfAnHour(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	first := s.Connects(staff, id, "Amina123")
	second := s.Connects(staff, id, "Amina456")
	old, fresh := s.Accounts(id)["0123456789"], s.Accounts(id)["2230011442"]
	p := second.Get("/me")
	p.WantText("main", "2 more of your accounts")
	if text := p.TextOf("main"); strings.Contains(text, "6789") || !strings.Contains(text, "1442") {
		t.Errorf("by the second link: %s", text)
	}
	second.Get("/me/accounts/" + fresh.ID).WantStatus(http.StatusOK)
	p = second.Get("/me/accounts/" + old.ID)
	p.WantStatus(http.StatusForbidden)
	p.WantText("h1", "Sign in to see this account")
	for _, what := range []string{"refresh", "reveal", "unlink"} {
		second.Post("/me/accounts/"+old.ID+"/"+what, nil).WantStatus(http.StatusForbidden)
	}
	second.Post("/me/export", nil).WantStatus(http.StatusForbidden)
	first.Get("/me/accounts/" + old.ID).WantStatus(http.StatusOK)
	s.Advance(29 * time.Minute)
	first.Get("/me").WantStatus(http.StatusOK)
	s.Advance(time.Minute)
	first.Get("/me").WantStatus(http.StatusUnauthorized)
}

func TestALinkThatIsRevokedEndsWhatItBegan(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	b := s.Browser()
	b.Consent(staff.Invite(id))
	b.Get("/me").WantStatus(http.StatusOK)
	action, _ := staff.Get("/customers/" + id).Find("form[action$='/revoke']").First().Attr("action")
	staff.Post(action, nil).WantStatus(http.StatusOK)
	b.Get("/me").WantStatus(http.StatusUnauthorized)
}

func TestALinkThatWasUsedStaysUsed(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer(s.Holder("Amina123"))
	b := s.Connects(staff, id, "Amina123")
	links := func() *goquery.Selection {
		return staff.Get("/customers/" + id).Find("section[aria-labelledby=links] tbody")
	}
	form := links().Find("form[action$='/revoke']")
	if words := form.Text(); !strings.Contains(words, "Sign them out") {
		t.Errorf("the button says %q, want what it does", words)
	}
	staff.Post(form.AttrOr("action", ""), nil).WantStatus(http.StatusOK)
	b.Get("/me").WantStatus(http.StatusUnauthorized)
	if words := links().Text(); !strings.Contains(words, "Used") || strings.Contains(words, "Revoked") {
		t.Errorf("the link is %q, want used", words)
	}

	another := staff.AddCustomer(s.Holder("Bola123"))
	s.Connects(staff, another, "Bola123")
	s.Advance(linkVisit)
	staff = s.SignedIn()
	if n := staff.Get("/customers/" + another).Find("form[action$='/revoke']").Length(); n != 0 {
		t.Error("a used link whose visit is over can be revoked")
	}
}

// linkVisit is how long a personal link keeps somebody signed in.
const linkVisit = 30 * time.Minute

func TestALinkThatCannotBeUsedSaysWhyToWhoeverHasIt(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer(s.Holder("Amina123"))
	used := staff.Invite(id)
	b := s.Browser()
	s.Shares(b, b.Consent(used), id, "Amina123")
	revoked := staff.Invite(id)
	action, _ := staff.Get("/customers/" + id).Find("form[action$='/revoke']").First().Attr("action")
	staff.Post(action, nil).WantStatus(http.StatusOK)
	late := staff.Invite(id)
	say := func(link, heading, sentence string) {
		t.Helper()
		p := s.Browser().Get(link)
		p.WantStatus(http.StatusGone)
		p.WantText("h1", heading)
		p.WantText("main", sentence)
	}
	say(used, "This link has been used", "A bank was connected with it on "+s.Clock().In(s.Settings.Location).Format("2 Jan"))
	say(revoked, "This link was cancelled", "Lender Ltd has ended it.")
	s.Advance(72 * time.Hour)
	say(late, "This link has expired", "It worked until ")
	for _, link := range []string{late[:len(late)-1], "/connect/" + store.NewSecret()} {
		say(link, "This link can't be used", "A part of it is missing, or it is too old.")
	}
}

func TestALinkWithACodeAsksForItAndLocksAfterFiveWrongOnes(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	made := staff.Post("/customers/"+id+"/invitations", url.Values{"code": {"on"}})
	code := made.TextOf("#code")
	html, err := made.Html()
	if err != nil || len(code) != 6 {
		t.Fatalf("code %q, %v", code, err)
	}
	link := site.PersonalLink.FindString(html)
	answer := func(typed string) site.Page {
		b := s.Browser()
		b.Get(link)
		return b.Post(link+"/attempts", url.Values{"consent": {views.CurrentConsent(false).Version}, "code": {typed}})
	}
	wrong := site.WrongCode(code)
	answer("").WantText("#code-error", "Type the code")
	answer(wrong).WantText("#code-error", "You have 4 tries left.")
	if p := answer(" " + code[:3] + " " + code[3:]); p.Status != http.StatusOK || !strings.HasPrefix(p.Path, "/connect/attempts/") {
		t.Errorf("the right code: %d at %s", p.Status, p.Path)
	}
	for range 3 {
		answer(wrong).WantStatus(http.StatusUnprocessableEntity)
	}
	answer(wrong).WantText("main", "A wrong code was typed 5 times.")
	answer(code).WantStatus(http.StatusGone)
	staff.Get("/customers/"+id).WantText("section[aria-labelledby=links]", "Locked")
}

func TestACustomerComesBackWithAPassword(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.CustomerWith("Amina Bello", "Amina@Example.com", "LN-7")
	s.Connects(staff, id, "Amina123")
	b := s.Connects(staff, id, "Amina456")
	const password = "three little words"
	set := func(b *site.Browser, current, next, again string) site.Page {
		return b.Post("/me/password", url.Values{"current": {current}, "password": {next}, "again": {again}})
	}
	p := set(b, "", password, password)
	p.WantStatus(http.StatusConflict)
	p.WantText("main", "2 of them were connected before")
	s.Shares(b, another(b), id, "Amina123")
	set(b, "", "short", "short").WantText("#password-error", "12 characters")
	set(b, "", password, password+"s").WantText("#again-error", "don't match")
	p = set(b, "", password, password)
	p.WantStatus(http.StatusOK)
	if n := p.Find(".account").Length(); n != 3 {
		t.Errorf("signed in they see %d accounts, want all three", n)
	}
	staff.Get("/customers/"+id).WantText("main", "Password")

	login := func(who, password string) site.Page {
		return s.Browser().Post("/me/login", url.Values{"login": {who}, "password": {password}})
	}
	for _, who := range []string{"amina@example.com", "LN-7"} {
		login(who, password).WantStatus(http.StatusOK)
	}
	for who, word := range map[string]string{"amina@example.com": "another little word", "LN-8": password, "": password, "LN-7": ""} {
		p := login(who, word)
		p.WantStatus(http.StatusUnauthorized)
		p.WantText("#login-error", "Wrong phone number, e-mail, reference or password.")
	}
	set(b, "not the password", "four more little words", "four more little words").WantText("#current-error", "Wrong password")
	byLink := s.Connects(staff, id, "Amina456")
	set(byLink, password, "four more little words", "four more little words").WantStatus(http.StatusConflict)

	s.Advance(14 * time.Minute)
	b.Get("/me").WantStatus(http.StatusOK)
	staff = s.SignedIn()
	staff.Post("/customers/"+id+"/password/remove", nil).WantStatus(http.StatusOK)
	b.Get("/me").WantStatus(http.StatusUnauthorized)
	login("LN-7", password).WantStatus(http.StatusUnauthorized)
}

func TestACustomerSignsOutEverywhere(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.CustomerWith("Amina Bello", "amina@example.com", "")
	b := s.Connects(staff, id, "Amina456")
	const password = "three little words"
	b.SetPassword(password)
	other := s.Browser()
	other.Post("/me/login", url.Values{"login": {"amina@example.com"}, "password": {password}}).WantStatus(http.StatusOK)
	b.Post("/me/sessions/end", nil).WantText("h1", "You are signed out")
	for name, who := range map[string]*site.Browser{"this": b, "the other": other} {
		if p := who.Get("/me"); p.Status != http.StatusUnauthorized {
			t.Errorf("%s browser: %d, want 401", name, p.Status)
		}
	}
}

// found is a customer with a password and an account, and the browser of
// somebody else who then opens another personal link of theirs and agrees.
func found(s *site.Site, staff *site.Browser) (id string, own, finder *site.Browser) {
	s.T.Helper()
	id = staff.CustomerWith("Amina Bello", "amina@example.com", "")
	own = s.Connects(staff, id, "Amina123")
	own.SetPassword("three little words")
	finder = s.Browser()
	finder.Consent(staff.Invite(id))
	return id, own, finder
}

func TestWhoFoundALinkSeesNothingOfWhatTheCustomerThenLinks(t *testing.T) {
	s := site.New(t)
	id, own, finder := found(s, s.SignedIn())
	s.Shares(own, another(own), id, "Amina456")
	old := s.Accounts(id)["0123456789"]
	p := own.Post("/me/attempts", url.Values{"account": {old.ID}})
	s.Shares(own, strings.TrimPrefix(p.Path, "/connect/attempts/"), id, "Amina123")
	p = finder.Get("/me")
	p.WantText("main", "3 more of your accounts")
	if n := p.Find(".account").Length(); n != 0 {
		t.Errorf("they see %d accounts", n)
	}
	for number, a := range s.Accounts(id) {
		finder.Get("/me/accounts/" + a.ID).WantStatus(http.StatusForbidden)
		if p := finder.Post("/me/accounts/"+a.ID+"/reveal", nil); p.Status != http.StatusForbidden || strings.Contains(p.Text(), number) {
			t.Errorf("revealing %s: %d", number, p.Status)
		}
	}
	finder.Post("/me/password", url.Values{"password": {"four little words"}, "again": {"four little words"}}).WantStatus(http.StatusConflict)
}

func TestAVisitDoesNothingToWhatWasNotBegunInIt(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, own, finder := found(s, staff)
	old := s.Accounts(id)["0123456789"]
	p := finder.Post("/me/attempts", url.Values{"account": {old.ID}})
	if p.Status != http.StatusNotFound || strings.Contains(p.Text(), old.NUBAN) {
		t.Errorf("a bank window for an account out of reach: %d", p.Status)
	}
	for _, path := range []string{"/me/export", "/me/sessions/end"} {
		p := finder.Post(path, nil)
		p.WantStatus(http.StatusForbidden)
		if strings.Contains(p.Text(), "amina@example.com") {
			t.Errorf("%s shows the customer's address", path)
		}
	}
	finder.Post("/me/accounts/"+old.ID+"/unlink", url.Values{"scope": {"bank"}}).WantStatus(http.StatusForbidden)
	if n := finder.Get("/me/consents").Find("tbody tr").Length(); n != 1 {
		t.Errorf("they see %d consents, want their own", n)
	}
	finder.Get("/me/withdraw").WantText("h1", "by this personal link")
	finder.Post("/me/withdraw", nil).WantText("main", "What you linked by the personal link is unlinked")
	finder.Get("/me").WantStatus(http.StatusUnauthorized)
	for number, a := range s.Accounts(id) {
		if a.Status != store.AccountLinked {
			t.Errorf("%s is %s", number, a.Status)
		}
	}
	own.Get("/me/accounts/" + old.ID).WantStatus(http.StatusOK)
	own.Post("/me/refresh", nil).WantStatus(http.StatusOK)
	staff.Get("/audit?actor=visit:&action=consent+withdrawn").WantText("tbody", "By a personal link")
}

func TestCustomersWhoShareAnAddressAreToldWhatToSignInWith(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	words := map[string]string{"LN-1": "three little words", "LN-2": "four more little words"}
	s.Connects(staff, staff.CustomerWith("Amina Bello", "Amina@example.com", "LN-1"), "Amina123").SetPassword(words["LN-1"])
	second := s.Connects(staff, staff.CustomerWith("Amina Bello", "amina@example.com", "LN-2"), "Amina456")
	p := second.Get("/me/password")
	p.WantText(".lead", "with your reference LN-2.")
	p.WantText("main", "is another customer's login at Lender Ltd")
	if got := p.Find("input[name=username]").AttrOr("value", ""); got != "LN-2" {
		t.Errorf("password managers are told %q", got)
	}
	second.SetPassword(words["LN-2"])
	wantSignIns(
		s, attempt{"amina@example.com", words["LN-1"], 200}, attempt{"LN-1", words["LN-1"], 200},
		attempt{"LN-2", words["LN-2"], 200}, attempt{"amina@example.com", words["LN-2"], 401},
	)
	third := s.Connects(staff, staff.CustomerWith("Bola Adeyemi", "amina@example.com", ""), "Bola123")
	third.Get("/me/password").WantText("main", "Ask Lender Ltd to add a reference for you")
	third.Post("/me/password", url.Values{"password": {"five more little words"}, "again": {"five more little words"}}).WantStatus(http.StatusConflict)
}
