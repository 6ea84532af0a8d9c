package views

import "context"

// Withdrawal is a page that asks whether links shall end, and says what that means.
type Withdrawal struct {
	Frame
	BackURL, BackLabel string
	Action             string   // POST
	Everything         bool     // withdraws the consent, not only links
	Account            string   // the account as a person knows it; empty with Everything
	Bank               string   // its bank
	Siblings           int      // accounts at that bank that are linked, this one included
	Older              bool     // an earlier link to the account stands too, and ends with it
	Accounts           []string // with Everything: what is linked
	MoreURL            string   // GET: withdraw everything; empty: not offered
	ForStaff           bool
	ByLink             bool   // only what was begun in this visit by a personal link ends
	Password           bool   // the customer can sign in with one
	Customer           string // staff only: whose it is
}

// Done says that something was ended, with a reference to quote.
type Done struct {
	Frame
	Heading, Sentence, Reference string
	NextURL, NextLabel           string
}

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
		all := []string{
			say(ctx, "After that the bank is not asked any more. If it still tells us something, we throw it away."),
		}
		if p.Older {
			all = append(all, say(ctx, "The earlier link to the same account, whose history goes on in this one, is unlinked too."))
		}
		return append(all, say(ctx, "Other accounts are not touched."), provider)
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
		return append(
			all, say(ctx, "The customer is signed out everywhere. To link again they need a new personal link."),
		)
	case p.Password:
		return append(all, say(ctx, "You are signed out everywhere. Your password still opens what is kept, so that you can see and download it, and you can agree again there."))
	}
	return append(
		all, say(ctx, "You are signed out everywhere. To come back, ask %s for a new personal link.", p.Business),
	)
}

func whatIsKept(ctx context.Context, p Withdrawal) string {
	if p.ForStaff {
		return say(ctx, "The balances received so far, as a record, and when the customer agreed and withdrew. Erasing the customer deletes that too.")
	}
	return say(
		ctx,
		"The balances received so far, as a record, and when you agreed and withdrew. To have that erased too, ask %s.",
		p.Business,
	)
}

// WithdrawnWords says what has ended; byLink: in a visit by a personal link.
func WithdrawnWords(ctx context.Context, business string, byLink bool) string {
	if byLink {
		return say(ctx, "What you linked by the personal link is unlinked and you are signed out. To have what was received of it erased too, ask %s.", business)
	}
	return say(ctx, "All accounts are unlinked and you are signed out. No bank is asked any more. To have what was received so far erased too, ask %s.", business)
}
