package web

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"balancelink/store"
	"balancelink/views"
)

const seenKey = "seen"

// seen is a member of staff who looks at a customer's pages as the customer sees them.
type seen struct {
	staff  store.Staff
	base   string // where these pages are for staff
	banner views.SeenAs
}

// SeeAs lets the rest of a request draw what a customer would see: for the pages the customer
// asks, and reaches what is theirs. It is not as if they had signed in: whatever is written
// down names the member of staff, and what is drawn does nothing, see [readOnly]. It is for
// routes that change nothing alone.
func SeeAs(c *gin.Context, cu store.Customer, base string, banner views.SeenAs) {
	c.Set(seenKey, &seen{staff: MustStaff(c), base: base, banner: banner})
	SetCustomer(c, cu, store.OfCustomer(cu.ID))
}

// SeenBy is the member of staff who looks at a customer's page; false: nobody but who asks does.
func SeenBy(c *gin.Context) (store.Staff, bool) {
	if s := seenOf(c); s != nil {
		return s.staff, true
	}
	return store.Staff{}, false
}

func seenOf(c *gin.Context) *seen {
	s, _ := c.Get(seenKey)
	as, _ := s.(*seen)
	return as
}

// readOnly is a page whose forms are off and whose links lead nowhere but to those of the
// customer's pages that staff see, below base, and back: what is marked data-keep stays.
func readOnly(page []byte, base string) ([]byte, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	switchOff(doc, base, false)
	var b bytes.Buffer
	err = html.Render(&b, doc)
	return b.Bytes(), err
}

func switchOff(n *html.Node, base string, inForm bool) {
	if n.Type == html.ElementNode {
		if attribute(n, "data-keep") != nil {
			return
		}
		n.Attr = slices.DeleteFunc(n.Attr, acts)
		switch n.Data {
		case "a":
			switchLink(n, base)
		case "form":
			inForm = true
		case "button", "input", "select", "textarea":
			if inForm || attribute(n, "form") != nil {
				n.Attr = append(n.Attr, html.Attribute{Key: "disabled"})
			}
		}
	}
	for child := range n.ChildNodes() {
		switchOff(child, base, inForm)
	}
}

// acts are the attributes by which an element does something beyond showing itself.
func acts(a html.Attribute) bool {
	return strings.HasPrefix(a.Key, "hx-") || strings.HasPrefix(a.Key, "on") ||
		slices.Contains([]string{"action", "formaction", "method", "data-opened", "download", "ping"}, a.Key)
}

func attribute(n *html.Node, name string) *html.Attribute {
	if i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name }); i >= 0 {
		return &n.Attr[i]
	}
	return nil
}

// switchLink has a link lead to what staff see of the customer's pages, or else nowhere.
func switchLink(n *html.Node, base string) {
	href := attribute(n, "href")
	if href == nil {
		return
	}
	if to := seenURL(href.Val, base); to != "" {
		href.Val = to
		return
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "href" })
	n.Attr = append(n.Attr, html.Attribute{Key: "role", Val: "link"}, html.Attribute{Key: "aria-disabled", Val: "true"})
}

// seenPages are the pages of customers that staff see as they do.
var seenPages = regexp.MustCompile(`^/me(/history|/accounts/[0-9A-Za-z-]+)?$`)

func seenURL(href, base string) string {
	if strings.HasPrefix(href, "#") {
		return href
	}
	u, err := url.Parse(href)
	if err != nil || u.Host != "" || u.Scheme != "" || !seenPages.MatchString(u.Path) {
		return ""
	}
	u.Path = base + strings.TrimPrefix(u.Path, "/me")
	return u.String()
}
