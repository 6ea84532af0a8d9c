// Package days says when the days of a zone begin. It is the only place that
// does: clocks are set forward over midnight in some zones, so that a day begins
// at one o'clock, or back over it, so that midnight comes twice; and some zones
// have left out a whole day. A day begins at its first moment and lasts until
// the first moment of the next, so that each moment belongs to one day and the
// days follow each other.
package days

import "time"

// widest is more than a zone was ever ahead of or behind UTC.
const widest = 24 * time.Hour

// On is the first moment of a date in a zone; of a date that the zone left out,
// the moment at which it was left out. Days and months may be out of their
// range, as [time.Date] takes them.
func On(year int, month time.Month, day int, zone *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	for at := midnight.Add(-widest).In(zone); ; {
		_, offset := at.Zone()
		begin := midnight.Add(-time.Duration(offset) * time.Second).In(zone)
		if begin.Before(at) { // the clock was set past it
			begin = at
		}
		_, end := at.ZoneBounds()
		if !end.IsZero() && !end.After(at) { // Go errs on the last day of leap years from 2040 on
			end = at.Add(time.Hour)
		}
		if end.IsZero() || begin.Before(end) {
			return begin
		}
		at = end
	}
}

// Start is when the day of a moment began, in the moment's own zone.
func Start(t time.Time) time.Time {
	start, _ := around(t)
	return start
}

// Next is when the day after that of a moment begins: always later than it.
func Next(t time.Time) time.Time {
	_, next := around(t)
	return next
}

// around is the day of a moment. Where the clock was set back over midnight its
// date is for a while that of the day before, which is over.
func around(t time.Time) (start, next time.Time) {
	year, month, day := t.Date()
	start = On(year, month, day, t.Location())
	for n := 1; ; n++ {
		if next = On(year, month, day+n, t.Location()); next.After(t) {
			return start, next
		}
		start = next
	}
}

// Shift is when the day begins whose date is that many days from the date of a
// moment's day.
func Shift(t time.Time, by int) time.Time {
	year, month, day := Start(t).Date()
	return On(year, month, day+by, t.Location())
}
