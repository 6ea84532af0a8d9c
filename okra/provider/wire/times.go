package wire

import (
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Two forms stand side by side in the documents of fetch-balance: ISO 8601, and
// what JavaScript's Date.toString writes. The others are ISO 8601's as well, and
// what Date.toUTCString writes. Go reads fractions of a second wherever seconds
// stand last.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04Z07",
	"20060102T150405Z07:00", "20060102T150405Z0700", "20060102T150405Z07", "20060102T1504Z0700", "20060102T1504Z07",
	"Mon Jan 02 2006 15:04:05 GMT-0700",
	"Mon, 02 Jan 2006 15:04:05 GMT",
}

var (
	isoDay     = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}-[0-9]{2}|[0-9]{4})[Tt ]`)
	leapSecond = regexp.MustCompile(`^(.*T[0-9]{2}:?59:?)60(.*)$`)
)

// ParseTime reads a time as providers write it: any form of ISO 8601 that has a day,
// an hour, a minute and a zone, with "T" or a space between ("t" and "z" as RFC
// 3339 has them), or "Fri Jan 01 2021 21:25:05 GMT-0500" with or without the name
// of the zone in brackets behind, or "Sat, 02 Jan 2021 02:25:05 GMT". A time
// without a zone is refused. A leap second is the second after.
func ParseTime(text string) (time.Time, error) {
	if i := strings.Index(text, " ("); i >= 0 && strings.HasSuffix(text, ")") {
		text = text[:i]
	}
	var leap time.Duration
	if isoDay.MatchString(text) {
		text = strings.ReplaceAll(strings.Replace(strings.ToUpper(text), " ", "T", 1), " ", "")
		if parts := leapSecond.FindStringSubmatch(text); parts != nil {
			text, leap = parts[1]+"59"+parts[2], time.Second
		}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return inReason(t.Add(leap).UTC())
		}
	}
	return time.Time{}, errNotATime
}

// unixTime reads a number of seconds, or of milliseconds, since 1970: of the
// years 2001 to 2100, in which no number can be both.
func unixTime(digits string) (time.Time, error) {
	n, err := strconv.ParseInt(digits, 10, 64)
	const from, to = 1_000_000_000, 4_102_444_800
	switch {
	case err != nil:
	case n >= from && n < to:
		return time.Unix(n, 0).UTC(), nil
	case n >= from*1000 && n < to*1000:
		return time.UnixMilli(n).UTC(), nil
	}
	return time.Time{}, errNotATime
}

// inReason refuses years that a bank cannot mean. The year 1 would also look
// like a time that is not stated.
func inReason(t time.Time) (time.Time, error) {
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, errNotATime
	}
	return t, nil
}

// ValidObjectID reports whether id has the form of the ids of Okra and Mono: 24 hex
// characters (MongoDB's ObjectID).
func ValidObjectID(id string) bool {
	raw, err := hex.DecodeString(id)
	return err == nil && len(raw) == 12
}

// ObjectIDTime returns when an id was made, which an ObjectID holds in seconds
// in its first four bytes.
func ObjectIDTime(id string) (time.Time, bool) {
	if !ValidObjectID(id) {
		return time.Time{}, false
	}
	raw, _ := hex.DecodeString(id[:8])
	return time.Unix(int64(binary.BigEndian.Uint32(raw)), 0).UTC(), true
}
