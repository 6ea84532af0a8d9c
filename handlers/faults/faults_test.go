package faults_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest/fault"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/okra/provider"
	"balancelink/store"
)

// faultSites share the rows, each its own: most of the time they wait.
const faultSites = 4

func TestEveryFaultOfTheProviderEndsInATrueNamedState(t *testing.T) {
	t.Parallel()
	var reached sync.Map // ids
	t.Run("sites", func(t *testing.T) {
		for n := range faultSites {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				f, first := newFaultSite(t), firsts{}
				for i, row := range faultRows(t, f) {
					if first.wanted(row.id) && i%faultSites == n {
						reached.Store(row.id, true)
						t.Run(row.id+" "+row.name, func(t *testing.T) { f.endure(t, row) })
					}
				}
			})
		}
		t.Run("U32", func(t *testing.T) {
			f := newFaultSite(t)
			reached.Store("U32", true)
			t.Run("after the deadline", f.keepsWhatIsLate)
			t.Run("after unlinking", f.dropsWhatIsUnlinked)
		})
	})
	for i := range 32 {
		id := fmt.Sprintf("U%d", i+1)
		if _, ok := reached.Load(id); !ok {
			t.Errorf("no row for %s", id)
		}
	}
}

// firsts are the faults of which a row has come by: a short run wants the first of each.
type firsts map[string]bool

func (f firsts) wanted(id string) bool {
	again := f[id]
	f[id] = true
	return !again || !testing.Short()
}

// endure meets a fault at every place where it can occur.
func (f *faultSite) endure(t *testing.T, row faultRow) {
	f.T = t
	stop := f.work(row.hazard)
	defer stop()
	defer f.off(row.hazard)
	if row.brief || testing.Short() {
		f.askUnder(t, row, store.KindRefresh, row.question.state == "", cmp.Or(row.question, row.answer))
	} else {
		f.endureAll(t, row)
	}
	f.works(t)
	f.wantUncontacted(t)
}

// wantUncontacted fails if anybody but the configured host was contacted.
func (f *faultSite) wantUncontacted(t *testing.T) {
	t.Helper()
	if n, keys := f.canary.Connections.Load(), f.canary.Keys.Load(); n != 0 || keys != 0 {
		t.Fatalf("another host saw %d connections and the key %d times", n, keys)
	}
}

// TestNoAnswerLeadsToAnotherHost is about nothing but who was contacted, so that
// its mutant (.ci/mutants/follow-redirects.txt) is caught by that alone.
func TestNoAnswerLeadsToAnotherHost(t *testing.T) {
	f := newFaultSite(t)
	for _, row := range faultRows(t, f) {
		if row.id != "U20" && row.id != "U27" { // redirects, and addresses in answers
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			f.T = t
			defer f.work(row.hazard)()
			defer f.off(row.hazard)
			for _, path := range []string{"balance/refresh", "callback"} {
				f.on(row.hazard, path)
				f.outcome(t, f.start(t, store.KindRefresh), false)
			}
			f.wantUncontacted(t)
		})
	}
}

// endureAll meets it at a link, a refresh and a check.
func (f *faultSite) endureAll(t *testing.T, row faultRow) {
	if row.confirm.state != "" {
		f.confirmUnder(t, row)
	}
	checkQuestion, checkAnswer := row.checkQuestion, row.checkAnswer
	if checkQuestion == nil {
		checkQuestion = &row.question
	}
	if checkAnswer == nil {
		checkAnswer = &row.answer
	}
	f.askUnder(t, row, store.KindRefresh, false, row.question)
	f.askUnder(t, row, store.KindCheck, false, *checkQuestion)
	f.askUnder(t, row, store.KindRefresh, true, row.answer)
	f.askUnder(t, row, store.KindCheck, true, *checkAnswer)
}

