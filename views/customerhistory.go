package views

import (
	"context"
	"slices"
	"strings"
	"time"
)

// CustomerHistory is what a customer's linked accounts held together, by currency.
type CustomerHistory struct {
	Frame
	Customer           string // staff only: whose it is
	BackURL, BackLabel string
	URL                string // of the page; the range is a parameter
	Range              string // as [History.Range]
	Currencies         []SumHistory
}

// SumHistory is what accounts of one currency held together.
type SumHistory struct {
	Currency string
	Chart    Chart
	Accounts []string      // that are added up
	Left     []string      // that are not: what their bank says is of another kind
	Never    []string      // of which no balance is known in the range
	Apart    time.Duration // the longest between two balances that are added
	Rows     []ChartPoint  // the newest points, oldest first
	More     bool          // there are older ones
}

// Title is what the page is about: of staff with whose it is.
func (p CustomerHistory) Title(ctx context.Context) string {
	return OfCustomer(ctx, p.Customer, say(ctx, "All accounts over time"))
}

// sumWords say what a total is, and what it is not.
func sumWords(ctx context.Context, h SumHistory) (said []string) {
	names := func(all []string) string { return strings.Join(allApart(all), ", ") }
	switch {
	case len(h.Accounts) == 1 && h.Chart.names()[0] == "available":
		said = append(said, say(ctx, "What was available in %s.", h.Accounts[0]))
	case len(h.Accounts) == 1:
		said = append(said, say(ctx, "The balance of %s.", h.Accounts[0]))
	case len(h.Accounts) > 1 && h.Chart.names()[0] == "available":
		said = append(said, say(ctx, "Added up: what was available in %s.", names(h.Accounts)))
	case len(h.Accounts) > 1:
		said = append(said, say(ctx, "Added up: the balances of %s.", names(h.Accounts)))
	}
	if len(h.Accounts) > 1 {
		said = append(said, say(
			ctx, "A total adds balances of different times: of each account the last one until then. They are up to %s apart.",
			roughly(ctx, h.Apart),
		))
	}
	if len(h.Left) > 0 {
		said = append(said, say(ctx, "Not added, because their banks say another kind of balance: %s.", names(h.Left)))
	}
	if len(h.Never) > 0 {
		said = append(said, say(ctx, "No balance of this time is known of %s.", names(h.Never)))
	}
	return said
}

// roughly is a length of time in its largest unit, rounded up.
func roughly(ctx context.Context, d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d <= time.Hour:
		return say(ctx, "%d minutes", max(up(time.Minute), 1))
	case d <= 48*time.Hour:
		return say(ctx, "%d hours", up(time.Hour))
	}
	return say(ctx, "%d days", up(24*time.Hour))
}

// total is the figure of a point of a sum.
func (p ChartPoint) total() Money {
	if p.Available.Known {
		return p.Available
	}
	return p.Figure
}

// newestFirst are the rows of the table.
func (h SumHistory) newestFirst() []ChartPoint {
	rows := slices.Clone(h.Rows)
	slices.Reverse(rows)
	return rows
}
