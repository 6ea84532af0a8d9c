package store_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"balancelink/store"
)

// keyed are banks as two providers name one, and one that nobody knows.
var (
	gtbAtOkra = store.Bank{ID: "5d6fe57a4099cc4b210bbeb3", Name: "Guaranty Trust Bank", Slug: "guaranty-trust-bank", Key: "ng:058"}
	gtbAtMono = store.Bank{ID: "058", Name: "GTBank", Key: "ng:058"}
	zenith    = store.Bank{ID: "057", Name: "Zenith Bank", Key: "ng:057"}
	unknown   = store.Bank{ID: "50211", Name: "Kuda"}
)

// link binds accounts of a customer through a provider, and returns the one that was
// named first.
func (d *db) link(customerID, provider string, l store.Link) store.Account {
	d.t.Helper()
	i, _, err := d.AddInvitation(d.t.Context(), store.Program, customerID, "", time.Hour)
	d.ok(err)
	co, err := d.BeginVisit(d.t.Context(), store.Consent{CustomerID: customerID, InvitationID: i.ID, Version: "1", Scope: "balance", Provider: provider}, 30*time.Minute)
	d.ok(err)
	a, err := d.StartAttempt(d.t.Context(), store.Attempt{
		CustomerID: customerID, InvitationID: i.ID, ConsentID: co.ID, VisitID: co.VisitID, Provider: provider, Env: "simulated",
	}, 30*time.Minute)
	d.ok(err)
	l.ProviderRecord = "record of " + l.Accounts[0].ProviderID
	d.report(a.Nonce, claim("widget", l.ProviderRecord))
	d.ok(d.FinishLink(d.t.Context(), a.ID, l))
	account, err := d.AccountByProviderID(d.t.Context(), provider, "simulated", l.Accounts[0].ProviderID)
	d.ok(err)
	return account
}

func (d *db) okra(customerID, id, nuban string) store.Account {
	d.t.Helper()
	return d.link(customerID, "okra", store.Link{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{naira(id, nuban)}})
}

func (d *db) mono(customerID, id, nuban string) store.Account {
	d.t.Helper()
	return d.link(customerID, "mono", store.Link{Bank: gtbAtMono, Accounts: []store.LinkedAccount{naira(id, nuban)}})
}

// moved is an account that was at Okra and is at Mono, with a figure from each.
func (d *db) moved(name string) (old, now store.Account) {
	d.t.Helper()
	id := d.customer(name)
	old = d.okra(id, "okra of "+name, "0123456789")
	d.save(said(old.ID, d.clock(), 50000, store.Minor(40000)))
	d.advance(24 * time.Hour)
	now = d.mono(id, "mono of "+name, "0123456789")
	d.save(store.Balance{AccountID: now.ID, Source: store.SourceRefresh, Currency: "NGN", Figure: 10000, AsOf: d.clock()})
	return d.account(old.ID), d.account(now.ID)
}

func (d *db) question(accountID string) store.Question {
	d.t.Helper()
	q, err := d.QuestionOf(d.t.Context(), accountID)
	if err == store.ErrNotFound {
		return store.Question{}
	}
	d.ok(err)
	return q
}

