package samples

import (
	"strings"
	"testing"
)

// A finger that is impatient on a slow line presses a button again.
func TestEveryFormIsSentOnceThatLeadsToAnotherPage(t *testing.T) {
	stays := map[string]string{ // the beginning of an address
		"/amounts": "does the same twice", "/language": "does the same twice",
		"/audit/export": "is answered by a file", "/me/export": "is answered by a file",
		"/customers/1/export": "is answered by a file", "/customers/sign-in-again": "is answered by a file",
		"/customers/import/links": "is answered by a file",
	}
	met := map[string]bool{}
	for name, page := range gallery(t.Context()) {
		_, doc := render(t, page)
		for _, form := range doc.Find("form[method=post]").EachIter() {
			_, once := form.Attr("data-once")
			_, part := form.Attr("hx-post")
			action := form.AttrOr("action", "")
			why := ""
			for address := range stays {
				if strings.HasPrefix(action, address) && (why == "" || len(address) > len(why)) {
					why = address
				}
			}
			met[why] = true
			if once == (part || why != "") {
				t.Errorf("%s: the form of %s is sent once: %v", name, action, once)
			}
		}
	}
	for address := range stays {
		if !met[address] {
			t.Errorf("no sample has a form of %s", address)
		}
	}
}
