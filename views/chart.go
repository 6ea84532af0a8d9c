package views

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Chart is what an account held over a stretch of time. A balance stands until
// the next one, so it is drawn as a line of steps.
type Chart struct {
	From, To time.Time // To is now
	Currency string
	Points   []ChartPoint // oldest first; one from before From stood at From
	Basis    string       // of all figures, as [Account.Basis]; empty: they differ or nobody says
	Stale    bool         // the last point is too old to be called current
	Added    bool         // of what several accounts held, added up: of each point one figure is known at most
}

// ChartPoint is one balance in a [Chart].
type ChartPoint struct {
	At                time.Time
	Figure, Available Money
	// The account goes on under another id here, or one more is added from here on: no line
	// leads to it.
	Seam  bool
	Parts []ChartPart // what was added up; none: nothing was
}

// ChartPart is what one account gives to a sum, and of when that is.
type ChartPart struct {
	Name   string
	Figure Money
	At     time.Time
}

// A drawing's own measures: x runs over a thousandth of its width each, so that
// it fits every screen; y is in pixels.
const (
	plotWidth = 1000
	plotTop   = 20
	plotBase  = 214 // below it stand the dates
	sparkBase = 34
)

// plot is where a chart's values and times lie.
type plot struct {
	from, to  time.Time
	low, high int64 // minor units at base and top
	top, base int
}

// x is where a moment lies, never outside of the drawing.
func (p plot) x(t time.Time) int {
	span := max(p.to.UnixMilli()-p.from.UnixMilli(), 1)
	at := min(max(t.UnixMilli()-p.from.UnixMilli(), 0), span)
	return int(float64(at) / float64(span) * plotWidth)
}

// y is where an amount lies. The differences of two int64 fit a uint64 only.
func (p plot) y(minor int64) int {
	span, below := uint64(p.high)-uint64(p.low), uint64(p.high)-uint64(minor)
	return p.top + int(float64(below)/float64(max(span, 1))*float64(p.base-p.top)+.5)
}

// bounds are the lowest and the highest of all amounts drawn.
func (ch Chart) bounds() (low, high int64, some bool) {
	for _, p := range ch.Points {
		for _, m := range []Money{p.Figure, p.Available} {
			if !m.Known {
				continue
			}
			if !some {
				low, high, some = m.Minor, m.Minor, true
			}
			low, high = min(low, m.Minor), max(high, m.Minor)
		}
	}
	return low, high, some
}

// plot fits a chart between round amounts. Zero is in it unless the line would be flat
// then, far from it; a note says so.
func (ch Chart) plot() (plot, []int64) {
	low, high, _ := ch.bounds()
	if !ch.farFromZero() {
		low, high = min(low, 0), max(high, 0)
	}
	ticks := amountTicks(low, high)
	return plot{from: ch.From, to: ch.To, low: ticks[0], high: ticks[len(ticks)-1], top: plotTop, base: plotBase}, ticks
}

// farFromZero says that the lowest amount drawn is more than half of the highest, and that
// they are not the same.
func (ch Chart) farFromZero() bool {
	low, high, _ := ch.bounds()
	return low < high && (low > 0 && low > high/2 || high < 0 && high < low/2)
}

// spot is a point of a line in a drawing; one that is not known is a gap.
type spot struct {
	x, y  int
	known bool
	seam  bool // no line leads to it
}

// spots are where one figure of the points lies, thinned to what can be seen.
func (p plot) spots(points []ChartPoint, figure func(ChartPoint) Money) (all []spot) {
	for i := 0; i < len(points); {
		x, column := p.x(points[i].At), []spot(nil)
		for ; i < len(points) && p.x(points[i].At) == x && !(points[i].Seam && len(column) > 0); i++ {
			s := spot{x: x, seam: points[i].Seam}
			if m := figure(points[i]); m.Known {
				s.y, s.known = p.y(m.Minor), true
			}
			column = append(column, s)
		}
		all = append(all, thin(column)...)
	}
	return all
}

// thin keeps of the spots above each other the first, the extremes and the last.
func thin(column []spot) []spot {
	if len(column) <= 4 {
		return column
	}
	first, last := column[0], column[len(column)-1]
	low, high := spot{}, spot{}
	for _, s := range column {
		if s.known && (!low.known || s.y > low.y) {
			low = s
		}
		if s.known && (!high.known || s.y < high.y) {
			high = s
		}
	}
	return []spot{first, low, high, last}
}