func TestABankAccountThatIsLinkedAtAnotherProviderGoesOnThere(t *testing.T) {
	d := newDB(t)
	old, now := d.moved("Amina")
	if now.Continues != old.ID || old.ContinuedBy != now.ID || old.Status != store.AccountLinked {
		t.Fatalf("%q continues %q, and is continued by %q", now.ID, now.Continues, old.ContinuedBy)
	}
	if only := d.only(now.CustomerID); only.ID != now.ID {
		t.Errorf("the customer's account is %s", only.ID)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'history joined' AND subject = $1 AND detail = $2`, now.ID, old.ID); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
	if q := d.question(now.ID); q.Reason != "" {
		t.Errorf("staff are asked: %s", q.Reason)
	}
	d.sound()
}

func TestASecondLinkAtTheSameProviderWithANewIDGoesOnWithTheHistory(t *testing.T) {
	d := newDB(t)
	_, second := d.moved("Amina")
	third := d.mono(second.CustomerID, "another id", "0123456789")
	if third.Continues != second.ID || d.only(second.CustomerID).ID != third.ID {
		t.Errorf("it continues %q", third.Continues)
	}
	if chain := must(d.Chain(t.Context(), store.Whole(), third.ID)); len(chain) != 3 {
		t.Errorf("%d accounts are one", len(chain))
	}
	again := d.mono(second.CustomerID, "another id", "0123456789")
	if again.ID != third.ID || again.Continues != second.ID {
		t.Errorf("linked again by its own id it is %s, which continues %q", again.ID, again.Continues)
	}
}

func TestWhatMayBeAnotherAccountIsNotJoinedByItself(t *testing.T) {
	d := newDB(t)
	usd := naira("usd", "0123456789")
	usd.Currency = "USD"
	one := []store.LinkedAccount{naira("mono", "0123456789")}
	for name, row := range map[string]struct {
		olds []store.Link
		now  store.Link
		want store.QuestionReason
	}{
		"another bank":         {[]store.Link{{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{naira("o1", "0123456789")}}}, store.Link{Bank: zenith, Accounts: one}, ""},
		"another number":       {[]store.Link{{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{naira("o2", "0123456780")}}}, store.Link{Bank: gtbAtMono, Accounts: one}, ""},
		"another currency":     {[]store.Link{{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{usd}}}, store.Link{Bank: gtbAtMono, Accounts: one}, ""},
		"a bank without a key": {[]store.Link{{Bank: unknown, Accounts: []store.LinkedAccount{naira("o4", "0123456789")}}}, store.Link{Bank: unknown, Accounts: one}, ""},
		"no number": {
			[]store.Link{{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{naira("o5", "0123456789")}}},
			store.Link{Bank: gtbAtMono, Accounts: []store.LinkedAccount{naira("mono", "")}}, store.QuestionNumber,
		},
		"an older one without a number": {[]store.Link{{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{naira("o6", "")}}}, store.Link{Bank: gtbAtMono, Accounts: one}, store.QuestionNumber},
		"two that could be it": {
			[]store.Link{{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{naira("o7", "0123456789"), naira("o8", "0123456789")}}},
			store.Link{Bank: gtbAtMono, Accounts: one}, store.QuestionSeveral,
		},
		"another holder": {
			[]store.Link{{Bank: gtbAtOkra, Holder: "Amina Bello", NameMatch: store.NamesSame, Accounts: []store.LinkedAccount{naira("o9", "0123456789")}}},
			store.Link{Bank: gtbAtMono, Holder: "Chidi Obi", NameMatch: store.NamesDifferent, Accounts: one}, store.QuestionHolder,
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := d.customer(name)
			for _, old := range row.olds {
				d.link(id, "okra", old)
			}
			row.now.Accounts = slices.Clone(row.now.Accounts)
			row.now.Accounts[0].ProviderID += " of " + name
			now := d.link(id, "mono", row.now)
			if now.Continues != "" || now.Status != store.AccountLinked {
				t.Errorf("it continues %q and is %s", now.Continues, now.Status)
			}
			if q := d.question(now.ID); q.Reason != row.want || q.Decision != "" {
				t.Errorf("staff are asked %q, decided %q; want %q", q.Reason, q.Decision, row.want)
			}
		})
	}
}

// Staff have not said yet whether a new account is one that was there.
func TestWhatMayBeOneAccountIsCountedOnce(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	old := d.okra(id, "o", "0123456789")
	now := d.link(id, "okra", store.Link{Bank: gtbAtOkra, Accounts: []store.LinkedAccount{naira("m", "")}})
	for _, a := range []store.Account{old, now} {
		d.save(said(a.ID, d.clock(), 1, store.Minor(3000)))
	}
	for _, c := range []struct {
		when     string
		total    store.Total
		answer   store.FundsAnswer
		leftOut  string
		question func() error // that is answered afterwards
	}{
		{
			"nobody has said", store.Total{CustomerID: id, Currency: "NGN", Available: store.Minor(3000), Twice: 1},
			store.FundsUnknown, "twice", func() error { return d.PartAccounts(t.Context(), store.ByStaff("s"), now.ID) },
		},
		{
			"they are two", store.Total{CustomerID: id, Currency: "NGN", Available: store.Minor(6000)},
			store.FundsYes, "", func() error { return d.JoinAccounts(t.Context(), store.ByStaff("s"), now.ID, old.ID) },
		},
		{
			"they are one", store.Total{CustomerID: id, Currency: "NGN", Available: store.Minor(3000)},
			store.FundsNo, "", func() error { return nil },
		},
	} {
		if got := store.Totals(must(d.AccountsByCustomer(t.Context(), id))); len(got) != 1 || got[0] != c.total {
			t.Errorf("%s: the totals are %+v, want %+v", c.when, got, c.total)
		}
		f := d.askedTogether(id, time.Time{}, nil)
		if f.Answer != c.answer || f.Parts[len(f.Parts)-1].LeftOut+f.Parts[0].LeftOut != c.leftOut {
			t.Errorf("%s: of ₦50.00 the answer is %s: %+v", c.when, f.Answer, f.Parts)
		}
		d.ok(c.question())
	}
	d.sound()
}

// A firm's name never is the customer's: that two banks give the same is no doubt.
func TestAHolderWhomBothProvidersNameAlikeIsNoOther(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	firm := func(bank store.Bank, account string) store.Link {
		return store.Link{Bank: bank, Holder: "BELLO VENTURES LTD", NameMatch: store.NamesDifferent, Accounts: []store.LinkedAccount{naira(account, "0123456789")}}
	}
	old, now := d.link(id, "okra", firm(gtbAtOkra, "o")), d.link(id, "mono", firm(gtbAtMono, "m"))
	if now.Continues != old.ID {
		t.Errorf("it continues %q", now.Continues)
	}
}

func TestAnAccountOfAnotherCustomerIsNeverJoinedAndIsNoted(t *testing.T) {
	d := newDB(t)
	theirs := d.okra(d.customer("Bola"), "o", "0123456789")
	mine := d.mono(d.customer("Amina"), "m", "0123456789")
	if mine.Continues != "" || mine.AlsoWith != theirs.ID || d.account(theirs.ID).ContinuedBy != "" {
		t.Errorf("it continues %q, and is also %q", mine.Continues, mine.AlsoWith)
	}
	if err := d.JoinAccounts(t.Context(), store.ByStaff("s"), mine.ID, theirs.ID); err == nil {
		t.Error("staff could join it")
	}
	d.ok(d.Erase(t.Context(), store.ByStaff("s"), theirs.CustomerID, "requested"))
	if now := d.account(mine.ID); now.AlsoWith != "" {
		t.Errorf("it is also %q, which is erased", now.AlsoWith)
	}
}

func TestNewsOfTheOlderAccountGoesToItsOwnHistoryAlone(t *testing.T) {
	d := newDB(t)
	old, now := d.moved("Amina")
	d.ok(d.SetThreshold(t.Context(), "s", now.ID, 5000))
	before, rows := d.account(now.ID), len(d.history(now.ID))
	d.advance(time.Hour)
	d.save(said(old.ID, d.clock(), 1, store.Minor(1)))
	if after := d.account(now.ID); after != before || len(d.history(now.ID)) != rows {
		t.Errorf("the newer account became %+v", after)
	}
	if got := d.account(old.ID); got.Figure != store.Minor(1) || len(d.history(old.ID)) != 2 {
		t.Errorf("the older account shows %v", got.Figure)
	}
	points := must(d.PointsByAccount(t.Context(), store.Whole(), now.ID, time.Time{}))
	if len(points) != 2 || points[0].Figure != 50000 || points[0].Seam || points[1].Figure != 10000 || !points[1].Seam {
		t.Errorf("the history is drawn as %+v", points)
	}
}

func TestTheHistoryOfAChainIsPagedAsOne(t *testing.T) {
	d := newDB(t)
	old, now := d.moved("Amina")
	for i := range 5 {
		d.advance(time.Hour)
		d.save(said(old.ID, d.clock(), int64(i), store.Amount{}))
		d.save(said(now.ID, d.clock(), int64(100+i), store.Amount{}))
	}
	var want []string
	for _, o := range slices.Concat(d.history(now.ID), d.history(old.ID)) {
		want = append(want, o.ID)
	}
	for limit := 1; limit <= 13; limit++ {
		var got []string
		q := store.HistoryQuery{Scope: store.Whole(), AccountID: now.ID, Limit: limit}
		for more := true; more; {
			page := must(d.History(t.Context(), q))
			for _, o := range page.Rows {
				got = append(got, o.ID)
			}
			if more = page.More; more && (page.Older == nil || len(page.Rows) != limit) {
				t.Fatalf("%d rows of %d, and more without an older one", len(page.Rows), limit)
			}
			q.Before = got[len(got)-1]
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %d: %v, want %v", limit, got, want)
		}
	}
}

func TestAnAccountWhoseHistoryGoesOnElsewhereIsAskedNothing(t *testing.T) {
	d := newDB(t)
	old, now := d.moved("Amina")
	d.ok(d.MarkViewed(t.Context(), now.CustomerID))
	later := d.clock().Add(time.Hour)
	for name, all := range map[string][]store.Account{
		"to sweep":   must(d.AccountsToSweep(t.Context(), "okra", later, 9)),
		"to fetch":   must(d.AccountsToFetch(t.Context(), "okra", 9)),
		"to refresh": must(d.AccountsToRefresh(t.Context(), "okra", later, time.Time{}, 9)),
	} {
		if len(all) != 0 {
			t.Errorf("%s: %d accounts", name, len(all))
		}
	}
	if err := d.SetThreshold(t.Context(), "s", old.ID, 1); err == nil {
		t.Error("a threshold was set")
	}
	if _, err := d.AskFunds(t.Context(), store.FundsCheck{AccountID: old.ID, StaffID: "s", Amount: 1}); err == nil {
		t.Error("a funds check was asked")
	}
	if _, _, err := d.StartRefresh(t.Context(), wish(old.ID)); err == nil {
		t.Error("a refresh was started")
	}
}

func TestUnlinkingAnAccountUnlinksThoseItContinues(t *testing.T) {
	d := newDB(t)
	old, now := d.moved("Amina")
	d.ok(d.UnlinkAccount(t.Context(), store.ByStaff("s"), store.Whole(), now.ID))
	for _, a := range []store.Account{d.account(old.ID), d.account(now.ID)} {
		if a.Status != store.AccountUnlinked {
			t.Errorf("%s is %s", a.Provider, a.Status)
		}
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM removals`); n != 2 {
		t.Errorf("%d providers are asked to forget it, want both", n)
	}
}

