package store

import "time"

// FundsSum is a question whether a customer's accounts in one currency cover an amount
// together, at once or on a day to come. Question and answer, with every account that
// was looked at, are only ever added: together they are evidence.
type FundsSum struct {
	ID          string
	CustomerID  string
	StaffID     string // who asked
	Amount      int64
	Currency    string
	FreshFor    time.Duration // a figure older than that is not counted
	DueAt       time.Time     // when the banks are to be asked for it; zero: it was asked for at once
	AskedAt     time.Time
	BegunAt     time.Time // when the banks were asked, or nobody had to be; zero: it waits for DueAt
	CancelledAt time.Time
	SeenAt      time.Time // when staff had seen the answer that they had waited for
	SeenBy      string

	Answer      FundsAnswer // empty: there is none yet
	Reason      string      // of unknown: see [FundsSum.decide]; "owed" of perhaps
	Available   Amount      // in the accounts that are counted; not known: none is
	Unspecified Amount      // in those of which nobody says whether it can be drawn; not known: there is none
	AnsweredAt  time.Time

	Parts     []FundsPart
	Decisions []FundsDecision // newest first
}

// FundsPart is what a [FundsSum] made of an account.
type FundsPart struct {
	AccountID string
	// LeftOut is why the account is not counted: a reason of [Account.barred] or
	// [Account.Unstated], "too_old", "too_large", "twice" for [Account.Twice], or "vague" for
	// a balance of which nobody says whether it can be drawn. Empty: its available balance is counted.
	LeftOut   string
	Available Amount // the last that is known, also where it is not counted
	Figure    Amount // looked at where nothing is known to be available
	Basis     Basis  // of Figure
	AsOf      time.Time
	AsOfKind  AsOfKind
	CheckedAt time.Time // when the bank last answered; zero: never
	BalanceID string

	BankName string
	Name     string // of the holder
	Type     string
	NUBAN    string
	Broken   error // a [*SealError]: NUBAN does not open and is empty
}

// FundsDecision is what staff decided on the ground of a [FundsSum].
type FundsDecision struct {
	StaffID  string
	Decision string // "approved", "declined" or "later"
	Note     string
	At       time.Time
}

// partOf is what a check makes of one of all its accounts. Of one that the customer does not let us
// look at any more no figure is taken.
func (f *FundsSum) partOf(a Account, all []Account, consent ConsentState, now time.Time) FundsPart {
	p := FundsPart{AccountID: a.ID, CheckedAt: a.CheckedAt, LeftOut: f.leftOut(a, all, consent, now)}
	if forbidden(p.LeftOut) {
		return p
	}
	p.Available, p.AsOf = a.Available, a.AvailableAsOf
	if !a.Available.Known || p.LeftOut == "vague" {
		p.Available, p.Figure, p.Basis, p.AsOf = Amount{}, a.Figure, a.Basis, a.AsOf
	}
	if p.AsOf.Equal(a.AsOf) {
		p.AsOfKind = a.AsOfKind
	}
	if p.AsOfKind == AsOfUnknown {
		p.AsOf = time.Time{} // from where its age counts: it says nothing of the figure
	}
	return p
}

// leftOut is why an account is not counted; empty: it is.
func (f *FundsSum) leftOut(a Account, all []Account, consent ConsentState, now time.Time) string {
	why := a.barred(consent, now)
	switch {
	case why != "":
		return why
	case a.Twice(all):
		return "twice"
	case a.vague() && NoOlder(a.AsOf, f.FreshFor, now):
		return "vague"
	case a.vague():
		return "too_old"
	case a.Unstated() != "":
		return a.Unstated()
	case !NoOlder(a.AvailableAsOf, f.FreshFor, now):
		return "too_old"
	}
	return ""
}

// gone says that the account is none of those that are linked: what it holds is not
// asked for.
func (p FundsPart) gone() bool { return isGone(p.LeftOut) }

// owed is by how much the account was last known to be overdrawn, which is not counted.
func (p FundsPart) owed() int64 {
	if p.LeftOut == "" {
		return 0
	}
	return min(p.Available.Minor, p.Figure.Minor, 0)
}

// decide answers a check by its parts, each of which is an account that is there once.
// What is counted is nothing but available balances that the banks stated in their newest
// answers and that are fresh, those that are overdrawn too. It is yes where that covers
// the amount whatever else there is, unless an account that is left out was overdrawn by
// too much; no only where nothing that is linked is left out; too old where newer
// balances alone are wanting. The reasons of unknown are "none", for there is nothing to
// count, "less", for there may be an overdraft, and "left_out".
func (f *FundsSum) decide() {
	vague, tooOld, missing, owed := false, 0, 0, int64(0)
	for i := range f.Parts {
		switch p := &f.Parts[i]; {
		case p.LeftOut == "" && f.Available.grow(p.Available):
		case p.LeftOut == "":
			p.LeftOut = "too_large"
			missing++
		case p.LeftOut == "vague" && f.Unspecified.grow(p.Figure):
			vague = true
		case p.LeftOut == "too_old":
			tooOld++
			missing++
		case !p.gone():
			missing++
		}
		if sum := owed + f.Parts[i].owed(); sum <= owed {
			owed = sum
		}
	}
	f.Answer, f.Reason = f.answer(vague, missing, tooOld, owed)
}

// answer is the answer, and why.
func (f *FundsSum) answer(vague bool, missing, tooOld int, owed int64) (FundsAnswer, string) {
	withOwed, withVague := f.Available, f.Available
	switch {
	case f.Available.Known && f.Available.Minor >= f.Amount:
		if !withOwed.grow(Minor(owed)) || withOwed.Minor < f.Amount {
			return FundsPerhaps, "owed"
		}
		return FundsYes, ""
	case vague && withVague.grow(f.Unspecified) && withVague.Minor >= f.Amount:
		return FundsPerhaps, ""
	case missing > 0 && missing == tooOld && !vague:
		return FundsTooOld, ""
	case missing > 0:
		return FundsUnknown, "left_out"
	case vague:
		return FundsUnknown, "less"
	case f.Available.Known:
		return FundsNo, ""
	}
	return FundsUnknown, "none"
}
