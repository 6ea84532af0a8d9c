package browser_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views/browsertest"
)

// bottom is where an element ends on the page, unscrolled; 0: there is none.
func (b *tab) bottom(selector string) float64 {
	b.t.Helper()
	return eval[float64](b, fmt.Sprintf(`(document.querySelector(%q)?.getBoundingClientRect().bottom ?? 0) + scrollY`, selector))
}

// wantAbove wants the end of an element to be above a line of the page.
func (b *tab) wantAbove(line float64, what, selector string) {
	b.t.Helper()
	if y := b.bottom(selector); y == 0 || y > line {
		b.t.Errorf("%s at %d px: %s ends at %.0f, want above %.0f", what, b.width, selector, y, line)
	}
}

func (b *tab) wantNoTaller(most float64, what string) {
	b.t.Helper()
	if h := eval[float64](b, `document.documentElement.scrollHeight`); h > most {
		b.t.Errorf("%s is %.0f px tall at %d px, want %.0f at most", what, h, b.width, most)
	}
}

// readsTheChart goes over a chart by the keyboard and with the pointer, and hears what it reads.
func (b *tab) readsTheChart() {
	b.t.Helper()
	read := func() string { b.t.Helper(); return b.text(".read output") }
	b.tabTo(".read input")
	b.hit(kb.Home)
	first := read()
	b.hit(kb.ArrowRight)
	second := read()
	if !strings.Contains(first, "available ₦") || second == first {
		b.t.Errorf("the keys read %q and then %q", first, second)
	}
	if heard := eval[string](b, `document.querySelector(".read input").getAttribute("aria-valuetext")`); heard != second {
		b.t.Errorf("heard is %q, want %q", heard, second)
	}
	at := eval[struct{ X, Y float64 }](b, `document.querySelector(".read input").getBoundingClientRect().toJSON()`)
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: "mouseMoved", X: at.X + 1, Y: at.Y + 80})
		return err
	}))
	b.wait("the pointer to read the first balance", fmt.Sprintf(`document.querySelector(".read output").innerText === %q`, first))
}

func TestWhatACustomerNeedsStandsOnTopAndTheDecisionIsOneKeyAway(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t)
	colleague := s.SignedIn()
	one, _ := s.Link(colleague, "Amina Bello", "Amina456")
	three, _ := s.Link(colleague, "Jumoke Balogun", "Jumoke123")
	a := s.Accounts(one)["2230011442"]
	for i := range 12 {
		s.Said(a, time.Duration(i)*47*time.Hour+time.Minute, 340500000, store.Minor(int64(i*i)*700000+100000))
	}
	staff := newChromium(t, s).staff()

	for i := range 12 {
		s.Customer(fmt.Sprintf("Person %02d", i))
	}
	staff.open("/customers")
	staff.wantAccessible(axe, "the list")
	staff.shootAll("list")
	if n := eval[int](staff, `[...document.querySelectorAll("tbody tr")].filter((r) => r.getBoundingClientRect().bottom <= 800).length`); n < 10 {
		t.Errorf("%d rows of the list are above the fold, want ten", n)
	}

	// F leads from a list to the question, and Enter to its answer.
	staff.tabTo("tbody a")
	staff.strike("f", "KeyF")
	staff.waitPath("/customers/")
	staff.wait("the amount to have the focus", `document.activeElement.id === "funds-amount"`)
	staff.open("/customers/" + one)
	staff.strike("f", "KeyF")
	staff.typed("1,000")
	staff.hit(kb.Enter)
	staff.waitFor("#funds-answer", "Yes")
	staff.wantAccessible(axe, "funds-sum")
	staff.wantOneSheet("funds-sum")
	staff.shootAll("funds-sum")

	for name, id := range map[string]string{"one account": one, "three accounts": three} {
		staff.open("/customers/" + id)
		staff.wantAccessible(axe, "customer "+name)
		staff.shootAll("customer-" + name[:3])
		staff.wantAbove(800, name, "[id^=refresh-], form[action$=refresh] button")
		staff.wantAbove(800, name, "#funds-amount")
		staff.wantAbove(800, name, "form[action$=invitations] button")
		staff.wantNoTaller(1400, "the customer with "+name)
	}
	staff.open("/accounts/" + a.ID)
	staff.wantAccessible(axe, "account")
	staff.readsTheChart()
	staff.shootAll("account")
	staff.wantAbove(800, "account", "#funds-amount")
	staff.wantNoTaller(1400, "the account")

	for _, row := range []struct{ status, as, was string }{
		{"Decide", `UPDATE link_attempts SET state = 'needs_review' WHERE customer_id = ?`, `UPDATE link_attempts SET state = 'linked' WHERE customer_id = ?`},
		{"Make a link", `UPDATE customers SET asked_link_at = 1 WHERE id = ?`, `UPDATE customers SET asked_link_at = NULL WHERE id = ?`},
		{"Renew consent", `UPDATE consents SET given_at = given_at / 2 WHERE customer_id = ?`, `UPDATE consents SET given_at = given_at * 2 WHERE customer_id = ?`},
		{"Ask to sign in again", `UPDATE accounts SET status = 'needs_login' WHERE customer_id = ?`, `UPDATE accounts SET status = 'linked' WHERE customer_id = ?`},
		{"Refresh", `UPDATE accounts SET as_of = 1 WHERE customer_id = ?`, ``},
	} {
		s.Exec(row.as, one)
		for _, width := range []int{desktop, phone} {
			b := staff.resized(width)
			b.open("/customers/" + one)
			b.waitFor("#next", row.status)
			b.wantAbove(400, row.status, "#next")
			b.shoot("next-" + row.status[:4])
		}
		if row.was != "" {
			s.Exec(row.was, one)
		}
	}
}