// works sees that all is well again. What the bank has answered is read then, so that the
// next row begins with nothing on its way.
func (f *faultSite) works(t *testing.T) {
	t.Helper()
	f.seen = ""
	if got := f.outcome(t, f.start(t, store.KindRefresh), false); got.State != store.RefreshChanged && got.State != store.RefreshUnchanged {
		t.Errorf("after the fault a refresh ends as %s (%s)", got.State, got.Cause)
	}
	if a := f.Accounts(f.customerID)[f.account.NUBAN]; a.Status != store.AccountLinked {
		t.Errorf("after the fault the account is %s", a.Status)
	}
}

// askUnder asks for a refresh or a check of which the question or the answer is
// at fault.
func (f *faultSite) askUnder(t *testing.T, row faultRow, kind store.RefreshKind, inAnswer bool, want ending) {
	t.Helper()
	if want.state == "" {
		return
	}
	what := fmt.Sprintf("%s, in the question", kind)
	if inAnswer {
		what = fmt.Sprintf("%s, in the answer", kind)
	}
	before := f.seen
	if before == "" {
		before = f.shown()
	}
	var r store.Refresh
	if inAnswer {
		r = f.start(t, kind)
		f.Eventually("the question is out", func() bool { r = f.refreshByID(t, r.ID); return r.State == store.RefreshWaiting || !r.Open() })
		f.on(row.hazard, "callback")
	} else {
		f.on(row.hazard, "balance/refresh", "balance/check")
		r = f.start(t, kind)
	}
	got := f.outcome(t, r, want.state == store.RefreshTimedOut)
	f.off(row.hazard)
	if got.State != want.state || got.Fault != want.fault {
		t.Errorf("%s: %s %q (%s), want %s %q", what, got.State, got.Fault, got.Cause, want.state, want.fault)
	}
	if got.EndedAt.After(r.DeadlineAt.Add(time.Minute)) {
		t.Errorf("%s: it ended %v after its deadline", what, got.EndedAt.Sub(r.DeadlineAt))
	}
	// The answer came at some time between the question and the end.
	since := got.RetryAt.Add(-want.again)
	if want.again != 0 && (since.Before(got.CreatedAt) || since.After(got.EndedAt)) {
		t.Errorf("%s: again at %v, want %v after an answer between %v and %v", what, got.RetryAt, want.again, got.CreatedAt, got.EndedAt)
	}
	after, pages := f.look()
	if (before != after) != want.moves {
		t.Errorf("%s: the balance was %q and is %q", what, before, after)
	}
	saysSo(t, what, want, pages)
}

// pages are where the account's card stands, without the growing tables.
func (f *faultSite) pages() map[string]site.Page {
	f.T.Helper()
	return map[string]site.Page{"customer": f.customer.Get("/me"), "staff": f.staff.Get("/customers/" + f.customerID)}
}

// saysSo compares the words on both pages.
func saysSo(t *testing.T, what string, want ending, pages map[string]site.Page) {
	t.Helper()
	for who, p := range pages {
		words, note := p.TextOf("article.account .outcome, article.account .notice"), p.TextOf("article.account .note")
		if !strings.Contains(words, want.words) {
			t.Errorf("%s: the %s reads %q, want %q", what, who, words, want.words)
		}
		if told := want.cause != "" && strings.Contains(note, want.cause); told != (want.cause != "" && who == "staff") {
			t.Errorf("%s: the %s reads the note %q, cause %q", what, who, note, want.cause)
		}
		if p.Find("article.account [hx-trigger]").Length() != 0 {
			t.Errorf("%s: the page of the %s still waits", what, who)
		}
	}
}

// shown is the balance with its as-of time as both pages show it.
func (f *faultSite) shown() string {
	f.T.Helper()
	balance, _ := f.look()
	return balance
}

// look opens both pages.
func (f *faultSite) look() (balance string, pages map[string]site.Page) {
	f.T.Helper()
	pages = f.pages()
	card := func(who string) string {
		p := pages[who]
		p.WantStatus(http.StatusOK)
		asOf, _ := p.Find("article.account .dates time").First().Attr("title")
		return p.TextOf("article.account .figures") + " as of " + asOf
	}
	f.seen = card("customer")
	if staff := card("staff"); staff != f.seen {
		f.T.Errorf("the customer sees %q and the staff %q", f.seen, staff)
	}
	return f.seen, pages
}