// steps is the path of a line that holds each value until the next, and is broken at a
// seam, where a short stroke shows the last value before.
func steps(spots []spot) string {
	var b strings.Builder
	var last spot
	for _, s := range spots {
		if s.seam && last.known {
			b.WriteString("h3")
		}
		if s.seam {
			last = spot{}
		}
		if last.known && s.x != last.x {
			fmt.Fprintf(&b, "H%d", s.x)
		}
		switch {
		case s.known && !last.known:
			fmt.Fprintf(&b, "M%d %d", s.x, s.y)
		case s.known && s.y != last.y:
			fmt.Fprintf(&b, "V%d", s.y)
		}
		last = s
	}
	return b.String()
}

// line is one figure of a chart as it is drawn.
type line struct {
	Class string // of the stylesheet
	Path  string
	Tail  string // from the last balance to now, when that is long ago; empty otherwise
	End   spot   // the last balance
}

// percent is a place across a drawing as SVG writes it.
func percent(x int) string { return fmt.Sprintf("%d.%d%%", x/10, x%10) }

func (ch Chart) line(p plot, class string, figure func(ChartPoint) Money) line {
	spots := p.spots(ch.Points, figure)
	l := line{Class: class, Path: steps(spots)}
	if len(spots) > 0 {
		l.End = spots[len(spots)-1]
	}
	if l.End.known && ch.Stale && l.End.x < plotWidth {
		l.Tail = fmt.Sprintf("M%d %dH%d", l.End.x, l.End.y, plotWidth)
	}
	return l
}

func (p ChartPoint) available() Money { return p.Available }

func (p ChartPoint) main() Money { return p.Figure }

// lines are the lines of a chart, the more important one on top.
func (ch Chart) lines(p plot) (all []line) {
	for _, name := range ch.names() {
		figure := ChartPoint.main
		if name == "available" {
			figure = ChartPoint.available
		}
		all = append(all, ch.line(p, name, figure))
	}
	return all
}

// names are the lines of a chart by their classes. Where nobody ever said what is
// available, nor what the balance is, there is one line.
func (ch Chart) names() []string {
	name, _ := ch.sparkFigure()
	if ch.Added || name != "available" && vague(ch.Basis) {
		return []string{name}
	}
	return []string{"available", mainLine}
}

// mainLine is the class of the line of the figure that is not what can be drawn.
const mainLine = "ledger"

// sparkFigure is what a card's small drawing shows: available, or the main figure
// when the bank never says what is available. Its words say which.
func (ch Chart) sparkFigure() (name string, figure func(ChartPoint) Money) {
	for _, p := range ch.Points {
		if p.Available.Known {
			return "available", ChartPoint.available
		}
	}
	return mainLine, ChartPoint.main
}

// sparks says whether there is a line to see: what stands within some hours of
// one another is a single stroke at the edge of thirty days.
func (ch Chart) sparks() bool {
	return len(ch.Points) > 1 && ch.last().At.Sub(ch.Points[0].At) > ch.To.Sub(ch.From)/50
}

// spark is the line of a card's small drawing, and what it says in words.
func (ch Chart) spark(ctx context.Context) (l line, words string) {
	name, figure := ch.sparkFigure()
	low, high, _ := Chart{Points: withOnly(ch.Points, figure)}.bounds()
	p := plot{from: ch.From, to: ch.To, low: low, high: high, top: 4, base: sparkBase}
	return ch.line(p, name, figure), sparkWords(
		ctx, ch.named(name), amount(ctx, Money{low, ch.Currency, true}), amount(ctx, Money{high, ch.Currency, true}),
	)
}

// named is what a line shows, by its class.
func (ch Chart) named(class string) string {
	if class == "available" {
		return class
	}
	return ch.Basis
}

func sparkWords(ctx context.Context, name, from, to string) string {
	switch {
	case name == "available" && from == to:
		return say(ctx, "Available: %s throughout", from)
	case name == "available":
		return say(ctx, "Available: %s to %s", from, to)
	case name == basisLedger && from == to:
		return say(ctx, "Ledger: %s throughout", from)
	case name == basisLedger:
		return say(ctx, "Ledger: %s to %s", from, to)
	case from == to:
		return say(ctx, "Balance: %s throughout", from)
	}
	return say(ctx, "Balance: %s to %s", from, to)
}

// id is that of the drawing on its page: there is one of each currency at most.
func (ch Chart) id() string {
	if ch.Added {
		return "chart-" + ch.Currency
	}
	return "chart"
}

