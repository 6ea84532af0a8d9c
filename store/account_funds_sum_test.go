package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
)

// twoAccounts are a customer's two accounts in naira, beside one in dollars that holds much.
func (d *db) twoAccounts() (customer string, first, second store.Account) {
	d.t.Helper()
	customer = d.customer("Amina Bello")
	dollars := naira("account dollars", "0000000003")
	dollars.Currency = "USD"
	d.finish(customer, "record 1", naira("account 1", "0000000001"), naira("account 2", "0000000002"), dollars)
	for _, a := range must(d.AccountsByCustomer(d.t.Context(), customer)) {
		switch a.ProviderID {
		case "account 1":
			first = a
		case "account 2":
			second = a
		default:
			o := said(a.ID, noon, 1e9, store.Minor(1e9))
			o.Currency = "USD"
			d.save(o)
		}
	}
	return customer, first, second
}

// askedTogether is a check of ₦50.00 with a limit of an hour.
func (d *db) askedTogether(customer string, dueAt time.Time, ask *store.RefreshRequest) store.FundsSum {
	d.t.Helper()
	f := must(d.AskFundsSum(d.t.Context(), store.FundsSum{
		CustomerID: customer, StaffID: "s", Amount: 5000, Currency: "NGN", FreshFor: time.Hour, DueAt: dueAt,
	}, ask))
	return must(d.FundsSumByID(d.t.Context(), customer, f.ID))
}

func TestAFundsCheckOverAccountsCountsFreshAvailableBalancesAlone(t *testing.T) {
	t.Parallel()
	old := noon.Add(-2 * time.Hour)
	vague := func(o store.Balance) store.Balance {
		o.Basis, o.Available = store.BasisUnspecified, store.Amount{}
		return o
	}
	for name, row := range map[string]struct {
		first, second store.Balance
		then          func(*db, store.Account) error // to the second account
		answer        store.FundsAnswer
		reason        string
		available     store.Amount
		leftOut       string // the second account
	}{
		"both together":     {said("", noon, 1, store.Minor(2000)), said("", noon, 1, store.Minor(3000)), nil, store.FundsYes, "", store.Minor(5000), ""},
		"one less":          {said("", noon, 1, store.Minor(2000)), said("", noon, 1, store.Minor(2999)), nil, store.FundsNo, "", store.Minor(4999), ""},
		"one overdrawn":     {said("", noon, 1, store.Minor(6000)), said("", noon, 1, store.Minor(-2000)), nil, store.FundsNo, "", store.Minor(4000), ""},
		"one too old":       {said("", noon, 1, store.Minor(2000)), said("", old, 1, store.Minor(9000)), nil, store.FundsTooOld, "", store.Minor(2000), "too_old"},
		"an old overdraft":  {said("", noon, 1, store.Minor(6000)), said("", old, 1, store.Minor(-2000)), nil, store.FundsPerhaps, "owed", store.Minor(6000), "too_old"},
		"the ledger alone":  {said("", noon, 1, store.Minor(2000)), said("", noon, 9000, store.Amount{}), nil, store.FundsUnknown, "left_out", store.Minor(2000), "never"},
		"enough without it": {said("", noon, 1, store.Minor(5000)), said("", noon, 9000, store.Amount{}), nil, store.FundsYes, "", store.Minor(5000), "never"},
		"kind not stated":   {said("", noon, 1, store.Minor(2000)), vague(said("", noon, 9000, store.Amount{})), nil, store.FundsPerhaps, "", store.Minor(2000), "vague"},
		"unlinked": {said("", noon, 1, store.Minor(2000)), said("", noon, 1, store.Minor(9000)), func(d *db, a store.Account) error {
			return d.UnlinkAccount(d.t.Context(), store.Program, store.Whole(), a.ID)
		}, store.FundsNo, "", store.Minor(2000), "unlinked"},
		"to sign in again": {said("", noon, 1, store.Minor(2000)), said("", noon, 1, store.Minor(9000)), func(d *db, a store.Account) error {
			return d.EndRefresh(d.t.Context(), d.start(wish(a.ID)), store.Ending{State: store.RefreshNeedsLogin})
		}, store.FundsUnknown, "left_out", store.Minor(2000), "needs_login"},
		"withdrawn": {said("", noon, 1, store.Minor(9000)), said("", noon, 1, store.Minor(9000)), func(d *db, a store.Account) error {
			d.Exec(d.t, `UPDATE consents SET withdrawn_at = 1`)
			return nil
		}, store.FundsUnknown, "left_out", store.Amount{}, "withdrawn"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			customer, first, second := d.twoAccounts()
			row.first.AccountID, row.second.AccountID = first.ID, second.ID
			d.save(row.first)
			d.save(row.second)
			if row.then != nil {
				d.ok(row.then(d, second))
			}
			f := d.askedTogether(customer, time.Time{}, nil)
			if f.Answer != row.answer || f.Reason != row.reason || f.Available != row.available {
				t.Errorf("answer = %s %q with %v, want %s %q with %v", f.Answer, f.Reason, f.Available, row.answer, row.reason, row.available)
			}
			if len(f.Parts) != 2 {
				t.Fatalf("%d accounts were looked at, want the two in naira", len(f.Parts))
			}
			for _, p := range f.Parts {
				if p.AccountID == second.ID && p.LeftOut != row.leftOut {
					t.Errorf("left out because %q, want %q", p.LeftOut, row.leftOut)
				}
				if row.leftOut == "withdrawn" && (p.Available.Known || !p.AsOf.IsZero()) {
					t.Errorf("of a customer who has withdrawn %v is kept", p.Available)
				}
				if p.LeftOut == "" && (p.AsOf.IsZero() || p.CheckedAt.IsZero() || p.AsOfKind != store.AsOfStated) {
					t.Errorf("an account is counted without its dates: %+v", p)
				}
			}
		})
	}
}

