package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/store"
	"balancelink/views"
)

// another opens the bank window once more and returns the nonce of the attempt.
func another(b *browser) string {
	b.t.Helper()
	p := b.post("/me/attempts", nil)
	p.wantStatus(http.StatusOK)
	return strings.TrimPrefix(p.Path, "/connect/attempts/")
}

func TestAPersonalLinkThatWasUsedLetsNobodyIn(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	link := staff.invite(id)
	nonce := s.browser().consent(link) // opened, not used
	other := s.browser()
	second := other.consent(link)
	success, err := s.Sim.Connect("Amina456", second, nil)
	if err != nil {
		t.Fatal(err)
	}
	other.postJSON("/connect/attempts/"+second+"/success", string(success)).wantStatus(http.StatusAccepted)
	s.eventually("it is linked", func() bool { return len(s.accounts(id)) == 1 })
	late := s.browser()
	late.get(link).wantStatus(http.StatusGone)
	late.post(link+"/attempts", url.Values{"consent": {views.CurrentConsent(false).Version}}).wantStatus(http.StatusGone)
	if a, err := s.Store.AttemptByNonce(t.Context(), store.OfCustomer(id), nonce); err != nil || a.State != store.AttemptOpen {
		t.Errorf("the first attempt is %s, %v", a.State, err)
	}
}

func TestWhoComesByALinkSeesWhatTheyLinkedAndForHalfAnHour(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	first := s.connects(staff, id, "Amina123")
	second := s.connects(staff, id, "Amina456")
	old, fresh := s.accounts(id)["0123456789"], s.accounts(id)["2230011442"]
	p := second.get("/me")
	p.wantText("main", "2 accounts of yours can be seen after signing in")
	if text := p.text("main"); strings.Contains(text, "6789") || !strings.Contains(text, "1442") {
		t.Errorf("by the second link: %s", text)
	}
	second.get("/me/accounts/" + fresh.ID).wantStatus(http.StatusOK)
	p = second.get("/me/accounts/" + old.ID)
	p.wantStatus(http.StatusForbidden)
	p.wantText("h1", "Sign in to see this account")
	for _, what := range []string{"refresh", "reveal", "unlink"} {
		second.post("/me/accounts/"+old.ID+"/"+what, nil).wantStatus(http.StatusForbidden)
	}
	second.post("/me/export", nil).wantStatus(http.StatusForbidden)
	first.get("/me/accounts/" + old.ID).wantStatus(http.StatusOK)
	s.advance(29 * time.Minute)
	first.get("/me").wantStatus(http.StatusOK)
	s.advance(time.Minute)
	first.get("/me").wantStatus(http.StatusUnauthorized)
}

func TestALinkThatIsRevokedEndsWhatItBegan(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	b := s.browser()
	b.consent(staff.invite(id))
	b.get("/me").wantStatus(http.StatusOK)
	action, _ := staff.get("/customers/" + id).Find("form[action$='/revoke']").First().Attr("action")
	staff.post(action, nil).wantStatus(http.StatusOK)
	b.get("/me").wantStatus(http.StatusUnauthorized)
}

func TestALinkThatWasUsedStaysUsed(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer(s.holder("Amina123"))
	b := s.connects(staff, id, "Amina123")
	links := func() *goquery.Selection {
		return staff.get("/customers/" + id).Find("section[aria-labelledby=links] tbody")
	}
	form := links().Find("form[action$='/revoke']")
	if words := form.Text(); !strings.Contains(words, "Sign them out") {
		t.Errorf("the button says %q, want what it does", words)
	}
	staff.post(form.AttrOr("action", ""), nil).wantStatus(http.StatusOK)
	b.get("/me").wantStatus(http.StatusUnauthorized)
	if words := links().Text(); !strings.Contains(words, "Used") || strings.Contains(words, "Revoked") {
		t.Errorf("the link is %q, want used", words)
	}

	another := staff.addCustomer(s.holder("Bola123"))
	s.connects(staff, another, "Bola123")
	s.advance(linkVisit)
	staff = s.signedIn()
	if n := staff.get("/customers/" + another).Find("form[action$='/revoke']").Length(); n != 0 {
		t.Error("a used link whose visit is over can be revoked")
	}
}

// linkVisit is how long a personal link keeps somebody signed in.
const linkVisit = 30 * time.Minute

