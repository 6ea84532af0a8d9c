package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/store"
)

func TestACustomerHasACopyOfTheVeryTextTheyAgreedTo(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	link := staff.invite(id)
	customer := s.browser()
	var shown []string
	customer.get(link).Find(".asked li, .asked section p, label[for=consent]").Each(func(_ int, e *selection) {
		shown = append(shown, strings.Join(strings.Fields(e.Text()), " "))
	})
	customer.consent(link)
	p := customer.get("/me/consents")
	p.wantStatus(http.StatusOK)
	href, _ := p.Find("a[download]").Attr("href")
	resp, text := customer.download("GET", href)
	if len(shown) < 6 || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("%d sentences were shown, the file is %d %s", len(shown), resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	for _, sentence := range shown {
		if !strings.Contains(text, sentence) {
			t.Errorf("the file lacks %q", sentence)
		}
	}
	customer.get(strings.TrimSuffix(href, "/file")).wantText("main", shown[0])
	staff.get("/customers/"+id).wantText("#consents ~ table", "Given")
	_, stranger := s.link(staff, "Bola Adeyemi", "Bola123")
	for _, hers := range []string{href, strings.TrimSuffix(href, "/file")} {
		stranger.get(hers).wantStatus(http.StatusNotFound)
	}
}

func TestUnlinkingTakesNoMoreStepsThanLinking(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina123")
	steps := 0
	step := func(p page, selector string) page {
		steps++
		if form := p.Find(selector).Closest("form"); form.Length() == 1 && form.AttrOr("method", "") == "post" {
			return customer.post(form.AttrOr("action", ""), nil)
		}
		href, ok := p.Find(selector).Attr("href")
		if !ok {
			t.Fatalf("step %d at %s: no %s", steps, p.Path, selector)
		}
		return customer.get(href)
	}
	p := step(customer.get("/me"), ".account h3 a")
	p = step(p, "main a[href$='/unlink']")
	p.wantText("main", "What happens")
	p.wantText("main", "What is kept")
	p = step(p, "main form button[type=submit]")
	p.wantText("h1", "It is unlinked")
	if p.text("main code") == "" {
		t.Error("there is no reference to quote")
	}
	// The personal link, the tick, the button, and in the bank window at least the bank, the sign-in and the accounts.
	if linking := 6; steps > linking {
		t.Errorf("unlinking took %d steps, linking %d", steps, linking)
	}
	n := 0
	for _, a := range s.accounts(id) {
		if a.Status == store.AccountUnlinked {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d accounts were unlinked, want the one", n)
	}
}

func TestAWholeBankIsUnlinkedAtOnce(t *testing.T) {
	s := newSite(t)
	id, customer := s.link(s.signedIn(), "Amina Bello", "Amina123")
	a := s.accounts(id)["0123456789"]
	p := customer.get("/me/accounts/" + a.ID + "/unlink")
	p.wantText("fieldset", "All 2 accounts at Guaranty Trust Bank")
	customer.post("/me/accounts/"+a.ID+"/unlink", url.Values{"scope": {"bank"}}).wantStatus(http.StatusOK)
	for _, a := range s.accounts(id) {
		if a.Status != store.AccountUnlinked {
			t.Errorf("%s is %s", a.NUBAN, a.Status)
		}
	}
}

func TestWithdrawingEndsEverythingAlsoWhileTheProviderIsUnreachable(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.customerWith("Funke Alabi", "funke@example.com", "")
	customer := s.connects(staff, id, "Funke123")
	customer.setPassword("three little words")
	spare := staff.invite(id)
	a := s.accounts(id)["2000000001"]
	s.Sim.SetScenario(a.ProviderID, okrasim.ServerError)
	customer.get("/me/withdraw").wantText("main", "Kuda Bank")
	customer.get("/me/withdraw").wantText("main", "Your password still opens what is kept")
	staff.get("/customers/"+id+"/withdraw").wantText("main", "Their password still opens what is kept")
	cookie := customer.cookie(customerCookie)
	p := customer.post("/me/withdraw", nil)
	p.wantText("h1", "Your consent is withdrawn")
	if p.text("main code") == "" {
		t.Error("there is no reference to quote")
	}
	if p := s.with(customerCookie, cookie).get("/me"); p.Status != http.StatusUnauthorized {
		t.Errorf("the session lives: %d", p.Status)
	}
	s.browser().get(spare).wantStatus(http.StatusGone)
	back := s.browser()
	back.post("/me/login", url.Values{"login": {"funke@example.com"}, "password": {"three little words"}}).wantText(".account", "No longer linked")
	if _, file := back.download("POST", "/me/export"); !strings.Contains(file, a.NUBAN) {
		t.Error("what is kept can't be downloaded any more")
	}
	if p := back.post("/me/attempts", nil); p.Path != "/me/consent" {
		t.Errorf("linking again leads to %s, want to be asked to agree", p.Path)
	}
	staff.post("/accounts/"+a.ID+"/refresh", nil).wantStatus(http.StatusConflict)
	page := staff.get("/customers/" + id)
	page.wantText("#consents ~ table", "Withdrawn")
	day := s.clock().In(s.Settings.Location).Format("2 Jan")
	page.wantText(".notice", "The customer's consent was withdrawn on "+day)
	back.get("/me").wantText(".notice", "Your consent was withdrawn on "+day)
	s.advance(11 * time.Minute)
	s.eventually("the provider was asked in vain", func() bool {
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
			s := newSite(t)
			id, _ := s.link(s.signedIn(), "Funke Alabi", "Funke123")
			a := s.accounts(id)["2000000001"]
			for waited := time.Duration(0); waited < row.wait; {
				step := row.wait - waited
				if row.look > 0 {
					step = min(step, row.look)
				}
				waited += step
				s.advance(step)
				if row.look > 0 && waited < row.wait {
					s.signedIn().get("/customers/" + id).wantStatus(http.StatusOK)
				}
			}
			staff := s.signedIn()
			asked := s.Sim.Calls("balance/refresh")
			p := staff.get("/customers/" + id)
			p.wantText(".notice", "The customer's consent has ended")
			staff.post("/accounts/"+a.ID+"/refresh", nil).wantStatus(http.StatusConflict)
			link := staff.invite(id)
			customer := s.browser()
			customer.consent(link)
			staff.post("/accounts/"+a.ID+"/refresh", nil).wantStatus(http.StatusOK)
			s.eventually("the bank is asked", func() bool { return s.Sim.Calls("balance/refresh") > asked })
		})
	}
}

// The consents of a launch day end together: lists and counts say so, before and
// after, and nothing offers what would be refused.
func TestAConsentThatEndsIsAStateOfItsOwnAndIsAnnounced(t *testing.T) {
	s := newSite(t)
	id := s.signedIn().customerWith("Funke Alabi", "", "LN-7")
	s.connects(s.signedIn(), id, "Funke123").setPassword("three little words")
	s.link(s.signedIn(), "Amina Bello", "Amina123")
	account := "/accounts/" + s.accounts(id)["2000000001"].ID
	at := func(age time.Duration) (staff, customer *browser) {
		s.exec(`UPDATE consents SET given_at = $1 WHERE customer_id = $2`, s.clock().Add(-age).UnixMilli(), id)
		s.exec(`UPDATE customers SET viewed_at = $1 WHERE id = $2`, s.clock().UnixMilli(), id)
		customer = s.browser()
		customer.post("/me/login", url.Values{"login": {"LN-7"}, "password": {"three little words"}}).wantStatus(http.StatusOK)
		return s.signedIn(), customer
	}
	const day = 24 * time.Hour
	lists := func(staff *browser, filter, status string) {
		t.Helper()
		p := staff.get("/customers?filter=" + filter)
		p.wantText("tbody", "Funke Alabi")
		p.wantText("tbody tr:first-child td:nth-of-type(2)", status)
		if strings.Contains(p.text("tbody"), "Amina Bello") {
			t.Errorf("%s lists a customer whose consent is in force", filter)
		}
	}

	staff, customer := at(352 * day)
	lists(staff, "consent_ending", "Consent ends soon")
	staff.get("/").wantText(".tiles", "1 consent ends soon")
	ends := s.clock().Add(13 * day).In(s.Settings.Location).Format("2 Jan")
	for _, p := range []page{staff.get("/customers/" + id), staff.get(account), customer.get("/me"), customer.get("/me" + account)} {
		p.wantText(".notice", "consent ends on "+ends)
		if p.Find("[id^=refresh-]").Length() == 0 {
			t.Errorf("%s offers no refresh while the consent is in force", p.Path)
		}
	}

	staff, customer = at(366 * day)
	lists(staff, "consent_ended", "Consent ended")
	p := staff.get("/")
	p.wantText(".tiles", "1 consent ended")
	if strings.Contains(p.text(".tiles"), "ends soon") {
		t.Error("what has ended is counted as ending soon")
	}
	for _, p := range []page{staff.get("/customers/" + id), staff.get(account), customer.get("/me"), customer.get("/me" + account)} {
		p.wantText(".notice", "consent has ended")
		if n := p.Find("[id^=refresh-], [id^=check-], form[action$='/refresh']").Length(); n != 0 {
			t.Errorf("%s offers %d requests that would be refused", p.Path, n)
		}
	}
}

func TestACustomerGivesAConsentAgainThatHasEnded(t *testing.T) {
	s := newSite(t)
	id, customer := s.link(s.signedIn(), "Funke Alabi", "Funke123")
	s.exec(`UPDATE consents SET given_at = $1 WHERE customer_id = $2`, s.clock().Add(-366*24*time.Hour).UnixMilli(), id)
	p := customer.get("/me")
	p.wantText(".notice", "Your consent has ended")
	customer.post("/me/refresh", nil).wantStatus(http.StatusConflict)
	if p := customer.post("/me/consent", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("without the tick: %d", p.Status)
	}
	p = customer.get("/me/consent")
	version, _ := p.Find("input[name=consent]").Attr("value")
	customer.post("/me/consent", url.Values{"consent": {version}}).wantStatus(http.StatusOK)
	if p := customer.get("/me"); p.Find(".notice-warn:not([hidden])").Length() != 0 {
		t.Errorf("the notice stays: %s", p.text(".notice-warn"))
	}
	customer.post("/me/refresh", nil).wantStatus(http.StatusOK)
}

func TestAnExportIsWholeWrittenDownAndNamesNobody(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.customerWith("Amina Bello", "amina@example.com", "")
	customer := s.connects(staff, id, "Amina123")
	customer.post("/me/export", nil).wantStatus(http.StatusForbidden)
	customer.setPassword("three little words")
	for path, b := range map[string]*browser{"/me/export": customer, "/customers/" + id + "/export": staff} {
		resp, text := b.download("POST", path)
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
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina123")
	erase := "/customers/" + id + "/erase"
	staff.get(erase).wantText("main", "This cannot be undone")
	for _, wrong := range []url.Values{{"confirm": {"Amina"}, "reason": {"asked"}}, {"confirm": {""}, "reason": {"asked"}}, {"confirm": {"Amina Bello"}}, {"confirm": {"Amina Bello"}, "reason": {"other"}}} {
		staff.post(erase, wrong).wantStatus(http.StatusUnprocessableEntity)
	}
	right := url.Values{"confirm": {"amina bello"}, "reason": {"asked"}}
	for range 2 {
		p := staff.post(erase, right)
		p.wantStatus(http.StatusOK)
		p.wantText("h1", "This customer was erased")
		p.wantText("main", staffEmail)
		p.wantText("main", "Removal at the provider")
		if strings.Contains(p.Text(), "Amina") {
			t.Error("the stub names her")
		}
	}
	if p := customer.get("/me"); p.Status != http.StatusUnauthorized {
		t.Errorf("her session lives: %d", p.Status)
	}
	staff.get(erase).wantStatus(http.StatusNotFound)
	staff.get("/customers").wantStatus(http.StatusOK)
	staff.get("/inbox").wantStatus(http.StatusOK)
	s.restart()
	s.signedIn().get("/customers/"+id).wantText("h1", "This customer was erased")
}