func TestAFundsCheckForADayIsAnsweredOnceThatHasCome(t *testing.T) {
	d := newDB(t)
	ctx := t.Context()
	customer, first, second := d.twoAccounts()
	d.save(said(first.ID, noon, 1, store.Minor(9000)))
	d.save(said(second.ID, noon, 1, store.Minor(9000)))
	day := noon.Add(20 * time.Hour)
	f := d.askedTogether(customer, day, nil)
	other := d.askedTogether(customer, day, nil)
	d.ok(d.CancelFundsSum(ctx, "s", customer, other.ID))
	if due := must(d.DueFundsSums(ctx, 10)); f.Answer != "" || len(due) != 0 || len(must(d.AwaitedFundsSums(ctx, 10))) != 0 {
		t.Fatalf("before its day the answer is %q, and %d are due", f.Answer, len(due))
	}

	d.advance(20 * time.Hour)
	if due := must(d.DueFundsSums(ctx, 10)); len(due) != 1 || due[0] != f.ID {
		t.Fatalf("due = %v, want %s alone", due, f.ID)
	}
	ask := store.RefreshRequest{Scope: store.Whole(), Trigger: "funds_check", Deadline: time.Minute}
	d.ok(d.BeginFundsSum(ctx, f.ID, ask))
	d.ok(d.BeginFundsSum(ctx, f.ID, ask)) // a second time is none
	if awaited := must(d.AwaitedFundsSums(ctx, 10)); len(awaited) != 1 || awaited[0].Answer != "" || awaited[0].CustomerName != "Amina Bello" {
		t.Fatalf("awaited = %+v, want it without an answer", awaited)
	}
	if err := d.SeeFundsSum(ctx, "s", customer, f.ID); !errors.Is(err, store.ErrConflict) {
		t.Errorf("seeing no answer: %v, want ErrConflict", err)
	}
	open := must(d.DueRefreshes(ctx, 10))
	if len(open) != 2 {
		t.Fatalf("%d banks are asked, want 2: those of the accounts in naira", len(open))
	}
	o := said(first.ID, day, 1, store.Minor(2000))
	for i, r := range open {
		e := store.Ending{State: store.RefreshFailed}
		if r.AccountID == first.ID {
			e = store.Ending{Balance: &o}
		}
		d.ok(d.EndRefresh(ctx, r, e))
		if f = must(d.FundsSumByID(ctx, customer, f.ID)); (f.Answer != "") != (i == 1) {
			t.Fatalf("after %d requests have ended the answer is %q", i+1, f.Answer)
		}
	}
	// What the second account held the day before is not counted.
	if f.Answer != store.FundsTooOld || f.Available != store.Minor(2000) || !f.AnsweredAt.Equal(day) {
		t.Errorf("answer = %s with %v at %v", f.Answer, f.Available, f.AnsweredAt)
	}

	d.ok(d.DecideFunds(ctx, customer, f.ID, store.FundsDecision{StaffID: "s", Decision: "later", Note: "Rings on Monday."}))
	d.ok(d.DecideFunds(ctx, customer, f.ID, store.FundsDecision{StaffID: "s", Decision: "approved"}))
	f = must(d.FundsSumByID(ctx, customer, f.ID))
	if len(f.Decisions) != 2 || f.Decisions[0].Decision != "approved" || f.Decisions[1].Note != "Rings on Monday." || f.SeenBy != "s" {
		t.Errorf("decided %+v, seen by %q", f.Decisions, f.SeenBy)
	}
	if awaited := must(d.AwaitedFundsSums(ctx, 10)); len(awaited) != 0 {
		t.Errorf("it still waits: %+v", awaited)
	}
	if _, err := d.FundsSumByID(ctx, d.customer("Bola"), f.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another customer's page finds it: %v", err)
	}
}
