package views

import (
	"context"
	"time"
)

// FundsSumForm asks whether a customer's accounts in one currency cover an amount
// together, and shows what was asked last.
type FundsSumForm struct {
	URL                   string // POST; empty: not by this viewer
	Typed, Day            string
	Currency              string   // chosen
	Currencies            []string // of the accounts that are linked
	MinDay, MaxDay        string   // that may be asked for
	AskFirst              bool     // new balances from the banks
	MayRefresh            bool
	AmountError, DayError string
	Checks                []FundsSum // newest first
	AllURL                string     // all checks
}

// FundsSum is one question whether a customer's accounts in one currency cover an amount
// together, with its answer.
type FundsSum struct {
	URL                   string
	ID, Reference         string
	Customer, CustomerURL string
	CustomerReference     string
	CustomerPhone         string // on the list of today
	Amount                Money
	Answer                string // as FundsCheck.Answer; empty: there is none yet
	Reason                string // owed, left_out, less, none
	Available             Money  // in what is counted; not known: nothing is
	Unspecified           Money  // in accounts of which nobody says whether it can be drawn
	FreshFor              time.Duration
	DueAt                 time.Time // zero: it was asked at once
	AskedAt, AnsweredAt   time.Time
	CancelledAt, SeenAt   time.Time
	By, SeenBy            string
	Waiting               bool // for DueAt
	Late                  bool // it was answered on a later day than the one it was for
	Parts                 []FundsPart
	Decisions             []FundsDecision // newest first
	Form                  FundsDecisionForm

	AgainURL, CancelURL, SeenURL string // POST; empty: not now, or not by this viewer
}

// FundsPart is an account that the answer looked at.
type FundsPart struct {
	Bank, Sort, NUBAN, URL string // the number masked
	LeftOut                string // why it is not counted, in one word; empty: it is
	Available, Figure      Money  // the last that is known
	Basis                  string // of Figure
	AsOf, CheckedAt        time.Time
	AsOfKind               string
	Lowest                 Money // available in the 30 days before the answer
	LowestAt               time.Time
	DaysBelow, DaysKnown   int // of them the days below the amount, and those of which anything is known
	Shared                 Shared
}

// FundsDecision is what staff decided on the ground of a check.
type FundsDecision struct {
	Decision, Note, By string
	At                 time.Time
}

// FundsDecisionForm writes a decision down.
type FundsDecisionForm struct {
	URL                      string // POST; empty: not now, or not by this viewer
	Decision, Note           string
	DecisionError, NoteError string
}

// FundsSumPage is one check over a customer's accounts as evidence.
type FundsSumPage struct {
	Frame
	Check FundsSum
}

// asking says that the banks have been asked and have not all answered.
func (f FundsSum) asking() bool { return f.Answer == "" && !f.Waiting && f.CancelledAt.IsZero() }

// label is the answer, or how far the question has come, in a word.
func (f FundsSum) label(ctx context.Context) label {
	switch {
	case !f.CancelledAt.IsZero():
		return label{say(ctx, "Cancelled"), quiet}
	case f.Waiting:
		return label{say(ctx, "Waiting for its day"), info}
	case f.asking():
		return label{say(ctx, "Asking the banks"), info}
	}
	return fundsLabel(ctx, f.Answer)
}

// question is what was asked, in words.
func (f FundsSum) question(ctx context.Context) string {
	if f.DueAt.IsZero() {
		return say(ctx, "Can %s cover %s?", f.Customer, shown(ctx, f.Amount))
	}
	return say(ctx, "Can %s cover %s on the day?", f.Customer, shown(ctx, f.Amount))
}

// counted is how many accounts are counted.
func (f FundsSum) counted() (n int) {
	for _, p := range f.Parts {
		if p.LeftOut == "" {
			n++
		}
	}
	return n
}

// inAccounts is in how many accounts the available balance is.
func (f FundsSum) inAccounts(ctx context.Context) string {
	if f.counted() == len(f.Parts) {
		return say(ctx, "%d accounts", f.counted())
	}
	return say(ctx, "%s of %s accounts", digits(ctx, f.counted()), digits(ctx, len(f.Parts)))
}

