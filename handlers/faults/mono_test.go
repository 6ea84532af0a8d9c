package faults_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/storetest"
)

// monoSites share the rows as [faultSites] do.
const monoSites = 6

func TestEveryFaultOfMonoEndsInATrueNamedState(t *testing.T) {
	t.Parallel()
	storetest.Long(t)
	var reached sync.Map // ids
	t.Cleanup(func() {
		for i := range 32 {
			id := fmt.Sprintf("U%d", i+1)
			if _, ok := reached.Load(id); ok == (monoLeftOut[id] != "") {
				t.Errorf("of %s there is a row: %v", id, ok)
			}
		}
	})
	for n := range monoSites {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			m := newMonoSite(t)
			for i, row := range monoRows(t, m) {
				if i%monoSites == n {
					id, _, _ := strings.Cut(row.name, " ")
					reached.Store(id, true)
					t.Run(row.name, func(t *testing.T) { m.endureMono(t, row) })
				}
			}
			for i, row := range monoOddities {
				if i%monoSites == n {
					t.Run(row.name(), func(t *testing.T) { m.bear(t, row) })
				}
			}
			m.tellsNothing(t)
		})
	}
}

func TestWhatMonoAnswersAfterUnlinkingChangesNothing(t *testing.T) {
	m := newMonoSite(t)
	row := monoRow{hazard: awkward(monosim.SlowBank)}
	defer m.begin(t, row)()
	m.linkUnder(row, m.comes)
	m.account = m.only()
	m.webhooks.Store(true)
	before, history := m.shown(), m.History(m.account.ID)
	m.wrong(row.hazard)
	r := m.askedThen(row)
	m.customer.Post("/me/accounts/"+m.account.ID+"/unlink", nil).WantStatus(http.StatusOK)
	m.heard()
	if r = m.refreshByID(t, r.ID); r.State != store.RefreshInterrupted {
		t.Errorf("the refresh is %s", r.State)
	}
	m.signIn()
	if after := m.shown(); after != before || m.History(m.account.ID) != history {
		t.Errorf("the balance was %q and is %q", before, after)
	}
	if a := m.only(); a.Status != store.AccountUnlinked {
		t.Errorf("the account is %s", a.Status)
	}
}

// endureMono meets a fault when a bank is linked, when it is asked, when somebody signs
// in again, and when the account is unlinked; each time it works once the fault is over.
func (m *monoSite) endureMono(t *testing.T, row monoRow) {
	defer m.begin(t, row)()
	m.linkUnder(row, m.comes)
	m.account = m.only()
	details := "accounts/" + m.account.ProviderID
	m.refreshUnder(row, "in the question", row.question, func() store.Refresh { m.wrong(row.hazard); return m.ask() })
	m.refreshUnder(row, "in the job", row.answer, func() store.Refresh { return m.askedThen(row) })
	m.refreshUnder(row, "in the figure", row.figure, func() store.Refresh {
		return m.askedThen(row, details, details+"/balance")
	})
	again := row
	if row.onlyNew {
		again.confirm = confirming{}
	}
	if again.confirm.state == store.AttemptLinked {
		again.confirm.words = "Reconnected; your history stays"
	}
	m.linkUnder(again, m.again)
	if a := m.only(); a.ID != m.account.ID || a.ProviderID != m.account.ProviderID || a.Status != store.AccountLinked {
		t.Errorf("after signing in again the account is %+v, and was %+v", a, m.account)
	}
	m.works()
	m.unlinkUnder(row)
	m.wantUncontacted(t)
}

// comes opens a personal link and agrees.
func (m *monoSite) comes() (nonce string) {
	m.T.Helper()
	b := m.Browser()
	nonce = b.Consent(m.staff.Invite(m.customerID))
	m.customer = b
	m.signIn()
	b.Get("/me").WantStatus(http.StatusOK) // drawn for who has signed in
	return nonce
}

// only is the customer's account.
func (m *monoSite) only() store.Account {
	m.T.Helper()
	all := m.Accounts(m.customerID)
	if len(all) != 1 {
		m.T.Fatalf("the customer has %d accounts", len(all))
	}
	return all[m.nuban]
}

// again begins a sign-in to the account that is linked.
func (m *monoSite) again() string {
	m.T.Helper()
	p := m.customer.Post("/me/attempts", url.Values{"account": {m.account.ID}})
	p.WantStatus(http.StatusOK)
	return strings.TrimPrefix(p.Path, "/connect/attempts/")
}

