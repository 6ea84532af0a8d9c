package faults_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/okra/mono/monosim"
	"balancelink/store"
)

// monoOddity is an account, or a link, that is awkward from the beginning. Webhooks come.
type monoOddity struct {
	scenarios []monosim.Scenario
	link      store.AttemptState // what becomes of the link; empty: linked
	unknown   bool               // it has no balance then
	refresh   ending             // of which the words are looked at, too; the zero one: there are news
	dollars   bool               // of the account in dollars
	zero      bool               // the bank has nothing
	dated     string             // updated_at in webhooks; empty: as Mono has it
}

func (o monoOddity) name() string {
	var words []string
	for _, sc := range o.scenarios {
		words = append(words, string(sc))
	}
	if o.zero {
		words = append(words, "a balance of zero")
	}
	if o.dated != "" {
		words = append(words, "U29 as of "+o.dated)
	}
	return strings.Join(words, " and ")
}

// dollars is an account in dollars, of Amina Bello.
const dollars = "0123456796"

func oddly(all ...monosim.Scenario) monoOddity { return monoOddity{scenarios: all} }

func (o monoOddity) ends(e ending) monoOddity { o.refresh = e; return o }

func (o monoOddity) without() monoOddity { o.unknown = true; return o }

var (
	gaveNone   = endsFailed("fetch_failed", "did not give the balance", "")
	unchanged  = ending{state: store.RefreshUnchanged, words: "the balance has not changed"}
	wantsLogin = ending{state: store.RefreshNeedsLogin, words: "to sign in again"}
)

// monoOddities are the scenarios that are faults, or look like one, each of mono.md, and
// of what integrators suffered from. Left out: those of calls, which are rows of
// [monoRows]; Silence, which is U6 with more patience; BadNext, since no transactions
// are read; OneUse and ShortLife, of which a person reads at Mono; and Replaces, which
// is about a second link.
var monoOddities = []monoOddity{
	oddly(monosim.SlowBank),
	oddly(monosim.SlowLink),
	oddly(monosim.Unchanged).ends(unchanged),
	oddly(monosim.SyncFailed).ends(gaveNone),
	oddly(monosim.SyncFailed, monosim.Never).ends(gaveNone),
	oddly(monosim.NeedsLogin).ends(wantsLogin),
	oddly(monosim.NeedsLogin, monosim.Never).ends(gaveNone), // why, only a webhook tells
	{scenarios: []monosim.Scenario{monosim.BalanceOnly}, dollars: true},
	oddly(monosim.NoBalance).without().ends(gaveNone),
	oddly(monosim.NoData).without().ends(gaveNone),
	oddly(monosim.JobLost).ends(silent),
	oddly(monosim.OddSync).ends(gaveNone),
	{zero: true},
	{dated: "2020-01-01T00:00:00Z"}, {dated: "2199-01-01T00:00:00.000Z"}, {dated: "2026-11-03T12:00:00"},
	{dated: "yesterday"},

	oddly(monosim.FractionalKobo).without().ends(noMoney.figure),
	oddly(monosim.TextBalance), oddly(monosim.Naira), oddly(monosim.NameOrder), oddly(monosim.LowerCase),
	oddly(monosim.LowerCase, monosim.NeedsLogin).ends(wantsLogin),
	oddly(monosim.ThinBody), oddly(monosim.NullBody), oddly(monosim.OnlyNewHeader), oddly(monosim.NoJobID),
	oddly(monosim.UpperStatus), oddly(monosim.UpperStatus, monosim.SyncFailed).ends(gaveNone),
	oddly(monosim.ReauthHeader, monosim.NeedsLogin).ends(wantsLogin),
	oddly(monosim.NoJobID, monosim.NeedsLogin).ends(silent),
	oddly(monosim.OldJobWords), oddly(monosim.OldJobWords, monosim.NeedsLogin, monosim.Never).ends(wantsLogin),
	oddly(monosim.Gone400),

	oddly(monosim.Duplicate), oddly(monosim.Duplicate, monosim.SyncFailed).ends(gaveNone), oddly(monosim.Late),
	oddly(monosim.Never), oddly(monosim.Shuffled), oddly(monosim.UpdatedFirst), oddly(monosim.WrongSecret),
	oddly(monosim.OldSecret), oddly(monosim.OtherApp), oddly(monosim.NoEventID), oddly(monosim.SwappedIDs),
	oddly(monosim.OtherAccount), oddly(monosim.NIPCode), oddly(monosim.FullBVN), oddly(monosim.NullBVN),
	oddly(monosim.RESTShape), oddly(monosim.CutShort), oddly(monosim.OldEvents, monosim.SyncFailed).ends(gaveNone),
	oddly(monosim.OldEvents, monosim.NeedsLogin).ends(wantsLogin), oddly(monosim.WrittenLater),
	oddly(monosim.NoRequestID),

	oddly(monosim.FlatExchange), oddly(monosim.CodeTwice), oddly(monosim.NoCode), oddly(monosim.NeverReturns),
	{scenarios: []monosim.Scenario{monosim.NoRef}, link: store.AttemptNeedsReview},
}

