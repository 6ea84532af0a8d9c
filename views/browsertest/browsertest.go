// Package browsertest starts Chromium for tests, and says where a test may do
// without.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// Start starts a headless Chromium with a profile of its own that ends with the
// test, with more flags perhaps, and returns the context of its first tab.
func Start(t testing.TB, flags ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		Unavailable(t, err)
	}
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(opts, flags...)...)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(ctx)
	t.Cleanup(quit)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// Axe is the script of the accessibility checker, which npm ci installs beside
// the pages' own. The test's folder is one below the top.
func Axe(t testing.TB) string {
	t.Helper()
	script, err := os.ReadFile("../static/node_modules/axe-core/axe.min.js")
	if err != nil {
		Unavailable(t, err)
	}
	return string(script)
}

// Unavailable skips a test for lack of a tool, or fails it where the tool must
// be: BROWSER_TESTS=required.
func Unavailable(t testing.TB, why error) {
	t.Helper()
	if os.Getenv("BROWSER_TESTS") == "required" {
		t.Fatal(why)
	}
	t.Skip(why)
}
