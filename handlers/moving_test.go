package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views"
)

// aminas is the account at GTBank that Amina Bello has at both simulators.
const aminas = "0123456789"

// mover is a customer who has linked GTBank through Okra. New links are made through Mono.
type mover struct {
	*site.Site
	staff *site.Browser
	id    string
	old   store.Account
}

func newMover(t *testing.T) *mover {
	t.Helper()
	s := site.New(t, "LINK_PROVIDER=okra")
	m := &mover{Site: s, staff: s.SignedIn()}
	m.id = m.staff.CustomerWith("Amina Bello", "amina@example.com", "LN-1")
	s.Connects(m.staff, m.id, "Amina123")
	s.HeardAll()
	m.old = s.Accounts(m.id)[aminas]
	s.Settings.LinkProvider = settings.Mono
	s.Restart()
	return m
}

// moves links an account through Mono by a personal link, and returns it.
func (m *mover) moves(id, nuban string) store.Account {
	m.T.Helper()
	nonce := m.Browser().Consent(m.staff.Invite(id))
	m.Eventually("the page leads to the bank", func() bool { return m.Attempt(id, nonce).Page != "" })
	if _, err := m.Mono.Share(nonce, nuban); err != nil {
		m.T.Fatal(err)
	}
	m.Eventually("the bank is linked", func() bool { return m.Attempt(id, nonce).State == store.AttemptLinked })
	m.HeardAll()
	return m.Accounts(id)[nuban]
}

func TestACustomerOfOkraLinksAtMonoAndTheHistoryGoesOnWithASeam(t *testing.T) {
	m := newMover(t)
	before := len(m.Accounts(m.id))
	p := m.staff.Get("/customers/" + m.id)
	p.WantStatus(http.StatusOK)
	if text := p.TextOf("main"); !strings.Contains(text, "Still at Okra.") || !strings.Contains(text, "Make the link for the move") {
		t.Errorf("the customer's page says %q", text)
	}
	now := m.moves(m.id, aminas)
	if now.Provider != settings.Mono || now.Continues != m.old.ID || len(m.Accounts(m.id)) != before {
		t.Fatalf("%s continues %q, %d accounts", now.Provider, now.Continues, len(m.Accounts(m.id)))
	}
	page := m.staff.Get("/accounts/" + now.ID + "?range=all")
	seam := page.TextOf("tr.seam")
	for _, part := range []string{"Until", "through Okra, ledger balance", "since", "through Mono, kind not stated"} {
		if !strings.Contains(seam, part) {
			t.Errorf("the seam says %q, not %q", seam, part)
		}
	}
	_, file := m.staff.Download("GET", "/accounts/"+now.ID+"/history.csv?range=all")
	if !strings.Contains(file, ",okra,"+store.Reference(m.old.ID)) || !strings.Contains(file, ",mono,"+store.Reference(now.ID)) {
		t.Errorf("the file is %s", file)
	}
	older := m.staff.Get("/accounts/" + m.old.ID)
	if text := older.TextOf("main"); !strings.Contains(text, "Its history goes on there.") || strings.Contains(text, "Unlink this account") {
		t.Errorf("the older account's page says %q", text)
	}
	if got := m.staff.Post("/accounts/"+m.old.ID+"/refresh", nil); got.Status != http.StatusConflict {
		t.Errorf("the older account was asked: %d", got.Status)
	}
}

func TestWhoeverUnlinksAMovedAccountReadsThatTheEarlierLinkEndsWithIt(t *testing.T) {
	const sentence = "The earlier link to the same account"
	m := newMover(t)
	if text := m.staff.Get("/accounts/" + m.old.ID + "/unlink").TextOf("#happens + ul"); strings.Contains(text, sentence) {
		t.Errorf("before the move it says %q", text)
	}
	now := m.moves(m.id, aminas)
	p := m.staff.Get("/accounts/" + now.ID + "/unlink")
	p.WantText("#happens + ul", sentence)
	p.WantText("fieldset", "All 2 accounts at")
	m.staff.Post("/accounts/"+now.ID+"/unlink", nil).WantStatus(http.StatusOK)
	if old, err := m.Store.AccountByID(t.Context(), m.old.ID); err != nil || old.Status != store.AccountUnlinked {
		t.Errorf("the earlier link is %s (%v)", old.Status, err)
	}
}

func TestABankIsUnlinkedThroughWhicheverProvider(t *testing.T) {
	m := newMover(t)
	now := m.moves(m.id, aminas)
	m.staff.Post("/accounts/"+now.ID+"/unlink", url.Values{"scope": {"bank"}}).WantStatus(http.StatusOK)
	for _, a := range m.Accounts(m.id) {
		if a.Status != store.AccountUnlinked {
			t.Errorf("%s through %s is %s", a.NUBAN, a.Provider, a.Status)
		}
	}
}