func TestAThresholdIsTakenOverAndTheStepOverTheSeamCrossesIt(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	old := d.okra(id, "o", "0123456789")
	d.save(said(old.ID, d.clock(), 50000, store.Minor(50000)))
	d.ok(d.SetThreshold(t.Context(), "s", old.ID, 30000))
	acc := naira("m", "0123456789")
	acc.Balance = &store.Balance{Source: store.SourceLink, Currency: "NGN", Figure: 10000, AsOf: d.clock()}
	now := d.link(id, "mono", store.Link{Bank: gtbAtMono, Accounts: []store.LinkedAccount{acc}})
	card := must(d.CardByID(t.Context(), store.Whole(), now.ID))
	if card.Threshold == nil || card.Threshold.Amount != 30000 || !card.Threshold.Below || !card.Threshold.CrossedAt.IsZero() {
		t.Fatalf("the threshold is %+v", card.Threshold)
	}
	crossed := `SELECT COUNT(*) FROM audit WHERE action IN ('fell below its threshold', 'rose above its threshold')`
	if n := d.Number(t, crossed); n != 0 {
		t.Errorf("%d crossings by the step over the seam", n)
	}
	d.save(said(old.ID, d.clock().Add(time.Minute), 1, store.Minor(1)))
	if n := d.Number(t, crossed); n != 0 {
		t.Errorf("%d crossings by late news of the older account", n)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'threshold taken over' AND subject = $1`, now.ID); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
}

// rowsOf are all rows that joining and parting might touch.
func (d *db) rowsOf() (all []string) {
	d.t.Helper()
	schema, _ := d.Schema(d.t)
	for _, table := range []string{"accounts", "balances", "thresholds", "refreshes", "funds_checks", "records"} {
		columns := schema[table]
		for _, c := range columns {
			key := columns[0]
			all = append(all, d.Texts(d.t, fmt.Sprintf(`SELECT '%s.%s ' || %s || ' ' || COALESCE(CAST(%s AS TEXT), 'NULL') FROM %s ORDER BY 1`, table, c, key, c, table))...)
		}
	}
	return all
}

func TestJoiningAndPartingAgainLeavesEveryRowAsItWas(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	old := d.okra(id, "o", "0123456789")
	d.save(said(old.ID, d.clock(), 500, store.Minor(400)))
	d.ok(d.SetThreshold(t.Context(), "s", old.ID, 300))
	now := d.mono(id, "m", "")
	d.save(said(now.ID, d.clock(), 700, store.Amount{}))
	before := d.rowsOf()
	d.ok(d.JoinAccounts(t.Context(), store.ByStaff("s"), now.ID, old.ID))
	if q := d.question(now.ID); q.Decision != store.DecisionJoined || q.DecidedBy != store.ByStaff("s") {
		t.Errorf("the question is answered %q by %q", q.Decision, q.DecidedBy)
	}
	if only := d.only(id); only.ID != now.ID || only.Continues != old.ID {
		t.Errorf("joined, the customer has %s, which continues %q", only.ID, only.Continues)
	}
	d.ok(d.PartAccounts(t.Context(), store.ByStaff("s"), now.ID))
	d.ok(d.PartAccounts(t.Context(), store.ByStaff("s"), now.ID))
	if after := d.rowsOf(); !reflect.DeepEqual(after, before) {
		t.Errorf("rows were\n%q\nand are\n%q", before, after)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'history parted'`); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
	if q := d.question(now.ID); q.Decision != store.DecisionApart {
		t.Errorf("the question is answered %q", q.Decision)
	}
	d.sound()
}

