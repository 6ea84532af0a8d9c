package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/mono/monosim"
	"balancelink/store"
)

// ngozis is an account at the simulated Mono, of Ngozi Chidera Umeh.
const ngozis = "0712345604"

// atMono is a customer who has agreed and stands before the bank's page.
type atMono struct {
	*site.Site
	staff, customer *site.Browser
	id, nonce       string
}

func newAtMono(t *testing.T, set ...string) *atMono {
	t.Helper()
	s := site.New(t, append([]string{"LINK_PROVIDER=mono"}, set...)...)
	m := &atMono{Site: s, staff: s.SignedIn(), customer: s.Browser()}
	m.id = m.staff.CustomerWith("Ngozi Umeh", "ngozi@example.com", "LN-1")
	m.nonce = m.customer.Consent(m.staff.Invite(m.id))
	s.Eventually("the page leads to the bank", func() bool { return m.attempt().Page != "" })
	return m
}

func (m *atMono) attempt() store.Attempt { m.T.Helper(); return m.Attempt(m.id, m.nonce) }

func (m *atMono) shares(nuban string) monosim.Shared {
	m.T.Helper()
	shared, err := m.Mono.Share(m.nonce, nuban)
	if err != nil {
		m.T.Fatal(err)
	}
	return shared
}

// back is the browser come back with a query.
func (m *atMono) back(b *site.Browser, query string) site.Page {
	m.T.Helper()
	return b.Get("/connect/attempts/" + m.nonce + "/return" + query)
}

func (m *atMono) waitLinked() store.Account {
	m.T.Helper()
	m.Eventually("the bank is linked", func() bool { return m.attempt().State == store.AttemptLinked })
	m.HeardAll()
	return m.Accounts(m.id)[ngozis]
}

func TestACustomerLinksThroughAPageOfMonos(t *testing.T) {
	m := newAtMono(t)
	m.customer.Get("/connect/attempts/"+m.nonce).WantText("#attempt h2", "Go to your bank")
	p := m.back(m.customer, strings.TrimPrefix(m.shares(ngozis).Back, m.Settings.ReturnURL(m.nonce)))
	p.WantStatus(http.StatusOK)
	if p.Path != "/connect/attempts/"+m.nonce {
		t.Errorf("the code stays in the address: %s", p.Path)
	}
	a := m.waitLinked()
	if a.Provider != settings.Mono || a.Figure != store.Minor(51_230_025) || a.Available.Known ||
		a.Bank.Name != "Access Bank" {
		t.Errorf("the account is %+v", a)
	}
	for path, b := range map[string]*site.Browser{"/me": m.customer, "/customers/" + m.id: m.staff} {
		card := b.Get(path).TextOf("article.account")
		if !strings.Contains(card, "₦512,300.25") || strings.Contains(card, "Ledger") ||
			strings.Contains(card, "Available") {
			t.Errorf("%s says %q", path, card)
		}
	}
}

// A page elsewhere is none that a person is sent to, and they are told so.
func TestWhoWouldBeSentElsewhereReadsThatLinkingIsPaused(t *testing.T) {
	s := site.New(t, "LINK_PROVIDER=mono")
	m := &atMono{Site: s, staff: s.SignedIn(), customer: s.Browser()}
	m.id = m.staff.CustomerWith("Ngozi Umeh", "ngozi@example.com", "LN-1")
	link := m.staff.Invite(m.id)
	m.customer.Get(link).WantStatus(http.StatusOK) // Mono's hosts are probed
	if err := m.Mono.SetOutage("busy"); err != nil {
		t.Fatal(err)
	}
	m.nonce = m.customer.Consent(link)
	s.Eventually("no page is made", func() bool { return m.attempt().Tries > 0 })
	page := "/connect/attempts/" + m.nonce
	m.customer.Get(page).WantText("#attempt h2", "One moment")
	for fault, heading := range map[string]string{"untrusted": "paused for your safety", "refused": "paused"} {
		err := s.Store.RetryPage(t.Context(), m.attempt().ID, s.Clock().Add(4*time.Minute), fault, "of a test")
		if err != nil {
			t.Fatal(err)
		}
		m.customer.Get(page).WantText("#attempt h2", heading)
	}
}

