package browser_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
	"balancelink/views/browsertest"
)

func TestTheFundsCheckIsAccessibleAndPrintsOnOnePage(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t, "REFRESH_FIRST_POLL=1m", "REFRESH_DEADLINE=5m")
	colleague := s.SignedIn()
	amina, _ := s.Link(colleague, "Amina Bello", "Amina456")
	a := s.Accounts(amina)["2230011442"]
	s.Said(a, -time.Second, 90000000, store.Minor(5000000))

	staff := newChromium(t, s).tab(desktop)
	staff.open("/login")
	staff.signIn(site.StaffPassword)
	staff.waitFor("h1", "Overview")
	staff.open("/accounts/" + a.ID)
	staff.fill("#funds-amount", "nothing")
	staff.click(".funds button")
	staff.waitFor("#funds-amount-error", "")
	staff.wantAccessible(axe, "funds-wrong")
	staff.fill("#funds-amount", "50,000")
	staff.click(".funds button")
	staff.waitPath("/funds-checks/")
	staff.waitFor("#funds-answer", "Yes")
	staff.wantAccessible(axe, "funds-yes")
	staff.wantOneSheet("funds-yes")

	s.Advance(2 * time.Minute)
	s.Sim.SetScenario(a.ProviderID, okrasim.WrongToken) // no webhook ends the refresh early
	staff.open("/accounts/" + a.ID)
	staff.fill("#funds-amount", "50,000")
	staff.click("#funds-refresh")
	staff.click(".funds button")
	staff.waitFor("#funds-answer", "Asking the bank")
	staff.wantAccessible(axe, "funds-asking")
	staff.open("/accounts/" + a.ID + "/funds-checks")
	staff.wantAccessible(axe, "funds-list")
}

// wantOneSheet prints the page on A4 and counts the sheets.
func (b *tab) wantOneSheet(name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		b.t.Fatal(err)
	}
	if n := bytes.Count(pdf, []byte("/Type /Page\n")) + bytes.Count(pdf, []byte("/Type /Page/")); n != 1 {
		b.t.Errorf("%s prints on %d sheets, want 1", name, n)
	}
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".pdf"), pdf, 0o644); err != nil {
			b.t.Error(err)
		}
	}
}

// Paper is read on another day, and by who was not there.
func TestAPrintedBalanceSaysOfWhichDayItIsAndThatItIsSimulated(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	staff.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
	for _, page := range []string{"/customers", "/customers/" + id, "/accounts/" + s.Accounts(id)["0123456789"].ID} {
		staff.open(page)
		staff.wait("the mark of simulated data", `document.querySelector(".banner")?.checkVisibility()`)
		if n := eval[int](staff, `[...document.querySelectorAll("main time")].filter((time) => {
			const { content } = getComputedStyle(time, "::after")
			return !content.includes(String(new Date().getFullYear())) || getComputedStyle(time).fontSize !== "0px"
		}).length`); n > 0 {
			t.Errorf("%s prints %d times without their day", page, n)
		}
	}
}