func TestAThresholdThatWasSetAnewStaysWhenAccountsArePartedAgain(t *testing.T) {
	d := newDB(t)
	id := d.customer("Amina")
	old := d.okra(id, "o", "0123456789")
	d.ok(d.SetThreshold(t.Context(), "s", old.ID, 300))
	now := d.mono(id, "m", "0123456789")
	d.advance(time.Minute)
	d.ok(d.SetThreshold(t.Context(), "s", now.ID, 300))
	d.ok(d.PartAccounts(t.Context(), store.ByStaff("s"), now.ID))
	if n := d.Number(t, `SELECT COUNT(*) FROM thresholds`); n != 2 {
		t.Errorf("%d thresholds, want both", n)
	}
}

// Whatever is linked where and in what order, of one bank account one figure is in
// every sum, and one row in every list.
func TestOneBankAccountCountsOnceInEverySum(t *testing.T) {
	d := newDB(t)
	random := rand.New(rand.NewPCG(1, 2))
	numbers := []string{"0123456780", "0123456781", "0123456782"}
	for round := range 12 {
		id := d.customer(fmt.Sprint("Customer ", round))
		newest := map[string]int64{}
		for step := range 6 {
			nuban := numbers[random.IntN(len(numbers))]
			account := fmt.Sprint(round, " ", step)
			link := d.okra
			if random.IntN(2) == 0 {
				link = d.mono
			}
			a := link(id, account, nuban)
			figure := int64(1 + random.IntN(1000))
			d.save(said(a.ID, d.clock(), figure, store.Minor(figure)))
			newest[nuban] = figure
			d.advance(time.Minute)
			if a.Continues != "" { // late
				d.save(said(a.Continues, d.clock(), 99, store.Minor(99)))
			}
		}
		var want int64
		for _, figure := range newest {
			want += figure
		}
		for name, accounts := range map[string][]store.Account{
			"of the customer": must(d.AccountsWithin(t.Context(), store.OfCustomer(id))),
			"of the list":     must(d.AccountsByCustomers(t.Context(), []string{id}))[id],
			"of the cards":    store.Accounts(must(d.CardsByCustomer(t.Context(), store.OfCustomer(id)))),
		} {
			totals := store.Totals(accounts)
			if len(accounts) != len(newest) || len(totals) != 1 || totals[0].Available != store.Minor(want) || totals[0].Unknown != 0 {
				t.Errorf("round %d, %s: %d accounts for %d, %+v, want %d", round, name, len(accounts), len(newest), totals, want)
			}
		}
	}
	d.sound()
}

