package views

import (
	"testing"
	"time"
)

// lagos is a fixed zone, so that the test needs no zone database.
var lagos = time.FixedZone("WAT", 3600)

func at(clock string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, clock, lagos)
	if err != nil {
		panic(err)
	}
	return t
}

func TestClock(t *testing.T) {
	c := Clock{Now: at("2026-11-23 17:05:30"), Zone: lagos}
	for _, tt := range []struct {
		when, short, ago string
	}{
		{"2026-11-23 17:05:30", "17:05", "just now"},
		{"2026-11-23 17:04:31", "17:04", "just now"},
		{"2026-11-23 17:09:00", "17:09", "just now"},      // another clock runs ahead
		{"2026-11-23 17:10:31", "17:10", "still to come"}, // ours was set back
		{"2027-02-01 12:00:00", "1 Feb 2027, 12:00", "still to come"},
		{"2026-11-23 17:03:30", "17:03", "2 min ago"},
		{"2026-11-23 14:05:00", "14:05", "3 h ago"},
		{"2026-11-22 23:59:00", "22 Nov, 23:59", "17 h ago"},
		{"2026-11-22 12:00:00", "22 Nov, 12:00", "1 day ago"},
		{"2026-11-18 12:00:00", "18 Nov, 12:00", "5 days ago"},
		{"2026-08-01 12:00:00", "1 Aug, 12:00", "3 months ago"},
		{"2025-11-23 12:00:00", "23 Nov 2025, 12:00", "12 months ago"},
		{"2023-11-23 12:00:00", "23 Nov 2023, 12:00", "3 years ago"},
	} {
		t.Run(tt.when, func(t *testing.T) {
			if got := c.Short(t.Context(), at(tt.when)); got != tt.short {
				t.Errorf("short = %q, want %q", got, tt.short)
			}
			if got := c.ago(t.Context(), at(tt.when)); got != tt.ago {
				t.Errorf("ago = %q, want %q", got, tt.ago)
			}
		})
	}
}

func TestTimesAreToldInTheZone(t *testing.T) {
	c := Clock{Now: at("2026-11-23 00:30:00"), Zone: lagos}
	utc := at("2026-11-23 00:10:00").UTC() // still the 22nd there
	if got, want := c.Short(t.Context(), utc), "00:10"; got != want {
		t.Errorf("short = %q, want %q", got, want)
	}
	if got, want := c.exact(t.Context(), utc), "Mon 23 Nov 2026, 00:10:00 WAT"; got != want {
		t.Errorf("exact = %q, want %q", got, want)
	}
	if got, want := (Clock{Now: utc}).Short(t.Context(), utc), "23:10"; got != want {
		t.Errorf("short without a zone = %q, want %q in UTC", got, want)
	}
}

func TestCountdown(t *testing.T) {
	c := Clock{Now: at("2026-11-23 12:00:00")}
	for left, want := range map[time.Duration]string{
		-time.Second:            "",
		0:                       "",
		time.Millisecond:        "0:01",
		42 * time.Second:        "0:42",
		60 * time.Second:        "1:00",
		61*time.Minute + 5*1e9:  "1:01:05",
		41*time.Second + 1*1e06: "0:42",
	} {
		if got := c.countdown(c.Now.Add(left)); got != want {
			t.Errorf("countdown(%v) = %q, want %q", left, got, want)
		}
	}
	if got := c.countdown(time.Time{}); got != "" {
		t.Errorf("countdown(zero) = %q, want empty", got)
	}
}

func TestSince(t *testing.T) {
	c := Clock{Now: at("2026-11-23 12:00:00")}
	for past, want := range map[time.Duration]string{
		-time.Minute:      "0 s",
		12 * time.Second:  "12 s",
		90 * time.Second:  "1 min 30 s",
		125 * time.Minute: "2 h 5 min",
	} {
		if got := c.since(t.Context(), c.Now.Add(-past)); got != want {
			t.Errorf("since(%v) = %q, want %q", past, got, want)
		}
	}
}
