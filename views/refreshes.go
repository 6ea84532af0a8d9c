package views

import (
	"context"
	"strconv"
	"time"
)

// Refreshes is the staff's list of requests to the banks, over all accounts.
type Refreshes struct {
	Frame
	Filter    string // "", "running", "failed"
	Providers []Provider
	Health    []BankHealth // those that were asked a few times at least
	Rows      []RefreshRow
	FirstURL  string // empty: this is the first page
	NextURL   string // empty: this is the last page
}

// RefreshRow is one request to a bank in that list.
type RefreshRow struct {
	Refresh
	Customer, CustomerURL string
	Bank, NUBAN           string // NUBAN is masked
	AccountURL            string
}

// Provider is how things stand between us and a provider now.
type Provider struct {
	Name                      string // as it calls itself; empty: there is no other
	Absent                    bool   // it is not configured, and nothing else is said of it
	URL                       string
	Refreshes, Links          int       // that wait for a call to the provider; Links are being confirmed
	CallsLeft, CallsPerMinute int       // CallsPerMinute 0: not limited
	NextTry                   time.Time // zero or past: nothing keeps us from calling
	// why not before NextTry: unreachable, untrusted, refused, rate limited; empty: our calls are
	// used up
	Pause string
	Trust Trust

	TryURL string // POST: calls it before NextTry; empty: it cannot be, or not by this viewer

	AskedToday, MostAsked int // questions to banks in 24 hours, which are paid for; MostAsked 0: they are not
}

// Trust is whether the provider's hosts are the provider's.
type Trust struct {
	State     string    // trusted, lost, unproven (nobody has answered yet, or any more), off
	Since     time.Time // when it was lost or gained; zero: not known
	Why       string    // in operators' words; empty: nothing is wrong
	At        time.Time // when it was last looked at; zero: not since the start
	WidgetURL string
}

func providerHeading(ctx context.Context, p Provider) string {
	if p.Name == "" {
		return say(ctx, "Provider")
	}
	return say(ctx, "Provider %s", p.Name)
}

// providerID is the id of the heading of the nth provider.
func providerID(n int) string {
	if n == 0 {
		return "provider"
	}
	return "provider-" + strconv.Itoa(n+1)
}

// noRefreshes is the heading and the sentence of a filter that finds none.
func noRefreshes(ctx context.Context, filter string) (heading, sentence string) {
	if filter == "running" {
		return say(ctx, "None is running"), say(ctx, "No bank is being asked at this moment.")
	}
	return say(ctx, "None has failed"), say(ctx, "Every request so far got the bank's answer, or is on its way.")
}

// waitingWords says how many requests wait for a call to the provider.
func waitingWords(ctx context.Context, p Provider) string {
	switch {
	case p.Refreshes == 0 && p.Links == 0:
		return say(ctx, "none")
	case p.Links == 0:
		return say(ctx, "%d requests", p.Refreshes)
	case p.Refreshes == 0:
		return say(ctx, "%d links being confirmed", p.Links)
	}
	return say(ctx, "%s and %s", say(ctx, "%d requests", p.Refreshes), say(ctx, "%d links being confirmed", p.Links))
}

// pauseWords says why the provider is not called before the next try.
func pauseWords(ctx context.Context, kind string) string {
	switch kind {
	case "unreachable":
		return say(ctx, "It cannot be reached.")
	case "untrusted":
		return say(ctx, "We reached the wrong server.")
	case "refused":
		return say(ctx, "It refuses our key, plan or wallet.")
	case "rate limited":
		return say(ctx, "It limits our calls.")
	}
	return say(ctx, "The calls of this minute are used up.")
}

func trustLabel(ctx context.Context, state string) label {
	switch state {
	case "trusted":
		return label{say(ctx, "Trusted"), good}
	case "lost":
		return label{say(ctx, "Not trusted"), bad}
	case "off":
		return label{say(ctx, "Turned off"), warn}
	}
	return label{say(ctx, "Not proven now"), warn}
}

func refreshFilters(ctx context.Context) []choice {
	return []choice{
		{"", say(ctx, "All")},
		{"running", say(ctx, "Running")},
		{"failed", say(ctx, "Failed")},
	}
}

// requestSentence is how a request stands, in words. The reference stands apart.
func requestSentence(ctx context.Context, c Clock, r RefreshRow) string {
	shown := r.Refresh
	shown.Reference = ""
	a := Account{BankName: r.Bank, Refresh: &shown, ForStaff: true}
	if shown.Running {
		return runningSentence(ctx, a)
	}
	return outcomeSentence(ctx, c, a)
}