// Who goes back to the older id is shown what comes by that, and counts once still.
func TestAnOlderAccountThatIsLinkedAgainGoesOnWithTheHistoryItself(t *testing.T) {
	d := newDB(t)
	old, now := d.moved("Amina")
	third := d.mono(now.CustomerID, "third", "0123456789")
	d.ok(d.SetThreshold(t.Context(), "s", third.ID, 700))
	d.ok(d.UnlinkAccount(t.Context(), store.ByStaff("s"), store.Whole(), third.ID))
	d.advance(time.Hour)
	back := d.okra(now.CustomerID, old.ProviderID, "0123456789")
	if back.ID != old.ID || back.ContinuedBy != "" || back.Continues != third.ID || back.Status != store.AccountLinked {
		t.Fatalf("it is %s, continues %q and is continued by %q", back.Status, back.Continues, back.ContinuedBy)
	}
	if only := d.only(now.CustomerID); only.ID != old.ID {
		t.Errorf("the customer has %s", only.ID)
	}
	if chain := must(d.Chain(t.Context(), store.Whole(), back.ID)); len(chain) != 3 || chain[1].ID != third.ID || chain[2].ID != now.ID {
		t.Errorf("the chain has %d accounts", len(chain))
	}
	if card := must(d.CardByID(t.Context(), store.Whole(), back.ID)); card.Threshold == nil || card.Threshold.Amount != 700 {
		t.Errorf("its threshold is %+v", card.Threshold)
	}
	d.sound()
}

// Nothing of an unlinked account changes, whatever becomes of the other.
func TestANoteOfAnotherCustomersAccountLastsWhileTheAccountIsLinked(t *testing.T) {
	d := newDB(t)
	theirs := d.okra(d.customer("Bola"), "o", "0123456789")
	id := d.customer("Amina")
	mine := d.mono(id, "m", "0123456789")
	d.ok(d.UnlinkAccount(t.Context(), store.Program, store.Whole(), mine.ID))
	if now := d.account(mine.ID); now.AlsoWith != "" {
		t.Errorf("unlinked it is also %q", now.AlsoWith)
	}
	if again := d.mono(id, "m", "0123456789"); again.ID != mine.ID || again.AlsoWith != theirs.ID {
		t.Errorf("linked again it is %s, also %q", again.ID, again.AlsoWith)
	}
}
