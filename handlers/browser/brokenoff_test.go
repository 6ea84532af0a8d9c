package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/views"
)

// breaking is a proxy before the pages behind which answers break off.
type breaking struct {
	t      *testing.T
	to     string                          // the address of the pages
	after  atomic.Pointer[string]          // the text in an answer after which it breaks off; nil: none does
	seen   atomic.Pointer[<-chan struct{}] // it breaks off once this is closed; nil: at once
	hidden bool                            // whether the proxy hides that from the browser
	broke  atomic.Int32                    // how many did
	older  atomic.Bool                     // what comes is of a release that did not end its answers so
}

// siteBehind is a site whose browsers come through a proxy that breaks answers off.
func siteBehind(t *testing.T, hidden bool) (*site.Site, *breaking) {
	t.Helper()
	addr := sitetest.Addr(t)
	p := &breaking{t: t, hidden: hidden}
	s := site.New(t, "PUBLIC_URL=http://"+addr)
	p.to = s.Addr
	site.Serve(t, addr, p)
	return s, p
}

func (p *breaking) breakAfter(text string) { p.after.Store(&text) }

// breakOnceSeen has an answer stand still after a text, and break off when cut is called: a
// browser that hears that at once may drop what it has not shown yet.
func (p *breaking) breakOnceSeen(text string) (cut func()) {
	seen, cut := context.WithCancel(p.t.Context())
	done := seen.Done()
	p.seen.Store(&done)
	p.breakAfter(text)
	return cut
}

func (p *breaking) mend() {
	p.after.Store(nil)
	p.seen.Store(nil)
}

// ServeHTTP hands a request through, and as much of its answer as comes.
func (p *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = "http", p.to, ""
	out.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if after := p.after.Load(); after != nil {
		if at := bytes.Index(body, []byte(*after)); at >= 0 {
			p.breakOff(w, resp, body, at+len(*after))
			return
		}
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	if p.older.Load() {
		body = bytes.ReplaceAll(body, []byte(views.Whole), nil)
		w.Header().Set("Page-Version", "older")
		w.Header().Del("Content-Length")
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(body)
}

// breakOff answers with the beginning of a body, of which only the length tells that it is
// not all.
func (p *breaking) breakOff(w http.ResponseWriter, resp *http.Response, body []byte, at int) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.t.Error(err)
		return
	}
	defer conn.Close()
	resp.Header.Set("Connection", "close")
	resp.Header.Del("Content-Length")
	if !p.hidden {
		resp.Header.Set("Content-Length", fmt.Sprint(len(body)))
	}
	fmt.Fprintf(conn, "HTTP/1.1 %s\r\n", resp.Status)
	_ = resp.Header.Write(conn)
	fmt.Fprintf(conn, "\r\n%s", body[:at])
	if seen := p.seen.Load(); seen != nil {
		<-*seen
	}
	p.broke.Add(1)
}

// bothWays tries something behind a line that breaks, and behind a proxy that hides it.
func bothWays(t *testing.T, try func(t *testing.T, hidden bool)) {
	t.Helper()
	t.Run("said", func(t *testing.T) { try(t, false) })
	t.Run("hidden by a proxy", func(t *testing.T) { try(t, true) })
}

// The card of an account comes with the sum that it changes.
func TestAPartThatBreaksOffStandsNowhereAndIsAskedForAgain(t *testing.T) {
	bothWays(t, func(t *testing.T, hidden bool) {
		s, line := siteBehind(t, hidden)
		id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
		a := s.Accounts(id)["0123456789"]
		if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1300000"); err != nil {
			t.Fatal(err)
		}
		staff := newChromium(t, s).staff()
		staff.open("/customers/" + id)
		line.breakAfter("<hx-partial")
		staff.click("#refresh-" + a.ID)
		s.Eventually("answers have broken off", func() bool { return line.broke.Load() > 0 })
		staff.waitFor("#offline", "Connection lost, trying again")
		if text := staff.text("main"); strings.Contains(text, "₦1,300,000.00") {
			t.Error("the beginning of the answer stands beside what it should have changed")
		}
		line.mend()
		staff.waitFor("#account-"+a.ID+" .figures", "₦1,300,000.00")
		staff.waitFor("#sum-card", "₦1,300,000.00")
		staff.wait("the warning to go", `document.querySelector("#offline").hidden`)
		staff.log.forgive("Failed to fetch")
	})
}

