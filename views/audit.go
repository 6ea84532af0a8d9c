package views

import (
	"context"
	"strconv"
	"time"
)

// Audit is the audit log with its filters.
type Audit struct {
	Frame
	Chain     AuditChain
	Filter    AuditFilter
	Rows      []AuditRow
	FirstURL  string // empty: this is the first page
	NextURL   string // empty: this is the last page
	CheckURL  string // POST: checks the chain now
	ExportURL string // POST: what is filtered, as a CSV file
}

// AuditChain is what the last check of the log found.
type AuditChain struct {
	CheckedAt time.Time // zero: not checked yet
	Rows      int64     // in order, from the first on
	Head      string    // hash of the last of them
	BadRow    int64     // the first row that is not in order; 0: all are
	Problem   string    // what is wrong with it
}

// AuditFilter is the form above the log: what was chosen, and what there is to
// choose from.
type AuditFilter struct {
	Customer     string // as typed, or an id
	CustomerName string // of the one who was found; empty: none was asked for or found
	Actor        string
	Action       string
	From, To     string // dates as 2026-11-23, To included
	Actors       []Choice
	Actions      []string
	Errors       map[string]string // field name → sentence
}

// chosen says whether anything is filtered.
func (f AuditFilter) chosen() bool {
	return f.Customer+f.Actor+f.Action+f.From+f.To != ""
}

// fields are what was chosen, by the form's field names.
func (f AuditFilter) fields() []Choice {
	return []Choice{{f.Customer, "customer"}, {f.Actor, "actor"}, {f.Action, "action"}, {f.From, "from"}, {f.To, "to"}}
}

// Choice is one entry of a list to choose from.
type Choice struct{ Value, Label string }

// AuditRow is one act.
type AuditRow struct {
	Seq          int64
	At           time.Time
	Actor        string // in words
	Action       string // as stored; ActionWords explains it
	CustomerName string
	CustomerURL  string // empty: concerns no customer
	SubjectURL   string // what was acted on, where it has a page
	Detail       string
}

// chainLabel is the state of the chain in a word.
func chainLabel(ctx context.Context, c AuditChain) label {
	switch {
	case c.CheckedAt.IsZero():
		return label{say(ctx, "Not checked yet"), quiet}
	case c.BadRow != 0:
		return label{say(ctx, "Broken at row %s", strconv.FormatInt(c.BadRow, 10)), bad}
	}
	return label{say(ctx, "In order"), good}
}