// sentence says the answer with the figure that it rests on.
func (f FundsSum) sentence(ctx context.Context, c Clock) string {
	available, amount, in := shown(ctx, f.Available), shown(ctx, f.Amount), f.inAccounts(ctx)
	switch {
	case !f.CancelledAt.IsZero():
		return say(ctx, "It was cancelled before its day: no bank was asked.")
	case f.Waiting:
		return say(ctx, "The banks are asked at %s. The answer is then on Today.", c.Short(ctx, f.DueAt))
	case f.asking():
		return say(ctx, "Asking the banks first. The answer appears here by itself. You may leave this page.")
	case f.Answer == "yes":
		return say(ctx, "Yes: %s was available in %s, which covers %s.", available, in, amount)
	case f.Answer == "no":
		return say(ctx, "No: %s was available in %s, which is less than %s.", available, in, amount)
	case f.Answer == "perhaps" && f.Reason == "owed":
		return say(
			ctx,
			"Perhaps: %s was available in %s, which covers %s, but an account that is not counted was overdrawn.",
			available, in, amount,
		)
	case f.Answer == "perhaps":
		return say(
			ctx,
			"Perhaps: it covers %s only with balances of which we are not told whether they can be drawn.",
			amount,
		)
	case f.Answer == "too_old" && f.Available.Known:
		return say(
			ctx,
			"We can't say: %s was available in %s, which is less than %s, and the other balances were older than %s.",
			available, in, amount, lasting(ctx, f.FreshFor),
		)
	case f.Answer == "too_old":
		return say(ctx, "We can't say: every balance was older than %s.", lasting(ctx, f.FreshFor))
	case f.Reason == "less":
		return say(
			ctx,
			"We can't say: the balances are less than %s, and we are not told whether more can be drawn.",
			amount,
		)
	case f.Reason == "left_out" && f.Available.Known:
		return say(
			ctx,
			"We can't say: %s was available in %s, which is less than %s, and the others could not be counted.",
			available, in, amount,
		)
	case f.Reason == "left_out":
		return say(ctx, "We can't say: no account could be counted.")
	}
	return say(ctx, "We can't say: no account is linked any more.")
}

// rule is what the answer means.
func (f FundsSum) rule(ctx context.Context) string {
	return say(
		ctx,
		"Counted is the available balance of every linked account in %s, once, as the bank itself gave it in its newest answer, no older than %s. What is overdrawn is taken off. We use nothing else: not the ledger, not an older answer, not our own estimate, and no other currency. No means that every linked account was counted.",
		f.Amount.Currency, lasting(ctx, f.FreshFor),
	)
}

// leftOutWords says why an account is not counted.
func leftOutWords(ctx context.Context, p FundsPart, freshFor time.Duration) string {
	switch p.LeftOut {
	case "too_old":
		return say(ctx, "older than %s", lasting(ctx, freshFor))
	case "needs_login":
		return say(ctx, "needs a new sign-in")
	case "withdrawn":
		return say(ctx, "the consent is withdrawn")
	case "no_consent":
		return say(ctx, "consent ended")
	case "unlinked":
		return say(ctx, "not linked any more")
	case "unshared":
		return say(ctx, "not shared any more")
	case "never":
		return say(ctx, "the bank has never given an available balance")
	case "changed":
		return say(ctx, "the bank said that it changed, and has not given the new one yet")
	case "not_stated":
		return say(ctx, "the bank's newest answer gives no available balance")
	case "worked_out":
		return say(ctx, "our own estimate, not the bank's figure")
	case "copy":
		return say(ctx, "a saved copy, and nobody knows of when it is")
	case "twice":
		return say(ctx, "it may be another of these accounts: somebody has to say")
	case "vague":
		return say(ctx, "we are not told whether it can be drawn")
	}
	return say(ctx, "too large to add up")
}

// decisionLabel is a decision in a word.
func decisionLabel(ctx context.Context, decision string) label {
	switch decision {
	case "approved":
		return label{say(ctx, "Approved"), good}
	case "declined":
		return label{say(ctx, "Declined"), bad}
	}
	return label{say(ctx, "Decide later"), warn}
}

func decisionChoices(ctx context.Context) []choice {
	return []choice{
		{"approved", say(ctx, "Approved")}, {"declined", say(ctx, "Declined")}, {"later", say(ctx, "Decide later")},
	}
}
