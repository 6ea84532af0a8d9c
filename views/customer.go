package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CustomerPage is one customer as staff see them.
type CustomerPage struct {
	Frame
	ID, Name, Reference, Email, Phone string
	Corporate                         bool   // a business
	Language                          string // code; empty: not known
	Note                              string
	EditURL                           string // GET; empty: not by this viewer
	SameName                          int    // other customers of that name
	SameNameURL                       string // where they are listed
	Added                             time.Time
	AskedLinkAt                       time.Time // when a new personal link was asked for; zero: none is
	Status                            string    // as CustomerRow.Status
	Banks                             []Bank
	Sum                               Sum
	Invitations                       []Invitation
	LinksPollURL                      string    // as LinksMade.PollURL
	InviteURL                         string    // POST
	AskCode                           bool      // a personal link asks for a code unless staff say no
	PasswordSetAt                     time.Time // zero: the customer has no password
	SignsInBy                         []string  // what the customer may type beside it
	RemovePasswordURL                 string    // POST
	RefreshAllURL                     string    // POST; empty: nothing to refresh
	HistoryURL                        string    // GET: all accounts over time; empty: there are no two
	RefreshURL                        string    // POST; empty: nothing is out of date, or not by this viewer
	Timeline                          []TimelineRow
	TimelineURL                       string // the whole of it; empty: not for this viewer
	Attempts                          []AttemptRow
	Consents                          []ConsentRow
	Ended                             Ended
	Removals                          []RemovalRow
	WithdrawURL                       string // GET; empty: nothing to withdraw, or not by this viewer
	ExportURL                         string // POST; empty: not by this viewer
	EraseURL                          string // GET; empty: not by this viewer
	Funds                             *FundsSumForm
	Questions                         []Question
	Move                              Move
}

// signsIn says with what the customer signs in, beside a password.
func (p CustomerPage) signsIn(ctx context.Context) string {
	if len(p.SignsInBy) == 0 {
		return say(ctx, "Nothing. Add a reference for them.")
	}
	return either(ctx, p.SignsInBy)
}

// Move is from which provider to which a customer is to link again. The zero Move:
// nothing is left to move.
type Move struct{ From, To string }

// still says that customers are where they were, on a tile or a tab; From may not be
// known.
func (m Move) still(ctx context.Context) string {
	if m.From == "" {
		return say(ctx, "to move")
	}
	return say(ctx, "still at %s", m.From)
}

// Invitation is a personal link as staff see it afterwards; its secret is not kept.
type Invitation struct {
	ID        string
	CreatedAt time.Time
	ExpiresAt time.Time
	State     string     // "open", "used", "expired", "revoked", "locked"
	Bank      string     // to sign in to again with it; empty: for any bank
	Steps     []LinkStep // that it has reached, from its making
	RevokeURL string     // POST; empty: nothing to revoke; of a used link: it signs out whoever came by it
}

// AttemptRow is one opening of the bank window.
type AttemptRow struct {
	ID        string
	StartedAt time.Time
	State     string // as Attempt.State
	Bank      string
	Reason    string // staff only: why it failed or needs review
	Reference string
	ReviewURL string // where it is decided; empty: nothing to decide, or not by this viewer
	Step      string // how far the customer came, in the provider's word; empty: not known, or linked
}

// InvitationPage shows a new personal link, once.
type InvitationPage struct {
	Frame
	CustomerName, CustomerURL string
	Bank                      string // to sign in to again with it; empty: for any bank
	Link                      string
	Code                      string // to be told by another way than the link; empty: none is asked for
	ExpiresAt                 time.Time
	Message                   string // to send the link with, without the code
	Language                  string // code of the language that it is in
	Phone, Email              string // of the customer; the phone as +2348031001001; may be empty
	QR                        QR     // of the link
	Steps                     LinkSteps
}

func sectionID(i int) string { return "bank-" + strconv.Itoa(i+1) }

// telURL is a phone number as a dialler takes it.
func telURL(phone string) string { return "tel:" + strings.ReplaceAll(phone, " ", "") }

// Withdrawn says that the customer's consent is withdrawn: nothing asks for a link, and
// no figure stands large.
func (p CustomerPage) Withdrawn() bool { return p.Ended.withdrawn() }

// summed says that the accounts stand under a sum.
func (p CustomerPage) summed() bool { return len(p.Sum.Totals) > 0 && !p.Withdrawn() }

// in says whether an opening of the bank window is in that state.
func (p CustomerPage) in(state string) bool {
	return slices.ContainsFunc(p.Attempts, func(a AttemptRow) bool { return a.State == state })
}

// invited says whether a personal link waits for the customer.
func (p CustomerPage) invited() bool {
	return slices.ContainsFunc(p.Invitations, func(i Invitation) bool { return i.State == "open" })
}

// underWay says that another personal link is not what is needed next.
func (p CustomerPage) underWay() bool {
	return p.in("needs_review") || p.in("claimed") || p.invited()
}

// nothingConnected says why a customer has no account yet, and what comes next.
func nothingConnected(ctx context.Context, p CustomerPage) (heading, sentence string) {
	switch {
	case p.Withdrawn():
		return say(ctx, "Nothing is connected"), say(ctx, "No bank is asked about %s.", p.Name)
	case p.in("needs_review"):
		return say(ctx, "A connection waits for review"), say(
			ctx, "Balances appear here once somebody has decided that it is %s's.", p.Name,
		)
	case p.in("claimed"):
		return say(ctx, "A connection is being confirmed"), say(
			ctx, "Balances appear here by themselves once the provider has confirmed it. %s has nothing left to do.",
			p.Name,
		)
	case p.invited():
		return say(ctx, "Waiting for the customer"), say(ctx,
			"A personal link is open. Balances appear here as soon as %s has connected their bank with it. Is the link lost? Make a new one.",
			p.Name)
	}
	return say(ctx, "No bank connected yet"), say(
		ctx, "Make a personal link and send it to %s. Balances appear here as soon as they have connected their bank.",
		p.Name,
	)
}

// reviewSentence says which connection waits for staff.
func reviewSentence(ctx context.Context, p CustomerPage, a AttemptRow) string {
	if a.Bank == "" {
		return say(ctx, "A bank connection waits for review: is it %s's?", p.Name)
	}
	return say(ctx, "A connection to %s waits for review: is it %s's?", a.Bank, p.Name)
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
	case "other_account":
		return label{say(ctx, "Another account"), bad}
	case "closed":
		return label{say(ctx, "Closed by the customer"), quiet}
	case "failed":
		return label{say(ctx, "Failed"), bad}
	case "expired":
		return label{say(ctx, "Expired"), quiet}
	}
	return label{state, quiet}
}
