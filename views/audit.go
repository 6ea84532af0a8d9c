package views

import (
	"context"
	"strconv"
	"time"

	"balancelink/views/locale"
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

// actionSentences say each action of the audit log in a sentence whose subject
// is the actor.
var actionSentences = map[string]locale.Key{
	"signed in":                      "Signed in.",
	"sign-in code asked for":         "Somebody asked for a code to sign in with, which is sent to the customer's e-mail address.",
	"sign-in failed":                 "Tried to sign in and failed. The tries of a minute are one line.",
	"signed out":                     "Signed out.",
	"customer added":                 "Added the customer.",
	"customer corrected":             "Corrected what is known of the customer.",
	"customers imported":             "Took in customers from a file.",
	"balances seen":                  "Looked at the customer's balances. (Once an hour at most.)",
	"own balances seen":              "Looked at their own balances. (Once an hour at most.)",
	"own pages seen":                 "Looked at the customer's pages as the customer sees them. (Once an hour at most.)",
	"list seen":                      "Looked at a list of many customers.",
	"payload seen":                   "Looked at what a webhook held.",
	"funds checks seen":              "Looked at funds checks of the customer.",
	"doubtful link seen":             "Looked at a link to review.",
	"account number shown":           "Had a whole account number shown.",
	"personal link made":             "Made a personal link.",
	"personal links taken out":       "Made personal links and took them out as a file.",
	"personal link sent":             "Took a personal link to the customer.",
	"customer contacted":             "Spoke to the customer.",
	"contact taken back":             "Took back that they spoke to the customer.",
	"customer put off":               "Put the customer off until later.",
	"customer taken back":            "Took the customer back to those who wait.",
	"new personal link asked for":    "Somebody with a link that is over asked for a new one.",
	"personal link revoked":          "Revoked a personal link.",
	"personal link restored":         "Took back that they revoked a personal link.",
	"wrong code for a personal link": "Gave a wrong code for a personal link.",
	"personal link locked":           "Locked a personal link after too many wrong codes.",
	"consent given":                  "Agreed that what the consent names is read.",
	"bank window opened":             "Opened the bank window.",
	"bank linked":                    "Linked a bank.",
	"link put up for review":         "Left a link for staff to review.",
	"doubtful link approved":         "Approved a link: its accounts belong to the customer now.",
	"refusal taken back":             "Took back that they rejected a link.",
	"doubtful link refused":          "Rejected a link: what was received with it was deleted.",
	"link failed":                    "Gave up a link that the provider did not confirm.",
	"account unlinked":               "Ended the link to an account.",
	"history joined":                 "Let the history of an account go on in a newer one.",
	"history parted":                 "Said that two accounts are not one.",
	"consent withdrawn":              "Withdrew the consent: nothing is read any more.",
	"history exported":               "Exported an account's balances.",
	"customer list exported":         "Exported the list of customers with their balances.",
	"data exported":                  "Exported everything about the customer.",
	"customer erased":                "Erased the customer.",
	"removal at the provider ended":  "Asked the provider to forget the customer.",
	"refresh started":                "Asked the bank for a new balance.",
	"check started":                  "Asked the bank whether a balance has changed.",
	"funds check asked":              "Asked whether an account can cover an amount.",
	"funds check answered":           "Answered whether an account can cover an amount.",
	"funds check cancelled":          "Took back a funds check for a day to come.",
	"funds check noted":              "Said to have seen the answer to a funds check.",
	"funds check decided":            "Wrote down a decision on the ground of a funds check.",
	"threshold set":                  "Said what should be available in an account at least.",
	"threshold cleared":              "Removed what should be available in an account at least.",
	"threshold taken over":           "Took over what should be available in an account at least.",
	"fell below its threshold":       "Saw an account fall below its threshold.",
	"rose above its threshold":       "Saw an account rise to its threshold again.",
	"webhook applied":                "Sent a webhook that was applied.",
	"webhooks applied":               "Sent several webhooks that were applied together.",
	"provider tried again":           "Had the provider called before the pause was over.",
	"webhook replayed":               "Had a stored webhook applied once more.",
	"record matched":                 "Said whose an unmatched connection is.",
	"test webhook sent":              "Sent a test webhook to our own address.",
	"unclaimed payloads dropped":     "Removed payloads that nobody claimed in time.",
	"old data removed":               "Removed what had been kept for as long as it should be.",
	"trust in the provider lost":     "Lost trust in the provider's addresses: no bank window is opened.",
	"trust in the provider regained": "Found the provider's addresses to be the provider's again.",
	"staff added":                    "Added a member of staff.",
	"staff named":                    "Said what a member of staff is called.",
	"staff disabled":                 "Kept a member of staff from signing in.",
	"staff enabled":                  "Let a member of staff sign in again.",
	"role set":                       "Gave a member of staff another role.",
	"password set":                   "Set a password: a customer's own, or a member of staff's.",
	"password removed":               "Removed a customer's password.",
	"password link made":             "Made a link by which a member of staff chooses a password.",
	"second factor set":              "Turned a second factor on.",
	"second factor removed":          "Turned a second factor off.",
	"sessions ended":                 "Ended sessions of a member of staff.",
	"identity confirmed":             "Confirmed who they are before doing something that needs it.",
	"API key made":                   "Made a key by which a program is let in.",
	"API key revoked":                "Revoked a key by which a program was let in.",
	"webhook endpoint made":          "Added an address to which is sent what happens.",
	"webhook endpoint changed":       "Changed an address to which is sent what happens.",
	"webhook endpoint enabled":       "Had what happens sent to an address again.",
	"webhook endpoint disabled":      "Had nothing sent to an address any more.",
	"webhook endpoint removed":       "Removed an address to which was sent what happens.",
	"webhook endpoint tested":        "Sent a test to an address to which is sent what happens.",
	"webhook secret changed":         "Changed the secret with which is signed what is sent to an address.",
	"events sent again":              "Had sent again what had happened.",
	"e-mail chosen":                  "Chose what to be told by e-mail.",
	"test e-mail sent":               "Had a test e-mail sent.",
	"audit log exported":             "Exported the audit log.",
	"audit log checked":              "Had the audit log checked.",
	"settings changed":               "Started with other settings than before.",
	"database copied":                "Had a copy of the database made.",
	"database restored":              "Put an older copy of the database in its place: what came after it is not in this log.",
	"audit log begun anew":           "Began the chain of the audit log anew: the rows before were not checked.",
	"data key taken into use":        "Sealed what it stores under a new key from then on.",
	"data key no longer needed":      "Had put everything under the new key: the old one is no longer needed.",
}

// ActionWords explains an action of the audit log in a sentence whose subject
// is the actor.
func ActionWords(ctx context.Context, action string) string {
	if sentence, ok := actionSentences[action]; ok {
		return sentence.Say(ctx)
	}
	return action
}
