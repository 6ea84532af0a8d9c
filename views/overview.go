package views

import (
	"context"
	"time"

	"balancelink/views/locale"
)

// Overview is the staff's first page.
type Overview struct {
	Frame
	Customers, Linked, NeverLinked, NeedsLogin, Stale, NeedsReview int
	// linked customers whose consent has ended, or ends soon
	ConsentEnded, ConsentEnding int
	AskedLink                   int  // customers who asked for a new personal link
	ToMove                      int  // customers who are linked through another provider than new links are made
	Move                        Move // of theirs
	// below the threshold of an account, and those of whom nobody can tell
	Below, BelowUnknown                        int
	ReviewsURL                                 string // where what needs review stands
	WebhooksToday, Unmatched, RefreshesRunning int
	LastWebhook                                time.Time // zero: none yet
	CountedAt                                  time.Time // of what takes long to count; zero: just now
	// too long without a webhook, although accounts are linked
	Silent     bool
	WebhookURL string // what to enter at the provider
	Providers  []Provider
	Recent     []CustomerRow // the newest customers, a handful
	Steps      []Step        // those of the first hour; empty: all are done, or none is the reader's to take
}

// Step is one of the first that an installation needs.
type Step struct {
	Name string // keys, webhook, customer, link, backup or owner
	Done bool
}

func (s Step) title(ctx context.Context) string {
	return map[string]locale.Key{
		"keys": "Give us the provider's keys", "webhook": "Tell the provider where to send webhooks",
		"customer": "Add your first customer", "link": "Send them a personal link, and see the balance",
		"backup": "Make a backup", "owner": "Have a second owner",
	}[s.Name].Say(ctx)
}

func (p Overview) stepsDone() (n int) {
	for _, s := range p.Steps {
		if s.Done {
			n++
		}
	}
	return n
}

// silenceSentence warns that the provider has stopped talking to us.
func silenceSentence(ctx context.Context, c Clock, last time.Time) string {
	what := say(ctx, "No webhook has ever come, although accounts are linked.")
	if !last.IsZero() {
		what = say(ctx, "The last webhook came %s.", c.ago(ctx, last))
	}
	return what + " " +
		say(ctx, "Balances then change only by refreshing. Check the address and the token at the provider.")
}
