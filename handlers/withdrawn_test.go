package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// What the pages say of a consent that is withdrawn, and what can still be done, is one
// promise: no side is asked to link, no figure stands large, and nobody asks a bank.
func TestWithdrawnMeansWithdrawnOnBothSides(t *testing.T) {
	for who, row := range map[string]struct {
		withdraw            func(s *site.Site, staff, customer *site.Browser, id string)
		toCustomer, toStaff string
	}{
		"the customer": {
			func(_ *site.Site, _, customer *site.Browser, _ string) {
				customer.Post("/me/withdraw", nil).WantStatus(http.StatusOK)
			},
			"You withdrew your consent on", "The customer withdrew their consent on",
		},
		"staff": {
			func(_ *site.Site, staff, _ *site.Browser, id string) {
				staff.Post("/customers/"+id+"/withdraw", nil).WantStatus(http.StatusOK)
			},
			"Lender Ltd withdrew your consent for you on", site.StaffEmail + " withdrew the consent for the customer on",
		},
		"nobody knows who": {
			func(s *site.Site, _, customer *site.Browser, _ string) {
				customer.Post("/me/withdraw", nil).WantStatus(http.StatusOK)
				s.Exec(`UPDATE consents SET withdrawn_by = ''`)
			},
			"Your consent was withdrawn on", "The customer's consent was withdrawn on",
		},
	} {
		t.Run(who, func(t *testing.T) {
			s := site.New(t)
			staff := s.SignedIn()
			id := staff.CustomerWith("Funke Alabi", "funke@example.com", "")
			customer := s.Connects(staff, id, "Funke123")
			customer.SetPassword("three little words")
			s.HeardAll()
			if n := customer.Get("/me").Find("button:contains('Connect another bank')").Length(); n != 1 {
				t.Fatalf("before, %d buttons to connect another bank", n)
			}
			row.withdraw(s, staff, customer, id)
			day := s.Clock().In(s.Settings.Location).Format("2 Jan")

			back := s.Browser()
			me := back.Post("/me/login", url.Values{"login": {"funke@example.com"}, "password": {"three little words"}})
			me.WantStatus(http.StatusOK)
			me.WantText("#consent-notice", row.toCustomer)
			me.WantText("#consent-notice", day)
			wantRecord(t, me)
			if n := me.Find("form[action='/me/attempts'], form[action$='/refresh']").Length(); n != 0 {
				t.Errorf("the customer is offered %d ways to a bank", n)
			}
			if p := back.Post("/me/attempts", nil); p.Path != "/me/consent" {
				t.Errorf("and pressing one that was drawn before leads to %s", p.Path)
			}
			back.Get("/me/consents").WantText("#consent-notice", row.toCustomer)

			page := staff.Get("/customers/" + id)
			page.WantText("#consent-notice", row.toStaff)
			page.WantText("#consent-notice", day)
			page.WantText("#status", "Consent withdrawn")
			wantRecord(t, page)
			if n := page.Find("form[action$='/invitations'], form[action$='/sign-in-again'], form[action$='/refresh']").Not("details form").Length(); n != 0 {
				t.Errorf("staff are asked %d times to link or to refresh", n)
			}
			page.WantText("details summary", "They ask to come back")
			account := s.Accounts(id)["2000000001"]
			staff.Get("/accounts/"+account.ID).WantText("#consent-notice", row.toStaff)
			staff.Post("/accounts/"+account.ID+"/refresh", nil).WantStatus(http.StatusConflict)
			staff.Get("/customers").WantText("tbody tr", "Consent withdrawn")
			if asked, err := s.Store.HasConsent(t.Context(), id, ""); err != nil || asked {
				t.Errorf("a bank may be asked: %v, %v", asked, err)
			}

			// Whoever agrees again is like anybody else.
			consent := back.Get("/me/consent")
			version, _ := consent.Find("input[name=consent]").Attr("value")
			again := back.Post("/me/consent", url.Values{"consent": {version}})
			if again.Find("#consent-notice").Length() != 0 || again.Find("form[action='/me/attempts']").Length() == 0 {
				t.Errorf("who agreed again reads %s", again.TextOf("main"))
			}
		})
	}
}

// wantRecord fails where figures stand large, or anything asks for a link.
func wantRecord(t *testing.T, p site.Page) {
	t.Helper()
	if n := p.Find("#sum-card, article.account:not(.account-record)").Length(); n != 0 {
		t.Errorf("%s has %d sums and cards that stand large", p.Path, n)
	}
	text := p.Find("main").Clone()
	text.Find("details").Remove()
	for _, asking := range []string{"Make a personal link", "Connect your bank", "Connect another bank", "sign in again", "Renew consent"} {
		if strings.Contains(text.Text(), asking) {
			t.Errorf("%s still says %q", p.Path, asking)
		}
	}
}

func TestWhoWithdrewIsKeptWithTheConsent(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	customer.Post("/me/withdraw", nil).WantStatus(http.StatusOK)
	states, err := s.Store.ConsentStates(t.Context(), id)
	if err != nil || !strings.HasPrefix(states[id].WithdrawnBy, store.ByVisit("")) || !states[id].Withdrawn() {
		t.Errorf("the state is %+v, %v; want it by a visit", states[id], err)
	}
	staff.Get("/customers/"+id).WantText("#consent-notice", "Somebody with the customer's personal link withdrew the consent on")
}
