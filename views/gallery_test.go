package views

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

func fileName(name string) string { return strings.ReplaceAll(name, " ", "-") }

func render(t *testing.T, c templ.Component) (string, *goquery.Document) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatalf("rendering: %v", err)
	}
	text := b.String()
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatalf("parsing: %v", err)
	}
	return text, doc
}

// TestGallery renders every page in every state and holds it against the rules
// that all share. With GALLERY_DIR set it also writes them there, for eyes.
func TestGallery(t *testing.T) {
	pages := gallery()
	states := accountStates()
	var all []Account
	for _, a := range states {
		all = append(all, a)
	}
	pages["accounts"] = MeView(Me{Frame: customerFrame("Your balances"), Banks: []Bank{{"All states", all}}})
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			text, doc := render(t, page)
			if dir := os.Getenv("GALLERY_DIR"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, fileName(name)+".html"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			checkPage(t, doc)
			checkParts(t, doc)
		})
	}
}

// checkPage holds what is true of whole pages.
func checkPage(t *testing.T, doc *goquery.Document) {
	t.Helper()
	for selector, want := range map[string]int{
		"h1": 1, "main": 1, "title": 1, "html[lang=en]": 1, "#announce[role=status]": 1, "#notice": 1, "a.skip[href='#main']": 1,
		"meta[name=viewport]": 1, "link[rel=stylesheet]": 1,
	} {
		if got := doc.Find(selector).Length(); got != want {
			t.Errorf("%d × %s, want %d", got, selector, want)
		}
	}
	if strings.TrimSpace(doc.Find("h1").Text()) == "" {
		t.Error("the h1 is empty")
	}
}

// checkParts holds what is true of pages and fragments.
func checkParts(t *testing.T, doc *goquery.Document) {
	t.Helper()
	doc.Find("[style], style, [onclick], script:not([src]):not([type='application/json'])").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("the policy forbids inline style and script: %s", goquery.NodeName(s))
	})
	if strings.Contains(doc.Text(), "@") && strings.Contains(doc.Text(), "(c, ") {
		t.Error("a component call is shown as text")
	}
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); seen[id] {
			t.Errorf("id %q stands twice", id)
		} else {
			seen[id] = true
		}
	})
	doc.Find("input:not([type=hidden])").Each(func(_ int, s *goquery.Selection) {
		if doc.Find("label[for='"+s.AttrOr("id", "")+"']").Length() != 1 {
			t.Errorf("input %q has no label", s.AttrOr("name", ""))
		}
	})
	for _, attr := range []string{"aria-labelledby", "aria-describedby"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr(attr, "")) {
				if !seen[id] {
					t.Errorf("%s points to %q, which is not there", attr, id)
				}
			}
		})
	}
	doc.Find("form").Each(func(_ int, s *goquery.Selection) {
		if action, _ := s.Attr("action"); s.Find("button").Length() > 0 && action == "" {
			t.Error("a form with a button posts nowhere")
		}
	})
	doc.Find("time").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("datetime", "") == "" || !strings.Contains(s.AttrOr("title", ""), "WAT") {
			t.Errorf("a time without its exact value: %s", s.Text())
		}
	})
}

func TestSimulatedDataIsSaidOnEveryPage(t *testing.T) {
	_, doc := render(t, MeView(Me{Frame: customerFrame("x")}))
	if got := doc.Find(".banner strong").Text(); got != "Simulated data: no real bank, no real money." {
		t.Errorf("banner = %q", got)
	}
	_, doc = render(t, LoginView(Login{Frame: strangerFrame("x")}))
	if doc.Find(".banner").Length() != 0 {
		t.Error("production has the banner")
	}
}

func TestWidgetOptionsCannotEndTheirScript(t *testing.T) {
	_, doc := render(t, linkGallery()["attempt open"])
	var w Widget
	if err := json.Unmarshal([]byte(doc.Find("script#widget[type='application/json']").Text()), &w); err != nil {
		t.Fatalf("the widget's JSON: %v", err)
	}
	if got, want := w.Options.(map[string]any)["name"], "</script>Adire"; got != want {
		t.Errorf("name = %q, want %q", got, want)
	}
	if doc.Find("script[src*=connect]").Length() != 1 {
		t.Error("connect.js is not on the page")
	}
}

func TestOnlyAnOpenAttemptLoadsTheWidget(t *testing.T) {
	for name, page := range linkGallery() {
		_, doc := render(t, page)
		if got, want := doc.Find("script[src*=connect], script#widget").Length() > 0, name == "attempt open"; got != want {
			t.Errorf("%s: widget's script = %v, want %v", name, got, want)
		}
	}
}

func TestClaimedAttemptPollsAndOthersDoNot(t *testing.T) {
	for name, page := range linkGallery() {
		_, doc := render(t, page)
		if got, want := doc.Find("#attempt[hx-trigger='load delay:2s'][hx-get]").Length() == 1, name == "attempt claimed"; got != want {
			t.Errorf("%s: polls = %v, want %v", name, got, want)
		}
	}
}

func TestErrorFragmentLeavesTheCardAlone(t *testing.T) {
	_, doc := render(t, ErrorFragment(ErrorPage{Heading: "Too early", Sentence: "Wait a minute."}))
	if got := doc.Find("body > *:not([hx-swap-oob])").Length(); got != 0 {
		t.Errorf("%d elements would take the card's place", got)
	}
	if got, want := doc.Find("#announce").Text(), "Too early Wait a minute."; got != want {
		t.Errorf("announced %q, want %q", got, want)
	}
}

func TestTickCarriesTheVersionOfTheConsent(t *testing.T) {
	_, doc := render(t, linkGallery()["connect"])
	box := doc.Find("input[type=checkbox][name=consent][required]")
	if got, want := box.AttrOr("value", ""), "2026-11"; got != want {
		t.Errorf("value = %q, want %q", got, want)
	}
	if _, checked := box.Attr("checked"); checked {
		t.Error("the box is ticked beforehand")
	}
}
