package views

import (
	"context"
	"net/url"
	"time"
)

// History is what an account held over a range of time: as a drawing, as
// figures and as the table behind both.
type History struct {
	URL      string // of the page; the range and the figure to compare with are parameters
	Range    string // "7d", "30d", "90d", "1y" or "all"
	Never    bool   // no balance has ever come: the rest is empty
	Chart    Chart
	Lines    []LineFigures
	Below    Below
	Standing *Balance  // when Rows is empty: the balance that stood before the range, if any
	Rows     []Balance // a page of the range, newest first
	FirstURL string    // empty: this is the first page
	NextURL  string    // empty: this is the last page
	CSVURL   string    // empty: not offered to this viewer
	Removed  time.Time // up to then balances of the range were removed; zero: none were
}

// LineFigures are the extremes of one figure in a range.
type LineFigures struct {
	Name          string // "available", or the basis of the other figure; empty: it is not one throughout
	Low, High     Money
	LowAt, HighAt time.Time
}

// Below says on how many days the available balance was below an amount.
type Below struct {
	Amount Money  // Known once somebody asked
	Typed  string // as typed
	Error  string
	Days   int
	Known  int // days of the range on which an available balance was known
	Range  int // days of the range
}

// Balance is one balance as it was received.
type Balance struct {
	AsOf            time.Time
	AsOfKind        string
	ReceivedAt      time.Time
	Figure          Money
	Basis           string // as [Account.Basis]
	Available       Money
	AvailableWorked bool
	Source          string

	// Since the balance before; Known when both have the figure, of the same basis.
	AvailableChange, FigureChange Money

	Before *Seam // nil: the balance before is of the same account
}

// Seam is where the history of an account goes on under another id: what came last
// before it, and first after.
type Seam struct{ Until, Since Told }

// Told is by whom a balance was told, and when.
type Told struct {
	At      time.Time
	Through string // what the provider is called
	Basis   string
}

// seamWords says where a history goes on in other hands.
func seamWords(ctx context.Context, c Clock, s Seam) string {
	told := func(t Told) (at, through, what string) {
		what = basisNote(ctx, t.Basis)
		if t.Basis == basisLedger {
			what = say(ctx, "ledger balance")
		}
		return c.written(ctx, t.At, "2 Jan 2006"), t.Through, what
	}
	untilAt, untilThrough, untilWhat := told(s.Until)
	sinceAt, sinceThrough, sinceWhat := told(s.Since)
	return say(
		ctx, "Until %s through %s, %s · since %s through %s, %s", untilAt, untilThrough, untilWhat, sinceAt,
		sinceThrough,
		sinceWhat,
	)
}

// historyRanges are how far back a history can go.
func historyRanges(ctx context.Context) []choice {
	return []choice{
		{"7d", say(ctx, "7 days")}, {"30d", say(ctx, "30 days")}, {"90d", say(ctx, "90 days")},
		{"1y", say(ctx, "A year")}, {"all", say(ctx, "All")},
	}
}

// rangeWords is a range within a sentence.
func rangeWords(ctx context.Context, r string) string {
	switch r {
	case "7d":
		return say(ctx, "the last 7 days")
	case "90d":
		return say(ctx, "the last 90 days")
	case "1y":
		return say(ctx, "the last year")
	case "all":
		return say(ctx, "all the time it has been linked")
	}
	return say(ctx, "the last 30 days")
}

func lowestWords(ctx context.Context, name string) string {
	if name == "available" {
		return say(ctx, "Lowest available")
	}
	if name == basisLedger {
		return say(ctx, "Lowest ledger")
	}
	return say(ctx, "Lowest balance")
}

func highestWords(ctx context.Context, name string) string {
	if name == "available" {
		return say(ctx, "Highest available")
	}
	if name == basisLedger {
		return say(ctx, "Highest ledger")
	}
	return say(ctx, "Highest balance")
}

// noRows says why a range shows nothing.
func noRows(ctx context.Context, c Clock, h History) string {
	none := say(ctx, "No balance was received in %s.", rangeWords(ctx, h.Range))
	if h.Standing == nil {
		return none
	}
	o := h.Standing
	at, figure := c.Short(ctx, o.latest()), amount(ctx, o.Figure)
	switch {
	case o.Basis == basisLedger:
		return none + " " + say(
			ctx, "The one before is of %s: available %s, ledger %s.", at, spokenAmount(ctx, o.Available), figure,
		)
	case vague(o.Basis) && !o.Available.Known:
		return none + " " + say(ctx, "The one before is of %s: %s, of no stated kind.", at, figure)
	}
	return none + " " + say(
		ctx, "The one before is of %s: available %s, balance %s.", at, spokenAmount(ctx, o.Available), figure,
	)
}

// belowWords answers on how many days the balance was below an amount.
func belowWords(ctx context.Context, b Below) string {
	if b.Known == 0 {
		return say(ctx, "No available balance is known of these days.")
	}
	known := say(ctx, "%d days on which the available balance is known", b.Known)
	said := say(ctx, "Below %s on %s, of %s.", amount(ctx, b.Amount), say(ctx, "%d days", b.Days), known)
	if b.Days == 0 {
		said = say(ctx, "Never below %s, of %s.", amount(ctx, b.Amount), known)
	}
	if unknown := b.Range - b.Known; unknown > 0 {
		said += " " + say(ctx, "Of %d days it is not.", unknown)
	}
	return said
}

// changeWords is a change with its sign: "+₦5,000.00".
func changeWords(ctx context.Context, m Money) string {
	switch {
	case !m.Known:
		return ""
	case m.Minor > 0:
		return "+" + amount(ctx, m)
	case m.Minor == 0:
		return say(ctx, "no change")
	}
	return amount(ctx, m)
}

func refreshBy(ctx context.Context, r Refresh, forStaff bool) string {
	if r.By != "" {
		return r.By
	}
	return triggerWords(ctx, r.Trigger, forStaff)
}

func took(ctx context.Context, c Clock, r Refresh) string {
	if r.Running || r.EndedAt.IsZero() {
		return say(ctx, "so far %s", c.since(ctx, r.StartedAt))
	}
	return Clock{Now: r.EndedAt}.since(ctx, r.StartedAt)
}

// rangeURL is the same page with another range.
func (h History) rangeURL(r string) string {
	q := url.Values{"range": {r}}
	if h.Below.Typed != "" {
		q.Set("below", h.Below.Typed)
	}
	return h.URL + "?" + q.Encode() + "#history"
}