// Whatever a person comes back with, or nobody comes back at all: what Mono says by
// webhook links the bank, and nothing else does.
func TestEachWayBackFromTheBankHasItsSentence(t *testing.T) {
	for name, tt := range map[string]struct {
		come   func(m *atMono) site.Page
		says   string
		linked bool // in the end
	}{
		"cancelled": {func(m *atMono) site.Page { return m.back(m.customer, "?status=cancelled&reason=widget_closed") },
			"We are waiting for your bank", false},
		"without a code": {func(m *atMono) site.Page { m.shares(ngozis); return m.back(m.customer, "") },
			"", true},
		"with a code of nobody's": {func(m *atMono) site.Page {
			return m.back(
				m.customer, "?code=code_aaaaaaaaaaaaaaaaaaaaaaaa",
			)
		},
			"Almost done", false},
		"with what is no code": {func(m *atMono) site.Page { return m.back(m.customer, "?code=%3Cscript%3E") },
			"We are waiting for your bank", false},
		"twice": {func(m *atMono) site.Page {
			code := m.shares(ngozis).Code
			m.back(m.customer, "?code="+code).WantStatus(http.StatusOK)
			return m.back(m.customer, "?code="+code)
		}, "", true},
		"on another device": {func(m *atMono) site.Page {
			return m.back(m.Browser(), "?code="+m.shares(ngozis).Code)
		}, "You are back from your bank", true},
		"not at all": {func(m *atMono) site.Page {
			m.shares(ngozis)
			return m.customer.Get("/connect/attempts/" + m.nonce)
		}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			m := newAtMono(t)
			p := tt.come(m)
			p.WantStatus(http.StatusOK)
			if !strings.Contains(p.TextOf("main"), tt.says) {
				t.Errorf("the page says %q", p.TextOf("main"))
			}
			if tt.linked {
				m.waitLinked()
				return
			}
			m.HeardAll()
			m.Advance(2 * time.Minute)
			m.Wake()
			if a := m.attempt(); a.State == store.AttemptLinked || len(m.Accounts(m.id)) > 0 {
				t.Errorf("the attempt is %s", a.State)
			}
		})
	}
}

func TestThePageOfALinkedBankFollowsUntilItsFirstBalanceIsThere(t *testing.T) {
	m := newAtMono(t)
	m.Mono.SetScenarios(ngozis, monosim.SlowLink)
	m.back(m.customer, "?code="+m.shares(ngozis).Code)
	m.Eventually("the bank is linked", func() bool { return m.attempt().State == store.AttemptLinked })
	page := "/connect/attempts/" + m.nonce
	p := m.customer.Get(page)
	p.WantText("#attempt p", "Lender Ltd can see the balance from now on. You have nothing more to do")
	p.WantText("#attempt li", "fetching the balance")
	if p.Find("#attempt[hx-get][hx-trigger]").Length() != 1 {
		t.Error("the page does not follow")
	}
	cards := map[string]*site.Browser{"/me": m.customer, "/customers/" + m.id: m.staff}
	polls := map[string]string{}
	for path, b := range cards {
		p := b.Get(path)
		p.WantText(".account .never", "The bank sends the first one within a few minutes.")
		polls[path] = p.Find(".account").AttrOr("hx-get", "")
		if _, again := b.HTMX("GET", polls[path]).Find(".account").Attr("hx-trigger"); !again {
			t.Errorf("%s does not follow", path)
		}
	}
	m.Advance(10 * time.Minute)
	m.HeardAll()
	p = m.customer.Get(page)
	p.WantText("#attempt li", "₦512,300.25")
	if p.Find("#attempt[hx-get]").Length() != 0 {
		t.Error("the page goes on although there is nothing to come")
	}
	for path, b := range cards {
		p := b.HTMX("GET", polls[path])
		p.WantText(".account .figures", "₦512,300.25")
		if p.Find(".account[hx-get]").Length() != 0 || p.Find("#sum-card").Length() != 0 {
			t.Errorf("%s goes on, or has a sum of one account: %s", path, p.TextOf("body"))
		}
	}
}

