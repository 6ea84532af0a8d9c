package samples

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"balancelink/static"
	"balancelink/views/browsertest"
)

// look is a way in which somebody sees the pages, and what has to hold of them
// then: see testdata/inspect.js.
type look struct {
	name   string
	width  int64
	scale  float64
	media  map[string]string
	checks []string
}

var (
	light = map[string]string{"prefers-color-scheme": "light"}
	dark  = map[string]string{"prefers-color-scheme": "dark"} // other colours, and nothing else
	plain = map[string]string{"forced-colors": "active", "prefers-reduced-motion": "reduce"}

	looks = []look{
		{"on a phone", 360, 1, light, []string{"everything", "sideways", "small", "joined", "crowded"}},
		{"on a phone in the dark", 360, 1, dark, []string{"colours"}},
		{"on a desk", 1280, 1, light, []string{"layout", "sideways", "small", "joined", "crowded"}},
		{"at 200 % of 640 pixels", 320, 2, light, []string{"sideways", "small"}},
		{"with forced colours and without motion", 360, 1, plain, []string{"flat", "moving"}},
	}
)

// laidOut is the rules whose outcome hangs on where things stand, but for that
// of contrast, which has a way of its own. The others find on a desk what they
// find on a phone, where all but the heads of tables is to be seen.
const laidOut = `{type: "rule", values: ["target-size", "scrollable-region-focusable", "td-headers-attr", "th-has-data-cells"]}`

// TestEverySampleIsAccessible holds every page of the gallery against WCAG 2.2
// AA as far as a machine can tell.
func TestEverySampleIsAccessible(t *testing.T) {
	t.Parallel()
	ctx := inspector(t)
	pages := map[string]string{}
	for name, page := range gallery(t.Context()) {
		pages[name], _ = render(t, page)
	}
	for _, l := range looks {
		if err := chromedp.Do(ctx, l.emulate()...); err != nil {
			t.Fatal(err)
		}
		found := map[string][]string{}
		for names := range slices.Chunk(slices.Sorted(maps.Keys(pages)), 20) {
			maps.Copy(found, inspect(t, ctx, l, pages, names))
		}
		for _, name := range slices.Sorted(maps.Keys(found)) {
			for _, complaint := range found[name] {
				t.Errorf("%s %s: %s", name, l.name, complaint)
			}
		}
	}
}

// inspector is a tab with our stylesheet and what testdata/inspect.js can do.
func inspector(t *testing.T) context.Context {
	t.Helper()
	script, err := os.ReadFile("testdata/inspect.js")
	if err != nil {
		t.Fatal(err)
	}
	rules := fmt.Sprintf("const levels = %s, laidOut = %s;", browsertest.Levels, laidOut)
	scripts := browsertest.Axe(t) + ";" + rules + string(script)
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!DOCTYPE html><link rel="stylesheet" href="%s"><meta name="color-scheme" content="light dark"><body>`, static.URL("app.css"))
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	ctx, done := chromedp.NewContext(browsertest.Browser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(done)
	if err := chromedp.Do(ctx, chromedp.Navigate(srv.URL)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](scripts+"; true")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func (l look) emulate() []chromedp.Action[chromedp.Void] {
	var features []*emulation.MediaFeature
	for name, value := range l.media {
		features = append(features, &emulation.MediaFeature{Name: name, Value: value})
	}
	return []chromedp.Action[chromedp.Void]{
		chromedp.EmulateViewport(l.width, 800, chromedp.EmulateScale(l.scale)),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
			return err
		}),
	}
}

// inspect returns what the checks of a look complain about, by the name of the page.
func inspect(t *testing.T, ctx context.Context, l look, pages map[string]string, names []string) map[string][]string {
	t.Helper()
	some := map[string]string{}
	for _, name := range names {
		some[name] = pages[name]
	}
	var call bytes.Buffer
	for _, arg := range []any{l.name, some, l.checks} {
		text, err := json.Marshal(arg)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&call, ",%s", text)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[map[string][]string]("inspect("+call.String()[1:]+")", chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A telephone's browser makes links of what looks like a number to ring, such as
// that of an account.
func TestNoPageLetsABrowserMakeLinksOfNumbers(t *testing.T) {
	for name, page := range gallery(t.Context()) {
		_, doc := render(t, page)
		if doc.Find("html").Length() == 1 && !strings.Contains(doc.Find("head meta[name=format-detection]").AttrOr("content", ""), "telephone=no") {
			t.Errorf("%s does not say that its numbers are none to ring", name)
		}
	}
}
