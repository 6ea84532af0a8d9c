package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views"
)

func TestAPersonalLinkSurvivesScannersAndAsksForConsent(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	link := staff.Invite(id)
	scanner := s.Browser()
	for range 100 {
		scanner.Get(link).WantStatus(http.StatusOK)
	}
	b := s.Browser()
	b.Get(link)
	for name, form := range map[string]url.Values{"not ticked": {}, "another version": {"consent": {"1999-01"}}} {
		p := b.Post(link+"/attempts", form)
		if p.Status != http.StatusUnprocessableEntity || p.Find("#consent-error").Length() != 1 || b.Cookie(site.CustomerCookie) != "" {
			t.Errorf("%s: %d, error %q", name, p.Status, p.TextOf("#consent-error"))
		}
	}
	attempts, err := s.Store.AttemptsByCustomer(t.Context(), store.OfCustomer(id))
	if err != nil || len(attempts) != 0 {
		t.Fatalf("%d attempts without consent, %v", len(attempts), err)
	}
	nonce := b.Consent(link)
	p := b.Get("/connect/attempts/" + nonce)
	if p.Find("script#widget").Length() != 1 || !strings.Contains(p.Find("script#widget").Text(), nonce) {
		t.Error("the page does not carry the widget's options")
	}
	if consents, err := s.Store.ConsentsByCustomer(t.Context(), store.OfCustomer(id)); err != nil || len(consents) != 1 {
		t.Errorf("%d consents, %v; want one", len(consents), err)
	}
}

func TestEveryLinkThatNobodyWasGivenGetsTheSamePage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	made := staff.Invite(id)
	texts := map[string]bool{}
	for name, path := range map[string]string{
		"unknown": "/connect/" + store.NewSecret(), "cut": made[:len(made)-1], "long": "/connect/" + strings.Repeat("a", 5000),
	} {
		b := s.Browser()
		p := b.Get(path)
		q := b.Post(path+"/attempts", url.Values{"consent": {views.CurrentConsent(false).Version}})
		if p.Status != http.StatusGone || q.Status != http.StatusGone {
			t.Errorf("%s: %d and %d, want 410", name, p.Status, q.Status)
		}
		texts[p.TextOf("main")], texts[q.TextOf("main")] = true, true
		texts[b.Post(path+"/ask", nil).TextOf("main")] = true
	}
	if len(texts) != 1 {
		t.Errorf("strangers learn a difference: %v", texts)
	}
}

func TestWhatTheBrowserReportsTwiceLateOrTooMuchOf(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	link := staff.Invite(id)
	success, err := s.Sim.Connect("Amina456", "", nil) // tells of no attempt: only the browser links
	if err != nil {
		t.Fatal(err)
	}
	post := func(b *site.Browser, nonce, what, body string) site.Page {
		return b.PostJSON("/connect/attempts/"+nonce+"/"+what, body)
	}
	state := func(nonce string) store.AttemptState {
		a, err := s.Store.AttemptByNonce(t.Context(), store.OfCustomer(id), nonce)
		if err != nil {
			t.Fatal(err)
		}
		return a.State
	}
	b := s.Browser()
	nonce := b.Consent(link)
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
	unreadable := b.Consent(link)
	if p := post(b, unreadable, "success", `{"no":"record"}`); p.Status != 422 || state(unreadable) != store.AttemptOpen {
		t.Errorf("a success without a record: %d, then %s; want 422 and still open", p.Status, state(unreadable))
	}
	if p := post(b, unreadable, "success", string(success)); p.Status != 202 {
		t.Errorf("success: %d, want 202", p.Status)
	}
	s.Eventually("it is linked", func() bool { return state(unreadable) == store.AttemptLinked })
	if p := post(b, unreadable, "success", string(success)); p.Status != 200 || !strings.Contains(p.TextOf("body"), `"already_received":true`) {
		t.Errorf("again: %d %s", p.Status, p.TextOf("body"))
	}
	if p := post(b, unreadable, "success", `{"no":"record"}`); p.Status != 422 || state(unreadable) != store.AttemptLinked {
		t.Errorf("nonsense after the link: %d, then %s", p.Status, state(unreadable))
	}
	if p := post(b, unreadable, "step", `{"event_name":"OPENED"}`); p.Status != 204 || s.Attempt(id, unreadable).Step != "" {
		t.Errorf("a step after the link: %d, then %q; want it dropped", p.Status, s.Attempt(id, unreadable).Step)
	}
	closed := b.Consent(staff.Invite(id)) // the link has been used
	post(b, closed, "close", "").WantStatus(202)
	b.Get("/connect/attempts/"+closed).WantText("#attempt-state", "You closed the bank window")

	late := b.Consent(staff.Invite(id))
	s.Advance(29 * time.Minute)
	b.Get("/me").WantStatus(200)
	s.Advance(2 * time.Minute)
	if p := post(b, late, "success", string(success)); p.Status != http.StatusUnauthorized || state(late) != store.AttemptOpen {
		t.Errorf("success after half an hour: %d, then %s; want 401", p.Status, state(late))
	}
}

