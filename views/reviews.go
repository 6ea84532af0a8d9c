package views

import (
	"cmp"
	"context"
	"time"
)

// Reviews is the list of links that staff have to decide about.
type Reviews struct {
	Frame
	Questions         []Question // accounts that may be older ones; on the first page
	Rows              []Review   // by customer, oldest first
	FirstURL, NextURL string     // other pages; empty: there are none
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

func nameLabel(ctx context.Context, match string) label {
	switch match {
	case "same":
		return label{say(ctx, "Same name"), good}
	case "similar":
		return label{say(ctx, "Similar name"), warn}
	case "different":
		return label{say(ctx, "Different name"), bad}
	}
	return label{say(ctx, "No name to compare"), quiet}
}

// checkSentence says how far the check of a customer's link is.
func checkSentence(ctx context.Context, business string, k Check) string {
	bank := cmp.Or(k.Bank, say(ctx, "your bank"))
	if k.Refused {
		return say(ctx, "%s could not accept the connection to %s. We deleted what the bank sent.", business, bank)
	}
	return say(
		ctx, "The connection to %s is being checked by %s. Its balances appear here if they take it.", bank, business,
	)
}
