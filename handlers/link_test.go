package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/views"
)

func TestAPersonalLinkSurvivesScannersAndAsksForConsent(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	link := staff.invite(id)
	scanner := s.browser()
	for range 100 {
		scanner.get(link).wantStatus(http.StatusOK)
	}
	b := s.browser()
	b.get(link)
	for name, form := range map[string]url.Values{"not ticked": {}, "another version": {"consent": {"1999-01"}}} {
		p := b.post(link+"/attempts", form)
		if p.Status != http.StatusUnprocessableEntity || p.Find("#consent-error").Length() != 1 || b.cookie(customerCookie) != "" {
			t.Errorf("%s: %d, error %q", name, p.Status, p.text("#consent-error"))
		}
	}
	attempts, err := s.Store.AttemptsByCustomer(t.Context(), store.OfCustomer(id))
	if err != nil || len(attempts) != 0 {
		t.Fatalf("%d attempts without consent, %v", len(attempts), err)
	}
	nonce := b.consent(link)
	p := b.get("/connect/attempts/" + nonce)
	if p.Find("script#widget").Length() != 1 || !strings.Contains(p.Find("script#widget").Text(), nonce) {
		t.Error("the page does not carry the widget's options")
	}
	if consents, err := s.Store.ConsentsByCustomer(t.Context(), store.OfCustomer(id)); err != nil || len(consents) != 1 {
		t.Errorf("%d consents, %v; want one", len(consents), err)
	}
}

func TestEveryLinkThatCannotBeUsedGetsTheSamePage(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	expired := staff.invite(id)
	s.advance(10 * time.Minute)
	s.advance(72*time.Hour - 5*time.Minute)
	texts := map[string]bool{}
	for name, path := range map[string]string{
		"expired": expired, "unknown": "/connect/" + store.NewSecret(), "cut": expired[:len(expired)-1], "long": "/connect/" + strings.Repeat("a", 5000),
	} {
		b := s.browser()
		p := b.get(path)
		q := b.post(path+"/attempts", url.Values{"consent": {views.CurrentConsent(false).Version}})
		if p.Status != http.StatusGone || q.Status != http.StatusGone {
			t.Errorf("%s: %d and %d, want 410", name, p.Status, q.Status)
		}
		texts[p.text("main")], texts[q.text("main")] = true, true
	}
	if len(texts) != 1 {
		t.Errorf("strangers learn a difference: %v", texts)
	}
}

func TestWhatTheBrowserReportsTwiceLateOrTooMuchOf(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	link := staff.invite(id)
	success, err := s.Sim.Connect("Amina456", "", nil) // tells of no attempt: only the browser links
	if err != nil {
		t.Fatal(err)
	}
	post := func(b *browser, nonce, what, body string) page {
		return b.postJSON("/connect/attempts/"+nonce+"/"+what, body)
	}
	state := func(nonce string) store.AttemptState {
		a, err := s.Store.AttemptByNonce(t.Context(), store.OfCustomer(id), nonce)
		if err != nil {
			t.Fatal(err)
		}
		return a.State
	}
	b := s.browser()
	nonce := b.consent(link)
	for what, row := range map[string]struct {
		body string
		want int
	}{
		"success": {`{"record":"` + strings.Repeat("x", 256<<10) + `"}`, 413},
		"close":   {"not json", 422},
		"error":   {"[]", 422},
		"step":    {`{"event_name":"a step that somebody typed"}`, 422},
	} {
		if p := post(b, nonce, what, row.body); p.Status != row.want {
			t.Errorf("%s: %d, want %d", what, p.Status, row.want)
		}
	}
	unreadable := b.consent(link)
	if p := post(b, unreadable, "success", `{"no":"record"}`); p.Status != 422 || state(unreadable) != store.AttemptOpen {
		t.Errorf("a success without a record: %d, then %s; want 422 and still open", p.Status, state(unreadable))
	}
	if p := post(b, unreadable, "success", string(success)); p.Status != 202 {
		t.Errorf("success: %d, want 202", p.Status)
	}
	s.eventually("it is linked", func() bool { return state(unreadable) == store.AttemptLinked })
	if p := post(b, unreadable, "success", string(success)); p.Status != 200 || !strings.Contains(p.text("body"), `"already_received":true`) {
		t.Errorf("again: %d %s", p.Status, p.text("body"))
	}
	if p := post(b, unreadable, "success", `{"no":"record"}`); p.Status != 422 || state(unreadable) != store.AttemptLinked {
		t.Errorf("nonsense after the link: %d, then %s", p.Status, state(unreadable))
	}
	if p := post(b, unreadable, "step", `{"event_name":"OPENED"}`); p.Status != 204 || s.attempt(id, unreadable).Step != "" {
		t.Errorf("a step after the link: %d, then %q; want it dropped", p.Status, s.attempt(id, unreadable).Step)
	}
	closed := b.consent(staff.invite(id)) // the link has been used
	post(b, closed, "close", "").wantStatus(202)
	b.get("/connect/attempts/"+closed).wantText("#attempt-state", "You closed the bank window")

	late := b.consent(staff.invite(id))
	s.advance(29 * time.Minute)
	b.get("/me").wantStatus(200)
	s.advance(2 * time.Minute)
	if p := post(b, late, "success", string(success)); p.Status != http.StatusUnauthorized || state(late) != store.AttemptOpen {
		t.Errorf("success after half an hour: %d, then %s; want 401", p.Status, state(late))
	}
}

