package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// from asks for a card as a page does that polls.
func from(b *site.Browser, page, poll string) site.Page {
	b.T.Helper()
	p := b.Do("GET", poll, nil, http.Header{"Hx-Request": {"true"}, "Hx-Current-Url": {b.Site.URL + page}})
	p.WantStatus(http.StatusOK)
	return p
}

// poll is where the card of an account on a page asks for itself.
func poll(b *site.Browser, page, account string) string {
	b.T.Helper()
	to, polls := b.Get(page).Find("#account-" + account).Attr("hx-get")
	if !polls {
		b.T.Fatalf("%s: the card does not poll", page)
	}
	return to
}

// slowly links an account whose bank takes long to answer.
func slowly(s *site.Site, staff *site.Browser) (id string, customer *site.Browser, a store.Account) {
	id, customer = s.Link(staff, "Amina Bello", "Amina123")
	a = s.Accounts(id)[aminas]
	s.HeardAll()
	s.Sim.SetScenario(a.ProviderID, okrasim.SlowBank)
	return id, customer, a
}

func TestWhatIsMadeOfABalanceComesWithItsCard(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.SignedIn()
	id, _, a := slowly(s, staff)
	s.Connects(staff, id, "Amina456")
	s.HeardAll()
	other := s.Accounts(id)["2230011442"]
	staff.Post("/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	of, on := "/customers/"+id, "/accounts/"+a.ID+"?range=7d"
	ofCustomer, onAccount := poll(staff, of, a.ID), poll(staff, on, a.ID)
	s.Said(a, 0, 77700000, store.Minor(77000000))
	s.Said(other, 0, 2300000, store.Minor(2200000))

	p := from(staff, of, ofCustomer)
	p.WantText("#account-"+a.ID, "₦770,000.00")
	p.WantText("#sum-card", "₦792,000.00")
	p.WantText("#account-"+other.ID, "₦22,000.00")
	p.WantText("#status", "Linked")
	p.WantText("#funds", "Can they cover an amount?")

	p = from(staff, on, onAccount)
	p.WantText("#history .extremes", "₦770,000.00")
	p.WantText("#history tbody tr:first-child td[data-label=Available]", "₦770,000.00")
	p.WantText("#history nav a[aria-current=page]", "7 days")
	if p.Find("#account-"+other.ID+", #sum-card").Length() != 0 {
		t.Error("the account's page is sent what it does not show")
	}

	s.Said(other, 0, 2400000, store.Minor(2300000))
	next := p.Find("article.account").AttrOr("hx-get", "")
	if from(staff, on, next).Find("#history").Length() != 0 {
		t.Error("what the page shows of this balance already is sent once more")
	}
}

func TestWhatCustomersSeeOfABalanceComesWithItsCard(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	_, customer, a := slowly(s, s.SignedIn())
	customer.Post("/me/accounts/"+a.ID+"/refresh", nil).WantStatus(http.StatusOK)
	page := "/me/accounts/" + a.ID
	on, of := poll(customer, page, a.ID), poll(customer, "/me", a.ID)
	s.Said(a, 0, 77700000, store.Minor(77000000))
	from(customer, page, on).WantText("#history .extremes", "₦770,000.00")
	from(customer, "/me", of).WantText("#sum-card", "₦770,000.00")
}
