package okra

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Both forms stand side by side in the documents of fetch-balance: ISO 8601,
// and what JavaScript's Date.toString writes.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"Mon Jan 02 2006 15:04:05 GMT-0700",
}

// ParseTime reads a time as Okra writes it: ISO 8601 with or without fractions
// of a second, or "Fri Jan 01 2021 21:25:05 GMT-0500" with or without the name
// of the zone in brackets behind. A time without a zone is refused.
func ParseTime(text string) (time.Time, error) {
	if i := strings.Index(text, " ("); i >= 0 && strings.HasSuffix(text, ")") {
		text = text[:i]
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return inReason(t.UTC())
		}
	}
	return time.Time{}, fmt.Errorf("%w: not a time", ErrBadShape)
}

// inReason refuses years that a bank cannot mean. The year 1 would also look
// like a time that is not stated.
func inReason(t time.Time) (time.Time, error) {
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, fmt.Errorf("%w: time out of reason", ErrBadShape)
	}
	return t, nil
}

// ValidID reports whether id has the form of Okra's ids: 24 hex characters
// (MongoDB's ObjectID).
func ValidID(id string) bool {
	raw, err := hex.DecodeString(id)
	return err == nil && len(raw) == 12
}

// ObjectIDTime returns when an id was made, which an ObjectID holds in seconds
// in its first four bytes.
func ObjectIDTime(id string) (time.Time, bool) {
	if !ValidID(id) {
		return time.Time{}, false
	}
	raw, _ := hex.DecodeString(id[:8])
	return time.Unix(int64(binary.BigEndian.Uint32(raw)), 0).UTC(), true
}

// newest returns the id that was made last; the first one counts when ids have
// no time. Okra does not say how it orders the records of a balance.
func newest(ids []string) string {
	var id string
	var made time.Time
	for _, candidate := range ids {
		t, ok := ObjectIDTime(candidate)
		if id == "" || ok && t.After(made) {
			id, made = candidate, t
		}
	}
	return id
}
