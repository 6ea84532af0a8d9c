package browser_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"balancelink/handlers/sitetest/site"
)

func TestACustomerIsFoundFromAnyPageWithoutAClick(t *testing.T) {
	s := site.New(t)
	for _, name := range []string{"Lola Adebayo", "Damilola Ojo", "Damilola Eze"} {
		s.SignedIn().AddCustomer(name)
	}
	c := newChromium(t, s)
	staff := c.staff()
	staff.open("/status")
	staff.slash()
	staff.typed("lola ade")
	staff.hit(kb.Enter)
	staff.waitFor("h1", "Lola Adebayo") // who alone is found is shown
	staff.open("/status")
	staff.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	staff.typed("dami")
	staff.hit(kb.Enter)
	staff.waitFor("h1", "Customers")
	staff.waitFor("tbody", "Damilola Eze")
	staff.slash()
	if at := eval[string](staff, "document.activeElement.id"); at != "q" {
		t.Errorf("on the list / leads to %q", at)
	}
	staff.open("/profile")
	staff.click("#shortcuts")
	staff.open("/status")
	staff.slash()
	if at := eval[string](staff, "document.activeElement.id"); at != "" {
		t.Errorf("turned off, / leads to %q", at)
	}
	staff.shootAll("find")
}

func TestOnAPhoneTheMainLinksAreOneRowWithThePagesOwnInSight(t *testing.T) {
	c := newChromium(t, site.New(t))
	staff := c.staff()
	staff.resized(phone).open("/staff")
	const nav = `document.querySelector(".nav")`
	if high := eval[float64](staff, nav+".getBoundingClientRect().height"); high > 60 {
		t.Errorf("the main links are %.0f px high", high)
	}
	if !eval[bool](staff, `((r) => r.left >= 0 && r.right <= innerWidth)(`+nav+`.querySelector("[aria-current]").getBoundingClientRect())`) {
		t.Error("the page's own link is out of sight")
	}
	if wide := eval[int](staff, "document.documentElement.scrollWidth"); wide > phone {
		t.Errorf("the page is %d px wide", wide)
	}
	staff.shootAll("phone-nav")
}

// slash presses that key.
func (b *tab) slash() { b.t.Helper(); b.strike("/", "Slash") }

// strike presses a key as a keyboard does: what the page keeps from the browser is not
// typed.
func (b *tab) strike(key, code string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "keyDown", Key: key, Code: code, Text: key})
		return err
	}))
}