// linkUnder lets a customer sign in to their bank while a fault is met, first when the
// page of Mono's is made, then when they come back from it.
func (m *monoSite) linkUnder(row monoRow, begin func() string) {
	m.T.Helper()
	nonce := m.openUnder(row, begin)
	if row.confirm.state == "" {
		m.shares(nonce)
	} else {
		m.wrong(row.hazard)
		m.shares(nonce)
		m.reaches(nonce, row.confirm.state)
		m.reads("confirming", nonce, row.confirm)
		m.right(row.hazard)
	}
	a := m.settles(nonce)
	switch {
	case a.State == store.AttemptNeedsReview && row.confirm.state == a.State:
		m.refuses(a)
		a = m.linksAnew(row, begin)
	case a.State == store.AttemptFailed && a.AccountID != "" && row.codeLost:
		a = m.linksAnew(row, begin) // an account that is known already is not looked for in the list
	}
	if a.State != store.AttemptLinked {
		m.T.Fatalf("after the fault the link is %s (%s)", a.State, a.Reason)
	}
	done := "Your bank is connected"
	if a.AccountID != "" {
		done = "Reconnected; your history stays"
	}
	m.customer.Get("/connect/attempts/"+a.Nonce).WantText("#attempt h2", done)
}

// openUnder begins a sign-in whose page is made once the fault is over.
func (m *monoSite) openUnder(row monoRow, begin func() string) (nonce string) {
	m.T.Helper()
	if row.page.state == "" {
		return m.opens(begin)
	}
	m.rest()
	nonce = begin()
	m.wrong(row.hazard)
	m.resume(row.hazard)
	a := m.reaches(nonce, row.page.state)
	m.reads("making the page", nonce, row.page)
	m.right(row.hazard)
	if a.State != store.AttemptOpen {
		return m.opens(begin)
	}
	return m.opens(func() string { return nonce })
}

// opens begins a sign-in and waits for its page.
func (m *monoSite) opens(begin func() string) (nonce string) {
	m.T.Helper()
	nonce = begin()
	m.until("the page is made", 10*time.Second, func() bool { return m.now(nonce).Page != "" })
	m.customer.Get("/connect/attempts/"+nonce).WantText("#attempt h2", "Go to your bank")
	return nonce
}

// shares lets the customer sign in at the bank and come back.
func (m *monoSite) shares(nonce string) {
	m.T.Helper()
	shared, err := m.Mono.Share(nonce, m.nuban)
	if err != nil {
		m.T.Fatal(err)
	}
	m.Advance(2 * time.Second) // the first data are there
	if back, ok := strings.CutPrefix(shared.Back, m.URL); ok {
		m.customer.Get(back).WantStatus(http.StatusOK)
	}
}

// settles waits until a link is no longer being confirmed.
func (m *monoSite) settles(nonce string) (a store.Attempt) {
	m.T.Helper()
	m.until("the link is confirmed", 20*time.Second, func() bool {
		a = m.now(nonce)
		return a.State != store.AttemptClaimed && a.State != store.AttemptOpen && a.State != store.AttemptClosed
	})
	m.signIn() // in a quarter of an hour of "not yet" they were signed out
	return a
}

// refuses lets staff turn a link away.
func (m *monoSite) refuses(a store.Attempt) {
	m.T.Helper()
	m.staff.Post("/reviews/"+a.ID+"/refuse", url.Values{"reason": {"not theirs"}}).WantStatus(http.StatusOK)
}

func (m *monoSite) linksAnew(row monoRow, begin func() string) store.Attempt {
	m.T.Helper()
	nonce := m.opens(begin)
	m.shares(nonce)
	return m.settles(nonce)
}

// reaches waits until an attempt has come to a state, and twice in vain where that is
// none in which it ends.
func (m *monoSite) reaches(nonce string, want store.AttemptState) (a store.Attempt) {
	m.T.Helper()
	m.until("the attempt is "+string(want), 2*time.Second, func() bool {
		a = m.now(nonce)
		if a.Tries == 0 {
			m.letTry()
		}
		switch a.State {
		case want:
			pause := m.budget.State().Pause.Kind
			stopped := pause == provider.KindUntrusted || pause == provider.KindRefused
			return a.Tries > 1 || a.Tries > 0 && stopped || !a.EndedAt.IsZero()
		case store.AttemptOpen, store.AttemptClaimed:
			return false
		}
		return true
	})
	if a.State != want {
		m.T.Errorf("the attempt is %s (%s), want %s", a.State, a.Reason, want)
	}
	return a
}

// attemptLabels are the states of attempts as staff read them.
var attemptLabels = map[store.AttemptState]string{
	store.AttemptOpen: "Bank window open", store.AttemptClaimed: "Being confirmed", store.AttemptFailed: "Failed",
	store.AttemptNeedsReview: "To review", store.AttemptLinked: "Linked",
}

// reads compares what the customer and the staff read of an attempt.
func (m *monoSite) reads(what, nonce string, want confirming) {
	m.T.Helper()
	var own site.Page
	var said string
	m.until("the customer reads "+want.words, time.Second, func() bool { // when Mono's host was asked as well
		own = m.customer.Get("/connect/attempts/" + nonce)
		if now := own.TextOf("#attempt"); now != said {
			said = now
			m.T.Logf("%s: the customer reads %q", what, said)
		}
		return strings.Contains(said, want.words)
	})
	theirs := m.staff.Get("/customers/" + m.customerID)
	row := theirs.Find(".timeline li:has(.acts)").First()
	latest := strings.Join(strings.Fields(row.Text()), " ")
	if label := attemptLabels[want.state]; !strings.Contains(latest, label) || !strings.Contains(latest, want.cause) {
		m.T.Errorf("%s: staff read %q, want %s because of %q", what, latest, label, want.cause)
	}
	m.discreet(what, own)
	m.discreet(what, theirs)
}