// A code of one attempt binds nothing to another customer.
func TestACodeOfSomebodyElsesAttemptBindsNothing(t *testing.T) {
	m := newAtMono(t)
	other := m.staff.CustomerWith("Ngozi Umeh", "another@example.com", "LN-2")
	browser := m.Browser()
	nonce := browser.Consent(m.staff.Invite(other))
	code := m.shares(ngozis).Code
	browser.Get("/connect/attempts/" + nonce + "/return?code=" + code).WantStatus(http.StatusOK)
	m.Eventually("the claim is looked at", func() bool {
		a := m.Attempt(other, nonce)
		return a.State != store.AttemptClaimed && a.State != store.AttemptOpen
	})
	if a := m.Attempt(other, nonce); a.State != store.AttemptNeedsReview || len(m.Accounts(other)) != 0 {
		t.Errorf("the attempt is %s (%s), with %d accounts", a.State, a.Reason, len(m.Accounts(other)))
	}
	m.waitLinked()
}

func TestWhoHasNoAddressIsAskedForItWhereTheProviderWantsOne(t *testing.T) {
	s := site.New(t, "LINK_PROVIDER=mono")
	staff, customer := s.SignedIn(), s.Browser()
	id := staff.AddCustomer("Ngozi Umeh")
	link := staff.Invite(id)
	p := customer.Get(link)
	version, _ := p.Find("input[name=consent]").Attr("value")
	if p.Find("input[name=email]").Length() != 1 ||
		!strings.Contains(p.TextOf("main"), "Your name and your e-mail address go to Mono") {
		t.Fatalf("the page asks %q", p.TextOf("main"))
	}
	for _, typed := range []string{"", "ngozi", "a b@example.com"} {
		p = customer.Post(link+"/attempts", url.Values{"consent": {version}, "email": {typed}})
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("#email-error", "e-mail address")
	}
	customer.Post(
		link+"/attempts", url.Values{"consent": {version}, "email": {"ngozi@example.com"}},
	).WantStatus(http.StatusOK)
	if cu, err := s.Store.CustomerByID(t.Context(), id); err != nil || cu.Email != "ngozi@example.com" {
		t.Errorf("the address is %q (%v)", cu.Email, err)
	}
}

// What was agreed to for Okra does not let Mono read anything.
func TestAConsentForOneProviderDoesNotCoverAnother(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	for provider, want := range map[string]bool{settings.Okra: true, settings.Mono: false} {
		if holds, err := s.Store.HasConsent(t.Context(), id, provider); err != nil || holds != want {
			t.Errorf("%s may read: %v (%v)", provider, holds, err)
		}
	}
	_ = customer
}

func TestARefreshAsksTheBankByAJobOfMonos(t *testing.T) {
	m := newAtMono(t, "REFRESH_COOLDOWN=1ms")
	m.back(m.customer, "?code="+m.shares(ngozis).Code)
	a := m.waitLinked()
	for _, tt := range []struct {
		scenarios []monosim.Scenario
		want      store.RefreshState
		age       bool // the balance is as old as before
	}{
		{nil, store.RefreshChanged, false},
		{[]monosim.Scenario{monosim.Late}, store.RefreshChanged, false},
		{[]monosim.Scenario{monosim.Never}, store.RefreshChanged, false},
		{[]monosim.Scenario{monosim.SyncFailed}, store.RefreshFailed, true},
		{[]monosim.Scenario{monosim.SyncFailed, monosim.Never}, store.RefreshFailed, true},
		{[]monosim.Scenario{monosim.OddSync}, store.RefreshFailed, true},
		{[]monosim.Scenario{monosim.NeedsLogin}, store.RefreshNeedsLogin, true},
	} {
		m.Advance(10 * time.Minute)
		m.Mono.SetScenarios(ngozis, tt.scenarios...)
		before := m.Accounts(m.id)[ngozis]
		if err := m.Mono.SetBalance(ngozis, before.Figure.Minor+100); err != nil {
			t.Fatal(err)
		}
		r := m.Ended(m.staff, a)
		m.HeardAll()
		after := m.Accounts(m.id)[ngozis]
		if r.State != tt.want || after.AsOf.Equal(before.AsOf) != tt.age {
			t.Errorf(
				"%s: the refresh is %s (%s), as of %v and before %v", tt.scenarios, r.State, r.Cause, after.AsOf,
				before.AsOf,
			)
		}
	}
}