func TestALinkThatCannotBeUsedSaysWhyToWhoeverHasIt(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer(s.holder("Amina123"))
	used := staff.invite(id)
	b := s.browser()
	s.shares(b, b.consent(used), id, "Amina123")
	revoked := staff.invite(id)
	action, _ := staff.get("/customers/" + id).Find("form[action$='/revoke']").First().Attr("action")
	staff.post(action, nil).wantStatus(http.StatusOK)
	late := staff.invite(id)
	say := func(link, heading, sentence string) {
		t.Helper()
		p := s.browser().get(link)
		p.wantStatus(http.StatusGone)
		p.wantText("h1", heading)
		p.wantText("main", sentence)
	}
	say(used, "This link has been used", "A bank was connected with it on "+s.clock().In(s.Settings.Location).Format("2 Jan"))
	say(revoked, "This link was cancelled", "Ask Lender Ltd for a new one.")
	s.advance(72 * time.Hour)
	for _, link := range []string{late, late[:len(late)-1], "/connect/" + store.NewSecret()} {
		say(link, "This link can't be used", "It has expired, or a part of it is missing.")
	}
}

func TestALinkWithACodeAsksForItAndLocksAfterFiveWrongOnes(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	made := staff.post("/customers/"+id+"/invitations", url.Values{"code": {"on"}})
	code := made.text("#code")
	html, err := made.Html()
	if err != nil || len(code) != 6 {
		t.Fatalf("code %q, %v", code, err)
	}
	link := personalLink.FindString(html)
	answer := func(typed string) page {
		b := s.browser()
		b.get(link)
		return b.post(link+"/attempts", url.Values{"consent": {views.CurrentConsent(false).Version}, "code": {typed}})
	}
	wrong := wrongCode(code)
	answer("").wantText("#code-error", "Type the code")
	answer(wrong).wantText("#code-error", "You have 4 tries left.")
	if p := answer(" " + code[:3] + " " + code[3:]); p.Status != http.StatusOK || !strings.HasPrefix(p.Path, "/connect/attempts/") {
		t.Errorf("the right code: %d at %s", p.Status, p.Path)
	}
	for range 3 {
		answer(wrong).wantStatus(http.StatusUnprocessableEntity)
	}
	answer(wrong).wantText("main", "A wrong code was typed 5 times.")
	answer(code).wantStatus(http.StatusGone)
	staff.get("/customers/"+id).wantText("section[aria-labelledby=links]", "Locked")
}

func TestACustomerComesBackWithAPassword(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.customerWith("Amina Bello", "Amina@Example.com", "LN-7")
	s.connects(staff, id, "Amina123")
	b := s.connects(staff, id, "Amina456")
	const password = "three little words"
	set := func(b *browser, current, next, again string) page {
		return b.post("/me/password", url.Values{"current": {current}, "password": {next}, "again": {again}})
	}
	p := set(b, "", password, password)
	p.wantStatus(http.StatusConflict)
	p.wantText("main", "2 of them were connected before")
	s.shares(b, another(b), id, "Amina123")
	set(b, "", "short", "short").wantText("#password-error", "12 characters")
	set(b, "", password, password+"s").wantText("#again-error", "don't match")
	p = set(b, "", password, password)
	p.wantStatus(http.StatusOK)
	if n := p.Find(".account").Length(); n != 3 {
		t.Errorf("signed in they see %d accounts, want all three", n)
	}
	staff.get("/customers/"+id).wantText("main", "Password")

	login := func(who, password string) page {
		return s.browser().post("/me/login", url.Values{"login": {who}, "password": {password}})
	}
	for _, who := range []string{"amina@example.com", "LN-7"} {
		login(who, password).wantStatus(http.StatusOK)
	}
	for who, word := range map[string]string{"amina@example.com": "another little word", "LN-8": password, "": password, "LN-7": ""} {
		p := login(who, word)
		p.wantStatus(http.StatusUnauthorized)
		p.wantText("#login-error", "Wrong e-mail, reference or password.")
	}
	set(b, "not the password", "four more little words", "four more little words").wantText("#current-error", "Wrong password")
	byLink := s.connects(staff, id, "Amina456")
	set(byLink, password, "four more little words", "four more little words").wantStatus(http.StatusConflict)

	s.advance(14 * time.Minute)
	b.get("/me").wantStatus(http.StatusOK)
	staff = s.signedIn()
	staff.post("/customers/"+id+"/password/remove", nil).wantStatus(http.StatusOK)
	b.get("/me").wantStatus(http.StatusUnauthorized)
	login("LN-7", password).wantStatus(http.StatusUnauthorized)
}

func TestACustomerSignsOutEverywhere(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.customerWith("Amina Bello", "amina@example.com", "")
	b := s.connects(staff, id, "Amina456")
	const password = "three little words"
	b.setPassword(password)
	other := s.browser()
	other.post("/me/login", url.Values{"login": {"amina@example.com"}, "password": {password}}).wantStatus(http.StatusOK)
	b.post("/me/sessions/end", nil).wantText("h1", "You are signed out")
	for name, who := range map[string]*browser{"this": b, "the other": other} {
		if p := who.get("/me"); p.Status != http.StatusUnauthorized {
			t.Errorf("%s browser: %d, want 401", name, p.Status)
		}
	}
}

