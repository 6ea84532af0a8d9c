// Package browsertest starts Chromium for tests.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest"
)

// Main runs the tests of a package that share one Chromium, and ends it. It
// returns the exit code:
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }
func Main(m *testing.M) int {
	defer shared.end()
	return m.Run()
}

// Browser returns the Chromium that the tests of a package share, as a context
// for tabs of their own: chromedp.NewContext with chromedp.WithNewBrowserContext,
// so that no test sees another's cookies.
func Browser(t testing.TB) context.Context {
	t.Helper()
	path := chromium(t)
	ctx, err := shared.context(path)
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// Start starts a Chromium with flags of its own that ends with the test, and
// returns the context for its tabs.
func Start(t testing.TB, flags ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx, end, err := launch(chromium(t), flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return ctx
}

func chromium(t testing.TB) (path string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a short run has no browser")
	}
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	sitetest.LeaveOut(t, "Chromium", "install Debian's package "+programs[0])
	return ""
}

// programs are Chromium without what draws windows, which takes half as long for the
// same pages, and the whole of it.
var programs = []string{"chromium-headless-shell", "chromium"}

// idle are features of Chromium that work for nobody here: each window loads two
// pages of suggestions for an address bar that nobody sees, which took half of
// what a tab and the pages in it took. The first two chromedp turns off.
const idle = "Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"

// launch starts a headless Chromium with a profile of its own. It draws without
// threads of its own for that: nobody looks, and the tests have few processors.
func launch(path string, flags ...chromedp.ExecAllocatorOption) (context.Context, func(), error) {
	pictures := os.Getenv("SCREENSHOTS")+os.Getenv("DEMO_PICTURES") != ""
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", idle),
		chromedp.Flag("disable-threaded-compositing", !pictures)) // with it no picture ever comes
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(opts, flags...)...)
	ctx, quit := chromedp.NewContext(ctx)
	end := func() { quit(); stop() }
	if err := chromedp.Do(ctx); err != nil {
		end()
		return nil, nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return ctx, end, nil
}

// shared is the process's one Chromium, started when it is first needed.
var shared browser

type browser struct {
	mu   sync.Mutex
	ctx  context.Context
	quit func()
}

func (b *browser) context(path string) (ctx context.Context, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil {
		b.ctx, b.quit, err = launch(path)
	}
	return b.ctx, err
}

func (b *browser) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.quit != nil {
		b.quit()
	}
}

// Levels is what axe is asked, as its option runOnly takes it: all rules of the
// levels that pages hold to.
const Levels = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`

// Axe is the script of the accessibility checker, which npm ci installs beside
// the pages' own.
func Axe(t testing.TB) string {
	t.Helper()
	return string(Installed(t, "axe-core/axe.min.js"))
}

// Installed is a file that npm ci installs. The test's folder is one or two
// below the top.
func Installed(t testing.TB, name string) []byte {
	t.Helper()
	for _, top := range []string{"..", "../.."} {
		if content, err := os.ReadFile(top + "/static/node_modules/" + name); err == nil {
			return content
		}
	}
	sitetest.LeaveOut(t, "npm's packages", "run make assets")
	return nil
}