func TestWhatTheBrowserClaimsBindsAndSetsNothingByItself(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	b := s.browser()
	link := staff.invite(id)
	nonce := b.consent(link)
	forged := `{"record":"5f0000000000000000000001","customer_id":"5f0000000000000000000002","accounts":[{"id":"5f0000000000000000000003","connected":true,"nuban":"9998887776","currency":"NGN","ledger_balance":77777777.77,"available_balance":77777777.77}]}`
	b.postJSON("/connect/attempts/"+nonce+"/success", forged).wantStatus(202)
	s.eventually("the claim has failed", func() bool {
		a, err := s.Store.AttemptByNonce(t.Context(), store.OfCustomer(id), nonce)
		return err == nil && a.State == store.AttemptFailed
	})
	if n := len(s.accounts(id)); n != 0 {
		t.Errorf("%d accounts out of a forged claim", n)
	}

	nonce = b.consent(link)
	success, err := s.Sim.Connect("Amina456", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	exaggerated := strings.ReplaceAll(string(success), "3405000", "77777777.77")
	if exaggerated == string(success) {
		t.Fatal("the claim carries no amount any more: the test proves nothing")
	}
	b.postJSON("/connect/attempts/"+nonce+"/success", exaggerated).wantStatus(202)
	s.eventually("the account is linked", func() bool { return len(s.accounts(id)) == 1 })
	if got := s.accounts(id)["2230011442"].Ledger; got != store.Minor(340500000) {
		t.Errorf("ledger = %v, want what the provider says", got)
	}
	for _, p := range []page{b.get("/me"), staff.get("/customers/" + id), b.get("/connect/attempts/" + nonce)} {
		if html, err := p.Html(); err != nil || strings.Contains(html, "77,777,777") || strings.Contains(html, "77777777") {
			t.Errorf("%s shows the forged amount", p.Path)
		}
	}
}

func TestALinkScannerMayAskWithHEADToo(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	link := staff.invite(staff.addCustomer("Funke Ade"))
	for range 3 {
		s.browser().do("HEAD", link, nil, nil).wantStatus(200)
	}
	s.browser().consent(link)
}

func TestTransactionsAreAskedForWhereTheSettingSaysSoAlone(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]struct {
		products, question string
		worked             bool
	}{
		"TRANSACTIONS=off": {`"products":["auth","balance"]`, "numbers and balances of the accounts", false},
		"TRANSACTIONS=on":  {`"products":["auth","balance","transactions"]`, "balances and payments of the accounts", true},
	} {
		t.Run(set, func(t *testing.T) {
			s := newSite(t, set)
			staff, customer := s.signedIn(), s.browser()
			link := staff.invite(staff.addCustomer("Efe Oghenekaro"))
			customer.get(link).wantText("label[for=consent]", want.question)
			customer.get("/connect/attempts/"+customer.consent(link)).wantText("script#widget", want.products)
			id, chidi := s.link(staff, "Chidi Okafor", "Chidi123")
			if a := s.accounts(id)["2009876541"]; a.AvailableWorkedOut != want.worked || a.Available.Known != want.worked {
				t.Errorf("available = %v, worked out: %v", a.Available, a.AvailableWorkedOut)
			}
			if asked := s.Sim.Calls("transactions/getByAccount") > 0; asked != want.worked {
				t.Errorf("the provider was asked for transactions: %v", asked)
			}
			if !want.worked {
				chidi.get("/me").wantText("article.account", "Not given by the bank")
			}
		})
	}
}

// What a customer agreed to says how long it holds, whatever is set later.
func TestAConsentSaysForHowLongItIsAskedAndIsKeptSo(t *testing.T) {
	s := newSite(t, "CONSENT_VALID=2160h", "CONSENT_UNUSED=720h")
	staff := s.signedIn()
	id := staff.addCustomer("Amina Bello")
	link := staff.invite(id)
	const said = "After 90 days, or after 30 days in which nobody looked at your balances"
	s.browser().get(link).wantText("main", said)
	b := s.browser()
	b.consent(link)
	b.get("/me/consent").wantText("main", said)
	s.Settings.ConsentValid, s.Settings.ConsentUnused = 2*365*24*time.Hour, 365*24*time.Hour
	s.restart()
	s.browser().get(link).wantText("main", "After 2 years, or after 1 year in which")
	text, _ := staff.get("/customers/" + id).Find("section[aria-labelledby=consents] td a").First().Attr("href")
	staff.get(text).wantText("main", said)
	file := staff.get(text + "/file")
	if words := file.Text(); !strings.Contains(words, said) {
		t.Errorf("the file says %q", words)
	}
}