// ask presses Refresh when the bank may be asked again.
func (m *monoSite) ask() store.Refresh {
	m.T.Helper()
	m.Advance(mono.Interval + time.Minute)
	return m.start(m.T.(*testing.T), store.KindRefresh)
}

// askedThen asks, and lets calls go wrong once the question has arrived.
func (m *monoSite) askedThen(row monoRow, paths ...string) store.Refresh {
	m.T.Helper()
	r := m.ask()
	m.Eventually("the question is out", func() bool {
		r = m.refreshByID(m.T.(*testing.T), r.ID)
		return r.State == store.RefreshWaiting || !r.Open()
	})
	m.wrong(row.hazard, paths...)
	return r
}

// refreshUnder asks for a refresh that meets a fault.
func (m *monoSite) refreshUnder(row monoRow, what string, want ending, ask func() store.Refresh) {
	t := m.T.(*testing.T)
	t.Helper()
	if want.state == "" {
		return
	}
	before := m.shown()
	r := ask()
	got := m.outcome(t, r, want.state == store.RefreshTimedOut)
	if got.State != want.state || got.Fault != want.fault {
		t.Errorf("%s: %s %q (%s), want %s %q", what, got.State, got.Fault, got.Cause, want.state, want.fault)
	}
	if got.EndedAt.After(r.DeadlineAt.Add(time.Minute)) {
		t.Errorf("%s: it ended %v after its deadline", what, got.EndedAt.Sub(r.DeadlineAt))
	}
	after, pages := m.look()
	if (before != after) != want.moves {
		t.Errorf("%s: the balance was %q and is %q", what, before, after)
	}
	saysSo(t, what, want, pages)
	for _, p := range pages {
		m.discreet(what, p)
	}
	m.right(row.hazard)
}

// works asks for a refresh when all is well: what is shown then is what the bank has.
func (m *monoSite) works() {
	t := m.T.(*testing.T)
	t.Helper()
	got := m.ends(m.ask(), false)
	if got.State != store.RefreshChanged && got.State != store.RefreshUnchanged {
		t.Errorf("after the fault a refresh ends as %s (%s)", got.State, got.Cause)
	}
	if a, bank := m.only(), m.info().Balance; a.Figure != store.Minor(bank) || a.AsOf.Before(got.CreatedAt) {
		t.Errorf("it shows %v as of %v, and the bank has %d, asked at %v", a.Figure, a.AsOf, bank, got.CreatedAt)
	}
	m.shown()
}

// unlinkUnder unlinks the account while Mono cannot be told.
func (m *monoSite) unlinkUnder(row monoRow) {
	t := m.T
	t.Helper()
	before := m.shown()
	m.wrong(row.hazard)
	m.customer.Post("/me/accounts/"+m.account.ID+"/unlink", nil).WantStatus(http.StatusOK)
	if a := m.only(); a.Status != store.AccountUnlinked {
		t.Errorf("unlinking: the account is %s", a.Status)
	}
	var r store.Removal
	m.until("Mono is told", 2*time.Minute, func() bool {
		if r = m.removal(); r.Tries == 0 {
			m.letTry()
		}
		return r.Tries > 0 || r.State != store.RemovalQueued
	})
	if told := r.State == store.RemovalDone; told != (row.forget == "") || !strings.Contains(r.Cause, row.forget) {
		t.Errorf("unlinking: the removal is %s (%s), want %q", r.State, r.Cause, row.forget)
	}
	label := map[store.RemovalState]string{store.RemovalQueued: "Waiting", store.RemovalDone: "Done"}[r.State]
	m.signIn()
	p := m.staff.Get("/customers/" + m.customerID)
	p.WantText("section[aria-labelledby=removals]", label)
	m.discreet("unlinking", p)
	m.right(row.hazard)
	m.until("the removal is done", 10*time.Minute, func() bool { return m.removal().State == store.RemovalDone })
	if !row.untrue && slices.Contains(m.info().Linked, m.account.ProviderID) {
		t.Error("unlinking: Mono still has the account")
	}
	m.signIn()
	if after := m.shown(); after != before {
		t.Errorf("unlinking: the balance was %q and is %q", before, after)
	}
}

func (m *monoSite) removal() store.Removal {
	m.T.Helper()
	all, err := m.Store.RemovalsByCustomer(m.T.Context(), m.customerID)
	if err != nil || len(all) != 1 {
		m.T.Fatalf("%d removals (%v)", len(all), err)
	}
	return all[0]
}