func TestWhatTheBrowserClaimsBindsAndSetsNothingByItself(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	b := s.Browser()
	link := staff.Invite(id)
	nonce := b.Consent(link)
	forged := `{"record":"5f0000000000000000000001","customer_id":"5f0000000000000000000002","accounts":[{"id":"5f0000000000000000000003","connected":true,"nuban":"9998887776","currency":"NGN","ledger_balance":77777777.77,"available_balance":77777777.77}]}`
	b.PostJSON("/connect/attempts/"+nonce+"/success", forged).WantStatus(202)
	s.Eventually("the claim has failed", func() bool {
		a, err := s.Store.AttemptByNonce(t.Context(), store.OfCustomer(id), nonce)
		return err == nil && a.State == store.AttemptFailed
	})
	if n := len(s.Accounts(id)); n != 0 {
		t.Errorf("%d accounts out of a forged claim", n)
	}

	nonce = b.Consent(link)
	success, err := s.Sim.Connect("Amina456", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	exaggerated := strings.ReplaceAll(string(success), "3405000", "77777777.77")
	if exaggerated == string(success) {
		t.Fatal("the claim carries no amount any more: the test proves nothing")
	}
	b.PostJSON("/connect/attempts/"+nonce+"/success", exaggerated).WantStatus(202)
	s.Eventually("the account is linked", func() bool { return len(s.Accounts(id)) == 1 })
	if got := s.Accounts(id)["2230011442"].Figure; got != store.Minor(340500000) {
		t.Errorf("ledger = %v, want what the provider says", got)
	}
	for _, p := range []site.Page{b.Get("/me"), staff.Get("/customers/" + id), b.Get("/connect/attempts/" + nonce)} {
		if html, err := p.Html(); err != nil || strings.Contains(html, "77,777,777") || strings.Contains(html, "77777777") {
			t.Errorf("%s shows the forged amount", p.Path)
		}
	}
}

func TestALinkScannerMayAskWithHEADToo(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	link := staff.Invite(staff.AddCustomer("Funke Ade"))
	for range 3 {
		s.Browser().Do("HEAD", link, nil, nil).WantStatus(200)
	}
	s.Browser().Consent(link)
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
			s := site.New(t, set)
			staff, customer := s.SignedIn(), s.Browser()
			link := staff.Invite(staff.AddCustomer("Efe Oghenekaro"))
			customer.Get(link).WantText("label[for=consent]", want.question)
			customer.Get("/connect/attempts/"+customer.Consent(link)).WantText("script#widget", want.products)
			id, chidi := s.Link(staff, "Chidi Okafor", "Chidi123")
			if a := s.Accounts(id)["2009876541"]; a.AvailableWorkedOut != want.worked || a.Available.Known != want.worked {
				t.Errorf("available = %v, worked out: %v", a.Available, a.AvailableWorkedOut)
			}
			if asked := s.Sim.Calls("transactions/getByAccount") > 0; asked != want.worked {
				t.Errorf("the provider was asked for transactions: %v", asked)
			}
			if !want.worked {
				chidi.Get("/me").WantText("article.account", "Not given by the bank")
			}
		})
	}
}

// What a customer agreed to says why, to whom and for how long, whatever is set later.
func TestAConsentSaysWhyToWhomAndForHowLongAndIsKeptSo(t *testing.T) {
	s := site.New(t, "CONSENT_VALID=2160h", "CONSENT_UNUSED=720h", "RETAIN_BALANCES=2400h", "BUSINESS_PHONE=0803 100 1002",
		"BUSINESS_ADDRESS=14 Broad Street, Lagos", "BUSINESS_LICENCE=MFB-0042",
		"CONSENT_PURPOSE=to decide about your loan", "CONSENT_PURPOSE_FR=pour décider de votre prêt")
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	link := staff.Invite(id)
	said := []string{
		"Lender Ltd uses this to decide about your loan.", "14 Broad Street, Lagos", "MFB-0042", "+234 803 100 1002",
		"After 90 days, or after 30 days in which nobody looked at your balances",
		"deletes each balance after about 100 days",
	}
	wantAll := func(p site.Page) {
		t.Helper()
		for _, sentence := range said {
			p.WantText("main", sentence)
		}
	}
	wantAll(s.Browser().Get(link))
	s.With("balancelink_language", "fr").Get(link).WantText("main", "Lender Ltd s’en sert pour décider de votre prêt.")
	b := s.Browser()
	b.Consent(link)
	wantAll(b.Get("/me/consent"))
	if p := b.Post("/me/attempts", nil); !strings.HasPrefix(p.Path, "/connect/attempts/") {
		t.Errorf("who has agreed to that purpose comes to %s, want the bank window", p.Path)
	}

	s.Settings.ConsentValid, s.Settings.ConsentUnused, s.Settings.RetainBalances = 2*365*24*time.Hour, 365*24*time.Hour, 0
	s.Settings.ConsentPurpose, s.Settings.BusinessAddress = "to offer you more", ""
	s.Restart()
	now := s.Browser().Get(link)
	for _, sentence := range []string{
		"uses this to offer you more.", "After 2 years, or after 1 year in which", "keeps your balances until your data is erased",
	} {
		now.WantText("main", sentence)
	}
	if words := now.TextOf("main"); strings.Contains(words, "address") || strings.Contains(words, "{") {
		t.Errorf("an address that is not known is asked with: %q", words)
	}
	if p := b.Post("/me/attempts", nil); p.Path != "/me/consent" {
		t.Errorf("who has agreed to another purpose comes to %s, want to be asked", p.Path)
	}
	text, _ := staff.Get("/customers/" + id).Find("section[aria-labelledby=consents] td a").First().Attr("href")
	wantAll(staff.Get(text))
	file := staff.Get(text + "/file").Text()
	for _, sentence := range said {
		if !strings.Contains(file, sentence) {
			t.Errorf("the file lacks %q: %q", sentence, file)
		}
	}
}
