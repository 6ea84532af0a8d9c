package browser_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/views/browsertest"
)

const (
	phone   = 360
	desktop = 1280

	// patience is how long a tab may take for one thing that it is told.
	patience = sitetest.Never
	// acknowledged is how long is waited for a tab to say that it has been clicked: it says
	// nothing more of a click that led to another page when that is there before.
	acknowledged = patience / 6
)

// TestMain ends the Chromium that the tests share.
func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }

// chromium is a browser program, of which each tab has a profile of its own.
type chromium struct {
	t    testing.TB
	site *site.Site
	ctx  context.Context
}

// newChromium is the headless Chromium that all tests share, or with flags one
// for this test alone.
func newChromium(t testing.TB, s *site.Site, flags ...chromedp.ExecAllocatorOption) *chromium {
	t.Helper()
	if len(flags) > 0 {
		return &chromium{t: t, site: s, ctx: browsertest.Start(t, flags...)}
	}
	return &chromium{t: t, site: s, ctx: browsertest.Browser(t)}
}

// tab is one person's browser, or a frame inside of it: no two tabs share
// cookies. Whatever its methods look for they wait for.
type tab struct {
	t     testing.TB
	site  *site.Site
	ctx   context.Context
	log   *tabLog
	width int
	frame string // origin of the frame that is meant; empty: the page itself
}

// tab opens a tab of the given width. Nothing may complain in its console, but
// about requests that the server refused: some tests want those.
func (c *chromium) tab(width int) *tab {
	c.t.Helper()
	entries := &tabLog{}
	ctx, done := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(entries.listen))
	c.t.Cleanup(done)
	b := &tab{t: c.t, site: c.site, ctx: ctx, log: entries, width: width}
	if err := chromedp.Do(ctx, viewport(width)); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		for _, complaint := range entries.complaints() {
			c.t.Errorf("console: %s", complaint)
		}
	})
	return b
}

func viewport(width int) chromedp.Action[chromedp.Void] {
	if width <= phone {
		return chromedp.EmulateViewport(int64(width), 740, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.EmulateViewport(int64(width), 800)
}

// in is the frame of an origin in the same tab.
func (b *tab) in(origin string) *tab {
	f := *b
	f.frame = origin
	return &f
}

// open goes to an address, of the site unless it names another.
func (b *tab) open(path string) {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.site.URL + path
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for range 10 {
		err := chromedp.Do(ctx, chromedp.Navigate(path))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "net::ERR_ABORTED") { // by a page that was on its way
			b.t.Fatal(err)
		}
	}
	b.t.Fatalf("%s never opens: other pages come in its place", path)
}

func (b *tab) reload() { b.t.Helper(); b.do(chromedp.Reload()) }

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval is the value of a JavaScript expression.
func eval[T any](b *tab, expression string, opts ...chromedp.EvaluateOption) T {
	b.t.Helper()
	v, err := try[T](b, expression, opts...)
	if err != nil {
		b.t.Fatalf("%s: %v", expression[:min(len(expression), 200)], err)
	}
	return v
}

func try[T any](b *tab, expression string, opts ...chromedp.EvaluateOption) (v T, err error) {
	if b.frame != "" {
		id, ok := b.log.frameContext(b.frame)
		if !ok {
			return v, fmt.Errorf("no frame of %s", b.frame)
		}
		opts = append(opts, func(p *runtime.EvaluateParams) { p.ContextID = id })
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, opts...))
}

// wait waits until a JavaScript expression is true. A page that is being
// replaced by the next one answers nothing for a while.
func (b *tab) wait(what, expression string) {
	b.t.Helper()
	b.until(what, func() (bool, error) { return try[bool](b, expression) })
}

func (b *tab) until(what string, holds func() (bool, error)) {
	b.t.Helper()
	var err error
	seen := func() string {
		b.shoot("failed")
		return fmt.Sprintf("%v; the page says: %s", err, b.text("body"))
	}
	b.site.Time.Await(b.t, what, seen, func() (held bool) {
		b.site.Wake()
		held, err = holds()
		return held && err == nil
	})
}

// visible is a JavaScript function: the first element that a person could see,
// that fits the selector and, unless it is empty, says the text. Where nothing
// is drawn there is nothing to see: an empty place for notices is on every page.
const visible = `((selector, text) => [...document.querySelectorAll(selector)].find((e) =>
	e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().height > 0 && e.innerText.replace(/\s+/g, " ").includes(text)))`

func seek(selector, text string) string {
	return fmt.Sprintf("%s(%s, %s)", visible, quote(selector), quote(text))
}

// quote is a string as JavaScript writes it.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// waitFor waits until an element is there to see and says the text.
func (b *tab) waitFor(selector, text string) {
	b.t.Helper()
	b.wait(selector+" saying "+text, "!!"+seek(selector, text))
}

// waitPath waits for the page at a path, completely loaded.
func (b *tab) waitPath(prefix string) {
	b.t.Helper()
	b.wait("a page below "+prefix, fmt.Sprintf(`location.pathname.startsWith(%s) && document.readyState === "complete"`, quote(prefix)))
}

// text is what a person reads of the elements, with single spaces.
func (b *tab) text(selector string) string {
	b.t.Helper()
	all, _ := try[string](b, fmt.Sprintf(`[...document.querySelectorAll(%s)].map((e) => e.innerText).join(" ")`, quote(selector)))
	return strings.Join(strings.Fields(all), " ")
}

