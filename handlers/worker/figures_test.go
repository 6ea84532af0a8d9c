package worker

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// vague is a balance whose basis nobody states.
func vague(account string, kobo int64, kind provider.AsOfKind) provider.Balance {
	return provider.Balance{
		Account: account, Figure: known(kobo), Basis: provider.BasisUnspecified, Currency: "NGN", AsOfKind: kind,
	}
}

func TestAFigureHasTheBasisThatItsProviderGivesItHoweverItCame(t *testing.T) {
	b, p, accounts := newInstant(t)
	id := accounts["both"].ID
	b.SweepEvery = time.Hour
	for _, row := range []struct {
		given provider.Basis
		want  store.Basis
	}{
		{provider.BasisLedger, store.BasisLedger}, {provider.BasisCurrent, store.BasisCurrent},
		{provider.BasisUnspecified, store.BasisUnspecified}, {"", store.BasisUnspecified},
	} {
		given := provider.Balance{Account: "both", Figure: known(7), Basis: row.given, Currency: "NGN"}
		for how, bring := range map[string]func(){
			"refreshed": func() { b.outcome(b.start(id, store.KindRefresh)) },
			"swept":     func() { b.ok(b.sweep(t.Context())) },
			"told": func() {
				b.receive(p.Tell(given))
				b.work()
			},
		} {
			b.advance(2 * time.Hour)
			given.Figure.Minor++
			p.Balances["both"] = given
			bring()
			if a := b.account(id); a.Figure != store.Minor(given.Figure.Minor) || a.Basis != row.want || a.AsOfKind != store.AsOfStated {
				t.Errorf("%q %s: %v is %s %s", row.given, how, a.Figure, a.Basis, a.AsOfKind)
			}
		}
	}
}

func TestNothingIsWorkedOutOfAFigureThatIsNoLedger(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.Transactions = true
	_, err := b.Store.AddConsent(t.Context(), store.Consent{CustomerID: accounts["both"].CustomerID, Version: "2", Scope: "auth,balance,transactions", Provider: p.Name()})
	b.ok(err)
	for basis, want := range map[provider.Basis]int{provider.BasisLedger: 1, provider.BasisCurrent: 0, provider.BasisUnspecified: 0} {
		b.advance(time.Hour)
		p.AskedPending = 0
		p.Balances["both"] = provider.Balance{Account: "both", Figure: known(100), Basis: basis, Currency: "NGN"}
		b.outcome(b.start(accounts["both"].ID, store.KindRefresh))
		if p.AskedPending != want {
			t.Errorf("%s: it was asked %d times what is pending, want %d", basis, p.AskedPending, want)
		}
	}
}

func TestAnAnswerOfTheBankIsOfWhenItCame(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.advance(time.Hour)
	p.Balances["both"] = vague("both", 7, provider.AsOfAsked)
	if got := b.outcome(b.start(accounts["both"].ID, store.KindRefresh)); got.State != store.RefreshChanged {
		t.Errorf("refresh = %s (%s)", got.State, got.Cause)
	}
	if a := b.account(accounts["both"].ID); a.AsOfKind != store.AsOfAsked || !a.AsOf.Equal(b.clock().Truncate(time.Millisecond)) {
		t.Errorf("as of %v (%s)", a.AsOf, a.AsOfKind)
	}
}

func TestASavedCopyThatIsAllThatComesEndsInAFailureAndIsKept(t *testing.T) {
	b, p, accounts := newInstant(t)
	before := accounts["both"]
	b.advance(time.Hour)
	p.Balances["both"] = vague("both", 7, provider.AsOfUnknown)
	got := b.outcome(b.start(before.ID, store.KindRefresh))
	if got.State != store.RefreshFailed || got.Fault != "fetch_failed" {
		t.Errorf("refresh = %s %s (%s)", got.State, got.Fault, got.Cause)
	}
	a := b.account(before.ID)
	if a.Figure != store.Minor(7) || a.Dated() || !a.AsOf.Equal(before.AsOf) || !a.CheckedAt.Equal(before.CheckedAt) {
		t.Errorf("%v as of %v (%s), checked %v", a.Figure, a.AsOf, a.AsOfKind, a.CheckedAt)
	}
}

func TestARefreshWaitsOnPastASavedCopy(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.advance(time.Hour)
	asked := b.clock().Truncate(time.Millisecond)
	copied, fresh := vague("both", 7, provider.AsOfUnknown), vague("both", 8, provider.AsOfAsked)
	p.Looks = []provider.Answer{{Balance: &copied}, {Balance: &copied}, {Balance: &fresh}}
	got := b.outcome(b.start(accounts["both"].ID, store.KindRefresh))
	if a := b.account(accounts["both"].ID); got.State != store.RefreshChanged || got.Polls != 3 || a.Figure != store.Minor(8) || !a.AsOf.After(asked) || !a.Dated() {
		t.Errorf("%s after %d looks: %v as of %v (%s)", got.State, got.Polls, a.Figure, a.AsOf, a.AsOfKind)
	}

	b.advance(time.Hour)
	old := b.account(accounts["both"].ID)
	p.Looks = []provider.Answer{{Balance: &copied}}
	got = b.outcome(b.start(old.ID, store.KindRefresh))
	if a := b.account(old.ID); got.State != store.RefreshTimedOut || !a.AsOf.Equal(old.AsOf) || !a.CheckedAt.Equal(old.CheckedAt) || a.Dated() {
		t.Errorf("with nothing else: %s, as of %v (%s), checked %v", got.State, a.AsOf, a.AsOfKind, a.CheckedAt)
	}
}

