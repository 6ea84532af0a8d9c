package views

import (
	"context"
	"time"
)

// LinkStep is a step that a personal link has reached.
type LinkStep struct {
	// made, sent, opened, code, agreed, bank, claimed, connected, again, needs_review, refused,
	// other_account, closed, failed, timed_out, revoked, expired, locked; empty: none
	Name   string
	At     time.Time // zero: not known
	Bank   string    // where; empty: not known, or of no bank
	Reason string    // why, in a sentence; empty: nothing to say
}

// LinkSteps is how far a personal link has come, on the page that shows it.
type LinkSteps struct {
	Clock   Clock
	Steps   []LinkStep // the last one is where it stands
	Open    bool       // more may follow
	Again   bool       // it is to sign in to an account again
	PollURL string     // GET, while more may follow: the fragment #steps as it is then
	SentURL string     // POST; empty: it was sent
}

// LinksMade are a customer's personal links, as a part of their page.
type LinksMade struct {
	Clock        Clock
	CustomerName string
	Rows         []Invitation
	PollURL      string // GET, while one of them may go on: the fragment #links-made as it is then
}

// path are the steps to a connected bank, and pathAgain to one that is signed in to
// again, in their order.
var (
	path      = []string{"made", "sent", "opened", "agreed", "bank", "connected"}
	pathAgain = []string{"made", "sent", "opened", "bank", "again"}
)

// ahead are the steps that a link has before it; none: it has ended.
func (p LinkSteps) ahead() []LinkStep {
	if !p.Open || len(p.Steps) == 0 {
		return nil
	}
	path, reached := path, 0
	if p.Again {
		path = pathAgain
	}
	for i, name := range path {
		for _, s := range p.Steps {
			if s.Name == name {
				reached = i
			}
		}
	}
	var ahead []LinkStep
	for _, name := range path[reached+1:] {
		ahead = append(ahead, LinkStep{Name: name})
	}
	return ahead
}

// after are the steps of a link but that it was made.
func (i Invitation) after() []LinkStep {
	if len(i.Steps) == 0 {
		return nil
	}
	return i.Steps[1:]
}

// stepLabel is a step in words.
func stepLabel(ctx context.Context, s LinkStep) label {
	switch s.Name {
	case "made":
		return label{say(ctx, "Made"), quiet}
	case "sent":
		return label{say(ctx, "Sent"), info}
	case "opened":
		return label{say(ctx, "Link opened"), info}
	case "code":
		return label{say(ctx, "Stopped at the code"), warn}
	case "agreed":
		return label{say(ctx, "Agreed"), info}
	case "bank":
		if s.Bank != "" {
			return label{say(ctx, "At %s", s.Bank), info}
		}
		return label{say(ctx, "At the bank"), info}
	case "connected":
		if s.Bank != "" {
			return label{say(ctx, "Connected: %s", s.Bank), good}
		}
		return label{say(ctx, "Connected"), good}
	case "again":
		return label{say(ctx, "Signed in again"), good}
	case "timed_out":
		return label{say(ctx, "The bank window expired"), warn}
	case "revoked", "expired", "locked":
		return invitationLabel(ctx, s.Name)
	}
	return attemptLabel(ctx, s.Name)
}

// stepNews is a step as a screen reader hears it.
func stepNews(ctx context.Context, c Clock, steps []LinkStep) string {
	if len(steps) == 0 {
		return ""
	}
	last := steps[len(steps)-1]
	text := stepLabel(ctx, last).Text
	if !last.At.IsZero() {
		text += " " + c.Short(ctx, last.At)
	}
	return text
}
