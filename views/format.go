package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"balancelink/store/fold"
	"balancelink/views/locale"
)

// Clock is the moment a page is drawn and the zone its times are shown in.
type Clock struct {
	Now  time.Time
	Zone *time.Location
}

// local is t in the clock's zone.
func (c Clock) local(t time.Time) time.Time {
	if c.Zone == nil {
		return t.UTC()
	}
	return t.In(c.Zone)
}

// written is a time by a layout of Go's, with the names of months and weekdays
// in the reader's language.
func (c Clock) written(ctx context.Context, t time.Time, layout string) string {
	t = c.local(t)
	text := t.Format(layout)
	if locale.Language(ctx) == locale.English {
		return text
	}
	if strings.Contains(layout, "Jan") {
		text = strings.Replace(text, t.Format("Jan"), monthWords(ctx, t.Month()), 1)
	}
	if strings.Contains(layout, "Mon") {
		text = strings.Replace(text, t.Format("Mon"), weekdayWords(ctx, t.Weekday()), 1)
	}
	return text
}

// Short is a time for reading: "14:05" today, else with its date.
func (c Clock) Short(ctx context.Context, t time.Time) string {
	now, then := c.local(c.Now), c.local(t)
	switch {
	case then.Year() != now.Year():
		return c.written(ctx, t, "2 Jan 2006, 15:04")
	case then.YearDay() != now.YearDay():
		return c.written(ctx, t, "2 Jan, 15:04")
	}
	return then.Format("15:04")
}

// Day is a date for reading: "3 Nov", with its year when that is another.
func (c Clock) Day(ctx context.Context, t time.Time) string {
	if c.local(t).Year() != c.local(c.Now).Year() {
		return c.written(ctx, t, "2 Jan 2006")
	}
	return c.written(ctx, t, "2 Jan")
}

// exact is a time for support and disputes, with seconds and zone.
func (c Clock) exact(ctx context.Context, t time.Time) string {
	return c.written(ctx, t, "Mon 2 Jan 2006, 15:04:05 MST")
}

// skewed is how far another's clock may be before ours.
const skewed = 5 * time.Minute

// ago says how long ago t was. A time that lies a little ahead, because two clocks
// differ, is "just now"; of another one our clock was set back since. app.js goes on
// with the words of ages, and up to two months with the browser's own for days.
func (c Clock) ago(ctx context.Context, t time.Time) string {
	const day = 24 * time.Hour
	d := c.Now.Sub(t)
	switch {
	case d < -skewed:
		return say(ctx, "still to come")
	case d < time.Minute:
		return say(ctx, "just now")
	case d < time.Hour:
		return minutesAgo(ctx, strconv.Itoa(int(d/time.Minute)))
	case d < day:
		return hoursAgo(ctx, strconv.Itoa(int(d/time.Hour)))
	case d < 60*day:
		return say(ctx, "%d days ago", int(d/day))
	case d < 730*day:
		return say(ctx, "%d months ago", int(d/(30*day)))
	}
	return say(ctx, "%d years ago", int(d/(365*day)))
}

// The signs of units have no plural: %s.
func minutesAgo(ctx context.Context, n string) string { return say(ctx, "%s min ago", n) }

func hoursAgo(ctx context.Context, n string) string { return say(ctx, "%s h ago", n) }

// ages are the words of [Clock.ago] for app.js, with # for the number.
func ages(ctx context.Context) string {
	return say(ctx, "just now") + "|" + minutesAgo(ctx, "#") + "|" + hoursAgo(ctx, "#")
}

// since says how long something has been going on, to the second.
func (c Clock) since(ctx context.Context, t time.Time) string {
	d := max(c.Now.Sub(t), 0)
	n := func(of time.Duration) string { return strconv.Itoa(int(of)) }
	if d < time.Minute {
		return say(ctx, "%s s", n(d/time.Second))
	}
	if d < time.Hour {
		return say(ctx, "%s min %s s", n(d/time.Minute), n(d%time.Minute/time.Second))
	}
	return say(ctx, "%s h %s min", n(d/time.Hour), n(d%time.Hour/time.Minute))
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

// millis is how a time reaches our script.
func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// monthWords is a month within a date.
func monthWords(ctx context.Context, m time.Month) string {
	switch m {
	case time.January:
		return say(ctx, "Jan")
	case time.February:
		return say(ctx, "Feb")
	case time.March:
		return say(ctx, "Mar")
	case time.April:
		return say(ctx, "Apr")
	case time.May:
		return say(ctx, "May")
	case time.June:
		return say(ctx, "Jun")
	case time.July:
		return say(ctx, "Jul")
	case time.August:
		return say(ctx, "Aug")
	case time.September:
		return say(ctx, "Sep")
	case time.October:
		return say(ctx, "Oct")
	case time.November:
		return say(ctx, "Nov")
	}
	return say(ctx, "Dec")
}

// weekdayWords is a weekday before a date.
func weekdayWords(ctx context.Context, d time.Weekday) string {
	switch d {
	case time.Sunday:
		return say(ctx, "Sun")
	case time.Monday:
		return say(ctx, "Mon")
	case time.Tuesday:
		return say(ctx, "Tue")
	case time.Wednesday:
		return say(ctx, "Wed")
	case time.Thursday:
		return say(ctx, "Thu")
	case time.Friday:
		return say(ctx, "Fri")
	}
	return say(ctx, "Sat")
}

// unbroken keeps a number on one line.
func unbroken(number string) string { return strings.ReplaceAll(number, " ", noBreak) }

// orDash is a text, or a dash where there is none that can be seen: no link is
// blank.
func orDash(s string) string {
	if !fold.Seen(s) {
		return "—"
	}
	return s
}
