package views

import (
	"context"
	"time"
)

// Erase is the form that erases a customer.
type Erase struct {
	Frame
	Name, Reference, BackURL string
	Action                   string // POST
	Server                   bool   // the database is a server, which says of no row when it is off the disk
	Typed                    string
	Reason                   string
	Error                    string
	ReasonError              string
}

// Erased is all that can be seen of a customer who was erased.
type Erased struct {
	Frame
	At        time.Time
	By        string // e-mail of the member of staff, or who else it was
	Reason    string
	Reference string
	RemovedAt time.Time // from the disk; zero: being removed
	Server    bool      // as of [Erase]
	Removals  []RemovalRow
}

// RemovalRow is a customer at the provider who is to be forgotten there.
type RemovalRow struct {
	State       string // queued, done, given_up, cancelled
	RequestedAt time.Time
	NextTryAt   time.Time
	Tries       int
	Cause       string
	ProviderID  string // named when staff have to see to it
	CustomerURL string // whose; empty: not shown
}

func eraseReason(ctx context.Context, reason string) string {
	switch reason {
	case "asked":
		return say(ctx, "The customer asked for it")
	case "no_longer_needed":
		return say(ctx, "The data are no longer needed")
	case "mistake":
		return say(ctx, "Added by mistake, or for a test")
	case "law":
		return say(ctx, "The law demands it")
	}
	return reason
}

// confirmWord is what has to be typed before a customer is erased.
func confirmWord(p Erase) string {
	if p.Reference != "" {
		return p.Reference
	}
	return p.Name
}

func removalLabel(ctx context.Context, state string) label {
	switch state {
	case "queued":
		return label{say(ctx, "Waiting"), info}
	case "done":
		return label{say(ctx, "Done"), good}
	case "given_up":
		return label{say(ctx, "Given up"), bad}
	case "cancelled":
		return label{say(ctx, "Cancelled"), quiet}
	}
	return label{state, quiet}
}

func removalSentence(ctx context.Context, c Clock, r RemovalRow) string {
	switch r.State {
	case "queued":
		return say(ctx, "Nothing: we try from %s.", c.Short(ctx, r.NextTryAt))
	case "given_up":
		return say(ctx, "Ask the provider to remove their customer %s.", r.ProviderID)
	}
	return say(ctx, "Nothing.")
}

// EraseReasons are the reasons there are, by the word that is kept.
func EraseReasons() []string { return []string{"asked", "no_longer_needed", "mistake", "law"} }