// ActionWords explains an action of the audit log in a sentence whose subject
// is the actor.
func ActionWords(ctx context.Context, action string) string {
	switch action {
	case "signed in":
		return say(ctx, "Signed in.")
	case "sign-in failed":
		return say(ctx, "Tried to sign in and failed. The tries of a minute are one line.")
	case "signed out":
		return say(ctx, "Signed out.")
	case "customer added":
		return say(ctx, "Added the customer.")
	case "customer corrected":
		return say(ctx, "Corrected what is known of the customer.")
	case "balances seen":
		return say(ctx, "Looked at the customer's balances. (Once an hour at most.)")
	case "own balances seen":
		return say(ctx, "Looked at their own balances. (Once an hour at most.)")
	case "list seen":
		return say(ctx, "Looked at a list that many customers stand in.")
	case "payload seen":
		return say(ctx, "Looked at what a webhook held.")
	case "funds checks seen":
		return say(ctx, "Looked at funds checks of the customer.")
	case "doubtful link seen":
		return say(ctx, "Looked at a link to review.")
	case "account number shown":
		return say(ctx, "Had a whole account number shown.")
	case "personal link made":
		return say(ctx, "Made a personal link.")
	case "personal link revoked":
		return say(ctx, "Revoked a personal link.")
	case "wrong code for a personal link":
		return say(ctx, "Gave a wrong code for a personal link.")
	case "personal link locked":
		return say(ctx, "Locked a personal link after too many wrong codes.")
	case "consent given":
		return say(ctx, "Agreed that what the consent names is read.")
	case "bank window opened":
		return say(ctx, "Opened the bank window.")
	case "bank linked":
		return say(ctx, "Linked a bank.")
	case "link put up for review":
		return say(ctx, "Left a link for staff to review.")
	case "doubtful link approved":
		return say(ctx, "Approved a link: its accounts belong to the customer now.")
	case "doubtful link refused":
		return say(ctx, "Rejected a link: what was received with it was deleted.")
	case "link failed":
		return say(ctx, "Gave up a link that the provider did not confirm.")
	case "account unlinked":
		return say(ctx, "Ended the link to an account.")
	case "consent withdrawn":
		return say(ctx, "Withdrew the consent: nothing is read any more.")
	case "history exported":
		return say(ctx, "Exported an account's balances.")
	case "customer list exported":
		return say(ctx, "Exported the list of customers with their balances.")
	case "data exported":
		return say(ctx, "Exported everything about the customer.")
	case "customer erased":
		return say(ctx, "Erased the customer.")
	case "removal at the provider ended":
		return say(ctx, "Asked the provider to forget the customer.")
	case "refresh started":
		return say(ctx, "Asked the bank for a new balance.")
	case "check started":
		return say(ctx, "Asked the bank whether a balance has changed.")
	case "funds check asked":
		return say(ctx, "Asked whether an account can cover an amount.")
	case "funds check answered":
		return say(ctx, "Answered whether an account can cover an amount.")
	case "threshold set":
		return say(ctx, "Said what should be available in an account at least.")
	case "threshold cleared":
		return say(ctx, "Removed what should be available in an account at least.")
	case "fell below its threshold":
		return say(ctx, "Saw an account fall below its threshold.")
	case "rose above its threshold":
		return say(ctx, "Saw an account rise to its threshold again.")
	case "webhook applied":
		return say(ctx, "Sent a webhook that was applied.")
	case "webhooks applied":
		return say(ctx, "Sent several webhooks that were applied together.")
	case "webhook replayed":
		return say(ctx, "Had a stored webhook applied once more.")
	case "record matched":
		return say(ctx, "Said whose an unmatched connection is.")
	case "test webhook sent":
		return say(ctx, "Sent a test webhook to our own address.")
	case "unclaimed payloads dropped":
		return say(ctx, "Removed payloads that nobody claimed in time.")
	case "old data removed":
		return say(ctx, "Removed what had been kept for as long as it should be.")
	case "trust in the provider lost":
		return say(ctx, "Lost trust in the provider's addresses: no bank window is opened.")
	case "trust in the provider regained":
		return say(ctx, "Found the provider's addresses to be the provider's again.")
	case "staff added":
		return say(ctx, "Added a member of staff.")
	case "staff disabled":
		return say(ctx, "Kept a member of staff from signing in.")
	case "staff enabled":
		return say(ctx, "Let a member of staff sign in again.")
	case "role set":
		return say(ctx, "Gave a member of staff another role.")
	case "password set":
		return say(ctx, "Set a password: a customer's own, or a member of staff's.")
	case "password removed":
		return say(ctx, "Removed a customer's password.")
	case "password link made":
		return say(ctx, "Made a link by which a member of staff chooses a password.")
	case "second factor set":
		return say(ctx, "Turned a second factor on.")
	case "second factor removed":
		return say(ctx, "Turned a second factor off.")
	case "sessions ended":
		return say(ctx, "Ended sessions of a member of staff.")
	case "identity confirmed":
		return say(ctx, "Confirmed who they are before doing something that needs it.")
	case "audit log exported":
		return say(ctx, "Exported the audit log.")
	case "audit log checked":
		return say(ctx, "Had the audit log checked.")
	case "settings changed":
		return say(ctx, "Started with other settings than before.")
	case "database copied":
		return say(ctx, "Had a copy of the database made.")
	case "database restored":
		return say(ctx, "Put an older copy of the database in its place: what came after it is not in this log.")
	case "audit log begun anew":
		return say(ctx, "Began the chain of the audit log anew: the rows before were not checked.")
	case "data key taken into use":
		return say(ctx, "Sealed what it stores under a new key from then on.")
	case "data key no longer needed":
		return say(ctx, "Had put everything under the new key: the old one is no longer needed.")
	}
	return action
}