func TestASweepOfSavedCopiesKeepsWhatDiffersAndLowersNoAge(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.SweepEvery = 6 * time.Hour
	before := accounts["both"]
	for i, row := range []struct {
		kobo, want int64
		rows       int
	}{{1_000_00, 1_000_00, 1}, {900_00, 900_00, 2}, {900_00, 900_00, 2}} {
		b.advance(7 * time.Hour)
		p.Balances["both"] = vague("both", row.kobo, provider.AsOfUnknown)
		b.ok(b.sweep(t.Context()))
		a := b.account(before.ID)
		if a.Figure != store.Minor(row.want) || !a.AsOf.Equal(before.AsOf) || !a.CheckedAt.Equal(before.CheckedAt) {
			t.Errorf("%d: %v as of %v, checked %v", i, a.Figure, a.AsOf, a.CheckedAt)
		}
		rows, err := b.Store.BalancesByAccount(t.Context(), a.ID, 10)
		if b.ok(err); len(rows) != row.rows {
			t.Errorf("%d: %d balances, want %d", i, len(rows), row.rows)
		}
	}
	// what is seen first has nothing to be compared with
	p.Balances["none"] = vague("none", 3, provider.AsOfUnknown)
	b.advance(7 * time.Hour)
	b.ok(b.sweep(t.Context()))
	if a := b.account(accounts["none"].ID); a.Figure != store.Minor(3) || a.Dated() || a.Basis != store.BasisUnspecified {
		t.Errorf("the first one: %v %s (%s)", a.Figure, a.Basis, a.AsOfKind)
	}
}

func TestAWebhookWithASavedCopyEndsNoRefresh(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.advance(time.Hour)
	p.Looks = []provider.Answer{{Running: true}}
	r := b.start(accounts["both"].ID, store.KindRefresh)
	b.work()
	b.receive(p.Tell(vague("both", 5, provider.AsOfUnknown)))
	b.work()
	if got := b.refresh(r.ID); !got.Open() {
		t.Errorf("refresh = %s (%s)", got.State, got.Cause)
	}
	b.receive(p.Tell(vague("both", 6, provider.AsOfAsked)))
	b.work()
	if got := b.refresh(r.ID); got.State != store.RefreshChanged {
		t.Errorf("refresh = %s (%s)", got.State, got.Cause)
	}
}

// Whatever a provider gives and fails to give, in whatever order.
func TestOnlyTheBanksAnswersMakeAnAccountYounger(t *testing.T) {
	b, p, accounts := newInstant(t)
	b.SweepEvery = time.Hour
	id, random := accounts["both"].ID, rand.New(rand.NewPCG(26, 1))
	given := map[string]bool{fmt.Sprint(1_000_00, store.BasisLedger): true}
	bases := []provider.Basis{provider.BasisLedger, provider.BasisCurrent, provider.BasisUnspecified}
	for n := range 120 {
		b.advance(time.Duration(61+random.IntN(200)) * time.Minute)
		before := b.account(id)
		o := provider.Balance{Account: "both", Figure: known(random.Int64N(3)), Basis: bases[random.IntN(3)], Currency: "NGN"}
		given[fmt.Sprint(o.Figure.Minor, o.Basis)] = true
		younger := false
		p.Trouble, p.Looks = "", nil
		switch random.IntN(5) {
		case 0:
			o.AsOfKind, younger = provider.AsOfAsked, true
		case 1:
			younger = true
		case 2:
			p.Trouble = provider.KindFetchFailed
		default:
			o.AsOfKind = provider.AsOfUnknown
		}
		p.Balances["both"] = o
		if random.IntN(2) == 0 {
			if p.Trouble != "" { // the sweep would be answered all the same
				o.AsOfKind = provider.AsOfUnknown
				p.Balances["both"] = o
			}
			b.ok(b.sweep(t.Context()))
			younger = younger && o.AsOfKind != provider.AsOfAsked // nobody was asked
		} else {
			b.outcome(b.start(id, store.KindRefresh))
		}
		a := b.account(id)
		if grown := a.AsOf.After(before.AsOf) || a.CheckedAt.After(before.CheckedAt); grown != younger {
			t.Fatalf("%d: %+v: younger %v, want %v: as of %v (%s), before %v", n, o, grown, younger, a.AsOf, a.AsOfKind, before.AsOf)
		}
		if !given[fmt.Sprint(a.Figure.Minor, a.Basis)] {
			t.Fatalf("%d: %d %s was never given", n, a.Figure.Minor, a.Basis)
		}
	}
}
