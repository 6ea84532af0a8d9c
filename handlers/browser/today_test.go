package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views/browsertest"
)

func TestTheQueueOfTodayIsClearedByTheKeyboardAlone(t *testing.T) {
	s := site.New(t)
	for _, name := range []string{"Ada", "Bisi", "Chidi"} {
		cu, err := s.Store.AddCustomer(t.Context(), store.Program, store.Customer{Name: name, Phone: "+2348031001001"})
		if err != nil {
			t.Fatal(err)
		}
		s.Exec(`UPDATE customers SET asked_link_at = 1 WHERE id = $1`, cu.ID)
	}
	c := newChromium(t, s)
	staff := c.staff()
	focused := func() string {
		return eval[string](staff, `document.activeElement.closest("tr")?.querySelector("[data-row]").textContent ?? ""`)
	}
	staff.open("/today")
	staff.waitFor(".tools", "3 left")
	staff.wantAccessible(browsertest.Axe(t), "today")
	staff.shootAll("today")
	staff.tabTo("[data-row]")
	staff.hit("j")
	if got := focused(); got != "Bisi" {
		t.Errorf("J leads to %q", got)
	}
	staff.hit("k")
	staff.hit("e")
	staff.waitFor(".notice-good", "Noted that you spoke to Ada.")
	staff.wait("the focus to be on who comes next", `document.activeElement.textContent === "Bisi"`)
	staff.hit("x")
	if !eval[bool](staff, `document.activeElement.closest("tr").querySelector("input").checked`) {
		t.Error("X does not choose")
	}
	staff.hit("k")
	staff.hit(kb.Enter)
	staff.waitFor("h1", "Ada")
}

func TestTwentyCustomersWhoAreOutOfDateAreRefreshedWithTwoClicks(t *testing.T) {
	s := site.New(t)
	for _, login := range []string{"Amina456", "Efe123"} {
		s.Link(s.SignedIn(), s.Holder(login), login)
	}
	s.Advance(s.Settings.StaleAfter + time.Hour)
	c := newChromium(t, s)
	staff := c.staff()
	staff.open("/today")
	staff.waitFor(".tools", "2 left")
	staff.click("[data-choose]")
	staff.click("#chosen [type=submit]")
	staff.waitFor("#asked", "requests to the banks have ended")
	staff.shootAll("today-asked")
	staff.waitFor("#asked", "All ")
}
