package browser_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"balancelink/handlers/sitetest/site"
)

// hands is a tab that counts what somebody does in it. What is typed is not counted, nor
// getting into the field for that; a key that is pressed alone is.
type hands struct {
	*tab
	clicks, keys int
}

func (h *hands) click(selector string) { h.t.Helper(); h.clicks++; h.tab.click(selector) }
func (h *hands) press(text string)     { h.t.Helper(); h.clicks++; h.tab.press(text) }
func (h *hands) hit(key string)        { h.t.Helper(); h.keys++; h.tab.hit(key) }

func (h *hands) strike(key, code string) { h.t.Helper(); h.keys++; h.tab.strike(key, code) }

// finds opens a customer from any page by the keyboard.
func (h *hands) finds(typed, name string) {
	h.t.Helper()
	h.strike("/", "Slash")
	h.typed(typed)
	h.hit(kb.Enter)
	h.waitFor("h1", name)
}

// asksFunds asks on a customer's page, by the keyboard, whether they cover an amount.
func (h *hands) asksFunds(amount string) {
	h.t.Helper()
	h.strike("f", "KeyF")
	h.typed(amount)
	h.hit(kb.Enter)
	h.waitFor("#funds-answer", "Yes")
}

// job is something that people do often, and how much of clicks and keys it may cost.
type job struct {
	name         string
	at           string // the page on which it begins
	clicks, keys int    // at most
	do           func(h *hands)
}

// TestFrequentJobsCostNoMoreThanTheyMay does every frequent job on one site, beginning
// where people stand who have it to do. Those come first that ask for the password again of
// whoever signed in a while ago.
func TestFrequentJobsCostNoMoreThanTheyMay(t *testing.T) {
	s := site.New(t, "FRESH_FOR=5m", "STALE_AFTER=10m")
	officer := s.SignedIn()
	amina, _ := s.Link(officer, "Amina Bello", "Amina456")
	dayo, _ := s.Link(officer, s.Holder("Dayo123"), "Dayo123")
	s.Link(officer, s.Holder("Efe123"), "Efe123")
	s.Doubtful(officer, "Mallory", "Bola123")
	s.HeardAll()
	a := s.Accounts(amina)["2230011442"]
	staff := newChromium(t, s).staff()
	folder := staff.saves()
	for _, j := range []job{
		{"ask all customers to sign in again", "/", 3, 0, func(h *hands) {
			s.Exec(`UPDATE accounts SET status = 'needs_login'`)
			h.reload()
			h.press("sign in again")
			h.press("Make links for")
			if rows := h.saved(folder); len(rows) < 3 {
				t.Errorf("the file has %d lines, want one for each of the customers", len(rows))
			}
			s.Exec(`UPDATE accounts SET status = 'linked'`)
		}},
		{"back up", "/", 2, 0, func(h *hands) {
			h.press("Status")
			h.press("Back up now")
			h.waitFor("#database, #notice", "backup")
		}},
		{"invite a colleague", "/", 3, 0, func(h *hands) {
			h.press("Staff")
			h.press("Invite a colleague")
			h.fill("#email", "colleague@lender.example")
			h.press("Make the link")
			h.waitFor("h1", "Link for colleague@lender.example")
		}},
		{"find a customer and read the balance", "/status", 0, 2, func(h *hands) {
			h.finds("amina", "Amina Bello")
			h.waitFor(".account .figures", "₦")
		}},
		{"add a customer and have the message for them", "/", 3, 1, func(h *hands) {
			h.press("Customers")
			h.waitFor("h1", "Customers")
			h.press("Add a customer")
			h.fill("#customer-name", "Ngozi Umeh")
			h.fill("#customer-phone", "0803 100 1001")
			h.hit(kb.Enter)
			h.waitFor("h1", "Ngozi Umeh")
			h.press("Make a personal link")
			h.waitFor("a[data-message]", "WhatsApp")
		}},
		{"refresh one account", "/customers/" + amina, 1, 0, func(h *hands) {
			s.Advance(11 * time.Minute) // a bank is not asked again within its cool-down
			h.reload()
			h.click("#refresh-" + a.ID)
			h.waitFor(".account .outcome", "")
		}},
		{"check funds from anywhere", "/status", 0, 4, func(h *hands) {
			h.finds("amina", "Amina Bello")
			h.asksFunds("1,000")
		}},
		{"check funds by a figure that is too old", "/customers/" + amina, 0, 2, func(h *hands) {
			s.Advance(11 * time.Minute)
			h.reload()
			h.asksFunds("1,000")
		}},
		{"ask one customer to sign in again", "/", 2, 0, func(h *hands) {
			s.Exec(`UPDATE accounts SET status = 'needs_login' WHERE customer_id = ?`, dayo)
			h.reload()
			h.press("sign in again")
			h.press("Ask to sign in again")
			h.waitFor("a[data-message], #message", "")
		}},
		{"refresh all who are out of date", "/today", 2, 0, func(h *hands) {
			s.Advance(11 * time.Minute)
			h.reload()
			h.click("[data-choose]")
			h.click("#chosen [type=submit]")
			h.waitFor("#asked", "All requests to the banks have ended")
		}},
		{"decide a doubtful link", "/", 3, 0, func(h *hands) {
			h.press("waiting for review")
			h.waitFor("h1", "Links to review")
			h.press("Mallory")
			h.fill("#refuse-reason", "They rang us")
			h.press("Reject and delete")
			h.waitFor("#notice", "The link is rejected")
		}},
		{"replay a webhook and see what came of it", "/", 3, 0, func(h *hands) {
			h.press("Webhooks")
			h.waitFor("h1", "Webhooks")
			h.click("tbody th a")
			h.waitFor("#event", "")
			h.press("Replay")
			h.waitFor("#notice", "is processed again")
			h.waitFor("#event .badge", "Applied")
		}},
		{"see who looked at a customer", "/customers/" + dayo, 1, 0, func(h *hands) {
			h.press("All of it in the audit log")
			h.waitFor("tbody", "ooked at")
		}},
	} {
		h := &hands{tab: staff}
		staff.open(j.at)
		j.do(h)
		t.Logf("%s: %d clicks, %d keys", j.name, h.clicks, h.keys)
		if h.clicks > j.clicks || h.keys > j.keys {
			t.Errorf("%s costs %d clicks and %d keys, want %d and %d at most", j.name, h.clicks, h.keys, j.clicks, j.keys)
		}
	}
}

// Whoever types the domain is in after two taps at most. What a browser has filled in costs
// none: it is there before the page is touched.
func TestACustomerWhoTypesTheDomainIsInAfterTwoTaps(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.Customer(url.Values{
		"name": {"Amina Bello"}, "email": {"amina@example.com"}, "phone": {"0803 100 1001"}, "reference": {"LN-7"},
	})
	const password = "three little words"
	s.Connects(staff, id, "Amina123").SetPassword(password)
	c := newChromium(t, s)
	for _, login := range []string{"08031001001", "+234 803 100 1001", "amina@example.com", "LN-7"} {
		customer := &hands{tab: c.tab(phone)}
		customer.open("/")
		customer.press("See my balances")
		customer.waitFor("h1", "Sign in to see your balances")
		customer.fill("#login", login)
		customer.fill("#password", password)
		customer.shootAll("me-login")
		customer.press("Sign in")
		customer.waitFor("h1", "Your balances")
		if customer.clicks > 2 || customer.keys > 0 {
			t.Errorf("with %s they are in after %d taps and %d keys, want 2 and none", login, customer.clicks, customer.keys)
		}
		customer.open("/")
		customer.waitFor("h1", "Your balances") // and with none while they are signed in
	}
}