// The drawings' own coordinates.
var (
	plotBox  = fmt.Sprintf("0 0 %d %d", plotWidth, plotBase)
	sparkBox = fmt.Sprintf("0 0 %d %d", plotWidth, sparkBase+4)
)

// anchor keeps a label within the drawing.
func anchor(x int) string {
	switch {
	case x < 60:
		return "tick-first"
	case x > plotWidth-60:
		return "tick-last"
	}
	return ""
}

func dotSize(class string) int {
	if class == "available" {
		return 5
	}
	return 3
}

// seams are when an account goes on under another id.
func (ch Chart) seams() (all []time.Time) {
	for _, p := range ch.Points {
		if p.Seam {
			all = append(all, p.At)
		}
	}
	return all
}

// last is the newest point of a chart that has some.
func (ch Chart) last() ChartPoint { return ch.Points[len(ch.Points)-1] }

func lineWords(ctx context.Context, name string) string {
	if name == "available" {
		return say(ctx, "Available (thick line)")
	}
	if name == basisLedger {
		return say(ctx, "Ledger (thin line)")
	}
	return say(ctx, "Balance (thin line)")
}

func chartTitle(ctx context.Context, c Clock, ch Chart) string {
	if ch.Added {
		return say(ctx, "Total in %s from %s to %s", ch.Currency, c.Day(ctx, ch.From), c.Day(ctx, ch.To))
	}
	return say(ctx, "Balance from %s to %s", c.Day(ctx, ch.From), c.Day(ctx, ch.To))
}

// chartWords says what the drawing shows to those who do not see it.
func chartWords(ctx context.Context, c Clock, ch Chart) string {
	last := ch.last()
	said := []string{
		lastWords(ctx, ch, c.Short(ctx, last.At), spokenAmount(ctx, last.Available), spokenAmount(ctx, last.Figure)),
	}
	if low, high, some := ch.bounds(); some {
		said = append(said, say(
			ctx, "All lie between %s and %s.", amount(ctx, Money{low, ch.Currency, true}),
			amount(ctx, Money{high, ch.Currency, true}),
		))
	}
	if rises := ch.rises(); len(rises) > 0 {
		said = append(said, strings.TrimPrefix(risesWords(ctx, c, rises), "▲ "))
	}
	return strings.Join(append(said, say(ctx, "The table below holds every figure.")), " ")
}

// lastWords says how a drawing is to be read, and its last balance.
func lastWords(ctx context.Context, ch Chart, at, available, figure string) string {
	switch {
	case ch.Added:
		return say(
			ctx, "A line of steps: each total holds until the next. The last is of %s: %s.", at,
			map[string]string{"available": available, mainLine: figure}[ch.names()[0]],
		)
	case ch.Basis == basisLedger:
		return say(
			ctx, "A line of steps: each balance holds until the next. The last is of %s: available %s, ledger %s.", at,
			available, figure,
		)
	case len(ch.names()) == 1:
		return say(
			ctx, "A line of steps: each balance holds until the next. The last is of %s: %s, of no stated kind.", at,
			figure,
		)
	}
	return say(
		ctx, "A line of steps: each balance holds until the next. The last is of %s: available %s, balance %s.", at,
		available, figure,
	)
}

// chartNote says what must not be read out of the drawing.
func chartNote(ctx context.Context, c Clock, ch Chart) string {
	var notes []string
	if ch.farFromZero() {
		notes = append(notes, say(ctx, "The scale does not begin at zero."))
	}
	for i, p := range ch.Points {
		if len(ch.names()) == 1 && vague(ch.Basis) && ch.names()[0] == mainLine {
			notes = append(notes, say(ctx, "We are not told whether this is the ledger or the available balance."))
			break
		}
		if ch.Added {
			break
		}
		if !p.Available.Known && (i+1 == len(ch.Points) || ch.Points[i+1].At.After(ch.From)) {
			notes = append(notes, say(ctx, "Gaps: the bank gave no available balance."))
			break
		}
	}
	if len(ch.seams()) > 0 && ch.Added {
		notes = append(notes, say(
			ctx, "The line is broken where one more account was added, or one was linked anew: it is no income.",
		))
	} else if len(ch.seams()) > 0 {
		notes = append(
			notes,
			say(ctx, "The line is broken where the account was linked anew: what changed in between is not known."),
		)
	}
	if ch.Stale && !ch.Added {
		notes = append(notes, say(
			ctx, "The dashed end is the last known balance, of %s. It may have changed since.",
			c.Short(ctx, ch.last().At),
		))
	}
	return strings.Join(notes, " ")
}