// start presses a button: Refresh as the customer, Check for changes as staff.
func (f *faultSite) start(t *testing.T, kind store.RefreshKind) store.Refresh {
	t.Helper()
	f.Advance(10 * time.Millisecond)
	b, path := f.customer, "/me/accounts/"+f.account.ID+"/refresh"
	if kind == store.KindCheck {
		b, path = f.staff, "/accounts/"+f.account.ID+"/check"
	}
	b.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // pages are read once it has ended
	p := b.Post(path, nil)
	b.HTTP.CheckRedirect = nil
	p.WantStatus(http.StatusSeeOther)
	all, err := f.Store.RefreshesByAccount(t.Context(), store.Whole(), f.account.ID, 1)
	if err != nil || len(all) == 0 || all[0].Kind != kind {
		t.Fatalf("the request is not there: %v, %v", all, err)
	}
	return all[0]
}

func (f *faultSite) refreshByID(t *testing.T, id string) store.Refresh {
	t.Helper()
	r, err := f.Store.RefreshByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outcome lets time pass until a refresh has ended. One that is to be given up
// gets one look at the answer before its deadline.
func (f *faultSite) outcome(t *testing.T, r store.Refresh, givenUp bool) store.Refresh {
	t.Helper()
	f.Eventually("the refresh has ended", func() bool {
		r = f.refreshByID(t, r.ID)
		switch {
		case !r.Open():
			return true
		case givenUp && r.Polls > 0:
			f.Advance(r.DeadlineAt.Sub(f.Clock()))
		case r.NextAt.After(f.Clock()):
			f.Advance(r.NextAt.Sub(f.Clock()))
		}
		f.worker.Wake()
		return false
	})
	return r
}

// confirmUnder links the bank once more while the confirmation is at fault.
func (f *faultSite) confirmUnder(t *testing.T, row faultRow) {
	t.Helper()
	before := f.shown()
	path := row.confirmAt
	if path == "" {
		path = "products/records/get"
	}
	f.on(row.hazard, path)
	p := f.customer.Post("/me/attempts", nil)
	p.WantStatus(http.StatusOK)
	nonce := strings.TrimPrefix(p.Path, "/connect/attempts/")
	success, err := f.Sim.Connect(faultLogin, nonce, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.customer.PostJSON("/connect/attempts/"+nonce+"/success", string(success)).WantStatus(http.StatusAccepted)
	want := row.confirm.state
	f.attempt(t, nonce, func(a store.Attempt) bool {
		return a.State != store.AttemptClaimed || want == store.AttemptClaimed && a.Tries > 1
	})
	if after := f.shown(); before != after {
		t.Errorf("confirming: the balance was %q and is %q", before, after)
	}
	f.customer.Get("/connect/attempts/"+nonce).WantText("#attempt", row.confirm.words)
	staff := f.staff.Get("/customers/" + f.customerID)
	label := map[store.AttemptState]string{
		store.AttemptClaimed: "Being confirmed", store.AttemptFailed: "Failed", store.AttemptNeedsReview: "To review", store.AttemptLinked: "Linked",
	}[want]
	latest := staff.Find(".timeline li:has(.acts)").First().Text()
	if !strings.Contains(latest, label) || !strings.Contains(latest, row.confirm.cause) {
		t.Errorf("confirming: staff read %q, want %s because of %q", strings.Join(strings.Fields(latest), " "), label, row.confirm.cause)
	}
	f.off(row.hazard)
	f.seen = ""
	if want == store.AttemptClaimed {
		if a := f.attempt(t, nonce, func(a store.Attempt) bool { return a.State != want }); a.State != store.AttemptLinked {
			t.Errorf("after the fault the link is %s (%s)", a.State, a.Reason)
		}
	}
}

// attempt lets time pass until an attempt is what it has to be.
func (f *faultSite) attempt(t *testing.T, nonce string, is func(store.Attempt) bool) (a store.Attempt) {
	t.Helper()
	f.Eventually("the attempt gets on", func() bool {
		var err error
		if a, err = f.Store.AttemptByNonce(t.Context(), store.OfCustomer(f.customerID), nonce); err != nil {
			t.Fatal(err)
		}
		if is(a) {
			return true
		}
		f.Advance(500 * time.Millisecond) // until the next try
		f.worker.Wake()
		return false
	})
	return a
}

// answerLate asks for a refresh whose answer is on its way until late is called.
func (f *faultSite) answerLate(t *testing.T) (r store.Refresh, late func()) {
	t.Helper()
	asked, release := make(chan struct{}, 1), make(chan struct{})
	f.on(hazard{fault: okrasim.Held(asked, release)}, "callback")
	r = f.start(t, store.KindRefresh)
	f.Eventually("the answer is on its way", func() bool {
		select {
		case <-asked:
			return true
		default:
			f.Advance(time.Second)
			f.worker.Wake()
			return false
		}
	})
	return r, func() { close(release) }
}

// dropsWhatIsUnlinked: an answer that comes after unlinking changes nothing.
func (f *faultSite) dropsWhatIsUnlinked(t *testing.T) {
	f.T = t
	stop := f.work(hazard{})
	before, history := f.shown(), f.History(f.account.ID)
	r, late := f.answerLate(t)
	f.customer.Post("/me/accounts/"+f.account.ID+"/unlink", nil).WantStatus(http.StatusOK)
	late()
	f.Advance(time.Second)
	f.Eventually("the refresh has ended", func() bool { return !f.refreshByID(t, r.ID).Open() })
	stop() // what was under way has been put down
	if after := f.shown(); after != before {
		t.Errorf("the balance was %q and is %q", before, after)
	}
	if n := f.History(f.account.ID); n != history {
		t.Errorf("%d balances in the history, there were %d", n, history)
	}
}

// keepsWhatIsLate: an answer that comes after the deadline is kept.
func (f *faultSite) keepsWhatIsLate(t *testing.T) {
	f.T = t
	defer f.work(hazard{})()
	before := f.shown()
	r, late := f.answerLate(t)
	f.Advance(r.DeadlineAt.Sub(f.Clock()) + time.Second)
	late()
	f.Eventually("the refresh has ended", func() bool { r = f.refreshByID(t, r.ID); return !r.Open() })
	if after := f.shown(); after == before {
		t.Errorf("the late answer was not kept: %q", after)
	}

	f.on(hazard{fault: okrasim.Refuses(http.StatusServiceUnavailable)}, "callback")
	r = f.outcome(t, f.start(t, store.KindRefresh), true)
	f.off(hazard{})
	if before = f.shown(); r.State != store.RefreshTimedOut {
		t.Fatalf("refresh = %s (%s), want timed_out", r.State, r.Cause)
	}
	f.webhooks.Store(true)
	if err := f.Sim.SetBalance(f.account.ProviderID, "77.5", "77.5"); err != nil {
		t.Fatal(err)
	}
	if err := f.Sim.SendBalanceWebhook(f.account.ProviderID); err != nil {
		t.Fatal(err)
	}
	f.Eventually("the late answer is stored", func() bool { return f.Accounts(f.customerID)[f.account.NUBAN].Figure == store.Minor(7750) })
	f.webhooks.Store(false)
	if after := f.shown(); after == before {
		t.Errorf("the late answer is not on the page: %q", after)
	}
	if r = f.refreshByID(t, r.ID); r.State != store.RefreshTimedOut {
		t.Errorf("the refresh became %s", r.State)
	}
}

func TestAHandshakeThatHangsIsGivenUpWithinSeconds(t *testing.T) {
	t.Parallel()
	f := fault.NewFront(t, "", nil)
	f.Set(t, fault.Hangs, false)
	base := &url.URL{Scheme: "https", Host: f.Addr, Path: "/v2/"}
	_, err := (&okra.Client{BaseURL: base, SecretKey: "k"}).RefreshBalance(t.Context(), otherID)
	e, ok := errors.AsType[*provider.Error](err)
	if !ok || e.Kind != provider.KindUnreachable || !e.NotSent {
		t.Errorf("RefreshBalance = %v, want unreachable and not sent", err)
	}
}
