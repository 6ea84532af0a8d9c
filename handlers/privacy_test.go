package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

func TestACustomerHasACopyOfTheVeryTextTheyAgreedTo(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	link := staff.Invite(id)
	customer := s.Browser()
	var shown []string
	customer.Get(link).Find(".asked li, .asked section p, label[for=consent]").Each(func(_ int, e *selection) {
		shown = append(shown, strings.Join(strings.Fields(e.Text()), " "))
	})
	customer.Consent(link)
	p := customer.Get("/me/consents")
	p.WantStatus(http.StatusOK)
	href, _ := p.Find("a[download]").Attr("href")
	resp, text := customer.Download("GET", href)
	if len(shown) < 6 || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("%d sentences were shown, the file is %d %s", len(shown), resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	for _, sentence := range shown {
		if !strings.Contains(text, sentence) {
			t.Errorf("the file lacks %q", sentence)
		}
	}
	customer.Get(strings.TrimSuffix(href, "/file")).WantText("main", shown[0])
	staff.Get("/customers/"+id).WantText("section[aria-labelledby=consents] table", "Given")
	_, stranger := s.Link(staff, "Bola Adeyemi", "Bola123")
	for _, hers := range []string{href, strings.TrimSuffix(href, "/file")} {
		stranger.Get(hers).WantStatus(http.StatusNotFound)
	}
}

func TestUnlinkingTakesNoMoreStepsThanLinking(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	steps := 0
	step := func(p site.Page, selector string) site.Page {
		steps++
		if form := p.Find(selector).Closest("form"); form.Length() == 1 && form.AttrOr("method", "") == "post" {
			return customer.Post(form.AttrOr("action", ""), nil)
		}
		href, ok := p.Find(selector).Attr("href")
		if !ok {
			t.Fatalf("step %d at %s: no %s", steps, p.Path, selector)
		}
		return customer.Get(href)
	}
	p := step(customer.Get("/me"), ".account h3 a")
	p = step(p, "main a[href$='/unlink']")
	p.WantText("main", "What happens")
	p.WantText("main", "What is kept")
	p = step(p, "main form button[type=submit]")
	p.WantText("h1", "It is unlinked")
	if p.TextOf("main code") == "" {
		t.Error("there is no reference to quote")
	}
	// The personal link, the tick, the button, and in the bank window at least the bank, the sign-in and the accounts.
	if linking := 6; steps > linking {
		t.Errorf("unlinking took %d steps, linking %d", steps, linking)
	}
	n := 0
	for _, a := range s.Accounts(id) {
		if a.Status == store.AccountUnlinked {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d accounts were unlinked, want the one", n)
	}
}

func TestAWholeBankIsUnlinkedAtOnce(t *testing.T) {
	s := site.New(t)
	id, customer := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	a := s.Accounts(id)["0123456789"]
	p := customer.Get("/me/accounts/" + a.ID + "/unlink")
	p.WantText("fieldset", "All 2 accounts at Guaranty Trust Bank")
	customer.Post("/me/accounts/"+a.ID+"/unlink", url.Values{"scope": {"bank"}}).WantStatus(http.StatusOK)
	for _, a := range s.Accounts(id) {
		if a.Status != store.AccountUnlinked {
			t.Errorf("%s is %s", a.NUBAN, a.Status)
		}
	}
}

func TestWithdrawingEndsEverythingAlsoWhileTheProviderIsUnreachable(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.CustomerWith("Funke Alabi", "funke@example.com", "")
	customer := s.Connects(staff, id, "Funke123")
	customer.SetPassword("three little words")
	spare := staff.Invite(id)
	a := s.Accounts(id)["2000000001"]
	s.Sim.SetScenario(a.ProviderID, okrasim.ServerError)
	customer.Get("/me/withdraw").WantText("main", "Kuda Bank")
	customer.Get("/me/withdraw").WantText("main", "Your password still opens what is kept")
	staff.Get("/customers/"+id+"/withdraw").WantText("main", "Their password still opens what is kept")
	cookie := customer.Cookie(site.CustomerCookie)
	p := customer.Post("/me/withdraw", nil)
	p.WantText("h1", "Your consent is withdrawn")
	if p.TextOf("main code") == "" {
		t.Error("there is no reference to quote")
	}
	if p := s.With(site.CustomerCookie, cookie).Get("/me"); p.Status != http.StatusUnauthorized {
		t.Errorf("the session lives: %d", p.Status)
	}
	s.Browser().Get(spare).WantStatus(http.StatusGone)
	back := s.Browser()
	back.Post("/me/login", url.Values{"login": {"funke@example.com"}, "password": {"three little words"}}).WantText(".account", "No longer linked")
	if _, file := back.Download("POST", "/me/export"); !strings.Contains(file, a.NUBAN) {
		t.Error("what is kept can't be downloaded any more")
	}
	if p := back.Post("/me/attempts", nil); p.Path != "/me/consent" {
		t.Errorf("linking again leads to %s, want to be asked to agree", p.Path)
	}
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusConflict)
	page := staff.Get("/customers/" + id)
	page.WantText("section[aria-labelledby=consents] table", "Withdrawn")
	day := s.Clock().In(s.Settings.Location).Format("2 Jan")
	page.WantText(".notice", "The customer withdrew their consent on "+day)
	back.Get("/me").WantText(".notice", "You withdrew your consent on "+day)
	s.Advance(11 * time.Minute)
	s.Eventually("the provider was asked in vain", func() bool {
		all, err := s.Store.RemovalsByCustomer(t.Context(), id)
		return err == nil && len(all) == 1 && all[0].Tries > 0
	})
}

func TestAConsentThatIsTooOldOrUnusedAsksNoBankUntilItIsGivenAgain(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ wait, look time.Duration }{
		"a year old":       {365*24*time.Hour + time.Minute, 90 * 24 * time.Hour},
		"half a year idle": {180*24*time.Hour + 2*time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := site.New(t)
			id, _ := s.Link(s.SignedIn(), "Funke Alabi", "Funke123")
			a := s.Accounts(id)["2000000001"]
			for waited := time.Duration(0); waited < row.wait; {
				step := row.wait - waited
				if row.look > 0 {
					step = min(step, row.look)
				}
				waited += step
				s.Advance(step)
				if row.look > 0 && waited < row.wait {
					s.SignedIn().Get("/customers/" + id).WantStatus(http.StatusOK)
				}
			}
			staff := s.SignedIn()
			asked := s.Sim.Calls("balance/refresh")
			p := staff.Get("/customers/" + id)
			p.WantText(".notice", "The customer's consent has ended")
			staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusConflict)
			link := staff.Invite(id)
			customer := s.Browser()
			customer.Consent(link)
			staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
			s.Eventually("the bank is asked", func() bool { return s.Sim.Calls("balance/refresh") > asked })
		})
	}
}