// found is a customer with a password and an account, and the browser of
// somebody else who then opens another personal link of theirs and agrees.
func found(s *site, staff *browser) (id string, own, finder *browser) {
	s.t.Helper()
	id = staff.customerWith("Amina Bello", "amina@example.com", "")
	own = s.connects(staff, id, "Amina123")
	own.setPassword("three little words")
	finder = s.browser()
	finder.consent(staff.invite(id))
	return id, own, finder
}

func TestWhoFoundALinkSeesNothingOfWhatTheCustomerThenLinks(t *testing.T) {
	s := newSite(t)
	id, own, finder := found(s, s.signedIn())
	s.shares(own, another(own), id, "Amina456")
	old := s.accounts(id)["0123456789"]
	p := own.post("/me/attempts", url.Values{"account": {old.ID}})
	s.shares(own, strings.TrimPrefix(p.Path, "/connect/attempts/"), id, "Amina123")
	p = finder.get("/me")
	p.wantText("main", "3 accounts of yours can be seen after signing in")
	if n := p.Find(".account").Length(); n != 0 {
		t.Errorf("they see %d accounts", n)
	}
	for number, a := range s.accounts(id) {
		finder.get("/me/accounts/" + a.ID).wantStatus(http.StatusForbidden)
		if p := finder.post("/me/accounts/"+a.ID+"/reveal", nil); p.Status != http.StatusForbidden || strings.Contains(p.Text(), number) {
			t.Errorf("revealing %s: %d", number, p.Status)
		}
	}
	finder.post("/me/password", url.Values{"password": {"four little words"}, "again": {"four little words"}}).wantStatus(http.StatusConflict)
}

func TestAVisitDoesNothingToWhatWasNotBegunInIt(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, own, finder := found(s, staff)
	old := s.accounts(id)["0123456789"]
	p := finder.post("/me/attempts", url.Values{"account": {old.ID}})
	if p.Status != http.StatusNotFound || strings.Contains(p.Text(), old.NUBAN) {
		t.Errorf("a bank window for an account out of reach: %d", p.Status)
	}
	for _, path := range []string{"/me/export", "/me/sessions/end"} {
		p := finder.post(path, nil)
		p.wantStatus(http.StatusForbidden)
		if strings.Contains(p.Text(), "amina@example.com") {
			t.Errorf("%s shows the customer's address", path)
		}
	}
	finder.post("/me/accounts/"+old.ID+"/unlink", url.Values{"scope": {"bank"}}).wantStatus(http.StatusForbidden)
	if n := finder.get("/me/consents").Find("tbody tr").Length(); n != 1 {
		t.Errorf("they see %d consents, want their own", n)
	}
	finder.get("/me/withdraw").wantText("h1", "by this personal link")
	finder.post("/me/withdraw", nil).wantText("main", "What you linked by the personal link is unlinked")
	finder.get("/me").wantStatus(http.StatusUnauthorized)
	for number, a := range s.accounts(id) {
		if a.Status != store.AccountLinked {
			t.Errorf("%s is %s", number, a.Status)
		}
	}
	own.get("/me/accounts/" + old.ID).wantStatus(http.StatusOK)
	own.post("/me/refresh", nil).wantStatus(http.StatusOK)
	staff.get("/audit?actor=visit:&action=consent+withdrawn").wantText("tbody", "By a personal link")
}

func TestCustomersWhoShareAnAddressAreToldWhatToSignInWith(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	words := map[string]string{"LN-1": "three little words", "LN-2": "four more little words"}
	s.connects(staff, staff.customerWith("Amina Bello", "Amina@example.com", "LN-1"), "Amina123").setPassword(words["LN-1"])
	second := s.connects(staff, staff.customerWith("Amina Bello", "amina@example.com", "LN-2"), "Amina456")
	p := second.get("/me/password")
	p.wantText(".lead", "with your reference LN-2.")
	p.wantText("main", "is another customer's login at Lender Ltd")
	if got := p.Find("input[name=username]").AttrOr("value", ""); got != "LN-2" {
		t.Errorf("password managers are told %q", got)
	}
	second.setPassword(words["LN-2"])
	for _, row := range []struct {
		login, password string
		want            int
	}{
		{"amina@example.com", words["LN-1"], 200}, {"LN-1", words["LN-1"], 200}, {"LN-2", words["LN-2"], 200}, {"amina@example.com", words["LN-2"], 401},
	} {
		p := s.browser().post("/me/login", url.Values{"login": {row.login}, "password": {row.password}})
		if p.Status != row.want {
			t.Errorf("%s with %q: %d, want %d", row.login, row.password, p.Status, row.want)
		}
	}
	third := s.connects(staff, staff.customerWith("Bola Adeyemi", "amina@example.com", ""), "Bola123")
	third.get("/me/password").wantText("main", "Ask Lender Ltd to add a reference for you")
	third.post("/me/password", url.Values{"password": {"five more little words"}, "again": {"five more little words"}}).wantStatus(http.StatusConflict)
}
