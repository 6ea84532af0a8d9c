package handlers

import (
	"testing"
	"time"

	"balancelink/store"
	"balancelink/views"
)

func naira(minor int64) views.Money {
	return views.Money{Minor: minor, Currency: "NGN", Known: true}
}

// What a card says of how a request went is news of the account as it is now:
// every state of the account, whatever came after the request ended.
func TestACardSaysNoOutcomeThatIsOlderThanTheNewestThingKnown(t *testing.T) {
	ended := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	before, after := ended.Add(-time.Hour), ended.Add(time.Hour)
	states := []store.RefreshState{
		store.RefreshChanged, store.RefreshUnchanged, store.RefreshNeedsLogin, store.RefreshLimited, store.RefreshFailed, store.RefreshTimedOut, store.RefreshInterrupted,
	}
	for _, status := range []store.AccountStatus{store.AccountLinked, store.AccountNeedsLogin, store.AccountUnshared, store.AccountUnlinked} {
		for _, state := range states {
			for _, kind := range []store.RefreshKind{store.KindRefresh, store.KindCheck} {
				for _, boundAt := range []time.Time{before, after} {
					for _, checkedAt := range []time.Time{before, ended, after} {
						for _, outdated := range []bool{false, true} {
							for _, figures := range []int64{100, 101} {
								a := store.Account{Status: status, BoundAt: boundAt, CheckedAt: checkedAt, AsOf: before, Figure: store.Minor(100), Available: store.Minor(figures)}
								if outdated {
									a.OutdatedAsOf = before
								}
								r := store.Refresh{State: state, Kind: kind, EndedAt: ended, FigureAfter: store.Minor(100), AvailableAfter: store.Minor(100)}
								asked := status == store.AccountLinked || status == store.AccountNeedsLogin
								want := asked && boundAt == before && checkedAt != after
								answered := state == store.RefreshChanged || state == store.RefreshUnchanged
								switch {
								case state == store.RefreshNeedsLogin:
									want = status == store.AccountNeedsLogin
								case answered && kind == store.KindRefresh:
									want = asked && boundAt == before && figures == 100
								case state == store.RefreshChanged:
									want = want && outdated
								}
								if got := stillSays(a, r); got != want {
									t.Errorf("%s, a %s that ended as %s, linked %v, answered %v, outdated %v, available %d: %v, want %v",
										status, kind, state, boundAt, checkedAt, outdated, figures, got, want)
								}
							}
						}
					}
				}
			}
		}
	}
	open := store.Refresh{State: store.RefreshWaiting}
	if !stillSays(store.Account{Status: store.AccountLinked, BoundAt: after, CheckedAt: after}, open) {
		t.Error("a request that is under way is not shown")
	}
}

func TestAChangeIsToldOfTheFigureThatStandsLarge(t *testing.T) {
	for name, row := range map[string]struct {
		before, after [2]store.Amount // ledger, available
		by            int64
		in            string
		other         views.Money
	}{
		"both moved":          {[2]store.Amount{store.Minor(100), store.Minor(90)}, [2]store.Amount{store.Minor(150), store.Minor(145)}, 55, "available", naira(50)},
		"both by the same":    {[2]store.Amount{store.Minor(100), store.Minor(90)}, [2]store.Amount{store.Minor(150), store.Minor(140)}, 50, "available", views.Money{}},
		"only the ledger":     {[2]store.Amount{store.Minor(100), store.Minor(90)}, [2]store.Amount{store.Minor(150), store.Minor(90)}, 50, "ledger", naira(0)},
		"only the available":  {[2]store.Amount{store.Minor(100), store.Minor(90)}, [2]store.Amount{store.Minor(100), store.Minor(80)}, -10, "available", naira(0)},
		"available not known": {[2]store.Amount{store.Minor(100), {}}, [2]store.Amount{store.Minor(150), {}}, 50, "ledger", views.Money{}},
	} {
		by, in, other := change(store.Refresh{FigureBefore: row.before[0], AvailableBefore: row.before[1], FigureAfter: row.after[0], AvailableAfter: row.after[1]}, "NGN")
		if by.Minor != row.by || in != row.in || other != row.other {
			t.Errorf("%s: %d in %s, other %v, want %d in %s, other %v", name, by.Minor, in, other, row.by, row.in, row.other)
		}
	}
}
