package sheet

import (
	"time"

	"balancelink/store"
)

var yesNo = map[bool]string{true: "yes", false: "no"}

// at is a time as files have it; empty: nobody knows it.
func at(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// HistoryHeader are the columns of an account's balances.
func HistoryHeader() []string {
	return []string{
		"As of", "As of stated by the bank", "Currency", "Available", "Available worked out", "Ledger", "Source",
		"Received", "Balance", "Basis", "As of kind", "Provider", "Linked as",
	}
}

// HistoryRow is one of an account's balances. What is no ledger is not in its column, and
// what nobody knows the time of has none.
func HistoryRow(o store.Balance, zone *time.Location) []any {
	balance := Amount(store.Minor(o.Figure), o.Currency)
	ledger, asOf := balance, at(o.AsOf, zone)
	if o.Basis != store.BasisLedger {
		ledger = ""
	}
	if o.AsOfKind == store.AsOfUnknown {
		asOf = ""
	}
	return []any{
		asOf, yesNo[o.AsOfKind == store.AsOfStated], o.Currency, Amount(o.Available, o.Currency),
		yesNo[o.AvailableWorkedOut], ledger, string(o.Source), at(o.ReceivedAt, zone), balance, string(o.Basis),
		string(o.AsOfKind), o.Provider, store.Reference(o.AccountID),
	}
}

// AccountsHeader are the columns of the balances of all accounts.
func AccountsHeader() []string {
	return []string{
		"Customer", "Reference", "Account", "Bank", "Number", "Currency", "Available", "Available as of",
		"Available worked out", "Balance", "Ledger", "Basis", "As of", "As of kind", "Checked", "State", "Provider",
		"Day", "Also with",
	}
}

// AccountRow is an account with what it holds now. Of whom also has it the money is there
// once; empty: nobody is known to.
func AccountRow(cu store.Customer, a store.Account, also string, zone *time.Location) []any {
	f := figures{
		available: a.Available, availableAsOf: a.AvailableAsOf, worked: a.AvailableWorkedOut, figure: a.Figure,
		basis: a.Basis, asOf: a.AsOf, kind: a.AsOfKind, checked: a.CheckedAt, also: also,
	}
	return f.row(cu, a, zone)
}

// AccountRowOf is an account with what it held at the end of a day, by the newest balance
// of until then; nil: none of them is known. When the bank was last asked then nobody
// knows, and its state is that of now.
func AccountRowOf(
	day string, cu store.Customer, a store.Account, also string, o *store.Balance, zone *time.Location,
) []any {
	f := figures{day: day, also: also}
	if o != nil {
		f.available, f.availableAsOf, f.worked = o.Available, o.AsOf, o.AvailableWorkedOut
		f.figure, f.basis, f.asOf, f.kind = store.Minor(o.Figure), o.Basis, o.AsOf, o.AsOfKind
	}
	return f.row(cu, a, zone)
}

// figures are what an account holds, and of when.
type figures struct {
	available     store.Amount
	availableAsOf time.Time
	worked        bool
	figure        store.Amount
	basis         store.Basis
	asOf          time.Time
	kind          store.AsOfKind
	checked       time.Time
	day           string
	also          string // who has the account too
}

func (f figures) row(cu store.Customer, a store.Account, zone *time.Location) []any {
	if f.asOf.IsZero() {
		f.basis, f.kind = "", ""
	}
	if f.kind == store.AsOfUnknown {
		f.asOf, f.availableAsOf = time.Time{}, time.Time{}
	}
	if !f.available.Known {
		f.availableAsOf = time.Time{}
	}
	balance := Amount(f.figure, a.Currency)
	ledger := balance
	if f.basis != store.BasisLedger {
		ledger = ""
	}
	number := ""
	if last := store.LastDigits(a.NUBAN); last != "" {
		number = "••••" + last
	}
	return []any{
		cu.Name, cu.Reference, store.Reference(a.ID), a.Bank.Name, number, a.Currency, Amount(f.available, a.Currency),
		at(f.availableAsOf, zone), yesNo[f.worked], balance, ledger, string(f.basis), at(f.asOf, zone), string(f.kind),
		at(f.checked, zone), string(a.Status), a.Provider, f.day, f.also,
	}
}
