package views

import "context"

// Every sentence about withdrawing, erasing and keeping stands here; what
// customers agree to stands in consents.go.

func withdrawalHeading(ctx context.Context, p Withdrawal) string {
	switch {
	case p.Everything && p.ByLink:
		return say(ctx, "Withdraw what you agreed to by this personal link?")
	case p.Everything:
		return say(ctx, "Withdraw consent to everything?")
	}
	return say(ctx, "Unlink %s?", p.Account)
}

func withdrawalButton(ctx context.Context, p Withdrawal) string {
	if p.Everything {
		return say(ctx, "Withdraw consent")
	}
	return say(ctx, "Unlink")
}

// whatHappens says what ends, before it does.
func whatHappens(ctx context.Context, p Withdrawal) []string {
	provider := say(ctx, "If nothing else is linked, the bank link service is asked to forget the connection too. When it cannot be reached, we go on trying.")
	if !p.Everything {
		return []string{
			say(ctx, "From then on the bank is not asked any more, and what is still reported of what you unlink is dropped."),
			say(ctx, "Other accounts are not touched."),
			provider,
		}
	}
	if p.ByLink {
		return []string{
			say(ctx, "What you linked by this personal link is unlinked: its bank is not asked any more, and what is still reported of it is dropped."),
			say(ctx, "This personal link stops working, and you are signed out."),
			provider,
			say(ctx, "What was agreed to by another link, or after signing in with a password, is not touched."),
		}
	}
	all := []string{
		say(ctx, "All accounts are unlinked: no bank is asked any more, and what is still reported is dropped."),
		say(ctx, "Personal links stop working."),
		provider,
	}
	switch {
	case p.ForStaff && p.Password:
		return append(all, say(ctx, "The customer is signed out everywhere. Their password still opens what is kept, and lets them agree again. Remove it if it should not."))
	case p.ForStaff:
		return append(all, say(ctx, "The customer is signed out everywhere. To link again they need a new personal link."))
	case p.Password:
		return append(all, say(ctx, "You are signed out everywhere. Your password still opens what is kept, so that you can see and download it, and you can agree again there."))
	}
	return append(all, say(ctx, "You are signed out everywhere. To come back, ask %s for a new personal link.", p.Business))
}

// WithdrawnWords says what has ended; byLink: in a visit by a personal link.
func WithdrawnWords(ctx context.Context, business string, byLink bool) string {
	if byLink {
		return say(ctx, "What you linked by the personal link is unlinked and you are signed out. To have what was received of it erased too, ask %s.", business)
	}
	return say(ctx, "All accounts are unlinked and you are signed out. No bank is asked any more. To have what was received so far erased too, ask %s.", business)
}

func whatIsKept(ctx context.Context, p Withdrawal) string {
	if p.ForStaff {
		return say(ctx, "The balances received so far, as a record, and when the customer agreed and withdrew. Erasing the customer deletes that too.")
	}
	return say(ctx, "The balances received so far, as a record, and when you agreed and withdrew. To have that erased too, ask %s.", p.Business)
}

// ConsentEnded is the notice that a consent has ended by itself.
func ConsentEnded(ctx context.Context, forStaff bool) string {
	if forStaff {
		return say(ctx, "The customer's consent has ended: it was given too long ago, or not used for too long. Their bank is not asked until they give it again. Send them a personal link.")
	}
	return say(ctx, "Your consent has ended: you gave it long ago, or nobody looked at your balances for long. We don't ask your bank until you give it again. The last balances stay.")
}

// ConsentEnds is the notice that a consent ends soon by itself, on that day.
func ConsentEnds(ctx context.Context, day string, forStaff bool) string {
	if forStaff {
		return say(ctx, "The customer's consent ends on %s. To go on asking the bank, send them a personal link before then, with which they give it again.", day)
	}
	return say(ctx, "Your consent ends on %s. From then on we don't ask your bank any more, unless you give it again.", day)
}

// ConsentWithdrawn is the notice that a consent was withdrawn on that day.
func ConsentWithdrawn(ctx context.Context, day string, forStaff bool) string {
	if forStaff {
		return say(ctx, "The customer's consent was withdrawn on %s. No bank is asked. They can come back with a new personal link, if they want to.", day)
	}
	return say(ctx, "Your consent was withdrawn on %s. No bank is asked any more; what was read before is kept as a record.", day)
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
		return say(ctx, "Nothing: we try from %s.", c.short(ctx, r.NextTryAt))
	case "given_up":
		return say(ctx, "Ask the provider to remove their customer %s.", r.ProviderID)
	}
	return say(ctx, "Nothing.")
}