// The consents of a launch day end together: lists and counts say so, before and
// after, and nothing offers what would be refused.
func TestAConsentThatEndsIsAStateOfItsOwnAndIsAnnounced(t *testing.T) {
	s := site.New(t)
	id := s.SignedIn().CustomerWith("Funke Alabi", "", "LN-7")
	s.Connects(s.SignedIn(), id, "Funke123").SetPassword("three little words")
	s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	account := "/accounts/" + s.Accounts(id)["2000000001"].ID
	at := func(age time.Duration) (staff, customer *site.Browser) {
		s.Exec(`UPDATE consents SET given_at = $1 WHERE customer_id = $2`, s.Clock().Add(-age).UnixMilli(), id)
		s.Exec(`UPDATE customers SET viewed_at = $1 WHERE id = $2`, s.Clock().UnixMilli(), id)
		s.Exec(`UPDATE consent_ends SET until = ''`)
		s.Restart() // which works out anew when consents end
		customer = s.Browser()
		customer.Post("/me/login", url.Values{"login": {"LN-7"}, "password": {"three little words"}}).WantStatus(http.StatusOK)
		return s.SignedIn(), customer
	}
	const day = 24 * time.Hour
	lists := func(staff *site.Browser, filter, status string) {
		t.Helper()
		p := staff.Get("/customers?filter=" + filter)
		p.WantText("tbody", "Funke Alabi")
		p.WantText("tbody tr:first-child td:nth-of-type(3)", status)
		if strings.Contains(p.TextOf("tbody"), "Amina Bello") {
			t.Errorf("%s lists a customer whose consent is in force", filter)
		}
	}

	staff, customer := at(352 * day)
	lists(staff, "consent_ending", "Consent ends soon")
	staff.Get("/").WantText(".tiles", "1 consent ends soon")
	ends := s.Clock().Add(13 * day).In(s.Settings.Location).Format("2 Jan")
	for _, p := range []site.Page{staff.Get("/customers/" + id), staff.Get(account), customer.Get("/me"), customer.Get("/me" + account)} {
		p.WantText(".notice", "consent ends on "+ends)
		if p.Find("[id^=refresh-]").Length() == 0 {
			t.Errorf("%s offers no refresh while the consent is in force", p.Path)
		}
	}

	staff, customer = at(366 * day)
	lists(staff, "consent_ended", "Consent ended")
	p := staff.Get("/")
	p.WantText(".tiles", "1 consent ended")
	if strings.Contains(p.TextOf(".tiles"), "ends soon") {
		t.Error("what has ended is counted as ending soon")
	}
	for _, p := range []site.Page{staff.Get("/customers/" + id), staff.Get(account), customer.Get("/me"), customer.Get("/me" + account)} {
		p.WantText(".notice", "consent has ended")
		if n := p.Find("[id^=refresh-], [id^=check-], form[action$='/refresh']").Length(); n != 0 {
			t.Errorf("%s offers %d requests that would be refused", p.Path, n)
		}
	}
}

