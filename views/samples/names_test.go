package samples

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Whoever hears the headings or the links of a page alone has to tell them apart.
func TestNoTwoHeadingsOrLinksOfAPageHaveTheSameText(t *testing.T) {
	for name, page := range gallery(t.Context()) {
		t.Run(name, func(t *testing.T) {
			_, doc := render(t, page)
			once(t, "heading", doc.Find("main h1, main h2, main h3, main h4"), func(*goquery.Selection) string { return "" })
			once(t, "link", doc.Find("main a[href]"), func(a *goquery.Selection) string { return a.AttrOr("href", "") })
		})
	}
}

// once fails where two elements have one text, and lead to different places.
func once(t *testing.T, what string, all *goquery.Selection, to func(*goquery.Selection) string) {
	t.Helper()
	seen := map[string]string{}
	all.Each(func(i int, one *goquery.Selection) {
		text := strings.Join(strings.Fields(one.Text()), " ")
		before, twice := seen[text]
		if there := to(one); twice && (there == "" || there != before) {
			t.Errorf("two %ss are %q", what, text)
		}
		seen[text] = to(one)
	})
}
