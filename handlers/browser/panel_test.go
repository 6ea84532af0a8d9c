package browser_test

import (
	"bytes"
	"cmp"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"balancelink/handlers/demo"
	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra"
	"balancelink/store"
	"balancelink/views"
	"balancelink/views/browsertest"
)

func TestSomebodyDrivesTheSimulatorsPanelInABrowser(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t)
	c := newChromium(t, s)
	id, _ := s.Link(s.SignedIn(), "Funke Alabi", "Funke123")
	staff := c.staff()
	staff.open("/customers/" + id)
	staff.waitFor(".account .figures", "₦153.37")
	staff.press("How the simulated bank works")

	panel := staff
	panel.waitFor("h1", "The simulated bank")
	panel.wantAccessible(axe, "panel")
	panel.press("Savings 2000000001")
	panel.waitFor("h1", "Savings 2000000001")
	panel.wantAccessible(axe, "panel-account")
	panel.fill("#ledger", "2,000")
	panel.press("Set and tell the app")
	panel.waitFor(".error", "“2,000” is no amount.")
	panel.wantAccessible(axe, "panel-account-wrong")
	panel.fill("#ledger", "2000.07")
	panel.fill("#available", "-1999.5")
	panel.press("Set and tell the app")
	panel.waitFor("#said", "Sent. The app answered 200 OK.")
	panel.waitFor("#available-now", "−₦1,999.50")

	panel.open("/customers/" + id)
	staff.waitFor(".account .figures", "₦2,000.07")
	staff.waitFor(".account .figures", "₦1,999.50")

	panel.open(s.Settings.OkraWidgetURL + "/sim/banks/kuda-bank")
	panel.wantAccessible(axe, "panel-bank")
	panel.click("input[value=needs-login]")
	panel.click("#set-scenario")
	panel.waitFor("#said", "Sign-in has run out")
	staff.open("/customers/" + id)
	staff.press("Refresh")
	staff.waitFor(".account .badge", "Needs sign-in")
	panel.open(s.Settings.OkraWidgetURL)
	panel.press("Calm everything")
	panel.waitFor("#awkward", "0")
}

// TestTheDemoOfTheReadmeGoesAsItIsWritten goes the way of the README's five
// minutes and takes its pictures anew into the folder that DEMO_PICTURES names,
// if it does: make screenshots.
func TestTheDemoOfTheReadmeGoesAsItIsWritten(t *testing.T) {
	folder := os.Getenv("DEMO_PICTURES")
	s := site.New(t, "BUSINESS_NAME=Demo Lending", "REFRESH_FIRST_POLL=3s")
	c := newChromium(t, s)
	colleague := s.SignedIn()
	seeded(s)
	of := func(reference string) string {
		cu, err := s.Store.CustomerByReference(t.Context(), reference)
		if err != nil {
			t.Fatal(err)
		}
		return cu.ID
	}
	amina, dayo, efe := of("LN-1001"), of("LN-1004"), of("LN-1006")
	s.Eventually("Dayo's bank wants a sign-in", func() bool { return s.Accounts(dayo)["3044556672"].Status == store.AccountNeedsLogin })
	staff := c.staff()
	staff.press("Customers")
	staff.waitPath("/customers")
	staff.waitFor("tbody", "Needs sign-in")
	staff.demo(folder, "1-customers")

	phone := c.tab(phone)
	bank := phone.agree(colleague.Invite(efe))
	bank.identify("first-city-monument-bank", "Efe123", "Warri")
	bank.click("input[name=account]")
	phone.demo(folder, "2-bank-window")
	bank.click("#share")
	bank.click("#done")
	phone.waitFor("#attempt h2", "Your bank is connected")
	phone.press("See your balances")
	phone.waitPath("/me")
	phone.demo(folder, "3-own-balances")

	a := s.Accounts(amina)["0123456789"]
	panel := c.tab(desktop)
	panel.open(s.Settings.OkraWidgetURL + "/sim/accounts/" + a.ProviderID)
	panel.fill("#available", "1400000.75")
	panel.fill("#ledger", "1400000.75")
	panel.demo(folder, "4-panel")
	panel.press("Set only")
	panel.waitFor("#said", "at the next Refresh")
	staff.open("/accounts/" + a.ID)
	staff.click("#refresh-" + a.ID)
	staff.waitFor(".account .outcome", "up by ₦151,660.00")
	staff.do(chromedp.EmulateViewport(desktop, 1120)) // with the drawing of what was before
	eval[chromedp.Void](staff, `scrollTo(0, 0)`)
	staff.demo(folder, "5-refreshed")

	panel.click("#mode-wrong-token")
	panel.click("#send-webhook")
	panel.waitFor("#said", "401 Unauthorized")
	s.Eventually("the forgery is counted", func() bool { return colleague.Get("/inbox?result=rejected").Find("tbody tr").Length() == 1 })
	staff.open("/inbox?result=rejected")
	staff.demo(folder, "6-rejected")
}

// seeded fills a site as main does a new simulated installation.
func seeded(s *site.Site) {
	s.T.Helper()
	seeder := demo.Seeder{
		Store: s.Store, Env: s.Settings.Env, Scope: views.CurrentConsent(false).Scope, Wake: s.Wake,
		Deadline: s.Settings.RefreshDeadline, Now: s.Clock,
		Linkers: map[string]demo.Linker{settings.Okra: func(login string, a store.Attempt) (store.Report, error) {
			success, err := s.Sim.Connect(login, a.Nonce, nil)
			if err != nil {
				return store.Report{}, err
			}
			claim, err := okra.ParseClaim(success)
			return store.Report{
				State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: claim.Record,
				ProviderCustomer: claim.Customer, BankName: claim.Bank.Name,
			}, err
		}},
	}
	done := make(chan error, 1)
	go func() { done <- seeder.Run(s.T.Context()) }()
	s.Eventually("the demo to be there", func() bool {
		select {
		case err := <-done:
			if err != nil {
				s.T.Error(err)
			}
			return true
		default:
			return false
		}
	})
}

// demo takes a picture of what fits on the screen, in few colours so that it is small.
// Without a folder nobody wants it.
func (b *tab) demo(folder, name string) {
	b.t.Helper()
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	small := image.NewPaletted(full.Bounds(), commonest(full, 64))
	draw.Draw(small, small.Rect, full, full.Bounds().Min, draw.Src)
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, small); err != nil {
		b.t.Fatal(err)
	}
	if file.Len() > 60<<10 {
		b.t.Errorf("%s has %d bytes", name, file.Len())
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), file.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// commonest are the n colours that an image has most of.
func commonest(m image.Image, n int) color.Palette {
	counts := map[color.Color]int{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			counts[m.At(x, y)]++
		}
	}
	var p color.Palette
	for c := range counts {
		p = append(p, c)
	}
	slices.SortFunc(p, func(a, b color.Color) int { return cmp.Compare(counts[b], counts[a]) })
	return p[:min(n, len(p))]
}
