package provider

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Set are the providers that are configured. Through the first one new links are
// made.
type Set []Provider

// Of returns the provider that a row names. One that is not configured is not
// called: it is never ready, and whatever it is asked all the same is an error of
// [KindAbsent].
func (s Set) Of(name string) Provider {
	for _, p := range s {
		if p.Name() == name {
			return p
		}
	}
	return absent(name)
}

// Intervals are the least times between two questions about an account, by provider.
func Intervals(s Set) map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, p := range s {
		all[p.Name()] = p.Traits().Interval
	}
	return all
}

// absent stands for a provider that rows name and that is not configured.
type absent string

// absentFor is when to look again: no sooner than at the next start it is there.
const absentFor = time.Minute

var errAbsent = errors.New("this provider is not configured")

func (a absent) fail() error {
	return &Error{Op: string(a), Kind: KindAbsent, NotSent: true, RetryAfter: absentFor, Err: errAbsent}
}

func (a absent) Name() string { return string(a) }
func (a absent) Traits() Traits {
	return Traits{
		Title: strings.ToUpper(string(a[:1])) + string(a[1:]),
	}
}
func (a absent) Authentic(http.Header) bool            { return false }
func (a absent) ValidRecord(id string) bool            { return false }
func (a absent) Receive([]byte) (Event, []byte, error) { return Event{}, nil, a.fail() }

func (a absent) ReceiveClaim([]byte) (Claim, []byte, error) { return Claim{}, nil, a.fail() }

func (a absent) Ready(Priority) (ok bool, next time.Time, pause Pause) {
	until := time.Now().Add(absentFor)
	return false, until, Pause{Until: until, Kind: KindAbsent}
}

func (a absent) Confirm(context.Context, Claim) (Link, error)       { return Link{}, a.fail() }
func (a absent) Ask(context.Context, Ref, Question) (Asked, error)  { return Asked{}, a.fail() }
func (a absent) Look(context.Context, Ref, Looking) (Answer, error) { return Answer{}, a.fail() }
func (a absent) Saved(context.Context, []Ref) ([]Answer, error)     { return nil, a.fail() }
func (a absent) Pending(context.Context, Ref) (Amount, error)       { return Amount{}, a.fail() }
func (a absent) Forget(context.Context, string) error               { return a.fail() }
