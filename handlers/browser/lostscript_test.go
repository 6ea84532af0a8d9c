package browser_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest/site"
)

// On a bad line a page comes whole and one of its scripts does not.
func TestABankWindowWhoseScriptIsLostSaysWhatToDo(t *testing.T) {
	c := newChromium(t, site.New(t))
	staff := c.staff()
	staff.addCustomer("Chidi Okafor")
	link := staff.invite()
	customer := c.tab(phone)
	customer.loses("*://*:*/static/connect.*.js")
	customer.open(link)
	customer.click("#consent")
	customer.press("Connect your bank")
	customer.waitPath("/connect/attempts/")
	customer.waitFor("#attempt", "If no window opens in a moment")
	customer.log.forgive("ERR_BLOCKED_BY_CLIENT")

	customer.loses()
	customer.press("Fetch this page anew")
	customer.bank().click("button[data-bank=guaranty-trust-bank]")
	if text := customer.text("#attempt"); strings.Contains(text, "If no window opens") {
		t.Errorf("beside the window it says %s", text)
	}
}

// loses makes the tab get nothing of these addresses from now on.
func (b *tab) loses(patterns ...string) {
	b.t.Helper()
	blocked := network.SetBlockedURLsParams{}
	for _, p := range patterns {
		blocked.URLPatterns = append(blocked.URLPatterns, &network.BlockPattern{URLPattern: p, Block: true})
	}
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, blocked)
		return err
	}))
}
