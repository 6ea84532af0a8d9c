package views

import (
	"context"
	"strings"
	"time"
)

// Refresh is one request to the bank: a refresh ("what is the balance now?")
// or a check ("has it changed?").
type Refresh struct {
	ID   string
	Kind string // "refresh" or "check"
	// queued, asked, waiting, changed, unchanged, needs_login, limited, failed, timed_out,
	// interrupted
	State       string
	Running     bool
	StartedAt   time.Time
	EndedAt     time.Time // zero while Running
	Deadline    time.Time // we give up then
	Change      Money     // now minus before; Known when State is changed
	ChangeIn    string    // "ledger" or "available": which figure Change speaks of; empty: the balance
	Other       Money     // by how much the other of the two changed, where that differs; else not known
	Changed     bool      // of a check: the bank says the balance has changed
	LastChecked time.Time // of a check, as the provider says; zero: not said
	LastFetched time.Time
	TryAgain    time.Time // when limited or paused: not before; zero: unknown
	Held        bool      // while Running: it waits for its turn at the provider, until NextTry
	NextTry     time.Time // while Running: when we look again
	Trigger     string    // "staff", "customer", "schedule" or "link"
	By          string    // e-mail of the member of staff; staff only
	Polls       int
	// of a failure, one word: unreachable, untrusted, bad_answer, refused, no_record, busy,
	// bad_request, fetch_failed, mismatch
	Fault     string
	Cause     string // staff only: what went wrong, in operators' words
	Reference string // short code that customer and staff can quote
}

func refreshLabel(ctx context.Context, r Refresh) label {
	switch r.State {
	case "queued":
		return label{say(ctx, "In the queue"), info}
	case "asked", "waiting":
		return label{say(ctx, "Asking the bank"), info}
	case "changed":
		return label{say(ctx, "Changed"), good}
	case "unchanged":
		if r.Kind == "refresh" && r.Changed {
			return label{say(ctx, "No new figure"), warn}
		}
		return label{say(ctx, "Unchanged"), good}
	case "needs_login":
		return label{say(ctx, "Needs sign-in"), warn}
	case "limited":
		return label{say(ctx, "Limited"), warn}
	case "failed":
		return label{say(ctx, "Failed"), bad}
	case "timed_out":
		return label{say(ctx, "Gave up"), warn}
	case "interrupted":
		return label{say(ctx, "Interrupted"), warn}
	}
	return label{r.State, quiet}
}

func kindWords(ctx context.Context, kind string) string {
	if kind == "check" {
		return say(ctx, "Check")
	}
	return say(ctx, "Refresh")
}

// triggerWords says who asked a bank.
func triggerWords(ctx context.Context, trigger string, forStaff bool) string {
	switch trigger {
	case "staff":
		if !forStaff {
			return say(ctx, "our staff")
		}
		return say(ctx, "staff")
	case "customer":
		if !forStaff {
			return say(ctx, "you")
		}
		return say(ctx, "the customer")
	case "api":
		if !forStaff {
			return say(ctx, "our staff")
		}
		return say(ctx, "a program of yours")
	case "schedule":
		if !forStaff {
			return say(ctx, "by itself")
		}
		return say(ctx, "the schedule")
	case "funds_check":
		if !forStaff {
			return say(ctx, "our staff")
		}
		return say(ctx, "a funds check for that day")
	case "link":
		return say(ctx, "linking")
	}
	return say(ctx, "unknown")
}

// runningSentence says what is going on without the elapsed time, so that it
// stays the same while the request runs.
func runningSentence(ctx context.Context, a Account) string {
	r := a.Refresh
	if r.Held && r.State == "queued" {
		return say(ctx, "Waiting for a turn to ask %s…", a.asking(ctx))
	}
	if r.Kind == "check" {
		return say(ctx, "Asking %s whether the balance has changed…", a.asking(ctx))
	}
	return say(ctx, "Asking %s…", a.asking(ctx))
}

