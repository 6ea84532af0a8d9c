package views

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"balancelink/views/locale"
)

// readWidth is how wide a column of a drawing is of which one balance is read out, the
// last, in thousandths of the drawing: a finger is no finer.
const readWidth = 4

// readOut is what a drawing says of a moment under a finger, a pointer or the keyboard:
// where the balance begins, across and down, and its lines of words. Down is −1 where
// no amount is known.
type readOut struct {
	X     int      `json:"x"`
	Y     int      `json:"y"`
	Lines []string `json:"lines"`
}

// readOuts are those of a drawing, from left to right.
func (ch Chart) readOuts(ctx context.Context, c Clock, p plot) (all []readOut) {
	for _, at := range ch.Points {
		r := readOut{X: p.x(at.At), Y: -1, Lines: ch.read(ctx, c, at)}
		for _, m := range []Money{at.Figure, at.Available} { // available, if it is known
			if m.Known {
				r.Y = p.y(m.Minor)
			}
		}
		if n := len(all); n > 0 && r.X/readWidth == all[n-1].X/readWidth {
			all[n-1] = r
		} else {
			all = append(all, r)
		}
	}
	return all
}

// read is what one point says, in lines: of a sum also what was added, each with the time
// that it is of.
func (ch Chart) read(ctx context.Context, c Clock, at ChartPoint) []string {
	when := c.Short(ctx, at.At)
	switch {
	case ch.Added:
		total := at.total()
		lines := []string{say(ctx, "%s: in all %s", when, amount(ctx, total))}
		if !total.Known {
			lines[0] = say(ctx, "%s: no total, for a balance in it is not known", when)
		}
		for _, part := range at.Parts {
			lines = append(lines, partWords(ctx, c, part))
		}
		return lines
	case len(ch.names()) == 1:
		return []string{say(ctx, "%s: balance %s", when, spokenAmount(ctx, at.Figure))}
	case ch.Basis == basisLedger:
		return []string{say(
			ctx, "%s: available %s, ledger %s", when, spokenAmount(ctx, at.Available), spokenAmount(ctx, at.Figure),
		)}
	}
	return []string{say(
		ctx, "%s: available %s, balance %s", when, spokenAmount(ctx, at.Available), spokenAmount(ctx, at.Figure),
	)}
}

// rise is when much came in, as a salary does: between two balances, nobody knows when.
type rise struct {
	Since, At time.Time
	By        Money
}

// risesMost is how many are marked in a drawing.
const risesMost = 12

// rises are the rises of the figure that can be drawn, or of the main one where none is
// known, by a third at least of all that the drawing spans: the largest, in order of time.
func (ch Chart) rises() (all []rise) {
	_, figure := ch.sparkFigure()
	var last ChartPoint
	low, high, _ := Chart{Points: withOnly(ch.Points, figure)}.bounds()
	for _, p := range ch.Points {
		before, now := figure(last), figure(p)
		if before.Known && now.Known && !p.Seam && now.Minor > before.Minor &&
			uint64(now.Minor)-uint64(before.Minor) >= (uint64(high)-uint64(low))/3 && p.At.After(ch.From) {
			by := Money{now.Minor - before.Minor, ch.Currency, now.Minor-before.Minor > 0}
			all = append(all, rise{Since: last.At, At: p.At, By: by})
		}
		last = p
	}
	slices.SortStableFunc(all, func(a, b rise) int { return cmp.Compare(b.By.Minor, a.By.Minor) })
	all = all[:min(len(all), risesMost)]
	slices.SortFunc(all, func(a, b rise) int { return a.At.Compare(b.At) })
	return all
}

// withOnly are points with one of their figures alone.
func withOnly(points []ChartPoint, figure func(ChartPoint) Money) (all []ChartPoint) {
	for _, p := range points {
		all = append(all, ChartPoint{At: p.At, Available: figure(p), Seam: p.Seam})
	}
	return all
}

// risesWords says when much came in, as the triangles below the drawing mark it.
func risesWords(ctx context.Context, c Clock, rises []rise) string {
	var said []string
	for _, r := range rises {
		if !r.By.Known { // more than an amount can be
			continue
		}
		since, at := unbroken(c.Day(ctx, r.Since)), unbroken(c.Day(ctx, r.At))
		if since == at {
			said = append(said, say(ctx, "%s: %s", at, changeWords(ctx, r.By)))
		} else {
			said = append(said, say(ctx, "%s between %s and %s", changeWords(ctx, r.By), since, at))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return say(ctx, "▲ Large amounts in, as a salary would be: %s.", strings.Join(said, "; "))
}

// partWords is what one account gives to a total, and of when that is.
func partWords(ctx context.Context, c Clock, p ChartPart) string {
	return say(ctx, "%s: %s, of %s", locale.Apart(p.Name), spokenAmount(ctx, p.Figure), c.Short(ctx, p.At))
}

// Begun is the chart from its first balance on, where it would begin before.
func (ch Chart) Begun() Chart {
	if len(ch.Points) > 0 && ch.Points[0].At.After(ch.From) {
		ch.From = ch.Points[0].At
	}
	return ch
}
