package views

// Every sentence about an account's history stands here.

import (
	"context"
	"strings"
)

// historyRanges are how far back a history can go.
func historyRanges(ctx context.Context) []choice {
	return []choice{
		{"7d", say(ctx, "7 days")}, {"30d", say(ctx, "30 days")}, {"90d", say(ctx, "90 days")}, {"1y", say(ctx, "A year")}, {"all", say(ctx, "All")},
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

func lineWords(ctx context.Context, name string) string {
	if name == "available" {
		return say(ctx, "Available (thick line)")
	}
	return say(ctx, "Ledger (thin line)")
}

func lowestWords(ctx context.Context, name string) string {
	if name == "available" {
		return say(ctx, "Lowest available")
	}
	return say(ctx, "Lowest ledger")
}

func highestWords(ctx context.Context, name string) string {
	if name == "available" {
		return say(ctx, "Highest available")
	}
	return say(ctx, "Highest ledger")
}

func chartTitle(ctx context.Context, c Clock, ch Chart) string {
	return say(ctx, "Balance from %s to %s", c.Day(ctx, ch.From), c.Day(ctx, ch.To))
}

// chartWords says what the drawing shows to those who do not see it.
func chartWords(ctx context.Context, c Clock, ch Chart) string {
	last := ch.last()
	said := []string{say(ctx, "A line of steps: each balance stands until the next. The last is of %s: available %s, ledger %s.",
		c.short(ctx, last.At), spokenAmount(ctx, last.Available), spokenAmount(ctx, last.Ledger))}
	if low, high, some := ch.bounds(); some {
		said = append(said, say(ctx, "All lie between %s and %s.", amount(ctx, Money{low, ch.Currency, true}), amount(ctx, Money{high, ch.Currency, true})))
	}
	return strings.Join(append(said, say(ctx, "The table below holds every figure.")), " ")
}

func spokenAmount(ctx context.Context, m Money) string {
	if !m.Known {
		return say(ctx, "not said by the bank")
	}
	return amount(ctx, m)
}

// chartNote says what must not be read out of the drawing.
func chartNote(ctx context.Context, c Clock, ch Chart) string {
	var notes []string
	for i, p := range ch.Points {
		if !p.Available.Known && (i+1 == len(ch.Points) || ch.Points[i+1].At.After(ch.From)) {
			notes = append(notes, say(ctx, "Gaps: the bank gave no available balance."))
			break
		}
	}
	if ch.Stale {
		notes = append(notes, say(ctx, "The dashed end is the last known balance, of %s. It may have changed since.", c.short(ctx, ch.last().At)))
	}
	return strings.Join(notes, " ")
}

// noRows says why a range shows nothing.
func noRows(ctx context.Context, c Clock, h History) string {
	none := say(ctx, "No balance was received in %s.", rangeWords(ctx, h.Range))
	if h.Standing == nil {
		return none
	}
	o := h.Standing
	return none + " " + say(ctx, "The one before is of %s: available %s, ledger %s.", c.short(ctx, o.AsOf), spokenAmount(ctx, o.Available), amount(ctx, o.Ledger))
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
