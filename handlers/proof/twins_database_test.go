//go:build !race

package proof_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestADatabaseRestartLosesNothing(t *testing.T) {
	t.Parallel()
	falls, r := size(t, restarts), seeded(t)
	server := storetest.NewServer(t)
	w := newTwins(t, server.Make(t, "kept"))
	w.fill()
	w.start(2)
	s := w.storm(r)
	pages := w.reads()
	for range falls {
		s.goesOn(1 + r.IntN(500))
		server.Restart(t)
		s.goesOn(100)
	}
	s.ends()
	pages.end()
	s.wantRefused(t)
	w.wantConverged(s)
	w.stop()
}

// wantRefused fails unless some deliveries were refused, and none was left without an answer.
func (s *storm) wantRefused(t *testing.T) {
	t.Helper()
	if s.refused.Load() == 0 {
		t.Error("nothing was refused: the proof proves little")
	}
	if n := s.silent.Load(); n > 0 {
		t.Errorf("%d deliveries were not answered", n)
	}
}

func TestADatabaseThatStandsStillIsSaidSoAndGoesOn(t *testing.T) {
	t.Parallel()
	server := storetest.NewServer(t)
	w := newTwins(t, server.Make(t, "kept"))
	w.fill()
	w.start(2)
	s := w.storm(seeded(t))
	staff := w.signedIn()
	s.goesOn(200)
	thaw := server.Freeze(t)
	refused := s.refused.Load()
	each(6, 6, func(i int) { // at once: each waits as long as a page does
		if paths := []string{"/", "/customers", "/inbox", "/status"}; i < len(paths) {
			wantSaidSo(t, staff, paths[i])
		} else {
			w.each[i-len(paths)].wantReady(503)
		}
	})
	sitetest.Await(t, "every sender to be refused", func() string { return fmt.Sprint(s.refused.Load() - refused) }, func() bool {
		return s.refused.Load()-refused >= senders
	})
	thaw()
	for _, i := range w.each {
		sitetest.Await(t, "an instance to be ready again", func() string { return "it is not" }, func() bool { return i.ready() == 200 })
	}
	s.goesOn(200)
	if _, at := staff.get("/customers"); at != "/customers" {
		t.Errorf("who was signed in is led to %s", at)
	}
	s.ends()
	s.wantRefused(t)
	w.wantConverged(s)
	w.stop()
}

// wantSaidSo fails unless a page says in a sentence that it cannot be shown now.
func wantSaidSo(t *testing.T, staff *browser, path string) {
	resp := staff.send("GET", path, nil, "")
	defer resp.Body.Close()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		t.Error(err)
		return
	}
	says := strings.Join(strings.Fields(doc.Find("main").Text()), " ")
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !strings.Contains(says, "Please try again in a minute") {
		t.Errorf("%s is answered %s: %q", path, resp.Status, says)
	}
}

func TestFailOverToASynchronousStandbyLosesNothing(t *testing.T) {
	t.Parallel()
	r := seeded(t)
	first := storetest.NewServer(t)
	first.Make(t, "kept")
	second := first.Standby(t)
	w := newTwins(t, first.URLOf("kept", second))
	w.fill()
	w.start(2)
	s := w.storm(r)
	s.goesOn(1 + r.IntN(1000))
	first.Fall()
	second.Promote(t)
	s.goesOn(200)
	s.ends()
	s.wantRefused(t)
	w.wantConverged(s)
	w.stop()
}

// readers are staff who read pages all the time.
type readers struct {
	over chan struct{}
	all  sync.WaitGroup
}

// reads has staff read pages. Whatever is answered has to be an answer.
func (w *twins) reads() *readers {
	w.t.Helper()
	p := &readers{over: make(chan struct{})}
	for range 2 {
		staff := w.signedIn()
		p.all.Go(func() {
			paths := []string{"/", "/customers", "/inbox", "/refreshes"}
			for n := 0; ; n++ {
				select {
				case <-p.over:
					return
				default:
					wantAnswer(w.t, staff, paths[n%len(paths)])
				}
			}
		})
	}
	return p
}

func (p *readers) end() {
	close(p.over)
	p.all.Wait()
}

// wantAnswer fails unless a page comes, or a 503 that says when to come again.
func wantAnswer(t *testing.T, staff *browser, path string) {
	resp := staff.send("GET", path, nil, "")
	defer resp.Body.Close()
	if resp.StatusCode >= 500 && (resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "") {
		t.Errorf("%s is answered %s", path, resp.Status)
	}
}

// signedIn is the browser of an auditor, who needs no second factor.
func (w *twins) signedIn() *browser {
	w.t.Helper()
	const email = "auditor@lender.example"
	if w.db.number(`SELECT COUNT(*) FROM staff WHERE email = $1`, email) == 0 {
		hash := signin.PasswordCost{KiB: 64, Passes: 1}.Hash(staffPassword)
		if _, err := w.open().AddStaff(w.t.Context(), store.Program, store.Staff{Email: email, PasswordHash: hash, Role: store.RoleAuditor}); err != nil {
			w.t.Fatal(err)
		}
	}
	b := w.each[0].browser()
	b.post("/login", url.Values{"email": {email}, "password": {staffPassword}})
	return b
}
