package views

import (
	"context"
	"strconv"
	"strings"
	"time"

	units "balancelink/store/money"
	"balancelink/views/locale"
)

// Money is an amount in minor units of an ISO 4217 currency. When Known is
// false the bank did not say, which is never the same as zero.
type Money struct {
	Minor    int64
	Currency string
	Known    bool
}

// Total is a sum in one currency. Unknown counts the accounts whose figure is
// not known and therefore not in it.
type Total struct {
	Money   Money
	Unknown int
	Twice   int // accounts that are left out, since they may be in it already
	Worked  int // accounts in it whose figure we worked out
	// Unspecified is a sum of its own, of balances of which nobody says whether they
	// can be drawn; not Known: there are none.
	Unspecified Money
}

// stands says that the total is there to be read: not where nothing but balances of
// no stated kind are.
func (t Total) stands() bool { return t.Money.Known || t.Unknown > 0 || !t.Unspecified.Known }

// eachApart are totals with the sums of balances of no stated kind as totals of their
// own.
func eachApart(ts []Total) (all []Total) {
	for _, t := range ts {
		vague, twice := t.Unspecified, t.Twice
		if t.stands() {
			t.Unspecified = Money{}
			all, twice = append(all, t), 0
		}
		if vague.Known {
			all = append(all, Total{Unspecified: vague, Twice: twice})
		}
	}
	return all
}

// heading is what the totals of a sum are.
func (s Sum) heading(ctx context.Context) string {
	for _, t := range s.Totals {
		if t.stands() {
			return say(ctx, "Total available")
		}
	}
	return say(ctx, "Total balance")
}

// Sum is what a customer's accounts hold available in all, and how old the
// oldest figure in it is: it is only as good as that.
type Sum struct {
	Totals     []Total   // one per currency
	OldestAsOf time.Time // zero: no figure
	Freshness  Freshness // of the oldest figure
}

const (
	minus   = "\u2212" // a real minus, as wide as a figure
	noBreak = "\u00a0"
)

// symbol returns what stands before an amount in the currency, in every
// language: so it stands on the banks' own papers.
func symbol(code string) string {
	switch code {
	case "NGN":
		return "₦"
	case "USD":
		return "$"
	case "GBP":
		return "£"
	case "EUR":
		return "€"
	case "GHS":
		return "GH₵"
	case "KES":
		return "KSh"
	case "ZAR":
		return "R"
	}
	return code + noBreak
}

// amount writes money as people read it, such as "−₦1,234,567.89". Where the
// bank gave no figure it says so: that is never 0.
func amount(ctx context.Context, m Money) string {
	whole, cents := amountParts(ctx, m)
	return whole + cents
}

// amountParts is amount cut before the decimal point, so that a page can set
// the part behind it smaller.
func amountParts(ctx context.Context, m Money) (whole, cents string) {
	if !m.Known {
		return say(ctx, "Not given by the bank"), ""
	}
	in := locale.Of(ctx)
	scale, known := units.Scale(m.Currency)
	sign, digits, fraction := units.Split(m.Minor, scale)
	if sign != "" {
		sign = minus
	}
	if !known { // without a known scale, where the point goes would be a guess
		return sign + strings.TrimPrefix(m.Currency+noBreak, noBreak) + in.Grouped(digits), noBreak +
			say(ctx, "minor units")
	}
	if fraction != "" {
		cents = in.Point() + fraction
	}
	return sign + symbol(m.Currency) + in.Grouped(digits), cents
}

// DecimalComma says whether the reader's language writes a comma before the
// smaller unit of money.
func DecimalComma(ctx context.Context) bool { return locale.Of(ctx).Point() == "," }

// digits writes a number that is 0 or more.
func digits[N int | int64](ctx context.Context, n N) string {
	return locale.Of(ctx).Grouped(strconv.FormatInt(int64(n), 10))
}

// absolute is an amount without its sign, for sentences that say "up" or "by".
func absolute(ctx context.Context, m Money) string { return strings.TrimPrefix(amount(ctx, m), minus) }

func negative(m Money) bool { return m.Known && m.Minor < 0 }

func spokenAmount(ctx context.Context, m Money) string {
	if !m.Known {
		return say(ctx, "not said by the bank")
	}
	return amount(ctx, m)
}

// unknownCount says how many accounts a total leaves out.
func unknownCount(ctx context.Context, t Total) string {
	switch {
	case t.Unknown == 0:
		return ""
	case !t.Money.Known:
		return say(ctx, "%d accounts without a figure", t.Unknown)
	}
	return say(ctx, "+ %d accounts without a figure", t.Unknown)
}
