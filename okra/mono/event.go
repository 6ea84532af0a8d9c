package mono

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Event is one webhook. Three kinds have an id since January 2026; none is signed.
type Event struct {
	Name string    // as Mono writes it
	ID   string    // empty: this kind has none
	At   time.Time // when it was made, not when the bank was read; zero: not stated
	App  string    // whose account it is; empty: not stated
	Kind EventKind

	Account Account // its id, and what else the event tells of it
	Job     Job     // of [JobTold]

	// Unreadable has what it states and could not be read, besides the account's.
	Unreadable wire.Unreadable
}

// EventKind is what an event tells of.
type EventKind string

// The kinds of event that mean something here. All others are kept and do nothing.
const (
	Connected    EventKind = "connected"    // a person has signed in and linked an account
	Updated      EventKind = "updated"      // the first data of a link, or the end of a question
	Reauthorized EventKind = "reauthorized" // a person has signed in again; Updated follows
	Unlinked     EventKind = "unlinked"     // by us, or by the person at Mono
	JobTold      EventKind = "job"          // a job has come further
	LoginWanted  EventKind = "login"        // of older apps
	SyncFailed   EventKind = "failed"       // of older apps
)

// kinds are the events by name. That one is written with a z is Mono's spelling;
// "account_reauthorised", which others listen for, does not exist.
var kinds = map[string]EventKind{
	"mono.events.account_connected":        Connected,
	"mono.events.account_updated":          Updated,
	"mono.events.account_reauthorized":     Reauthorized,
	"mono.events.account_unlinked":         Unlinked,
	"mono.accounts.jobs.update":            JobTold,
	"mono.events.reauthorisation_required": LoginWanted,
	"mono.events.sync_failed":              SyncFailed,
}

// Authentic says whether a delivery has the secret that the webhook was made with,
// which is the only proof that Mono sends.
func Authentic(h http.Header, secrets []provider.Secret) bool {
	return wire.OneOf(h.Get("mono-webhook-secret"), secrets)
}

// ReceiveEvent reads the body of a webhook, and returns it as it may be kept: what
// was read of it, and the shape of the rest. A BVN, of which webhooks have four
// digits or all eleven, is never read.
func ReceiveEvent(body []byte) (e Event, redacted []byte, err error) {
	o, doubt, err := wire.DecodeDoubtful(body)
	if err != nil {
		return Event{}, nil, fmt.Errorf("mono: parsing event: %w", err)
	}
	e = readEvent(o)
	if doubt != nil {
		e.Unreadable.Add("body", doubt)
	}
	return e, o.Redacted(), nil
}

func readEvent(o wire.Object) Event {
	r := wire.Reader{Object: o}
	data := o.Object("data")
	e := Event{
		Name: o.Word("event"), ID: o.ID("event_id"), At: r.Time("timestamp"), App: data.ID("app"),
	}
	e.Kind = kinds[e.Name]
	e.Unreadable = r.Unreadable
	if e.Name == "" {
		e.Unreadable.Add("event", errNoEvent)
	}
	// The account is an object, an id, or, of a link, the event's data themselves.
	switch e.Kind {
	case Connected:
		e.Account = readAccount(data, data)
	case JobTold:
		e.Account.ID = data.Ref("account")
		e.Job = Job{ID: cmp.Or(data.ID("job_id"), data.ID("id", "_id")), State: jobState(data.Word("status"))}
	default:
		e.Account = readAccount(data.Object("account"), data)
		e.Account.ID = cmp.Or(e.Account.ID, data.Ref("account"))
	}
	return e
}

var errNoEvent = fmt.Errorf("%w: it names none", provider.ErrBadShape)

// AsOf is when the figure of an [Updated] event is of: when Mono wrote it, and no later
// than the event was made, although in Mono's own sample it says to have been written
// nine minutes after that. Zero: the event states no time at all, as before 2026.
func (e Event) AsOf() time.Time {
	if at := e.Account.UpdatedAt; e.At.IsZero() || !at.IsZero() && at.Before(e.At) {
		return at
	}
	return e.At
}

// Key returns what two deliveries of the same event have in common, as 32 hex
// characters: of its id, or else of the body. Some are alike each time that they happen;
// on another day such a one is another, and not the first once more.
func (e Event) Key(body []byte, received time.Time) string {
	text := slices.Clone(body)
	switch {
	case e.ID != "":
		text = []byte(e.ID)
	case e.recurs():
		text = append(text, received.UTC().Format(time.DateOnly)...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// recurs says that nothing tells an event from the next of its kind about the account:
// without a time, those of before 2026 name the account and nothing else. One with a
// figure is none: an old one that comes again must not pass for news.
func (e Event) recurs() bool {
	return e.At.IsZero() && (e.Kind == LoginWanted || e.Kind == Reauthorized)
}
