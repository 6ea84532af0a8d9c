package views

import (
	"context"
	"time"

	"balancelink/views/locale"
)

// Inbox is the list of received webhooks.
type Inbox struct {
	Frame
	Result   string // filter; empty: all
	Rows     []EventRow
	FirstURL string
	NextURL  string
	Endpoint string // the URL the provider posts to
	Curl     string // a command line that sends a test delivery
	TestURL  string // POST: sends a test delivery through Endpoint
	Rejected []Rejection
	Find     EventFind

	ReplayAllURL string // POST: hands all that failed back; empty: none did, or not by this viewer
}

// EventFind is what the list is searched for, as typed.
type EventFind struct{ Text, Day, Error string }

// searched says that the list holds what somebody looks for.
func (f EventFind) searched() bool { return f.Text != "" || f.Day != "" }

// Rejection counts the deliveries turned away in an hour for one reason. Their
// bodies are not kept.
type Rejection struct {
	Hour   time.Time // when it began
	Code   string    // as the sender was told
	Number int
	LastAt time.Time
}

// EventRow is one received webhook in the list.
type EventRow struct {
	ID, URL      string
	ReceivedAt   time.Time
	Method, Code string
	Env          string
	Record       string
	CustomerName string
	CustomerURL  string
	Result       string // received, applied, duplicate, unmatched, ignored, failed
	Deliveries   int    // how often the same event came
}

// EventPage is one received webhook with its stored payload.
type EventPage struct {
	Frame
	Event     EventRow
	Reason    string // why it was not applied; empty: it was
	AppliedAt time.Time
	Headers   []Detail
	Payload   string          // pretty-printed JSON as stored: secrets and BVN are already out
	ReplayURL string          // POST; empty: not by this viewer, or there is nothing left to apply
	Removed   *RemovedPayload // nil: Payload is there

	Balances   []Balance // what it changed; empty: nothing new
	AccountURL string    // the account they belong to
	Match      *Match    // how to match it; nil: nothing to match
}

// RemovedPayload says why an event has no payload any more.
type RemovedPayload struct {
	At    time.Time // when its time was over; zero: it was removed for another reason, which is the event's
	After int       // days for which payloads are kept
}

// Match is the form that binds an unmatched webhook to a customer.
type Match struct {
	URL      string // POST
	Customer string // as typed
	Error    string
}

func eventLabel(ctx context.Context, result string) label {
	switch result {
	case "received":
		return label{say(ctx, "Waiting"), info}
	case "applied":
		return label{say(ctx, "Applied"), good}
	case "duplicate":
		return label{say(ctx, "Duplicate"), quiet}
	case "unmatched":
		return label{say(ctx, "Unmatched"), warn}
	case "ignored":
		return label{say(ctx, "Ignored"), quiet}
	case "failed":
		return label{say(ctx, "Failed"), bad}
	}
	return label{result, quiet}
}

// eventMeaning explains a webhook's result to staff who see it for the first time.
func eventMeaning(ctx context.Context, result string) string {
	switch result {
	case "received":
		return say(ctx, "It is stored and will be applied in a moment.")
	case "applied":
		return say(ctx, "It was processed.")
	case "duplicate":
		return say(ctx, "The same event came before. It changed nothing.")
	case "unmatched":
		return say(ctx, "It belongs to no account we know yet. It is kept, and applied as soon as we do.")
	case "ignored":
		return say(ctx, "It changed nothing.")
	case "failed":
		return say(ctx, "It could not be applied. It is kept: fix the cause, then replay it.")
	case "rejected":
		return say(ctx, "These were turned away. They are counted, and what they carried is not kept.")
	}
	return ""
}

// rejectionWords says why a delivery was turned away.
func rejectionWords(ctx context.Context, code string) string {
	switch code {
	case "unauthorized":
		return say(ctx, "Wrong or missing token")
	case "too_many":
		return say(ctx, "Wrong tokens again and again")
	case "over_quota":
		return say(ctx, "Too much that belongs to nobody; the provider was told to try again later")
	case "unsupported_type":
		return say(ctx, "Not JSON by its Content-Type")
	case "unsupported_encoding":
		return say(ctx, "Compressed")
	case "too_large":
		return say(ctx, "Too large")
	case "bad_json":
		return say(ctx, "Not valid JSON")
	case "unreadable":
		return say(ctx, "Broke off while being sent")
	case "not_stored":
		return say(ctx, "Could not be stored; the provider was told to try again")
	}
	return code
}

func eventFilters(ctx context.Context) []choice {
	return []choice{
		{"", say(ctx, "All")},
		{"applied", say(ctx, "Applied")},
		{"unmatched", say(ctx, "Unmatched")},
		{"failed", say(ctx, "Failed")},
		{"duplicate", say(ctx, "Duplicate")},
		{"ignored", say(ctx, "Ignored")},
		{"rejected", say(ctx, "Rejected")},
		{"received", say(ctx, "Waiting")},
	}
}

func eventName(ctx context.Context, e EventRow) string {
	switch {
	case e.Method == "" && e.Code == "":
		return say(ctx, "unknown event")
	case e.Method == "" || e.Code == "":
		return e.Method + e.Code
	}
	return locale.Apart(e.Method) + " / " + locale.Apart(e.Code)
}

// removedSentence says that there is no payload any more, and why.
func removedSentence(ctx context.Context, r RemovedPayload) string {
	if r.At.IsZero() || r.After == 0 {
		return say(ctx, "The payload was removed. What it changed stays, and it cannot be replayed.")
	}
	return say(ctx, "The payload was removed after %d days. What it changed stays, and it cannot be replayed.", r.After)
}

func times(ctx context.Context, n int) string {
	if n == 1 {
		return say(ctx, "once")
	}
	return say(ctx, "%d times", n)
}
