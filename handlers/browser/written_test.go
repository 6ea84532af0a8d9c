package browser_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// unruly are names that turn round what stands beside them, or are as long as
// any, unless something holds them.
var unruly = []string{
	"Ada \u202eolleh", "Ada\u2069\u202e olleh", "Ada \u2067\u202e(olleh)\u202c", "\u2069\u2069\u202eEze", "\u05d3\u05d5\u05d3 \u05db\u05d4\u05df (1)", "\u07d2\u07de\u07cf-7", "\u202bBello\u202c 12\u202e!",
	strings.Repeat("Wolfeschlegel", 12) + "n", strings.Repeat("W", 200),
}

// straight is a JavaScript function: the stretches of text on the page, without
// what stands in unruly names, that are written from the right.
const straight = `((names) => {
	const wrong = []
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let node = walk.nextNode(); node; node = walk.nextNode()) {
		const at = [] // of each character that is no control, in the node
		let text = ""
		for (let i = 0; i < node.data.length; i++) {
			if (/[\u202a-\u202e\u2066-\u2069]/.test(node.data[i])) continue
			at.push(i)
			text += node.data[i].replace(/\s/, " ")
		}
		const within = new Array(text.length).fill(false)
		for (const name of names) {
			const bare = name.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
			for (let i = text.indexOf(bare); i >= 0; i = text.indexOf(bare, i + 1)) within.fill(true, i, i + bare.length)
		}
		const place = (i) => {
			const range = document.createRange()
			range.setStart(node, at[i])
			range.setEnd(node, at[i] + 1)
			return range.getBoundingClientRect()
		}
		for (let i = 0; i + 1 < text.length; i++) {
			if (within[i] || within[i + 1] || !/[A-Za-z0-9]/.test(text[i]) || !/[A-Za-z0-9]/.test(text[i + 1])) continue
			const [a, b] = [place(i), place(i + 1)]
			if (a.width && b.width && a.top === b.top && b.left < a.left) {
				wrong.push(text.slice(0, 80))
				break
			}
		}
	}
	return wrong
})`

func TestNoNameTurnsASentenceRoundOrWidensAPage(t *testing.T) {
	s := site.New(t)
	var pages, customers []string
	s.Offline(func() {
		for i, name := range unruly {
			id := tell(s, i, name)
			customers = append(customers, id)
			account := s.Accounts(id)[fmt.Sprintf("%010d", i)].ID
			further := []string{
				"/customers/" + id + "/edit", "/customers/" + id + "/erase", "/customers/" + id + "/funds-checks",
				"/accounts/" + account + "/unlink", "/customers/" + id + "/seen", "/customers/" + id + "/seen/history",
			}
			pages = append(pages, "/customers/"+id, "/accounts/"+account, further[i%6], further[(i+4)%6])
		}
	})
	pages = append(pages, "/", "/customers", "/customers?q=Ada", "/refreshes", "/inbox", "/audit")
	c := newChromium(t, s)
	staff := c.staff()
	for _, path := range pages {
		staff.open(path)
		staff.wantOrder(path, phone, desktop)
	}
	for _, i := range []int{1, len(unruly) - 2} {
		const password = "three little words"
		cu := customers[i]
		if err := s.Store.SetCustomerPassword(t.Context(), store.OfCustomer(cu), "", site.CheapCost.Hash(password)); err != nil {
			t.Fatal(err)
		}
		b := c.tab(phone)
		b.open("/me/login")
		b.fill("#login", fmt.Sprint(i, " ", unruly[i]))
		b.fill("#password", password)
		b.press("Sign in")
		b.wait("the whole page", `location.pathname === "/me" && document.readyState === "complete"`)
		account := "/me/accounts/" + s.Accounts(cu)[fmt.Sprintf("%010d", i)].ID
		for _, path := range []string{"/me", account, account + "/unlink", "/me/consents", "/me/withdraw", "/me/password"} {
			b.open(path)
			b.wantOrder(path, phone)
		}
	}
}

// wantOrder fails if a page has words that are turned round, or is wider than the
// screen, on a screen of any of the widths.
func (b *tab) wantOrder(path string, widths ...int) {
	b.t.Helper()
	names, err := json.Marshal(unruly)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, width := range widths {
		b = b.resized(width)
		if wrong := eval[[]string](b, fmt.Sprintf("%s(%s)", straight, names)); len(wrong) > 0 {
			b.t.Errorf("%s at %d px: turned round: %q", path, width, wrong)
		}
		if wide := eval[int](b, "document.documentElement.scrollWidth"); wide > width {
			b.t.Errorf("%s is %d px wide instead of %d: %s", path, wide, width, eval[string](b, fmt.Sprintf(widest, width)))
		}
	}
}

// widest names what reaches out of a page of that width.
const widest = `[...document.querySelectorAll("body *")].filter((e) => Math.max(e.getBoundingClientRect().right, e.getBoundingClientRect().left + e.scrollWidth) > %d + 1).filter((e) => !e.matches(".visually-hidden")).map((e) => e.tagName + "." + e.className).join(" ")`