func TestACustomerGivesAConsentAgainThatHasEnded(t *testing.T) {
	s := site.New(t)
	id, customer := s.Link(s.SignedIn(), "Funke Alabi", "Funke123")
	s.Exec(`UPDATE consents SET given_at = $1 WHERE customer_id = $2`, s.Clock().Add(-366*24*time.Hour).UnixMilli(), id)
	p := customer.Get("/me")
	p.WantText(".notice", "Your consent has ended")
	customer.Post("/me/refresh", nil).WantStatus(http.StatusConflict)
	if p := customer.Post("/me/consent", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the tick: %d", p.Status)
	}
	p = customer.Get("/me/consent")
	version, _ := p.Find("input[name=consent]").Attr("value")
	customer.Post("/me/consent", url.Values{"consent": {version}}).WantStatus(http.StatusOK)
	if p := customer.Get("/me"); p.Find(".notice-warn:not([hidden])").Length() != 0 {
		t.Errorf("the notice stays: %s", p.TextOf(".notice-warn"))
	}
	customer.Post("/me/refresh", nil).WantStatus(http.StatusOK)
}

func TestAnExportIsWholeWrittenDownAndNamesNobody(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.CustomerWith("Amina Bello", "amina@example.com", "")
	customer := s.Connects(staff, id, "Amina123")
	customer.Post("/me/export", nil).WantStatus(http.StatusForbidden)
	customer.SetPassword("three little words")
	for path, b := range map[string]*site.Browser{"/me/export": customer, "/customers/" + id + "/export": staff} {
		resp, text := b.Download("POST", path)
		var doc struct{ Accounts []map[string]any }
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if len(doc.Accounts) != 2 || !strings.Contains(text, "0123456789") || !strings.Contains(text, `"1250340.75"`) {
			t.Errorf("%s lacks accounts, numbers or amounts: %d accounts", path, len(doc.Accounts))
		}
		if name := resp.Header.Get("Content-Disposition"); strings.Contains(name, "Amina") || strings.Contains(name, id) || !strings.HasSuffix(name, `.json"`) {
			t.Errorf("the file is called %s", name)
		}
		if got := resp.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control = %q", got)
		}
		if !strings.Contains(text, `"data exported"`) {
			t.Errorf("%s: that it was exported is not written down", path)
		}
	}
}

func TestErasingNeedsTheNameAndAReasonAndLeavesAStub(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	erase := "/customers/" + id + "/erase"
	staff.Get(erase).WantText("main", "This cannot be undone")
	for _, wrong := range []url.Values{{"confirm": {"Amina"}, "reason": {"asked"}}, {"confirm": {""}, "reason": {"asked"}}, {"confirm": {"Amina Bello"}}, {"confirm": {"Amina Bello"}, "reason": {"other"}}} {
		staff.Post(erase, wrong).WantStatus(http.StatusUnprocessableEntity)
	}
	right := url.Values{"confirm": {"amina bello"}, "reason": {"asked"}}
	for range 2 {
		p := staff.Post(erase, right)
		p.WantStatus(http.StatusOK)
		p.WantText("h1", "This customer was erased")
		p.WantText("main", site.StaffEmail)
		p.WantText("main", "Removal at the provider")
		if strings.Contains(p.Text(), "Amina") {
			t.Error("the stub names her")
		}
	}
	if p := customer.Get("/me"); p.Status != http.StatusUnauthorized {
		t.Errorf("her session lives: %d", p.Status)
	}
	staff.Get(erase).WantStatus(http.StatusNotFound)
	staff.Get("/customers").WantStatus(http.StatusOK)
	staff.Get("/inbox").WantStatus(http.StatusOK)
	s.Restart()
	s.SignedIn().Get("/customers/"+id).WantText("h1", "This customer was erased")
}
