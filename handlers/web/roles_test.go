package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestARoleThatDoesNotAllowSomethingSaysSoAndChangesNothing(t *testing.T) {
	s := site.New(t)
	for role, want := range map[store.Role]int{
		store.RoleAdmin: http.StatusOK, store.RoleOfficer: http.StatusOK, store.RoleViewer: http.StatusForbidden, store.RoleAuditor: http.StatusForbidden,
	} {
		b := s.SignedInAs(role)
		p := b.Post("/customers", url.Values{"name": {"Added by " + string(role)}})
		p.WantStatus(want)
		if want == http.StatusForbidden {
			p.WantText("h1", "Your role does not allow this")
		}
		b.Get("/customers").WantStatus(http.StatusOK)
	}
	if n := s.SignedIn().Get("/customers").Find("tbody tr").Length(); n != 2 {
		t.Errorf("%d customers were added, want the admin's and the officer's", n)
	}
}

func TestWhatARoleDoesNotAllowIsNotOffered(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	for role, offered := range map[store.Role]map[string]bool{
		store.RoleOwner:   {"a[href='/staff']": true, "a[href='/inbox']": true, "form[action$='/invitations']": true, "form[action$='/reveal']": true, "form[action$='/refresh']": true},
		store.RoleAdmin:   {"a[href='/staff']": false, "a[href='/inbox']": true, "form[action$='/invitations']": true, "form[action$='/reveal']": true, "form[action$='/refresh']": true},
		store.RoleOfficer: {"a[href='/staff']": false, "a[href='/inbox']": false, "form[action$='/invitations']": true, "form[action$='/reveal']": false, "form[action$='/refresh']": true, "a[href$='/unlink'], form[action$='/export']": false},
		store.RoleViewer:  {"a[href='/staff']": false, "a[href='/inbox']": false, "form[action$='/invitations']": false, "form[action$='/reveal']": false, "form[action$='/refresh']": true},
		store.RoleAuditor: {"a[href='/staff']": false, "a[href='/inbox']": true, "form[action$='/invitations']": false, "form[action$='/reveal']": false, "form[action$='/refresh']": false},
	} {
		b := s.SignedInAs(role)
		p := b.Get("/customers/" + id)
		p.WantStatus(http.StatusOK)
		for selector, want := range offered {
			if got := p.Find(selector).Length() > 0; got != want {
				t.Errorf("%s: %s is there = %v, want %v", role, selector, got, want)
			}
		}
		if !strings.Contains(p.TextOf(".number"), "••••") || strings.Contains(p.Text(), "0123456789") {
			t.Errorf("%s: an account number is not masked", role)
		}
	}
}
