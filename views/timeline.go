package views

import (
	"context"
	"time"
)

// TimelineRow is something that happened about a customer.
type TimelineRow struct {
	At      time.Time
	By      string      // who, in words; empty: it needs no saying
	Action  string      // of the audit log; empty: Opened
	Opened  bool        // the customer opened a personal link
	Attempt *AttemptRow // of an opening of the bank window: how it went
	Refresh *Refresh    // of a request to the bank: how it went
	URL     string      // its own page; empty: it has none
}

// timelineShown is how many rows stand open.
const timelineShown = 4

// sentence says what happened.
func (r TimelineRow) sentence(ctx context.Context) string {
	if r.Opened {
		return say(ctx, "Opened the personal link.")
	}
	return ActionWords(ctx, r.Action)
}