// While instances are exchanged one after the other a page polls those of both releases.
func TestAPartOfAReleaseBeforeThisOneTakesItsPlace(t *testing.T) {
	s, line := siteBehind(t, true)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	a := s.Accounts(id)["0123456789"]
	if err := s.Sim.SetBalance(a.ProviderID, "1300000", "1300000"); err != nil {
		t.Fatal(err)
	}
	staff := newChromium(t, s).staff()
	staff.open("/customers/" + id)
	line.older.Store(true)
	staff.click("#refresh-" + a.ID)
	staff.waitFor("#account-"+a.ID+" .figures", "₦1,300,000.00")
	staff.waitFor("#outdated", "renewed since you opened it")
	if !eval[bool](staff, `document.querySelector("#cut").hidden`) {
		t.Error("the page says that a part of it is missing")
	}
}

// What was pressed was done, perhaps: nothing is pressed again by itself.
func TestAPressWhoseAnswerBreaksOffSaysThatThePageMayBeOld(t *testing.T) {
	bothWays(t, func(t *testing.T, hidden bool) {
		s, line := siteBehind(t, hidden)
		id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
		a := s.Accounts(id)["0123456789"]
		staff := newChromium(t, s).staff()
		staff.open("/customers/" + id)
		line.breakAfter(`class="figures"`)
		staff.click("#refresh-" + a.ID)
		staff.waitFor("#cut", "may be incomplete or old")
		staff.waitFor("#account-"+a.ID+" .figures", "₦1,250,340.75") // what was known stays
		line.mend()
		staff.click("#cut a")
		staff.wait("the whole page", `document.querySelector("#cut").hidden && !!document.querySelector("#whole")`)
		staff.log.forgive("Failed to fetch")
	})
}

// begin goes to an address, and does not wait until its page is there.
func (b *tab) begin(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Navigate, page.NavigateParams{URL: b.site.URL + path})
		return err
	})); err != nil {
		b.t.Fatal(err)
	}
}

func TestAPageThatBreaksOffSaysSoWithScriptsAndWithout(t *testing.T) {
	bothWays(t, func(t *testing.T, hidden bool) {
		s, line := siteBehind(t, hidden)
		id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
		c := newChromium(t, s)
		for name, staff := range map[string]*tab{"scripts": c.staff(), "no scripts": c.staff().withoutScripts()} {
			cut := line.breakOnceSeen(`class="figures"`)
			staff.begin("/customers/" + id)
			staff.waitFor(".account", "Up to date")
			cut()
			if name == "no scripts" || !hidden { // a page whose loading failed runs no script either
				eval[int](staff, `document.getAnimations().map((waits) => waits.finish()).length`) // it has time to come
			}
			staff.waitFor("#cut", "may be incomplete or old")
			staff.wait("the words in sight", `(() => {
				const { top, bottom, height } = document.querySelector("#cut").getBoundingClientRect()
				const seen = getComputedStyle(document.querySelector("#cut")).visibility === "visible"
				return seen && height > 20 && top >= 0 && bottom <= innerHeight
			})()`)
			staff.shootAll("broken-off-" + strings.ReplaceAll(name, " ", "-"))
			line.mend()
			staff.click("#cut a")
			staff.wait("the whole page", `!!document.querySelector("#whole") && !document.querySelector("#cut").checkVisibility()`)
			staff.log.forgive("net::ERR")
		}
	})
}

// Badges turn to what the page brings, which is there before they are.
func TestBalancesGrowOldOnAPageThatBrokeOff(t *testing.T) {
	s, line := siteBehind(t, true)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	staff := newChromium(t, s).staff()
	line.breakAfter(`class="figures"`)
	staff.open("/customers/" + id)
	staff.waitFor(".account", "Up to date")
	eval[bool](staff, `globalThis.clock ??= Date.now, !!(Date.now = () => clock() + 73 * 3600000)`)
	staff.waitFor("main [data-as-of]", "Out of date")
}
