package views

import (
	"context"
	"time"
)

// The states of everything in a word or two, with the tone that repeats them.

// tone colours a badge or a notice. Words and an icon always say the same.
type tone string

const (
	good  tone = "good"
	warn  tone = "warn"
	bad   tone = "bad"
	info  tone = "info"
	quiet tone = "quiet"
)

// label is a state in words, with its tone.
type label struct {
	Text string
	Tone tone
}

func freshnessLabel(ctx context.Context, f Freshness) label {
	switch f {
	case Fresh:
		return label{say(ctx, "Up to date"), good}
	case Ageing:
		return label{say(ctx, "Getting old"), warn}
	case Stale:
		return label{say(ctx, "Out of date"), bad}
	}
	return label{say(ctx, "No balance yet"), quiet}
}

// aged is the time of the balance whose age the account's label says; zero: it
// says something else.
func (a Account) aged() time.Time {
	if a.Unlinked || a.NeedsLogin || a.Outdated {
		return time.Time{}
	}
	return a.AsOf
}

func accountLabel(ctx context.Context, a Account) label {
	switch {
	case a.Unshared:
		return label{say(ctx, "No longer shared"), quiet}
	case a.Unlinked:
		return label{say(ctx, "No longer linked"), quiet}
	case a.NeedsLogin:
		return label{say(ctx, "Needs sign-in"), warn}
	case a.AsOf.IsZero():
		return freshnessLabel(ctx, Never)
	case a.Outdated:
		return label{say(ctx, "Has changed since"), bad}
	}
	return freshnessLabel(ctx, a.Freshness)
}

func customerLabel(ctx context.Context, status string) label {
	switch status {
	case "linked":
		return label{say(ctx, "Linked"), good}
	case "needs_login":
		return label{say(ctx, "Needs sign-in"), warn}
	case "needs_review":
		return label{say(ctx, "To review"), bad}
	case "consent_ended":
		return label{say(ctx, "Consent ended"), bad}
	case "consent_ending":
		return label{say(ctx, "Consent ends soon"), warn}
	case "invited":
		return label{say(ctx, "Invited"), info}
	}
	return label{say(ctx, "Not linked"), quiet}
}

func invitationLabel(ctx context.Context, state string) label {
	switch state {
	case "open":
		return label{say(ctx, "Open"), info}
	case "used":
		return label{say(ctx, "Used"), good}
	case "expired":
		return label{say(ctx, "Expired"), quiet}
	case "revoked":
		return label{say(ctx, "Revoked"), quiet}
	case "locked":
		return label{say(ctx, "Locked: wrong codes"), bad}
	}
	return label{state, quiet}
}

func attemptLabel(ctx context.Context, state string) label {
	switch state {
	case "open":
		return label{say(ctx, "Bank window open"), info}
	case "claimed":
		return label{say(ctx, "Being confirmed"), info}
	case "linked":
		return label{say(ctx, "Linked"), good}
	case "needs_review":
		return label{say(ctx, "To review"), bad}
	case "refused":
		return label{say(ctx, "Refused"), bad}
	case "closed":
		return label{say(ctx, "Closed by the customer"), quiet}
	case "failed":
		return label{say(ctx, "Failed"), bad}
	case "expired":
		return label{say(ctx, "Expired"), quiet}
	}
	return label{state, quiet}
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

func envLabel(ctx context.Context, env string) label {
	switch env {
	case "simulated":
		return label{say(ctx, "Simulated"), warn}
	case "production-sandbox":
		return label{say(ctx, "Sandbox"), info}
	case "production":
		return label{say(ctx, "Production"), good}
	}
	return label{env, quiet}
}