func TestALinkOfWhichNobodyToldIsFoundInTheList(t *testing.T) {
	m := newAtMono(t)
	m.Mono.SetScenarios(ngozis, monosim.Never)
	m.shares(ngozis) // and the person never comes back
	m.Advance(time.Minute)
	m.Wake()
	if a := m.attempt(); a.State != store.AttemptOpen {
		t.Fatalf("the attempt is %s", a.State)
	}
	m.Advance(15 * time.Minute)
	m.Eventually("the bank is linked", func() bool { return m.attempt().State == store.AttemptLinked })
	if a := m.attempt(); a.ClaimedBy != "list" {
		t.Errorf("it was claimed by %q", a.ClaimedBy)
	}
}

// A code is taken once: when the answer gets lost, the account is still there.
func TestALinkWhoseCodeWasTakenInVainIsFoundInTheList(t *testing.T) {
	m := newAtMono(t)
	m.Mono.SetScenarios(ngozis, monosim.Never)
	code := m.shares(ngozis).Code
	m.taken(code)
	m.back(m.customer, "?code="+code)
	for range 25 {
		m.Advance(time.Minute)
		m.Eventually("the code is tried", func() bool { a := m.attempt(); return a.Code == "" || a.Tries > 0 })
	}
	m.Eventually("the bank is linked", func() bool { return m.attempt().State == store.AttemptLinked })
}

// taken exchanges a code as a call does whose answer gets lost.
func (m *atMono) taken(code string) {
	m.T.Helper()
	body := strings.NewReader(`{"code":"` + code + `"}`)
	req, err := http.NewRequestWithContext(m.T.Context(), "POST", m.Settings.MonoAPIURL+"v2/accounts/auth", body)
	if err != nil {
		m.T.Fatal(err)
	}
	req.Header.Set("mono-sec-key", m.Settings.MonoSecretKey.Reveal())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		m.T.Fatalf("the code is answered %v (%v)", resp, err)
	}
	resp.Body.Close()
}

func TestQuestionsThatCostMoneyAreCountedAndBoundedInADay(t *testing.T) {
	m := newAtMono(t, "MONO_DAILY_CALLS=2", "REFRESH_COOLDOWN=1ms")
	m.back(m.customer, "?code="+m.shares(ngozis).Code)
	a := m.waitLinked()
	for n, want := range []store.RefreshState{store.RefreshChanged, store.RefreshChanged, store.RefreshLimited} {
		m.Advance(10 * time.Minute)
		if r := m.Ended(m.staff, a); r.State != want {
			t.Errorf("refresh %d is %s (%s)", n+1, r.State, r.Cause)
		}
	}
	if n := m.Mono.Calls("GET /v2/accounts/{id}/balance"); n < 2 {
		t.Errorf("%d calls for a balance", n)
	}
	m.staff.Get("/status").WantText("#provider ~ dl", "2 of 2 in the last 24 hours")
	m.Advance(24 * time.Hour)
	m.staff = m.SignedIn()
	if r := m.Ended(m.staff, a); r.State != store.RefreshChanged {
		t.Errorf("a day later the refresh is %s (%s)", r.State, r.Cause)
	}
}

// What a provider that was configured once has brought stays, and waits.
func TestAccountsOfAProviderThatIsNotConfiguredWaitAndAreSeen(t *testing.T) {
	m := newAtMono(t)
	m.back(m.customer, "?code="+m.shares(ngozis).Code)
	a := m.waitLinked()
	m.Only = settings.Okra
	m.Restart()
	m.staff = m.SignedIn()
	m.staff.Get("/status").WantText("main", "Mono is not configured")
	p := m.staff.Get("/customers/" + m.id)
	p.WantText("article.account", "512,300.25")
	if p.Find("article.account form[action$='/refresh']").Length() != 0 {
		t.Error("a refresh is offered that nobody can carry out")
	}
	m.staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusConflict)
}