// patience is the second half of what stands beside an account's running request.
func patience(ctx context.Context, c Clock, a Account) string {
	r := *a.Refresh
	if r.Held && r.NextTry.After(c.Now) {
		return say(
			ctx, "Many are asking: it waits for its turn, next try at %s. You may leave this page.",
			c.local(r.NextTry).Format("15:04:05"),
		)
	}
	if r.Kind == "check" {
		return say(ctx, "started %s ago. You may leave this page.", c.since(ctx, r.StartedAt))
	}
	if h := a.Health; h != nil && !h.poor() && h.Most > 0 {
		return say(
			ctx, "usually takes up to %s, started %s ago. You may leave this page.", h.within(ctx),
			c.since(ctx, r.StartedAt),
		)
	}
	return say(ctx, "usually takes 1–2 minutes, started %s ago. You may leave this page.", c.since(ctx, r.StartedAt))
}

// outcomeSentence says how a finished request ended and what to do now.
func outcomeSentence(ctx context.Context, c Clock, a Account) string {
	r := a.Refresh
	switch r.State {
	case "changed":
		return changedSentence(ctx, a)
	case "unchanged":
		return unchangedSentence(ctx, a)
	case "needs_login":
		return needsLoginSentence(ctx, a)
	case "limited":
		return limitedSentence(ctx, c, a)
	case "failed":
		return failedSentence(ctx, c, a)
	case "timed_out":
		return say(
			ctx, "We waited for %s and gave up. The old balance stays; if a late answer comes, we will take it.",
			a.asking(ctx),
		)
	case "interrupted":
		return say(
			ctx, "This was interrupted before %s answered. The old balance stays. Please refresh again.", a.asking(ctx),
		)
	}
	return ""
}

// failedSentence says what kept the bank from answering, when to try again, and
// what to quote.
func failedSentence(ctx context.Context, c Clock, a Account) string {
	said := []string{faultSentence(ctx, a)}
	if r := a.Refresh; r.TryAgain.After(c.Now) && pauses(r.Fault) {
		said = append(said, say(ctx, "You can try again at %s.", c.local(r.TryAgain).Format("15:04")))
	}
	if ref := a.Refresh.Reference; ref != "" {
		said = append(said, say(ctx, "If it keeps happening, quote %s.", ref))
	}
	return strings.Join(said, " ")
}

// pauses says whether a fault is one after which it helps to wait.
func pauses(fault string) bool {
	switch fault {
	case "bad_answer", "refused", "no_record", "bad_request", "busy", "fetch_failed", "mismatch":
		return false
	}
	return true
}

// faultSentence says what kept the bank from answering.
func faultSentence(ctx context.Context, a Account) string {
	switch a.Refresh.Fault {
	case "unreachable":
		return say(ctx, "The bank link service can't be reached. The last balance stays.")
	case "untrusted":
		return say(ctx, "Refreshing is paused for your safety: the answer did not come from where it should. The last balance stays.")
	case "bad_answer":
		return say(ctx, "We got an unreadable answer. The old balance stays.")
	case "refused":
		return say(
			ctx,
			"Refreshing is off for now. The last balance stays. Only we can fix this; you don't need to do anything.",
		)
	case "no_record", "bad_request":
		return say(
			ctx, "We can't refresh this account. The last balance stays; quote the reference and we will look into it.",
		)
	case "busy":
		return say(ctx, "%s is busy. The old balance stays. Please try again in a few minutes.", a.bank(ctx))
	case "fetch_failed":
		return say(ctx, "%s did not give the balance. The old balance stays. Please try again later.", a.bank(ctx))
	case "mismatch":
		return say(ctx, "We could not confirm that the answer is about this account. The old balance stays.")
	}
	return say(ctx, "The balance could not be fetched. The old balance stays.")
}

// changedSentence says by how much which figure has changed. Each is a sentence
// of its own: other languages bend the words.
func changedSentence(ctx context.Context, a Account) string {
	r := a.Refresh
	if r.Kind == "check" {
		return say(ctx, "%s says the balance has changed. Refresh to see the new figure.", a.bank(ctx))
	}
	if !r.Change.Known || r.Change.Minor == 0 {
		return say(ctx, "%s gave a new balance.", a.bank(ctx))
	}
	return changeSentence(ctx, a) + otherSentence(ctx, *r)
}

