package views

import (
	"context"
	"strings"
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
	NotFresh                                   int    // linked, but not all up to date; Stale is in it
	ReviewsURL                                 string // where what needs review stands
	WebhooksToday, Unmatched, RefreshesRunning int
	LastWebhook                                time.Time // zero: none yet
	CountedAt                                  time.Time // of what takes long to count; zero: just now
	// too long without a webhook, although accounts are linked
	Silent     bool
	WebhookURL string // what to enter at the provider
	Providers  []Provider
	Recent     []CustomerRow // the newest customers, a handful
	OldBackup  time.Time     // when the last backup was made, where that is too long ago; zero: nothing is to be said
	Steps      []Step        // those of the first hour; empty: all are done, or none is the reader's to take
}

// ageShare is how many customers have balances of an age, in the chart of all.
type ageShare struct {
	Class string // of the stylesheet
	Label string
	URL   string // of the list of them; empty: there is none
	N     int
}

// ages are all customers by the age of their oldest balance. What was counted at moments
// that differ a little may not add up: nobody is counted below zero.
func (p Overview) ages(ctx context.Context) []ageShare {
	stale := min(p.Stale, p.Linked)
	notFresh := min(max(p.NotFresh, stale), p.Linked)
	return []ageShare{
		{"fresh", say(ctx, "Up to date"), "", p.Linked - notFresh},
		{"ageing", say(ctx, "Getting old, or no balance yet"), "", notFresh - stale},
		{"stale", say(ctx, "Out of date"), "/customers?filter=stale", stale},
		{"none", say(ctx, "Not linked"), "", max(p.Customers-p.Linked, 0)},
	}
}

// agesWords says what the chart shows.
func (p Overview) agesWords(ctx context.Context) string {
	var said []string
	for _, s := range p.ages(ctx) {
		said = append(said, say(ctx, "%s: %s", s.Label, digits(ctx, s.N)))
	}
	return strings.Join(said, ", ")
}

// bar is where a share lies in the chart: from and how wide, in thousandths of it.
type bar struct {
	ageShare
	X, Width int
}

// bars are the shares of a chart, side by side.
func bars(all []ageShare) (drawn []bar) {
	total, before := 0, 0
	for _, s := range all {
		total += s.N
	}
	for _, s := range all {
		if s.N > 0 {
			x, end := before*plotWidth/total, (before+s.N)*plotWidth/total
			drawn = append(drawn, bar{s, x, max(end-x, 1)})
		}
		before += s.N
	}
	return drawn
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