// bear links an awkward account, asks its bank, signs in to it again and unlinks it.
func (m *monoSite) bear(t *testing.T, o monoOddity) {
	row := monoRow{hazard: awkward(o.scenarios...)}
	if o.dollars {
		row.nuban = dollars
	}
	defer m.begin(t, row)()
	defer m.listens(o)()
	m.wrong(row.hazard)
	if o.zero {
		m.has(0)
	}
	if a := m.joins(row, m.comes); a.State != store.AttemptLinked {
		m.turnsAway(o, a)
		return
	}
	m.account = m.only()
	if a := m.only(); a.Figure.Known == o.unknown || a.Figure.Known && a.Figure != m.banks() {
		t.Errorf("linked, it shows %v, and the bank has %v", a.Figure, m.banks())
	}
	m.asksOddly(o)
	m.signIn()
	if a := m.joins(row, m.again); a.State != store.AttemptLinked {
		t.Errorf("signing in again is %s (%s)", a.State, a.Reason)
	}
	if a := m.only(); a.ID != m.account.ID || a.ProviderID != m.account.ProviderID || a.Status != store.AccountLinked {
		t.Errorf("after signing in again the account is %+v, and was %+v", a, m.account)
	}
	m.right(row.hazard)
	m.heard()
	m.works()
	m.unlinkUnder(row)
	m.wantUncontacted(t)
}

// listens lets webhooks come.
func (m *monoSite) listens(o monoOddity) (end func()) {
	if o.dated != "" {
		m.edit = func(body []byte) []byte {
			return updatedAt.ReplaceAll(body, []byte(`"updated_at":"`+o.dated+`"`))
		}
	}
	m.deaf = slices.Contains(o.scenarios, monosim.WrongSecret) || slices.Contains(o.scenarios, monosim.OldSecret)
	m.webhooks.Store(true)
	return func() { m.webhooks.Store(false); m.edit = nil }
}

var updatedAt = regexp.MustCompile(`"updated_at":"[^"]*"`)

// joins lets the customer link their bank, or sign in to it again, and waits for all that
// Mono tells of it.
func (m *monoSite) joins(row monoRow, begin func() string) store.Attempt {
	m.T.Helper()
	var ofLink []monosim.Scenario
	for _, sc := range row.awkward {
		if sc.Info().Group == monosim.OfLinks {
			ofLink = append(ofLink, sc)
		}
	}
	m.Mono.NextLink(ofLink...)
	nonce := m.opens(begin)
	m.shares(nonce)
	a := m.settles(nonce)
	m.heard()
	return a
}

// heard waits until all that Mono has to tell is told and applied.
func (m *monoSite) heard() {
	m.T.Helper()
	if m.deaf {
		return // Mono tries for half an hour
	}
	m.until("everything is heard", 20*time.Second, func() bool {
		left, err := m.Store.Waiting(m.T.Context())
		return err == nil && left.Events == 0 && left.Refreshes == 0 && m.Mono.Pending() == 0
	})
	m.signIn()
}

func (m *monoSite) has(minor int64) {
	m.T.Helper()
	if err := m.Mono.SetBalance(m.nuban, minor); err != nil {
		m.T.Fatal(err)
	}
}

// banks is what the bank has.
func (m *monoSite) banks() store.Amount { return store.Minor(m.info().Balance) }

// asksOddly asks the bank of an awkward account.
func (m *monoSite) asksOddly(o monoOddity) {
	t := m.T.(*testing.T)
	t.Helper()
	before := m.only()
	want := o.refresh
	if want.state == "" {
		want = ending{state: store.RefreshChanged, words: "New from", moves: true}
	}
	r := m.ends(m.ask(), want.state == store.RefreshTimedOut)
	m.heard()
	after, pages := m.only(), m.pages()
	if r.State != want.state || r.Fault != want.fault {
		t.Errorf("the refresh is %s %q (%s), want %s %q", r.State, r.Fault, r.Cause, want.state, want.fault)
	}
	saysSo(t, "the refresh", want, pages)
	answered := r.State == store.RefreshChanged || r.State == store.RefreshUnchanged
	if answered && (after.Figure != m.banks() || after.AsOf.Before(r.CreatedAt)) {
		t.Errorf("it shows %v as of %v, and the bank said %v at %v", after.Figure, after.AsOf, m.banks(), r.CreatedAt)
	}
	same := after.Figure == before.Figure && after.AsOf.Equal(before.AsOf) && after.AsOfKind == before.AsOfKind
	if !answered && !same {
		t.Errorf("it showed %v as of %v, and shows %v as of %v", before.Figure, before.AsOf, after.Figure, after.AsOf)
	}
	told := slices.Contains(o.scenarios, monosim.NeedsLogin) && !slices.Contains(o.scenarios, monosim.Never)
	if told && after.Status != store.AccountNeedsLogin {
		t.Errorf("the account is %s", after.Status)
	}
	if after.Basis != store.BasisUnspecified && after.Figure.Known || after.Available.Known {
		t.Errorf("the figure is called %s, available %v", after.Basis, after.Available)
	}
	for _, p := range pages {
		m.discreet("the refresh", p)
	}
}

// ends lets time pass until a refresh has ended. Where webhooks come it passes slowly:
// what they tell comes before the worker looks.
func (m *monoSite) ends(r store.Refresh, givenUp bool) store.Refresh {
	m.T.Helper()
	t := m.T.(*testing.T)
	if givenUp || !m.webhooks.Load() {
		return m.outcome(t, r, givenUp)
	}
	m.Eventually("the refresh has ended", func() bool { r = m.refreshByID(t, r.ID); return !r.Open() })
	return r
}

// turnsAway lets staff refuse a link that is to be looked at.
func (m *monoSite) turnsAway(o monoOddity, a store.Attempt) {
	m.T.Helper()
	if a.State != o.link {
		m.T.Errorf("the link is %s (%s), want %s", a.State, a.Reason, o.link)
	}
	m.reads("linking", a.Nonce, confirming{state: a.State})
	m.refuses(a)
	if n := len(m.Accounts(m.customerID)); n != 0 {
		m.T.Errorf("%d accounts are bound", n)
	}
}
