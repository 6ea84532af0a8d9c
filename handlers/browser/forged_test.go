package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// forge is a page that says that a bank was linked, and that the window closes,
// to whoever has framed or opened it, and to what it frames and opens itself.
const forge = `<!doctype html><title>Forger</title><script>
const lie = (variant) => ({success: true, close: true, variant, record: "5f3f0c1d8e4f2b0017a3c9aa", record_id: "5f3f0c1d8e4f2b0017a3c9aa", accounts: []})
const tell = (to) => { for (const data of [{ifameLoaded: true}, lie(location.search)]) to?.postMessage(data, "*") }
setInterval(() => { tell(opener); if (parent !== window) { tell(parent); tell(top) } for (let i = 0; i < length; i++) tell(window[i]) }, 50)
</script>`

// hear notes every message before any script of the page can stop it.
const hear = `globalThis.heard = []; addEventListener("message", (e) => heard.push(e.data?.variant), true)`

// impostors is a browser in which the bank's window is at widget.test, and other
// names and ports are a forger's.
func impostors(t *testing.T) (*site.Site, *chromium) {
	t.Helper()
	s := site.New(t)
	sim, _ := url.Parse(s.Settings.OkraWidgetURL)
	windowAt(s, "widget.test") // which means something in the browser only
	serveForge := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, forge)
	})
	plain, secure := httptest.NewServer(serveForge), httptest.NewTLSServer(serveForge)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	forger := strings.TrimPrefix(plain.URL, "http://")
	rules := []string{
		"MAP widget.test:80 " + sim.Host, "MAP widget.test:443 " + strings.TrimPrefix(secure.URL, "https://"), "MAP widget.test:8088 " + forger,
		"MAP *.evil.test:80 " + forger, "MAP xn--*:80 " + forger,
	}
	c := newChromium(t, s, chromedp.Flag("host-resolver-rules", strings.Join(rules, ",")), chromedp.Flag("ignore-certificate-errors", true),
		chromedp.Flag("disable-site-isolation-trials", true)) // so that every frame is in reach of the test
	return s, c
}

// defenceless takes the policy away that lets our page hold no foreign frame, so
// that the guard is all that is left.
func (b *tab) defenceless() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, cdppage.SetBypassCSP, cdppage.SetBypassCSPParams{Enabled: true}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: hear})
		return err
	}))
}

func TestAForgedMessageOfAnyKindReachesNothing(t *testing.T) {
	s, c := impostors(t)
	staff := c.staff()
	id := staff.addCustomer("Amina Bello")
	customer := c.tab(phone)
	customer.defenceless()
	link := staff.invite()
	customer.open(link)
	eval[any](customer, `postMessage({success: true, close: true, record: "5f3f0c1d8e4f2b0017a3c9aa"}, "*")`) // before there is any window
	bank := customer.agree(link)
	nonce := customer.nonce()
	untouched := func(what string) {
		t.Helper()
		if a := s.Attempt(id, nonce); a.State != store.AttemptOpen || a.ProviderRecord != "" || !a.ReportedAt.IsZero() {
			t.Fatalf("%s: the attempt is %s with record %q and reported at %v", what, a.State, a.ProviderRecord, a.ReportedAt)
		}
		if n := eval[int](customer, `document.querySelectorAll("iframe:not(.forger)").length`); n != 1 {
			t.Fatalf("%s: the page holds %d windows of the bank", what, n)
		}
	}

	// Frames in our own page, as an injected advertisement could be.
	for variant, frame := range map[string]struct{ src, sandbox string }{
		"suffix":     {"http://widget.test.evil.test", ""},
		"port":       {"http://widget.test:8088", ""},
		"scheme":     {"https://widget.test", ""},
		"look-alike": {"http://xn--wdget-qsa.test", ""},
		"null":       {"http://other.evil.test", "allow-scripts"},
		"evil":       {"http://www.evil.test", ""},
	} {
		eval[any](customer, fmt.Sprintf(`{
			const f = Object.assign(document.createElement("iframe"), {className: "forger"})
			if (%[3]s) f.sandbox = %[3]s
			f.src = %[2]s + "/?" + %[1]s
			document.body.append(f)
		}`, quote(variant), quote(frame.src), quote(frame.sandbox)))
		customer.wait("the forger's message: "+variant, fmt.Sprintf(`heard.includes("?" + %s)`, quote(variant)))
		untouched(variant)
	}
	eval[any](customer, `document.querySelectorAll(".forger").forEach((f) => f.remove())`)

	// The right origin, and another window of it.
	eval[bool](customer, `new Promise((loaded) => document.body.append(Object.assign(document.createElement("iframe"),
		{className: "forger", src: "http://widget.test/help", onload: () => loaded(true)})))`, chromedp.EvalAwaitPromise)
	const lie = `{success: true, close: true, record: "5f3f0c1d8e4f2b0017a3c9aa", variant: "%s"}`
	eval[any](bank, fmt.Sprintf(`parent.postMessage(`+lie+`, "*")`, "sibling"))
	customer.wait("the sibling's message", `heard.includes("sibling")`)
	untouched("sibling")
	eval[any](customer, `document.querySelector(".forger").remove()`)
	eval[any](customer, fmt.Sprintf(`postMessage(`+lie+`, "*")`, "self"))
	customer.wait("our own message", `heard.includes("self")`)
	untouched("self")

	// The right window, with what is no message of okra-js, and with its first one again.
	for _, data := range []string{`"success"`, `null`, `7`, `[{success: true}]`, `new Map([["success", true]])`, `new Date()`} {
		eval[any](bank, `parent.postMessage(`+data+`, "*")`)
	}
	eval[any](bank, `for (let i = 0; i < 3; i++) parent.postMessage({ifameLoaded: true, variant: "again"}, "*")`)
	customer.wait("the second first message", `heard.filter((v) => v === "again").length === 3`)
	untouched("shape")

	// And the real one still works.
	bank.identify("guaranty-trust-bank", "Amina123", "Sokoto")
	bank.click("input[name=account][value='0123456789']")
	bank.click("#share")
	bank.click("#done")
	customer.waitFor("#attempt h2", "Your bank is connected")
	eval[any](customer, fmt.Sprintf(`postMessage(`+lie+`, "*")`, "late")) // after its end
	customer.waitFor("#attempt li", "6789")
	if a := s.Attempt(id, nonce); a.State != store.AttemptLinked || a.ProviderRecord == "5f3f0c1d8e4f2b0017a3c9aa" {
		t.Errorf("the attempt is %s with record %s", a.State, a.ProviderRecord)
	}
}

