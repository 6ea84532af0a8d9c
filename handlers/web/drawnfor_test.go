package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestAButtonActsForNobodyElseThanWhoReadIt(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	bola := staff.CustomerWith("Bola Adeyemi", "bola@example.com", "")
	s.Connects(staff, bola, "Bola123").SetPassword("three little words")
	_, phone := s.Link(staff, "Amina Bello", "Amina123")
	phone.Get("/me/withdraw").WantStatus(http.StatusOK)
	aminas := phone.ForWhom()
	phone.Post("/me/login", url.Values{"login": {"bola@example.com"}, "password": {"three little words"}}).WantStatus(http.StatusOK)
	for _, who := range []string{aminas, ""} {
		phone.Drawn.Store(who)
		p := phone.Post("/me/withdraw", nil)
		p.WantStatus(http.StatusConflict)
		p.WantText("h1", "This page was opened for somebody else")
		if href := p.Find("main a.button").AttrOr("href", ""); href != "/me/withdraw" {
			t.Errorf("the way on is %q", href)
		}
	}
	for number, a := range s.Accounts(bola) {
		if a.Status != store.AccountLinked {
			t.Errorf("Bola's account %s is %s", number, a.Status)
		}
	}
	phone.Get("/me/withdraw").WantText("main", "Linked now")
	phone.Post("/me/withdraw", nil).WantText("h1", "Your consent is withdrawn")
}