func TestStaffPartAccountsAndJoinThemAgain(t *testing.T) {
	m := newMover(t)
	now := m.moves(m.id, aminas)
	joined := len(m.Accounts(m.id))
	page := m.staff.Get("/accounts/" + now.ID)
	page.WantText("#same", "Same account")
	m.staff.Post("/accounts/"+now.ID+"/part", nil).WantStatus(http.StatusOK)
	all, err := m.Store.AccountsByCustomer(t.Context(), m.id)
	if err != nil || len(all) != joined+1 {
		t.Fatalf("%d accounts after parting, %v", len(all), err)
	}
	if text := m.staff.Get("/accounts/" + now.ID).TextOf("main"); !strings.Contains(text, "Join them") || strings.Contains(text, "Until ") {
		t.Errorf("parted, the page says %q", text)
	}
	m.staff.Post("/accounts/"+now.ID+"/join", url.Values{"older": {m.old.ID}}).WantStatus(http.StatusOK)
	if got := m.Accounts(m.id); len(got) != joined || got[aminas].Continues != m.old.ID {
		t.Errorf("joined again: %d accounts", len(got))
	}
	if got := m.staff.Post("/accounts/"+m.old.ID+"/join", url.Values{"older": {now.ID}}); got.Status != http.StatusConflict {
		t.Errorf("joined the other way round: %d", got.Status)
	}
}

func TestWhatOkraStillReportsChangesNothingOfTheAccountAtMono(t *testing.T) {
	m := newMover(t)
	now := m.moves(m.id, aminas)
	m.Time.Advance(time.Hour)
	if err := m.Sim.SetBalance(m.old.ProviderID, "1.00", "1.00"); err != nil {
		t.Fatal(err)
	}
	if err := m.Sim.SendBalanceWebhook(m.old.ProviderID); err != nil {
		t.Fatal(err)
	}
	m.Eventually("the older account hears of it", func() bool {
		a, err := m.Store.AccountByID(t.Context(), m.old.ID)
		return err == nil && a.Figure == store.Minor(100)
	})
	after := m.Accounts(m.id)[aminas]
	if after.ID != now.ID || after.Figure != now.Figure || after.AsOf != now.AsOf {
		t.Errorf("it shows %v as of %v, was %v as of %v", after.Figure, after.AsOf, now.Figure, now.AsOf)
	}
}

func TestStaffAreToldOfAnotherCustomersAccountWithTheSameNumber(t *testing.T) {
	m := newMover(t)
	other := m.staff.CustomerWith("Amina Bello", "other@example.com", "LN-2")
	a := m.moves(other, aminas)
	if a.Continues != "" || a.AlsoWith != m.old.ID {
		t.Fatalf("it continues %q, and is also %q", a.Continues, a.AlsoWith)
	}
	for path, whose := range map[string]string{
		"/accounts/" + a.ID: m.id, "/customers/" + other: m.id, "/accounts/" + m.old.ID: other, "/customers/" + m.id: other,
	} {
		p := m.staff.Get(path)
		p.WantText("article.account .notice-warn", "Another customer has an account with this number: Amina Bello")
		if n := p.Find("article.account .notice a[href='/customers/" + whose + "']").Length(); n != 1 {
			t.Errorf("%s leads to the other customer %d times", path, n)
		}
	}
	m.staff.Post("/accounts/"+m.old.ID+"/unlink", nil).WantStatus(http.StatusOK)
	if text := m.staff.Get("/customers/" + other).TextOf("main"); strings.Contains(text, "Another customer has") {
		t.Errorf("of an account that is not linked any more it says %q", text)
	}
}

