package samples

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"balancelink/views"
	"balancelink/views/locale"
)

// fileName is a sample's name as that of a file.
func fileName(name string) string { return strings.ReplaceAll(name, "/", "-") }

// inEveryLanguage is the gallery in all languages: to the name of a page that
// is not English its language is added.
func inEveryLanguage(t *testing.T) map[string]templ.Component {
	t.Helper()
	all := map[string]templ.Component{}
	maps.Copy(all, gallery(t.Context()))
	for _, code := range locale.Languages()[1:] {
		for name, page := range gallery(locale.In(t.Context(), code)) {
			all[name+" "+code] = spoken(page, code)
		}
	}
	return all
}

// TestGallery renders every page in every state and language and holds it
// against the rules that all share. With GALLERY_DIR set it also writes them
// there, for eyes.
func TestGallery(t *testing.T) {
	for name, page := range inEveryLanguage(t) {
		t.Run(name, func(t *testing.T) {
			text, doc := render(t, page)
			if dir := os.Getenv("GALLERY_DIR"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, fileName(name)+".html"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			checkPage(t, doc)
			checkParts(t, doc)
			if name != "gallery/normal" && !strings.HasPrefix(name, "gallery/normal ") { // which shows a wrong field among its parts
				checkProblems(t, doc)
			}
		})
	}
}

// checkPage holds what is true of whole pages.
func checkPage(t *testing.T, doc *goquery.Document) {
	t.Helper()
	for selector, want := range map[string]int{
		"h1": 1, "main": 1, "head > title": 1, "html[lang]": 1, "#announce[role=status]": 1, "#notice": 1, "a.skip[href='#main']": 1,
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
	doc.Find("td[data-label]").Each(func(_ int, s *goquery.Selection) { // its parts stand in columns of their own
		if s.Children().Length() > 0 && strings.TrimSpace(s.Contents().Not("*").Text()) != "" {
			t.Errorf("a cell has words beside its parts, which part on a phone: %s", words(s.Text()))
		}
	})
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

// checkProblems holds that a page says above everything else what is wrong in
// its forms: in its title, and in a summary that takes the focus and leads there.
func checkProblems(t *testing.T, doc *goquery.Document) {
	t.Helper()
	wrong, summary := doc.Find("[aria-invalid=true], .error"), doc.Find("main > #problems:first-child[tabindex][autofocus]")
	if (wrong.Length() > 0) != (summary.Length() == 1) {
		t.Errorf("%d fields are wrong, and %d summaries say so", wrong.Length(), summary.Length())
	}
	title := doc.Find("title").Text()
	if says := strings.HasPrefix(title, "Error: ") || strings.HasPrefix(title, "Erreur"); says != (summary.Length() == 1) {
		t.Errorf("the title is %q, with %d summaries", title, summary.Length())
	}
	summary.Find("a").Each(func(_ int, a *goquery.Selection) {
		if field := a.AttrOr("href", ""); doc.Find("input"+field+", select"+field+", textarea"+field).Length() != 1 {
			t.Errorf("%q leads to %s, which is no field", a.Text(), field)
		}
	})
	if said := wrong.Filter(".error").Length(); said > summary.Find("li").Length() {
		t.Errorf("%d fields say what is wrong, the summary names %d", said, summary.Find("li").Length())
	}
}

func TestSimulatedDataIsSaidOnEveryPage(t *testing.T) {
	_, doc := render(t, views.MeView(views.Me{Frame: customerFrame("x")}))
	if got := doc.Find(".banner strong").Text(); got != "Simulated data: no real bank, no real money." {
		t.Errorf("banner = %q", got)
	}
	_, doc = render(t, views.LoginView(views.Login{Frame: strangerFrame("x")}))
	if doc.Find(".banner").Length() != 0 {
		t.Error("production has the banner")
	}
}

func TestWidgetOptionsCannotEndTheirScript(t *testing.T) {
	_, doc := render(t, linkGallery(t.Context())["attempt/open"])
	var w views.Widget
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
	for name, page := range linkGallery(t.Context()) {
		_, doc := render(t, page)
		if got, want := doc.Find("script[src*=connect], script#widget").Length() > 0, strings.HasPrefix(name, "attempt/open") || strings.HasPrefix(name, "attempt/window"); got != want {
			t.Errorf("%s: widget's script = %v, want %v", name, got, want)
		}
	}
}

func TestClaimedAttemptPollsAndOthersDoNot(t *testing.T) {
	for name, page := range linkGallery(t.Context()) {
		_, doc := render(t, page)
		if got, want := doc.Find("#attempt[hx-trigger='load delay:2s'][hx-get]").Length() == 1, strings.HasPrefix(name, "attempt/claimed") || name == "attempt/page-awaited"; got != want {
			t.Errorf("%s: polls = %v, want %v", name, got, want)
		}
	}
}

func TestErrorFragmentLeavesTheCardAlone(t *testing.T) {
	_, doc := render(t, views.ErrorFragment(views.ErrorPage{Heading: "Too early", Sentence: "Wait a minute."}))
	if got := doc.Find("body > *:not([hx-swap-oob])").Length(); got != 0 {
		t.Errorf("%d elements would take the card's place", got)
	}
	if got, want := doc.Find("#announce").Text(), "Too early Wait a minute."; got != want {
		t.Errorf("announced %q, want %q", got, want)
	}
}

func TestTickCarriesTheVersionOfTheConsent(t *testing.T) {
	_, doc := render(t, linkGallery(t.Context())["connect/normal"])
	box := doc.Find("input[type=checkbox][name=consent][required]")
	if got, want := box.AttrOr("value", ""), views.CurrentConsent(false).Version; got != want {
		t.Errorf("value = %q, want %q", got, want)
	}
	if _, checked := box.Attr("checked"); checked {
		t.Error("the box is ticked beforehand")
	}
}

func TestEverySampleBelongsToAScreenAndEveryScreenHasItsUsualState(t *testing.T) {
	listed := 0
	for _, sc := range screens(t.Context()) {
		listed += len(sc.States)
		if len(sc.States) == 0 {
			t.Errorf("%s has no sample", sc.Slug)
		}
	}
	if all := gallery(t.Context()); listed != len(all) {
		t.Errorf("%d of %d samples are listed", listed, len(all))
	}
}

func TestASampleIsMarkedAndLeadsToTheNext(t *testing.T) {
	seen := 0
	for path := "/gallery/" + screens(t.Context())[0].Slug + "/" + screens(t.Context())[0].States[0]; path != ""; seen++ {
		parts := strings.Split(path, "/")
		page, ok := Page(t.Context(), parts[2], parts[3])
		if !ok {
			t.Fatalf("%s leads nowhere", path)
		}
		_, doc := render(t, page)
		if doc.Find(".sample-banner strong").Length() != 1 || doc.Find("script[src]").Length() != 0 {
			t.Errorf("%s is not marked, or runs scripts", path)
		}
		path = doc.Find(".sample-banner a[rel=next]").AttrOr("href", "")
	}
	if want := len(gallery(t.Context())); seen != want {
		t.Errorf("the samples lead through %d of %d", seen, want)
	}
}

// Whoever has hidden amounts reads none anywhere, nor hears one.
func TestHiddenAmountsAreOnNoPage(t *testing.T) {
	ctx := views.HideAmounts(t.Context())
	hidden := 0
	for name, page := range gallery(ctx) {
		if strings.HasPrefix(name, "gallery/") {
			continue // shows what amounts look like
		}
		var b bytes.Buffer
		if err := page.Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		doc, err := goquery.NewDocumentFromReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("input, textarea").Remove() // what somebody is typing
		if text := doc.Find("body").Text(); strings.Contains(text, "₦") || strings.Contains(text, "hidden") {
			hidden++
			if at := strings.Index(text, "₦"); at >= 0 {
				t.Errorf("%s says %q", name, text[max(0, at-60):min(len(text), at+20)])
			}
		}
	}
	if hidden == 0 {
		t.Error("no page has an amount that is hidden")
	}
}

func TestAPausedProviderIsNotSaidToHaveNoCallsLeft(t *testing.T) {
	p := views.Provider{CallsLeft: 20, CallsPerMinute: 20, Pause: "unreachable", NextTry: sampleNow.Add(time.Minute)}
	_, doc := render(t, views.OverviewView(views.Overview{Frame: staffFrame("Overview", "overview"), Customers: 1, Providers: []views.Provider{p}}))
	if text := doc.Find("#provider ~ dl").Text(); strings.Contains(text, "Calls left") || !strings.Contains(text, "It cannot be reached.") {
		t.Errorf("while paused it says %q", text)
	}
}

func TestATotalSaysWhatIsWorkedOutInIt(t *testing.T) {
	row := views.CustomerRow{Name: "Amina Bello", Totals: []views.Total{{Money: naira(100), Worked: 2}}}
	_, doc := render(t, views.CustomersView(views.Customers{Frame: staffFrame("Customers", "customers"), Rows: []views.CustomerRow{row}}))
	if text := words(doc.Find("tbody").Text()); !strings.Contains(text, "2 accounts worked out") {
		t.Errorf("the list says %q", text)
	}
}

func TestAWebhookThatWaitsIsAskedForAgain(t *testing.T) {
	for result, polls := range map[string]int{"received": 1, "applied": 0, "failed": 0, "ignored": 0} {
		_, doc := render(t, views.EventView(views.EventPage{Frame: staffFrame("Webhook", "inbox"), Event: views.EventRow{URL: "/inbox/1", Result: result}}))
		if got := doc.Find("#event[hx-get='/inbox/1'][hx-trigger='load delay:2s']").Length(); got != polls {
			t.Errorf("%s: asked for %d times, want %d", result, got, polls)
		}
	}
}
