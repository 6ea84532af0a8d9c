package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/currency"
)

const (
	minus   = "\u2212" // a real minus, as wide as a figure
	noBreak = "\u00a0"

	// unknownMoney stands where the bank gave no figure. It is never 0.
	unknownMoney = "Not given by the bank"
)

// symbol returns what stands before an amount in the currency.
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

// amount writes money as people read it, such as "−₦1,234,567.89".
func amount(m Money) string {
	whole, cents := amountParts(m)
	return whole + cents
}

// amountParts is amount cut before the decimal point, so that a page can set
// the part behind it smaller.
func amountParts(m Money) (whole, cents string) {
	if !m.Known {
		return unknownMoney, ""
	}
	sign := ""
	digits := strconv.FormatInt(m.Minor, 10)
	if m.Minor < 0 {
		sign, digits = minus, digits[1:] // not -m.Minor: the smallest int64 has no opposite
	}
	unit, err := currency.ParseISO(m.Currency)
	if err != nil { // without a known scale, where the point goes would be a guess
		return sign + strings.TrimPrefix(m.Currency+noBreak, noBreak) + group(digits), noBreak + "minor units"
	}
	scale, _ := currency.Standard.Rounding(unit)
	if pad := scale + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	point := len(digits) - scale
	whole = sign + symbol(unit.String()) + group(digits[:point])
	if scale > 0 {
		cents = "." + digits[point:]
	}
	return whole, cents
}

// group puts commas between thousands.
func group(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size is an amount without its sign, for sentences that say "up" or "by".
func size(m Money) string { return strings.TrimPrefix(amount(m), minus) }

func negative(m Money) bool { return m.Known && m.Minor < 0 }

// local is t in the clock's zone.
func (c Clock) local(t time.Time) time.Time {
	if c.Zone == nil {
		return t.UTC()
	}
	return t.In(c.Zone)
}

// short is a time for reading: "14:05" today, else with its date.
func (c Clock) short(t time.Time) string {
	t, now := c.local(t), c.local(c.Now)
	switch {
	case t.Year() != now.Year():
		return t.Format("2 Jan 2006, 15:04")
	case t.YearDay() != now.YearDay():
		return t.Format("2 Jan, 15:04")
	}
	return t.Format("15:04")
}

// exact is a time for support and disputes, with seconds and zone.
func (c Clock) exact(t time.Time) string { return c.local(t).Format("Mon 2 Jan 2006, 15:04:05 MST") }

// ago says how long ago t was. A time that lies ahead, because two clocks
// differ, is "just now".
func (c Clock) ago(t time.Time) string {
	const day = 24 * time.Hour
	d := c.Now.Sub(t)
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	case d < 60*day:
		return plural(int(d/day), "day") + " ago"
	case d < 730*day:
		return plural(int(d/(30*day)), "month") + " ago"
	}
	return plural(int(d/(365*day)), "year") + " ago"
}

// since says how long something has been going on, to the second.
func (c Clock) since(t time.Time) string {
	d := max(c.Now.Sub(t), 0)
	if d < time.Minute {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	if d < time.Hour {
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// countdown is the time left until t as minutes and seconds, "0:42"; empty when
// t has come. It rounds up, so that it never reaches zero too early.
func (c Clock) countdown(t time.Time) string {
	if !t.After(c.Now) {
		return ""
	}
	s := int64((t.Sub(c.Now) + time.Second - 1) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// plural counts things: "1 account", "3 accounts".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// millis is how a time reaches our script.
func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
