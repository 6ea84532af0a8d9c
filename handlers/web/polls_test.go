package web_test

import (
	"net/http"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// watchedRefresh is a refresh of a linked account that gets no answer for long, and
// the account.
func watchedRefresh(s *site.Site, staff *site.Browser) (store.Refresh, store.Account) {
	s.T.Helper()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Eventually("the link's webhooks are applied", func() bool { return len(s.Events()) == 3 && s.Events()[0].Result == store.EventApplied })
	s.Sim.SetScenario(a.ProviderID, okrasim.SlowBank)
	r, _, err := s.Store.StartRefresh(s.T.Context(), store.RefreshRequest{
		Scope: store.Whole(), AccountID: a.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Hour,
	})
	if err != nil {
		s.T.Fatal(err)
	}
	s.Eventually("the bank was asked, and nothing more is written", func() bool {
		r, err = s.Store.RefreshByID(s.T.Context(), r.ID)
		return err == nil && r.State == store.RefreshWaiting
	})
	return r, a
}

// follow polls once and returns the answer and where to poll next.
func follow(b *site.Browser, poll string) (p site.Page, next string) {
	b.T.Helper()
	p = b.HTMX("GET", poll)
	next, ok := p.Find("article.account").Attr("hx-get")
	if !ok && p.Status == http.StatusOK {
		b.T.Fatalf("%s: the card does not poll any more", poll)
	}
	return p, next
}

// unchanged polls until there is nothing new, and returns where.
func unchanged(b *site.Browser, r store.Refresh) (poll string) {
	b.T.Helper()
	b.Site.Eventually("a poll finds nothing new", func() bool {
		_, poll = follow(b, "/refreshes/"+r.ID)
		return b.HTMX("GET", poll).Status == http.StatusNoContent
	})
	return poll
}

func TestAPollIsAnsweredOnceMoreWhenSomethingWasWritten(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.SignedIn()
	r, a := watchedRefresh(s, staff)
	other := s.SignedIn()
	poll := unchanged(staff, r)
	if p := other.HTMX("GET", poll); p.Status != http.StatusOK {
		t.Errorf("a browser that has not seen the card got %d, want it whole", p.Status)
	}
	if p := s.Browser().HTMX("GET", poll); p.Status != http.StatusUnauthorized {
		t.Errorf("somebody who is not signed in got %d, want 401", p.Status)
	}

	if err := s.Store.SaveBalance(t.Context(), store.Balance{
		AccountID: a.ID, Source: store.SourceWebhook, Currency: "NGN", Figure: 4200, Basis: store.BasisLedger, Available: store.Minor(4100), AsOf: s.Clock().Add(time.Second),
	}); err != nil {
		t.Fatal(err)
	}
	p := staff.HTMX("GET", poll)
	p.WantStatus(http.StatusOK)
	p.WantText("article.account", "₦42.00")
}

func TestAPollIsAnsweredWholeAgainSoonAndAfterSigningOut(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.SignedIn()
	r, _ := watchedRefresh(s, staff)
	poll := unchanged(staff, r)
	s.Advance(6 * time.Second)
	staff.HTMX("GET", poll).WantStatus(http.StatusOK)

	poll = unchanged(staff, r)
	cookies := staff.HTTP.Jar.Cookies(s.Origin())
	kept := s.Browser()
	kept.HTTP.Jar.SetCookies(s.Origin(), cookies)
	staff.Post("/logout", nil)
	if p := kept.HTMX("GET", poll); p.Status != http.StatusUnauthorized {
		t.Errorf("after signing out the poll answers %d, want 401", p.Status)
	}
}

func TestAViewerWhileNothingHappensCostsNoQuery(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.SignedIn()
	r, _ := watchedRefresh(s, staff)
	poll := unchanged(staff, r)
	if err := s.Store.Close(); err != nil { // whatever asks it fails from now on
		t.Fatal(err)
	}
	staff.HTMX("GET", poll).WantStatus(http.StatusNoContent)
	staff.HTMX("GET", "/refreshes/"+r.ID).WantStatus(http.StatusInternalServerError)
}
