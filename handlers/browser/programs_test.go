package browser_test

import (
	"context"
	"database/sql/driver"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"modernc.org/sqlite"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views/browsertest"
)

// choose puts a file into the field of a form, as a person chooses one.
func (b *tab) choose(selector, file string) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}

// saves has the tab put what it downloads into a folder, which it returns.
func (b *tab) saves() (folder string) {
	b.t.Helper()
	folder = b.t.TempDir()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
			BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
		})
		return err
	}))
	return folder
}

// saved waits for a CSV file in a folder and reads it.
func (b *tab) saved(folder string) (rows [][]string) {
	b.t.Helper()
	b.until("a file", func() (bool, error) {
		files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
		if err != nil || len(files) != 1 {
			return false, err
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			return false, err
		}
		rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
		return len(rows) > 0, err
	})
	return rows
}

// gate is where a statement of a database waits that asks to: what takes a while takes as long
// as a test looks at it.
var gate = make(chan struct{})

func init() {
	sqlite.MustRegisterScalarFunction("wait_at_gate", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		<-gate
		return nil, nil
	})
}

func TestCustomersAreTakenInFromAFileAndTheirLinksAreSaved(t *testing.T) {
	axe := browsertest.Axe(t)
	t.Parallel()
	s := &site.Site{T: t, Log: site.Quiet, AtOnce: time.Millisecond}
	s.Open(nil)
	s.SignedIn().CustomerWith("Amina Bello", "", "L-1")
	file := filepath.Join(t.TempDir(), "customers.csv")
	const list = "\ufeffReference;Name;Phone\r\nL-1;Amina Bello;0803 100 1001\r\nL-2;Bola Ade;\r\nL-3;Chidi;12\r\n"
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	staff := newChromium(t, s).staff()
	staff.do(viewport(phone))
	send := func() {
		t.Helper()
		staff.open("/customers/import")
		staff.choose("#import-file", file)
		staff.pressAway("Look what it would do")
	}

	staff.open("/customers/import")
	staff.wantAccessible(axe, "import")
	send()
	staff.waitFor("#import td", "Phone: Enter one whole telephone number")
	staff.waitFor("#import tr", "Amina Bello")
	staff.wantAccessible(axe, "import-read")
	if n := s.Count(`SELECT COUNT(*) FROM customers`); n != 1 {
		t.Errorf("before anybody said yes there are %d customers", n)
	}

	goOn := sync.OnceFunc(func() { close(gate) })
	defer goOn()
	s.Exec(`CREATE TRIGGER waiting BEFORE INSERT ON customers BEGIN SELECT wait_at_gate(); END`)
	staff.pressAway("Take in the rows that are right")
	staff.waitFor("#import progress", "")
	eval[bool](staff, "globalThis.samePage = true")
	staff.listen()
	staff.wantAccessible(axe, "import-running")
	goOn()
	staff.waitFor("#import dl", "Were added 1")
	staff.waitFor("#import dl", "Were changed 1")
	staff.wantAnnounced("The file is taken in.")
	if !eval[bool](staff, "globalThis.samePage === true") {
		t.Error("the page was loaded again")
	}
	staff.wantAccessible(axe, "import-done")

	folder := staff.saves()
	staff.press("Make the links and save them (CSV)")
	rows := staff.saved(folder)
	if len(rows) != 3 || strings.Join(rows[0][:4], " ") != "Name Telephone Message Link" || rows[1][0] != "Amina Bello" || rows[1][1] != "+2348031001001" {
		t.Fatalf("the file has %q", rows)
	}
	s.Browser().Get(strings.TrimPrefix(rows[2][3], s.URL)).WantText("h1", "asks to see your bank balance")

	staff.pressAway("Another file")
	send()
	staff.waitFor("#import dl", "As they are 2")
	if eval[bool](staff, seek("button", "Take in")+" !== undefined") {
		t.Error("what is there already can be taken in again")
	}
}

func TestAKeyIsMadeShownOnceCopiedAndRevoked(t *testing.T) {
	axe := browsertest.Axe(t)
	s := site.New(t)
	staff := newChromium(t, s).staff()
	staff.open("/keys")
	staff.press("Make a key")
	staff.wantAccessible(axe, "keys-none")
	staff.fill("#name", "Core banking")
	staff.click(`input[name="balances:read"]`)
	staff.pressAway("Make the key")
	staff.waitFor("h1", "Key for Core banking")
	staff.wantAccessible(axe, "key-made")
	key := eval[string](staff, `document.querySelector("#key").value`)
	for how, write := range map[string]string{
		"as the browser lets pages":      `async (text) => { globalThis.copied = text }`,
		"where it lets none do it alone": `async () => { throw new Error("not allowed") }`,
	} {
		staff.reload()
		eval[bool](staff, `(navigator.clipboard.writeText = `+write+`, true)`)
		eval[bool](staff, `(addEventListener("copy", () => { globalThis.copied = getSelection().toString() }), true)`)
		staff.press("Copy")
		staff.waitFor("[data-copy]", "Copied")
		if copied := eval[string](staff, "globalThis.copied"); copied != key || !strings.HasPrefix(key, "bl_sim_") {
			t.Errorf("%s, copied is %q, shown %q", how, copied, key)
		}
	}
	if k, err := s.Store.UseAPIKey(t.Context(), key); err != nil || !k.Allows(store.ReadBalances) {
		t.Errorf("the key is %+v, %v", k, err)
	}
	staff.pressAway("Back to the keys")
	staff.waitFor("tbody tr", "Works")
	staff.wantAccessible(axe, "keys")
	if strings.Contains(eval[string](staff, "document.documentElement.outerHTML"), key) {
		t.Error("the list shows the whole key")
	}
	staff.press("Revoke")
	staff.waitFor("details[open]", "This cannot be undone")
	staff.clickOn("details button", "Revoke")
	staff.waitFor("tbody tr", "Was revoked")
	if _, err := s.Store.UseAPIKey(t.Context(), key); err == nil {
		t.Error("revoked, it still lets in")
	}
}
