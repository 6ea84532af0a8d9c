package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"balancelink/store/days"
	units "balancelink/store/money"
	"balancelink/views/locale"
)

// amountTicks are round amounts from below low to above high: some three to
// six, at distances of 1, 2 or 5 times a power of ten. At the ends of what an
// int64 holds the last one is not round.
func amountTicks(low, high int64) []int64 {
	if low == high {
		high = low + 100
	}
	step := roundStep(uint64(high)-uint64(low), 4)
	at := low / step * step
	switch {
	case at > low && at-step < at:
		at -= step
	case at > low:
		at = low
	}
	ticks := []int64{at}
	for at < high {
		next := at + step
		if next < at {
			next = high
		}
		at = next
		ticks = append(ticks, at)
	}
	return ticks
}

// roundStep is the smallest round distance that fits at most n times into a span.
func roundStep(span uint64, n uint64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, lead := range []int64{1, 2, 5} {
			if step := power * lead; (span-1)/n < uint64(step) {
				return step
			}
		}
	}
}

// compact writes a round amount shortly: "₦200k", "−₦1.5m". It loses nothing:
// what is not round enough is written out.
func compact(ctx context.Context, m Money) string {
	scale, known := units.Scale(m.Currency)
	if !known || !m.Known {
		return amount(ctx, m)
	}
	for _, zeros := range []int{12, 9, 6, 3} {
		if short, ok := shortened(locale.Of(ctx), m.Minor, scale+zeros); ok {
			sign := ""
			if m.Minor < 0 {
				sign = minus
			}
			return largeWords(ctx, zeros, sign+symbol(m.Currency)+short)
		}
	}
	whole, cents := amountParts(ctx, m)
	return whole + strings.TrimSuffix(cents, locale.Of(ctx).Point()+strings.Repeat("0", scale))
}

// largeWords puts the power of ten behind an amount.
func largeWords(ctx context.Context, zeros int, short string) string {
	switch zeros {
	case 12:
		return say(ctx, "%stn", short)
	case 9:
		return say(ctx, "%sbn", short)
	case 6:
		return say(ctx, "%sm", short)
	}
	return say(ctx, "%sk", short)
}

// shortened divides by a power of ten, exactly and to at most two decimals.
func shortened(in *locale.Locale, minor int64, zeros int) (string, bool) {
	digits := strings.TrimPrefix(strconv.FormatInt(minor, 10), "-")
	if len(digits) <= zeros {
		return "", false
	}
	fraction := strings.TrimRight(digits[len(digits)-zeros:], "0")
	if len(fraction) > 2 {
		return "", false
	}
	if fraction != "" {
		fraction = in.Point() + fraction
	}
	return in.Grouped(digits[:len(digits)-zeros]) + fraction, true
}

// timeTick is a round time on the axis below a drawing.
type timeTick struct {
	At    time.Time
	Label string
}

// timeSteps are the distances between round times, smallest first.
var timeSteps = []struct {
	minutes, days, months int
	layout                string
}{
	{minutes: 1, layout: "15:04"}, {minutes: 5, layout: "15:04"}, {minutes: 15, layout: "15:04"},
	{minutes: 60, layout: "15:04"},
	{minutes: 180, layout: "15:04"}, {minutes: 360, layout: "2 Jan, 15:04"}, {days: 1, layout: "2 Jan"},
	{days: 2, layout: "2 Jan"}, {days: 7, layout: "2 Jan"},
	{days: 14, layout: "2 Jan"}, {months: 1, layout: "Jan 2006"}, {months: 3, layout: "Jan 2006"},
	{months: 6, layout: "Jan 2006"}, {months: 12, layout: "2006"},
	{months: 24, layout: "2006"}, {months: 60, layout: "2006"}, {months: 240, layout: "2006"},
}

const maxTimeTicks = 5

// timeTicks are round times of the clock's zone between two moments, a handful
// at most.
func (c Clock) timeTicks(ctx context.Context, from, to time.Time) (ticks []timeTick) {
	from, to = c.local(from), c.local(to)
	for _, step := range timeSteps {
		ticks = ticks[:0]
		year, month, day := days.Start(from).Date()
		if step.months > 0 {
			month, day = 1, 1
		}
		if step.months > 12 {
			year -= year % (step.months / 12)
		}
		for n := 0; len(ticks) <= maxTimeTicks; n++ {
			at := days.On(
				year, month+time.Month(n*step.months), day+n*step.days, from.Location(),
			).Add(time.Duration(n*step.minutes) * time.Minute)
			if at.After(to) {
				return ticks
			}
			if !at.Before(from) && (len(ticks) == 0 || at.After(ticks[len(ticks)-1].At)) {
				ticks = append(ticks, timeTick{at, c.written(ctx, at, step.layout)})
			}
		}
	}
	return ticks
}

// labelled are the ticks whose labels do not run into one another on a phone: of two that
// would, the later one stays.
func (p plot) labelled(ticks []timeTick) (all []timeTick) {
	const apart = 15
	begins := 0
	for _, t := range slices.Backward(ticks) {
		left, right := p.label(t)
		if len(all) == 0 || right+apart <= begins {
			all, begins = append(all, t), left
		}
	}
	slices.Reverse(all)
	return all
}

// label is from where to where the label of a tick goes, on a phone.
func (p plot) label(t timeTick) (left, right int) {
	const letter = 23 // of the plot's width
	x, wide := p.x(t.At), letter*utf8.RuneCountInString(t.Label)
	switch anchor(x) {
	case "tick-first":
		return x, x + wide
	case "tick-last":
		return x - wide, x
	}
	return x - wide/2, x + wide/2
}