// Whoever opens our page, or is opened by it, has no hold on it; and nobody
// frames it.
func TestAnotherSitesWindowHasNoHoldOnTheBankWindowsPage(t *testing.T) {
	s, c := impostors(t)
	staff := c.staff()
	id := staff.addCustomer("Amina Bello")
	customer := c.tab(desktop)
	customer.agree(staff.invite())
	nonce := customer.nonce()
	here := s.URL + "/connect/attempts/" + nonce
	click := func(p *runtime.EvaluateParams) { p.UserGesture = new(true) }

	eval[any](customer, `globalThis.heard = []; addEventListener("message", (e) => heard.push(e.data?.variant), true)`)
	eval[any](customer, `globalThis.popup = open("http://www.evil.test/?popup"); null`, click)
	customer.wait("the popup is out of reach", `popup.closed`)
	if got := eval[int](customer, `heard.length`); got != 0 {
		t.Errorf("%d messages came from a popup", got)
	}

	customer.open("http://www.evil.test/?opener")
	eval[any](customer, `globalThis.victim = open(`+quote(here)+`); null`, click)
	customer.wait("the opened page is out of reach", `victim.closed`)
	eval[any](customer, `victim.postMessage(lie("opener"), "*")`)

	eval[any](customer, `document.body.append(Object.assign(document.createElement("iframe"), {src: `+quote(here)+`, onload() { globalThis.framed = true }}))`)
	customer.wait("the frame has its answer", `globalThis.framed === true`)
	if _, ok := customer.log.frameContext(s.URL); ok {
		t.Error("another site frames our page")
	}
	customer.log.forgive("frame-ancestors")
	if a := s.Attempt(id, nonce); a.State != store.AttemptOpen || !a.ReportedAt.IsZero() {
		t.Errorf("the attempt is %s and reported at %v", a.State, a.ReportedAt)
	}
}

func TestADoubleClickOpensOneWindowOfTheBank(t *testing.T) {
	s := site.New(t)
	c := newChromium(t, s)
	staff := c.staff()
	id := staff.addCustomer("Amina Bello")
	customer := c.tab(phone)
	customer.open(staff.invite())
	customer.click("#consent")
	customer.waitFor("button[type=submit], form button", "Connect your bank")
	customer.twice(`button`, "Connect your bank")
	customer.waitPath("/connect/attempts/")
	customer.bank()
	if n := eval[int](customer, `document.querySelectorAll("iframe").length`); n != 1 {
		t.Errorf("%d windows of the bank", n)
	}
	eval[any](customer, `for (let i = 0; i < 3; i++) document.getElementById("open-bank").click()`) // as by the keyboard
	if n := eval[int](customer, `document.querySelectorAll("iframe, [id^=okra-base]").length`); n != 1 {
		t.Errorf("after pressing again: %d windows and sheets", n)
	}
	all, err := s.Store.AttemptsByCustomer(t.Context(), store.OfCustomer(id))
	if err != nil || len(all) != 1 {
		t.Errorf("%d attempts, %v; want one", len(all), err)
	}
	customer.in(s.Settings.OkraWidgetURL).click("#close")
	customer.waitFor("#attempt", "Nothing was linked")
}

// twice presses a button twice before anything else can happen.
func (b *tab) twice(selector, text string) {
	b.t.Helper()
	b.act(`const e = ` + seek(selector, text) + `; e.click(); e.click()`)
}
