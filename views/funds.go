package views

import (
	"context"
	"strconv"
	"time"
)

// FundsForm asks whether an account can cover an amount, and lists what was
// asked before.
type FundsForm struct {
	URL        string // POST
	Typed      string
	Error      string
	Refresh    bool // ask the bank first
	MayAsk     bool // offered to this viewer: the form
	MayRefresh bool // and that the bank is asked
	Checks     []FundsCheck
	AllURL     string // all checks; empty: there are no more than these
}

// FundsCheck is one question whether an account can cover an amount, with its answer.
type FundsCheck struct {
	URL                   string
	ID, Reference         string
	Customer, CustomerURL string
	CustomerReference     string
	Bank, Name, NUBAN     string // the number masked
	AccountURL            string
	Shared                Shared
	Amount                Money
	Answer                string // yes, no, perhaps, unknown, too_old; empty: the bank is being asked
	Reason                string // of unknown: never, changed, not_stated, worked_out, copy, less, or a state
	Available             Money  // the figure looked at, unless Figure was
	Figure                Money  // looked at because nobody says what is available
	Basis                 string // of Figure, as [Account.Basis]
	AsOf                  time.Time
	AsOfStated            bool
	FreshFor              time.Duration
	AskedAt, AnsweredAt   time.Time
	By                    string   // who asked
	Refresh               *Refresh // the request to the bank that came first; nil: none
}

// Shared is another customer who has an account too: it is the same money. The zero one:
// nobody is known to.
type Shared struct{ Name, URL string }

// FundsPage is one check as evidence.
type FundsPage struct {
	Frame
	Check FundsCheck
}

// FundsList is all checks of an account or of a customer.
type FundsList struct {
	Frame
	BackURL, BackLabel string
	Customer           string     // whose they are
	Sums               []FundsSum // over several accounts, newest first
	Checks             []FundsCheck
	FirstURL, NextURL  string
}

func fundsLabel(ctx context.Context, answer string) label {
	switch answer {
	case "yes":
		return label{say(ctx, "Yes"), good}
	case "no":
		return label{say(ctx, "No"), bad}
	case "perhaps":
		return label{say(ctx, "Perhaps"), warn}
	case "too_old":
		return label{say(ctx, "Too old to tell"), warn}
	case "unknown":
		return label{say(ctx, "Unknown"), quiet}
	}
	return label{say(ctx, "Asking the bank"), info}
}

// shown is an amount in a sentence, for who may have hidden amounts.
func shown(ctx context.Context, m Money) string {
	if m.Known && amountsHidden(ctx) {
		return say(ctx, "an amount that is hidden")
	}
	return spokenAmount(ctx, m)
}

// question is what was asked, in words.
func (f FundsCheck) question(ctx context.Context) string {
	return say(ctx, "Can %s cover %s?", f.account(ctx), shown(ctx, f.Amount))
}

// account is the account of the check, as people tell it from others.
func (f FundsCheck) account(ctx context.Context) string {
	return f.Bank + " " + Number(ctx, f.NUBAN)
}

// fundsSentence says the answer with the figure that it rests on.
func fundsSentence(ctx context.Context, c Clock, f FundsCheck) string {
	if words := barredSentence(ctx, f.Reason); words != "" {
		return words
	}
	switch {
	case f.Answer == "yes":
		return say(ctx, "Yes: %s was available, which covers %s.", shown(ctx, f.Available), shown(ctx, f.Amount))
	case f.Answer == "no":
		return say(ctx, "No: %s was available, which is less than %s.", shown(ctx, f.Available), shown(ctx, f.Amount))
	case f.Answer == "perhaps":
		return say(
			ctx, "Perhaps: the balance was %s, which covers %s, but we are not told whether it can be drawn.",
			shown(ctx, f.Figure), shown(ctx, f.Amount),
		)
	case f.Answer == "too_old" && f.Figure.Known:
		return say(
			ctx, "We can't say: the newest balance, %s, was older than %s.", shown(ctx, f.Figure),
			lasting(ctx, f.FreshFor),
		)
	case f.Answer == "unknown" && f.Reason == "less":
		return say(
			ctx,
			"We can't say: the balance was %s, which is less than %s, but we are not told whether more can be drawn.",
			shown(ctx, f.Figure), shown(ctx, f.Amount),
		)
	case f.Answer == "unknown" && f.Reason == "copy":
		return say(ctx, "We can't say: all we have is a saved copy of the balance, and nobody knows of when it is.")
	case f.Answer == "too_old":
		return say(
			ctx, "We can't say: the newest balance, %s available, was older than %s.", shown(ctx, f.Available),
			lasting(ctx, f.FreshFor),
		)
	case f.Answer == "unknown" && f.Reason == "changed":
		return say(ctx, "We can't say: the bank has said that the balance changed, and has not given the new one yet.")
	case f.Answer == "unknown" && f.Reason == "not_stated":
		return say(ctx, "We can't say: the bank's newest answer gives no available balance. What it gave before, %s, does not count.", shown(ctx, f.Available))
	case f.Answer == "unknown" && f.Reason == "worked_out":
		return say(ctx, "We can't say: the bank gives no available balance. %s is our own estimate from pending payments, and does not count.", shown(ctx, f.Available))
	case f.Answer == "unknown":
		return say(ctx, "We can't say: the bank has never given an available balance for this account.")
	}
	return say(ctx, "Asking the bank first. The answer appears here by itself. You may leave this page.")
}

// barredSentence says that the state of an account is why nothing can be said of it; empty:
// it is not.
func barredSentence(ctx context.Context, reason string) string {
	switch reason {
	case "needs_login":
		return say(ctx, "We can't say: the bank wants the customer to sign in again. What it gave before does not count.")
	case "unshared":
		return say(ctx, "We can't say: the customer does not share this account any more.")
	case "unlinked":
		return say(ctx, "We can't say: this account is not linked any more.")
	case "no_consent":
		return say(ctx, "We can't say: the customer's consent has ended.")
	case "withdrawn":
		return say(ctx, "We can't say: the customer has withdrawn their consent.")
	}
	return ""
}

// fundsRule is what the answer means.
func fundsRule(ctx context.Context, f FundsCheck) string {
	if f.Figure.Known {
		return say(ctx, "Perhaps means that the balance, no older than %s, is at least the amount. We are told neither what is available nor whether the balance can be drawn: so we never say yes or no.", lasting(ctx, f.FreshFor))
	}
	return say(ctx, "Yes means that the available balance, as the bank itself gave it in its newest answer, no older than %s, is at least the amount. When it is missing we use nothing else: not the ledger, not an older answer, not our own estimate.", lasting(ctx, f.FreshFor))
}

// basis says whether the bank was asked for this check.
func (f FundsCheck) basis(ctx context.Context) string {
	if f.Refresh == nil {
		return say(ctx, "the saved balance, not a new request")
	}
	if f.Refresh.Running {
		return say(ctx, "a request to the bank, which is under way")
	}
	return say(ctx, "a request to the bank, which ended: %s", refreshLabel(ctx, *f.Refresh).Text)
}

// lasting writes a length of time: "1 h", "90 min".
func lasting(ctx context.Context, d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return say(ctx, "%s h", strconv.Itoa(int(d/time.Hour)))
	case d >= time.Minute && d%time.Minute == 0:
		return say(ctx, "%s min", strconv.Itoa(int(d/time.Minute)))
	}
	return d.String()
}
