package views

import "context"

// nextStep is something that a customer waits for, and the button that does it.
type nextStep struct {
	ID, Icon, Sentence string
	Tone               tone
	Label, URL         string // empty: nothing that this viewer may do
	Post               bool
	Code               bool // the link that is made asks for a code
}

// nextSteps are what a customer waits for, the first that which is to be done: it alone has
// its button on top of the page.
func (p CustomerPage) nextSteps(ctx context.Context) (all []nextStep) {
	if p.Withdrawn() {
		return []nextStep{{ID: "consent-notice", Icon: "cross", Tone: warn, Sentence: p.Ended.Sentence}}
	}
	for _, a := range p.Attempts {
		if a.State == "needs_review" {
			all = append(all, nextStep{
				Icon: "alert", Tone: warn, Sentence: reviewSentence(ctx, p, a),
				Label: say(ctx, "Decide"), URL: a.ReviewURL,
			})
		}
	}
	if !p.AskedLinkAt.IsZero() {
		all = append(all, p.newLink(nextStep{
			Icon: "alert", Tone: warn, Label: say(ctx, "Make a link"),
			Sentence: say(
				ctx, "Somebody with a link that is over asked for a new one: %s.", p.Clock.Short(ctx, p.AskedLinkAt),
			),
		}))
	}
	login := p.loginSteps(ctx)
	if p.Status != "consent_ended" {
		all, login = append(all, login...), nil
	}
	if p.Ended.Sentence != "" {
		all = append(all, p.newLink(nextStep{
			ID: "consent-notice", Icon: "clock", Tone: warn, Sentence: p.Ended.Sentence,
			Label: say(ctx, "Renew consent"),
		}))
	}
	all = append(all, login...)
	if p.RefreshURL != "" {
		all = append(all, nextStep{
			Icon: "clock", Tone: warn, Sentence: say(ctx, "A balance is out of date."), Label: say(ctx, "Refresh"),
			URL: p.RefreshURL, Post: true,
		})
	}
	return all
}

// newLink is a step that a new personal link does.
func (p CustomerPage) newLink(n nextStep) nextStep {
	n.URL, n.Post, n.Code = p.InviteURL, true, p.AskCode
	return n
}

// loginSteps are the accounts whose banks want the customer to sign in again.
func (p CustomerPage) loginSteps(ctx context.Context) (all []nextStep) {
	for _, b := range p.Banks {
		for _, a := range b.Accounts {
			if a.NeedsLogin && !a.Unlinked {
				all = append(all, nextStep{
					Icon: "alert", Tone: warn, Sentence: loginWanted(ctx, a), Label: say(ctx, "Ask to sign in again"),
					URL: a.AskURL, Post: true,
				})
			}
		}
	}
	return all
}
