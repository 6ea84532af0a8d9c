package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/store"
)

// watchedRefresh is a refresh of a linked account that gets no answer for long, and
// the account.
func watchedRefresh(s *site, staff *browser) (store.Refresh, store.Account) {
	s.t.Helper()
	id, _ := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	s.eventually("the link's webhooks are applied", func() bool { return len(s.events()) == 3 && s.events()[0].Result == store.EventApplied })
	s.Sim.SetScenario(a.ProviderID, okrasim.SlowBank)
	r, _, err := s.Store.StartRefresh(s.t.Context(), store.RefreshRequest{
		Scope: store.Whole(), AccountID: a.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: time.Hour,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.eventually("the bank was asked, and nothing more is written", func() bool {
		r, err = s.Store.RefreshByID(s.t.Context(), r.ID)
		return err == nil && r.State == store.RefreshWaiting
	})
	return r, a
}

// follow polls once and returns the answer and where to poll next.
func follow(b *browser, poll string) (p page, next string) {
	b.t.Helper()
	p = b.htmx("GET", poll)
	next, ok := p.Find("article.account").Attr("hx-get")
	if !ok && p.Status == http.StatusOK {
		b.t.Fatalf("%s: the card does not poll any more", poll)
	}
	return p, next
}

// unchanged polls until there is nothing new, and returns where.
func unchanged(b *browser, r store.Refresh) (poll string) {
	b.t.Helper()
	b.site.eventually("a poll finds nothing new", func() bool {
		_, poll = follow(b, "/refreshes/"+r.ID)
		return b.htmx("GET", poll).Status == http.StatusNoContent
	})
	return poll
}

func TestAPollIsAnsweredOnceMoreWhenSomethingWasWritten(t *testing.T) {
	s := newSite(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.signedIn()
	r, a := watchedRefresh(s, staff)
	other := s.signedIn()
	poll := unchanged(staff, r)
	if p := other.htmx("GET", poll); p.Status != http.StatusOK {
		t.Errorf("a browser that has not seen the card got %d, want it whole", p.Status)
	}
	if p := s.browser().htmx("GET", poll); p.Status != http.StatusUnauthorized {
		t.Errorf("somebody who is not signed in got %d, want 401", p.Status)
	}

	if err := s.Store.SaveBalance(t.Context(), store.Balance{
		AccountID: a.ID, Source: store.SourceWebhook, Currency: "NGN", Ledger: 4200, Available: store.Minor(4100), AsOf: s.clock().Add(time.Second),
	}); err != nil {
		t.Fatal(err)
	}
	p := staff.htmx("GET", poll)
	p.wantStatus(http.StatusOK)
	p.wantText("article.account", "₦42.00")
}

func TestAPollIsAnsweredWholeAgainSoonAndAfterSigningOut(t *testing.T) {
	s := newSite(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.signedIn()
	r, _ := watchedRefresh(s, staff)
	poll := unchanged(staff, r)
	s.advance(6 * time.Second)
	staff.htmx("GET", poll).wantStatus(http.StatusOK)

	poll = unchanged(staff, r)
	cookies := staff.http.Jar.Cookies(s.origin())
	kept := s.browser()
	kept.http.Jar.SetCookies(s.origin(), cookies)
	staff.post("/logout", nil)
	if p := kept.htmx("GET", poll); p.Status != http.StatusUnauthorized {
		t.Errorf("after signing out the poll answers %d, want 401", p.Status)
	}
}

func TestAViewerWhileNothingHappensCostsNoQuery(t *testing.T) {
	s := newSite(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.signedIn()
	r, _ := watchedRefresh(s, staff)
	poll := unchanged(staff, r)
	if err := s.Store.Close(); err != nil { // whatever asks it fails from now on
		t.Fatal(err)
	}
	staff.htmx("GET", poll).wantStatus(http.StatusNoContent)
	staff.htmx("GET", "/refreshes/"+r.ID).wantStatus(http.StatusInternalServerError)
}