// linkedAtMono is a customer whose bank is linked.
func linkedAtMono(t *testing.T, set ...string) (*atMono, store.Account) {
	t.Helper()
	m := newAtMono(t, set...)
	m.back(m.customer, "?code="+m.shares(ngozis).Code)
	return m, m.waitLinked()
}

func TestSigningInAgainIsToThatVeryAccount(t *testing.T) {
	m, a := linkedAtMono(t)
	m.Mono.SetScenarios(ngozis, monosim.NeedsLogin)
	m.Advance(10 * time.Minute)
	if r := m.Ended(m.staff, a); r.State != store.RefreshNeedsLogin {
		t.Fatalf("the refresh is %s (%s)", r.State, r.Cause)
	}
	m.Mono.Calm()
	p := m.customer.Post("/me/attempts", url.Values{"account": {a.ID}})
	p.WantStatus(http.StatusOK)
	m.nonce = strings.TrimPrefix(p.Path, "/connect/attempts/")
	m.Eventually("the page leads to the bank", func() bool { return m.attempt().Page != "" })
	m.shares("") // the person never comes back
	after := m.waitLinked()
	if after.ID != a.ID || after.ProviderID != a.ProviderID || after.Status != store.AccountLinked || len(m.Accounts(m.id)) != 1 {
		t.Errorf("the account was %s %s and is %s %s %s, one of %d", a.ID, a.ProviderID, after.ID, after.ProviderID, after.Status, len(m.Accounts(m.id)))
	}
}

func TestAQuestionThatARestartInterruptedIsTheSameJob(t *testing.T) {
	m, a := linkedAtMono(t)
	m.Advance(10 * time.Minute)
	if err := m.Mono.SetBalance(ngozis, 7_00); err != nil {
		t.Fatal(err)
	}
	m.staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	m.Eventually("the bank is asked", func() bool { return m.Mono.Calls("GET /v2/accounts/{id}/balance") > 0 })
	m.Restart()
	m.Settled(a.ID)
	if got := m.Accounts(m.id)[ngozis]; got.Figure != store.Minor(7_00) {
		t.Errorf("the balance is %v", got.Figure)
	}
	jobs := map[string]bool{}
	for _, w := range m.Mono.Webhooks() {
		if strings.Contains(string(w.Body), "jobs.update") {
			jobs[jobIn(t, w.Body)] = true
		}
	}
	if len(jobs) > 1 {
		t.Errorf("Mono ran %d jobs for one question", len(jobs))
	}
}

func jobIn(t *testing.T, body []byte) string {
	t.Helper()
	var told struct {
		Data struct{ ID string } `json:"data"`
	}
	if err := json.Unmarshal(body, &told); err != nil {
		t.Fatal(err)
	}
	return told.Data.ID
}

func TestWhatAPersonEndsAtMonoIsEndedHere(t *testing.T) {
	m, a := linkedAtMono(t)
	if err := m.Mono.Unlink(a.ProviderID); err != nil {
		t.Fatal(err)
	}
	m.Eventually("it is known here", func() bool { return m.Accounts(m.id)[ngozis].Status == store.AccountUnshared })
}

func TestWhatAPersonEndsHereIsForgottenAtMono(t *testing.T) {
	m, a := linkedAtMono(t)
	m.customer.Post("/me/withdraw", nil).WantStatus(http.StatusOK)
	m.Advance(2 * time.Hour)
	m.Eventually("Mono has forgotten it", func() bool { return m.Mono.Calls("POST /v2/accounts/{id}/unlink") > 0 })
	m.HeardAll()
	if got := m.Accounts(m.id)[ngozis]; got.Status != store.AccountUnlinked || got.ID != a.ID {
		t.Errorf("the account is %s", got.Status)
	}
}