func changeSentence(ctx context.Context, a Account) string {
	r := a.Refresh
	by, up := absolute(ctx, r.Change), r.Change.Minor > 0
	switch {
	case r.ChangeIn == "available" && up:
		return say(ctx, "New from %s: the available balance is up by %s.", a.asking(ctx), by)
	case r.ChangeIn == "available":
		return say(ctx, "New from %s: the available balance is down by %s.", a.asking(ctx), by)
	case r.ChangeIn == "ledger" && up:
		return say(ctx, "New from %s: the ledger balance is up by %s.", a.asking(ctx), by)
	case r.ChangeIn == "ledger":
		return say(ctx, "New from %s: the ledger balance is down by %s.", a.asking(ctx), by)
	case up:
		return say(ctx, "New from %s: the balance is up by %s.", a.asking(ctx), by)
	}
	return say(ctx, "New from %s: the balance is down by %s.", a.asking(ctx), by)
}

// otherSentence says how the other figure has changed, where that differs.
func otherSentence(ctx context.Context, r Refresh) string {
	if !r.Other.Known {
		return ""
	}
	by := absolute(ctx, r.Other)
	said := map[string][3]string{ // of the figure that Change does not speak of: up, down, the same
		"available": {
			say(ctx, "The ledger balance is up by %s.", by), say(ctx, "The ledger balance is down by %s.", by),
			say(ctx, "The ledger balance has not changed."),
		},
		"ledger": {
			say(ctx, "The available balance is up by %s.", by), say(ctx, "The available balance is down by %s.", by),
			say(ctx, "The available balance has not changed."),
		},
	}[r.ChangeIn]
	switch {
	case r.Other.Minor > 0:
		return " " + said[0]
	case r.Other.Minor < 0:
		return " " + said[1]
	}
	return " " + said[2]
}

// direction is the sign and the tone of how a request ended: an arrow where the figure
// went up or down.
func (r Refresh) direction(ctx context.Context) (icon string, t tone) {
	t = refreshLabel(ctx, r).Tone
	switch {
	case r.State != "changed" || !r.Change.Known || r.Change.Minor == 0:
		return toneIcon(t), t
	case r.Change.Minor > 0:
		return "up", good
	}
	return "down", info
}

func unchangedSentence(ctx context.Context, a Account) string {
	if a.Refresh.Kind == "check" && a.Refresh.Changed {
		return changedSentence(ctx, a)
	}
	if a.Refresh.Kind == "check" {
		return say(ctx, "%s says the balance has not changed.", a.bank(ctx))
	}
	if a.Refresh.Changed {
		return say(ctx, "%s says the balance has changed, but does not give the new figure yet. What you see is still the one from before.", a.bank(ctx))
	}
	return say(ctx, "%s answered: the balance has not changed.", a.bank(ctx))
}

func needsLoginSentence(ctx context.Context, a Account) string {
	if a.ForStaff {
		return say(ctx, "%s wants the customer to sign in again. The old balance stays until then.", a.bank(ctx))
	}
	return say(ctx, "%s wants you to sign in again. The old balance stays until then.", a.bank(ctx))
}

func limitedSentence(ctx context.Context, c Clock, a Account) string {
	if a.Refresh.TryAgain.IsZero() {
		return say(
			ctx, "Too many requests to %s for now. The old balance stays. Please try again later.", a.asking(ctx),
		)
	}
	return say(
		ctx, "Too many requests to %s for now. The old balance stays. Please try again after %s.", a.asking(ctx),
		c.Short(ctx, a.Refresh.TryAgain),
	)
}

// announcement is what a screen reader hears when the card is swapped: what is
// running, or what has just ended. It holds no running time, so that the same
// state is heard once.
func announcement(ctx context.Context, c Clock, a Account) string {
	r := a.Refresh
	if r == nil {
		return ""
	}
	said := ""
	if r.Running {
		said = runningSentence(ctx, a)
	} else if c.Now.Sub(r.EndedAt).Minutes() < 1 {
		said = outcomeSentence(ctx, c, a)
	}
	if said == "" {
		return ""
	}
	return say(ctx, "%s: %s", a.spoken(ctx), said)
}
