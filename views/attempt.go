package views

import (
	"context"

	"balancelink/views/locale"
)

// Attempt is the page around the bank window, and what became of it.
type Attempt struct {
	Frame
	// open, paused (no bank window may be opened now), claimed (bank said yes, being confirmed),
	// linked, needs_review, refused, other_account, closed, failed, expired
	State     string
	Reference string
	Error     string    // the widget's error in a sentence
	Accounts  []Account // when linked
	PollURL   string    // GET, while open, paused, claimed or without a balance: the fragment #attempt as it is then
	Closed    string    // while paused, why: off, untrusted, refused or unreachable
	RetryURL  string    // POST: a new attempt
	MeURL     string
	Widget    *Widget   // non-nil only while open, where the provider has a window
	Page      *BankPage // non-nil only while open, where it has pages
	Pages     bool      // it has pages
	Awaited   bool      // closed a moment ago: the bank may still say that it went well
	Reconnect bool
	Again     AgainAccount // of a Reconnect: to which account
	// claimed, and why the provider does not confirm it yet, in a word: not_yet, bad_answer …;
	// empty: no reason to say so
	Delay  string
	Paused string // claimed, and not confirmed for the customer's safety: untrusted or refused; empty: neither
	// in samples: what our script shows of the window: loading, unavailable, saving, closing, lost,
	// busy, refused
	Shown string
}

// BankPage is the page of a provider's to which a customer is sent.
type BankPage struct {
	Provider string // as it calls itself
	URL      string // empty: it is being made
	Late     bool   // it takes longer than it should
}

// Widget is what the page's script needs to open the bank window. It is
// written into the page as JSON.
type Widget struct {
	BaseURL    string `json:"baseUrl"`    // origin of the widget
	Options    any    `json:"options"`    // handed to okra-js as it is
	SuccessURL string `json:"successUrl"` // POST: onSuccess data
	CloseURL   string `json:"closeUrl"`
	ErrorURL   string `json:"errorUrl"`
	StepURL    string `json:"stepUrl"`   // POST: onEvent data
	TimeoutMS  int    `json:"timeoutMs"` // the window must have loaded by then
}

// opened says that the sentence about the window's opening has had its time.
func (p Attempt) opened() bool {
	return p.Shown != "" && p.Shown != "loading" && p.Shown != "lost" && p.Shown != "busy"
}

// preparing says that the page to which the customer is sent is being made.
func (p Attempt) preparing() bool { return p.Page != nil && p.Page.URL == "" }

// heading is the state of an attempt that may be held up for the customer's safety.
func (p Attempt) heading(ctx context.Context) string {
	if p.State == "paused" {
		return ClosedHeading(ctx, p.Closed)
	}
	if p.Paused != "" {
		return say(ctx, "Linking is paused for your safety")
	}
	if p.Awaited {
		return say(ctx, "We are waiting for your bank")
	}
	if p.Pages {
		switch p.State {
		case "open":
			return say(ctx, "Go to your bank")
		case "closed":
			return say(ctx, "No bank was connected")
		}
	}
	if p.State == "linked" && p.Reconnect {
		return say(ctx, "Reconnected; your history stays")
	}
	return attemptHeading(ctx, p.State)
}

// attemptHeading is the state of an opening of the bank window, as the customer reads it.
func attemptHeading(ctx context.Context, state string) string {
	switch state {
	case "open":
		return say(ctx, "The bank window")
	case "claimed":
		return say(ctx, "Almost done")
	case "linked":
		return say(ctx, "Your bank is connected")
	case "needs_review":
		return say(ctx, "Your connection is being checked")
	case "refused":
		return say(ctx, "Your bank was not connected")
	case "other_account":
		return say(ctx, "That was another account")
	case "closed":
		return say(ctx, "You closed the bank window")
	case "expired":
		return say(ctx, "This took too long")
	}
	return say(ctx, "Your bank could not be connected")
}

// ClosedHeading says that no bank window is opened now.
func ClosedHeading(ctx context.Context, why string) string {
	switch why {
	case "off":
		return say(ctx, "Linking is turned off")
	case "unreachable":
		return say(ctx, "Linking is not possible now")
	}
	return say(ctx, "Linking is paused for your safety")
}

// ClosedSentence says why no bank window is opened now, and what to do.
func ClosedSentence(ctx context.Context, why, business string) string {
	switch why {
	case "off":
		return say(ctx, "%s has turned it off for now. Nothing was shared. Ask them when you can try again.", business)
	case "unreachable":
		return say(ctx, "The bank link service does not answer. Nothing was shared. Please try again later.")
	}
	return say(
		ctx,
		"We can't safely open your bank right now. Nothing was shared. Your link still works: please try again later.",
	)
}

// pausedSentence says why a link that the bank agreed to is not confirmed.
func pausedSentence(ctx context.Context, p Attempt) string {
	if p.Paused == "refused" {
		return say(ctx, "Your bank agreed. The bank link service does not let us in at the moment; only %s can fix this. No balance was read, and nothing you did is lost: we try again for a day. You may leave this page.", p.Business)
	}
	return say(ctx, "Your bank agreed. But an answer did not come from where it should, so we did not use it. No balance was read, and nothing you did is lost: we try again for a day. You may leave this page.")
}

// attemptNext says what happened and what the customer can do now.
func attemptNext(ctx context.Context, p Attempt) string {
	switch p.State {
	case "needs_review":
		return say(ctx, "Your bank answered, but %s has to check something first. You don't need to do anything else. We'll show the result here and on your own page.", p.Business)
	case "refused":
		return say(ctx, "%s could not accept this connection. We deleted what your bank sent. Please ask them if you think that this is wrong.", p.Business)
	case "other_account":
		return say(ctx, "This link is for %s, and that is not the account you signed in to. Nothing was connected, and we kept nothing of it. Try again, and choose that account.", p.Again.named(ctx))
	case "closed":
		if p.Awaited {
			return say(ctx, "If you signed in at your bank, its answer is on the way: this page follows by itself, and you may close it. If you stopped before that, try again.")
		}
		if p.Pages {
			return say(ctx, "You came back before your bank had shared anything. If it does so later, it is shown here and on your own page. Or try again.")
		}
		return say(ctx, "Nothing was linked. You can open it again whenever you like.")
	case "expired":
		if p.Pages {
			return say(ctx, "Your bank's page was open for too long without an answer. Nothing was linked so far.")
		}
		return say(ctx, "The bank window was open for too long without an answer. Nothing was linked.")
	}
	problem := say(ctx, "Something went wrong at the bank.")
	if p.Error != "" {
		problem = locale.Stored(ctx, p.Error)
	}
	return problem + " " + say(ctx, "Nothing was linked.")
}

// delaySentence says why a link is not confirmed yet.
func delaySentence(ctx context.Context, p Attempt) string {
	switch p.Delay {
	case "not_yet":
		return say(ctx, "We are waiting for your bank: it is still handing over what you shared. This can take some minutes. You may leave this page: it goes on without you.")
	case "bad_answer":
		return say(ctx, "It takes longer than usual: we got an answer from the bank link service that we cannot read. We keep trying for a day. You may leave this page; nothing of what you did is lost.")
	}
	return say(ctx, "It takes longer than usual: the bank link service does not answer. We keep trying for a day. You may leave this page; nothing of what you did is lost.")
}
