package handlers_test

import (
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
)

func TestAnAccountHasANameOfItsOwnOnEveryPage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, s.Holder("Dayo123"), "Dayo123")
	s.HeardAll()
	savings := s.Accounts(id)["3044556672"]
	for path, b := range map[string]*site.Browser{"/customers/" + id: staff, "/me": customer} {
		p := b.Get(path)
		card := p.Find("#account-" + savings.ID)
		if got := strings.Join(strings.Fields(card.Find("h3").Text()), " "); got != "Savings ••ending 6672" {
			t.Errorf("%s calls it %q", path, got)
		}
		if head := card.Find(".account-head"); !strings.Contains(head.Text(), "DAYO OGUNLEYE") || strings.Contains(head.Text(), "First Bank") {
			t.Errorf("%s: under it stands %q, want the holder, and the bank not twice", path, head.Text())
		}
		if p.Find("#sum-card").Length() != 1 {
			t.Errorf("%s has no sum of two accounts", path)
		}
	}
	page := staff.Get("/accounts/" + savings.ID)
	page.WantText("h1", "Dayo Ogunleye — First Bank of Nigeria savings ••6672")
	page.WantText("title", "Dayo Ogunleye — First Bank of Nigeria savings ••6672")
	page.WantText(".back", "Dayo Ogunleye")
	customer.Get("/me/accounts/"+savings.ID).WantText("h1", "First Bank of Nigeria savings ••6672")
}

func TestOfOneAccountThereIsNoTotal(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	for path, b := range map[string]*site.Browser{"/customers/" + id: staff, "/me": customer} {
		if p := b.Get(path); p.Find("#sum-card").Length() != 0 || p.Find("article.account").Length() != 1 {
			t.Errorf("%s has a total of the one account that it shows", path)
		}
	}
	s.Connects(staff, id, "Amina123")
	staff.Get("/customers/"+id).WantText("#sum-card", "Total available")
}