// Who adds up what two customers hold must not count it twice.
func TestEvidenceAndFilesNameWhoElseHasTheAccount(t *testing.T) {
	m := newMover(t)
	other := m.staff.CustomerWith("Amina Bello-Okafor", "other@example.com", "LN-2")
	a := m.moves(other, aminas)
	m.HeardAll()
	const says = "Another customer has an account with this number: "
	canCover(m.staff, a, "1").WantText("#funds-check .notice-warn", says+"Amina Bello. It is the same money")
	canCover(m.staff, m.old, "1").WantText("#funds-check .notice-warn", says+"Amina Bello-Okafor.")
	m.staff.Post("/customers/"+m.id+"/funds-checks", url.Values{"amount": {"1"}, "currency": {"NGN"}}).
		WantText("#funds-check .parts", says+"Amina Bello-Okafor.")
	for _, path := range []string{"/balances.csv", "/balances.csv?day=" + m.Clock().In(m.Settings.Location).Format(time.DateOnly)} {
		got := map[string]string{}
		for _, row := range csvOf(m.staff, path) {
			if row["Also with"] != "" {
				got[row["Account"]] = row["Also with"]
			}
		}
		want := map[string]string{store.Reference(a.ID): "Amina Bello", store.Reference(m.old.ID): "Amina Bello-Okafor"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestStaffSeeWhoIsStillAtOkraAndMakeTheirLinkWithOneButton(t *testing.T) {
	m := newMover(t)
	p := m.staff.Get("/customers?filter=to_move")
	p.WantText(".tabs [aria-current]", "Still at Okra")
	action, _ := p.Find("tbody form").Attr("action")
	if action != "/customers/"+m.id+"/invitations" {
		t.Fatalf("the button leads to %q", action)
	}
	if text := m.staff.Get("/").TextOf(".tiles"); !strings.Contains(text, "still at Okra") {
		t.Errorf("the overview says %q", text)
	}
	m.staff.Post(action, nil).WantText("h1", "Personal link")
	for nuban := range m.Accounts(m.id) {
		m.moves(m.id, nuban)
	}
	if p := m.staff.Get("/customers?filter=to_move"); p.Find("tbody tr").Length() != 0 {
		t.Errorf("after all accounts have moved the list says %q", p.TextOf("main"))
	}
	for _, provider := range []string{settings.Mono, settings.Okra} { // nobody is sent back where they came from
		m.Settings.LinkProvider = provider
		m.Restart()
		if text := m.staff.Get("/customers/" + m.id).TextOf("main"); strings.Contains(text, "Still at") {
			t.Errorf("with links at %s the customer's page says %q", provider, text)
		}
		if p := m.staff.Get("/customers?filter=to_move"); p.Find("tbody tr").Length() != 0 {
			t.Errorf("with links at %s the list says %q", provider, p.TextOf("main"))
		}
	}
}

// linksInDoubt links two accounts of which one has no number, so that staff are asked.
func linksInDoubt(s *site.Site, customerID string) (older, newer store.Account) {
	s.T.Helper()
	ctx := s.T.Context()
	ok := func(err error) {
		s.T.Helper()
		if err != nil {
			s.T.Fatal(err)
		}
	}
	s.Offline(func() {
		for record, nuban := range map[string]string{"record-1": "0123456700", "record-2": ""} {
			text := views.CurrentConsent(false)
			i, _, err := s.Store.AddInvitation(ctx, store.Program, customerID, "", time.Hour)
			ok(err)
			co, err := s.Store.BeginVisit(ctx, store.Consent{CustomerID: customerID, InvitationID: i.ID, Version: text.Version, Scope: text.Scope}, time.Hour)
			ok(err)
			a, err := s.Store.StartAttempt(ctx, store.Attempt{CustomerID: customerID, ConsentID: co.ID, VisitID: co.VisitID, Provider: "okra", Env: "simulated"}, time.Hour)
			ok(err)
			_, err = s.Store.ReportAttempt(ctx, a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: record})
			ok(err)
			ok(s.Store.FinishLink(ctx, a.ID, store.Link{
				ProviderRecord: record, Bank: store.Bank{ID: "zenith", Name: "Zenith Bank", Key: "ng:057"},
				Accounts: []store.LinkedAccount{{ProviderID: "of " + record, Name: "Amina Bello", NUBAN: nuban, Currency: "NGN"}},
			}))
		}
	})
	all, err := s.Store.AccountsByCustomer(ctx, customerID)
	ok(err)
	if len(all) != 2 {
		s.T.Fatalf("%d accounts", len(all))
	}
	if all[0].ID > all[1].ID {
		all[0], all[1] = all[1], all[0]
	}
	return all[0], all[1]
}

func TestAnAccountInDoubtWaitsAmongTheLinksToReviewUntilStaffSayWhatItIs(t *testing.T) {
	for decision, counted := range map[string]int{"join": 1, "part": 2} {
		t.Run(decision, func(t *testing.T) {
			s := site.New(t)
			staff := s.SignedIn()
			id := staff.AddCustomer("Amina Bello")
			older, newer := linksInDoubt(s, id)
			for _, path := range []string{"/reviews", "/customers/" + id, "/accounts/" + newer.ID} {
				if text := staff.Get(path).TextOf("main"); !strings.Contains(text, "Say whether they are one account.") {
					t.Errorf("%s says %q", path, text)
				}
			}
			if p := staff.Get("/customers?filter=needs_review"); p.Find("tbody tr").Length() != 1 {
				t.Errorf("the list says %q", p.TextOf("main"))
			}
			staff.Post("/accounts/"+newer.ID+"/"+decision, url.Values{"older": {older.ID}}).WantStatus(http.StatusOK)
			for _, path := range []string{"/reviews", "/customers/" + id, "/accounts/" + newer.ID} {
				if text := staff.Get(path).TextOf("main"); strings.Contains(text, "Say whether they are one account.") {
					t.Errorf("decided, %s says %q", path, text)
				}
			}
			if all, err := s.Store.AccountsByCustomer(t.Context(), id); err != nil || len(all) != counted {
				t.Errorf("%d accounts, %v", len(all), err)
			}
		})
	}
}
