package browser_test

import (
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views/browsertest"
)

// over are links that nothing can be done with any more, by the word of their heading:
// each is of a customer of its own.
func over(s *site.Site) (links map[string]string, customers map[string]string) {
	s.T.Helper()
	links, customers = map[string]string{}, map[string]string{}
	for word, end := range map[string]func(i store.Invitation) error{
		"used": func(i store.Invitation) error {
			s.Exec(`UPDATE invitations SET used_at = created_at WHERE id = $1`, i.ID)
			return nil
		},
		"cancelled": func(i store.Invitation) error {
			return s.Store.RevokeInvitation(s.T.Context(), store.Program, i.CustomerID, i.ID)
		},
		"locked": func(i store.Invitation) (err error) {
			for range store.CodeTries {
				if _, _, err = s.Store.TryCode(s.T.Context(), i.ID, "wrong"); err != nil {
					return err
				}
			}
			return nil
		},
		"expired": func(i store.Invitation) error {
			s.Exec(`UPDATE invitations SET expires_at = created_at + 1 WHERE id = $1`, i.ID)
			return nil
		},
	} {
		cu, err := s.Store.AddCustomer(s.T.Context(), store.Program, store.Customer{Name: "Amina " + word})
		if err != nil {
			s.T.Fatal(err)
		}
		i, secret, err := s.Store.AddInvitation(s.T.Context(), store.Program, cu.ID, "", 72*time.Hour)
		if err == nil {
			err = end(i)
		}
		if err != nil {
			s.T.Fatal(err)
		}
		links[word], customers[word] = "/connect/"+secret, cu.ID
	}
	return links, customers
}

func TestALinkThatIsOverSaysWhyAndAsksForANewOneWithOneButton(t *testing.T) {
	s := site.New(t, "BUSINESS_PHONE=+2347001234567")
	links, customers := over(s)
	s.Advance(time.Minute)
	c := newChromium(t, s)
	customer := c.tab(phone)
	for word, link := range links {
		customer.open(link)
		customer.waitFor("h1", word)
		if n := eval[int](customer, `document.querySelectorAll("main button, main a.button").length`); n != 1 {
			t.Errorf("%s: %d buttons, want one", word, n)
		}
		if tel := eval[string](customer, `document.querySelector("main a[href^='tel:']").href`); tel != "tel:+2347001234567" {
			t.Errorf("%s: rings %s", word, tel)
		}
		if wide := eval[int](customer, "document.documentElement.scrollWidth"); wide > phone {
			t.Errorf("%s: the page is %d px wide", word, wide)
		}
		if word == "used" {
			customer.wantAccessible(browsertest.Axe(t), "link-over")
		}
		customer.press("Ask for a new link")
		customer.waitFor(".notice-good", "Lender Ltd was asked for a new link")
		customer.shootAll("link-over-" + word)
	}

	staff := c.staff()
	staff.waitFor(".tile-count", "asked for a new link")
	staff.press("asked for a new link")
	for word := range links {
		staff.waitFor("tbody tr", "Amina "+word)
	}
	staff.shootAll("asked-list")
	staff.open("/customers/" + customers["used"])
	staff.waitFor(".notice-warn", "asked for a new one")
	staff.shootAll("asked-customer")
	staff.press("Make a personal link") // the notice leads to where it is made
	staff.click("form[action$='/invitations'] button")
	staff.waitFor("h1", "Personal link for")
	staff.open("/customers?filter=asked_link")
	staff.waitFor("tbody tr", "Amina locked")
	if eval[bool](staff, `document.body.innerText.includes("Amina used")`) {
		t.Error("who has a new link is still among those who ask for one")
	}
}
