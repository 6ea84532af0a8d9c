package views

import (
	"context"
	"time"
)

// Reviews is the list of links that staff have to decide about.
type Reviews struct {
	Frame
	Rows              []Review // by customer, oldest first
	FirstURL, NextURL string   // other pages; empty: there are none
}

// Review is one doubtful link.
type Review struct {
	URL                             string
	StartedAt                       time.Time
	CustomerName, CustomerReference string
	CustomerURL                     string
	Holder                          string // the bank's name for the holder; empty: not given
	NameMatch                       string // same, similar, different, unknown; empty: not compared
	Bank                            string
	Why                             string
	Reference                       string
	Record                          string // the provider's
	ClaimedBy                       string // widget, webhook or staff
	Accounts                        []ReviewAccount
	Holders                         []ReviewHolder
	Held                            bool // another customer still has some of it
	Further                         int  // links of the same customer, which the list leaves out after this one
	FurtherURL                      string
}

// ReviewAccount is an account that approving would bind.
type ReviewAccount struct{ Holder, NUBAN, Type, Currency string }

// ReviewHolder is another customer who has some of it, or had until they unlinked it.
type ReviewHolder struct {
	Name, URL string
	Linked    bool
}

// ReviewPage is one doubtful link with the two forms that end it.
type ReviewPage struct {
	Frame
	Review                Review
	ApproveURL, RefuseURL string // POST
	Decision              Decision
}

// Decision is a form as it was sent, and what was wrong with it.
type Decision struct {
	What   string // approve or refuse; empty: none was sent
	Reason string
	Error  string
}

// of is the decision if it is that one, else none.
func (d Decision) of(what string) Decision {
	if d.What != what {
		return Decision{What: what}
	}
	return d
}

// Check is a customer's link that staff look at, as the customer reads of it.
type Check struct {
	Bank      string
	StartedAt time.Time
	Refused   bool
	Reference string
}

func claimWords(ctx context.Context, by string) string {
	switch by {
	case "widget":
		return say(ctx, "the customer's browser")
	case "webhook":
		return say(ctx, "a webhook")
	case "staff":
		return say(ctx, "staff")
	}
	return "—"
}