// click moves the mouse to the element, to its first line if it is a text of
// several, and presses, once nothing covers it.
func (b *tab) click(selector string) { b.t.Helper(); b.clickOn(selector, "") }

// press clicks the button or link that says the text.
func (b *tab) press(text string) {
	b.t.Helper()
	b.clickOn("button, a, summary", text)
}

// pressAway presses what leads to another page, or to the same one anew, and
// waits for that.
func (b *tab) pressAway(text string) {
	b.t.Helper()
	eval[bool](b, "globalThis.pressed = true")
	b.press(text)
	b.wait("another page", `!globalThis.pressed && document.readyState === "complete"`)
}

// act runs JavaScript that may lead away from the page, whose answer would be lost with it.
func (b *tab) act(script string) {
	b.t.Helper()
	eval[any](b, `setTimeout(() => {`+script+`})`)
}

// back goes back as by the browser's button, and waits for the page that is there.
func (b *tab) back() {
	b.t.Helper()
	eval[bool](b, "globalThis.pressed = true")
	b.act("history.back()")
	b.wait("the page before", `!globalThis.pressed && document.readyState === "complete"`)
}

// aim is a JavaScript function: where to click an element, once nothing lies over it.
// From then on aimed says whether a click has met it, or something else.
const aim = `((e, selector, text) => {
	if (!e) return null
	e.scrollIntoView({block: "center", behavior: "instant"})
	const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2
	const top = document.elementFromPoint(x, y)
	if (top === null || !e.contains(top) && !top.contains(e)) return null
	const alike = (other) => other?.innerText.replace(/\s+/g, " ").includes(text)
	const met = (target) => target === top || e.contains(target) || alike(target.closest?.(selector))
	if (!globalThis.aimed) {
		for (const event of ["pointerdown", "click"]) {
			addEventListener(event, ({target}) => {
				aimed.astray ||= !aimed[event] && !aimed.met(target)
				aimed[event] = true
			}, {capture: true})
		}
	}
	globalThis.aimed = {met, top, astray: false}
	return {x, y}
})`

// clickOn clicks where an element is. What moves meanwhile is aimed at again, and so is
// what is replaced between press and release: then there is no click.
func (b *tab) clickOn(selector, text string) {
	b.t.Helper()
	b.until(selector+" to press, saying "+text, func() (bool, error) {
		at, err := try[*struct{ X, Y float64 }](
			b, fmt.Sprintf("%s(%s, %s, %s)", aim, seek(selector, text), quote(selector), quote(text)),
		)
		if err != nil || at == nil {
			return false, err
		}
		if b.frame != "" {
			page := *b
			page.frame = ""
			frame := eval[struct{ X, Y float64 }](&page, `document.querySelector("iframe").getBoundingClientRect().toJSON()`)
			at.X, at.Y = at.X+frame.X, at.Y+frame.Y
		}
		b.mouse(at.X, at.Y)
		// A page that is being left says nothing. One that is slow has the release yet to come.
		missed, err := try[bool](b, `!!globalThis.aimed &&
			(aimed.astray || !!aimed.pointerdown && !aimed.click && !aimed.top.isConnected)`)
		return err != nil || !missed, nil
	})
}

// mouse clicks there. What comes of it the page shows.
func (b *tab) mouse(x, y float64) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, acknowledged)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.MouseClickXY(x, y))
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		b.t.Fatal(err)
	}
}

// fill types into a field, over what stands there.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.click(selector)
	eval[chromedp.Void](b, "document.activeElement.select()")
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
	if got := eval[string](b, seek(selector, "")+".value"); got != text {
		b.t.Fatalf("%s holds %q, want %q", selector, got, text)
	}
}

// tabLog is what a tab has told us of itself: its frames and its complaints.
type tabLog struct {
	mu      sync.Mutex
	frames  []*runtime.ExecutionContextDescription
	entries []string
}

func (l *tabLog) listen(event any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExecutionContextCreated:
		l.frames = append(l.frames, e.Context)
	case *runtime.EventExecutionContextDestroyed:
		l.frames = slices.DeleteFunc(l.frames, func(f *runtime.ExecutionContextDescription) bool { return f.UniqueID == e.ExecutionContextUniqueID })
	case *runtime.EventExecutionContextsCleared:
		l.frames = nil
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		text := d.Text
		if d.Exception != nil {
			text = cmp.Or(d.Exception.Description, text)
		}
		l.entries = append(l.entries, "uncaught: "+text+" "+d.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			l.entries = append(l.entries, fmt.Sprintf("%s: %s", e.Type, values(e.Args)))
		}
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork && (e.Entry.Level == log.EntryLevelWarning || e.Entry.Level == log.EntryLevelError) {
			l.entries = append(l.entries, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

// forgive drops the complaints that say a text, which a test provoked.
func (l *tabLog) forgive(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = slices.DeleteFunc(l.entries, func(entry string) bool { return strings.Contains(entry, text) })
}

func values(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		words = append(words, cmp.Or(a.Description, string(a.Value)))
	}
	return strings.Join(words, " ")
}

// frameContext is where the scripts of an origin's newest frame run.
func (l *tabLog) frameContext(origin string) (runtime.ExecutionContextID, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range slices.Backward(l.frames) {
		var aux struct{ IsDefault bool }
		if json.Unmarshal(f.AuxData, &aux) == nil && aux.IsDefault && f.Origin == origin {
			return f.ID, true
		}
	}
	return 0, false
}

func (l *tabLog) complaints() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}
