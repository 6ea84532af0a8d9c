// Package provider holds the words in which the program speaks with whoever
// reaches the banks for it, whatever they call things themselves. An adapter, of
// which package okra is one, puts what its API and its webhooks say into these
// words and keeps its quirks to itself; who uses them knows no adapter.
//
// A provider fits when it can answer four things. Whose accounts came of a
// sign-in ([Provider.Confirm])? What is the balance now ([Provider.Ask] and
// [Provider.Look])? What have you saved ([Provider.Saved])? And forget them
// ([Provider.Forget]). Whether an answer comes at once or has to be fetched,
// whether it names its jobs, and how many accounts a sign-in has, is its own
// business.
package provider

import (
	"context"
	"net/http"
	"time"
)

// The environments as our rows name them.
const (
	EnvSimulated  = "simulated"
	EnvSandbox    = "production-sandbox"
	EnvProduction = "production"
)

// Provider calls a provider. Its methods may be used by several goroutines at
// once. Every error is an [Error], unless the context has ended.
type Provider interface {
	Receiver
	Traits() Traits
	// Ready says whether a call of that priority may be made now, as
	// [Budget.Ready] does.
	Ready(Priority) (ok bool, next time.Time, pause Pause)
	// Confirm asks whose accounts came of a sign-in, and believes nothing of the
	// claim but what to ask for. Errors of its own: [KindNotYet], [KindNotShared]
	// and [KindForeign], each with a sentence for staff (see [Error.Reason]).
	Confirm(context.Context, Claim) (Link, error)
	// Ask sends a question to the bank. What it returns has the answer, or says
	// how to look for it.
	Ask(context.Context, Ref, Question) (Asked, error)
	// Look looks for the answer to a question. [KindNotYet]: the provider does not
	// know yet what it has promised.
	Look(context.Context, Ref, Looking) (Answer, error)
	// Saved returns what the provider has saved of accounts of one of its
	// customers, in their order. The bank is not asked.
	Saved(context.Context, []Ref) ([]Answer, error)
	// Pending returns the sum of the debits that the bank has not booked yet, of
	// which an available balance can be worked out. Unknown: it cannot be told.
	Pending(context.Context, Ref) (Amount, error)
	// Forget has the provider forget one of its customers. [KindNoRecord] and
	// [KindBadRequest]: it does not know them (any more).
	Forget(ctx context.Context, customer string) error
}

// Receiver reads what a provider sends, and what a browser says that it said.
// What is not JSON is [ErrBadJSON].
type Receiver interface {
	// Name is what the provider is called in rows. It never changes.
	Name() string
	// Authentic says by its headers whether a delivery comes from the provider,
	// before its body is read. It takes as long whatever they hold.
	Authentic(http.Header) bool
	// Receive reads a webhook. redacted is the body as it may be kept: what was
	// read of it, and the shape of the rest; read again it says the same.
	Receive(body []byte) (e Event, redacted []byte, err error)
	// ReceiveClaim reads what a browser reports of a sign-in, in the same way.
	// Without what it takes to ask the provider it is [ErrBadShape].
	ReceiveClaim(body []byte) (c Claim, redacted []byte, err error)
	// ValidRecord says whether an id has the form of a sign-in's.
	ValidRecord(id string) bool
}

// Window is a provider's window that the page's script opens, where it has one.
type Window interface {
	// Options are what the script opens the window with, as JSON.
	Options(Opening) any
	// ReceiveFailure reads what the window reports as an error: in our own
	// sentence, since the provider's is for nobody's eyes.
	ReceiveFailure(body []byte) (sentence string, redacted []byte)
	// ReceiveStep reads the name of a step that a person took in the window. What
	// names none is [ErrBadShape].
	ReceiveStep(body []byte) (name string, err error)
	// Redact leaves nothing of a body but its shape.
	Redact(body []byte) ([]byte, error)
}

// Pages are pages of the provider's on which people sign in to their banks, where it
// has no window.
type Pages interface {
	// Open returns the address of a page for one sign-in. Each call makes a new one.
	Open(context.Context, Opening) (page string, err error)
	// Redeem returns the record that a code stands for, with which a person came back
	// from the page of an attempt. [KindNotYet]: it stands for none (any more), which
	// does not mean that the sign-in came to nothing.
	Redeem(ctx context.Context, code, attempt string) (record string, err error)
}

// Lister tells of sign-ins of which no webhook came.
type Lister interface {
	// Records are the records of all sign-ins whose accounts are linked with the provider.
	Records(context.Context) ([]string, error)
	// AttemptOf is the nonce that a record echoes; empty: none.
	AttemptOf(ctx context.Context, record string) (nonce string, err error)
}

// Sampler has a delivery of no consequence, by which staff find out whether
// deliveries arrive.
type Sampler interface {
	// Sample is the delivery with its proof, or with what is shown in place of that.
	Sample(shown string) (body []byte, header http.Header)
}

// Traits are what a provider can do. What it cannot is not offered.
type Traits struct {
	Title string // as it calls itself
	// Checks: it tells whether a balance has changed without fetching it.
	Checks bool
	// Joins: a question that is sent again within Interval joins the one under way. What
	// may have got lost is sent again then, and else looked for.
	Joins bool
	// Echoes: it says of every sign-in for which attempt it was made. Where it does
	// not, staff have to look.
	Echoes bool
	// Brings: the first balance comes by a webhook soon after the sign-in, so the bank
	// is asked for it only when none has come.
	Brings bool
	// Explains: how a question ended, and why the bank gave no answer, comes by a
	// webhook, a moment after the provider is done with it.
	Explains bool
	// Interval is the least time between two questions about an account; 0: as the
	// settings have it.
	Interval time.Duration
	// Costs: a question to the bank is paid for.
	Costs bool
	// SendsContact: the person's name and e-mail address go to the provider, who does
	// nothing without them.
	SendsContact bool
}

// Ref is an account as the provider knows it.
type Ref struct {
	Account  string
	Customer string // empty: it has none
	Record   string // of the newest sign-in that brought the account
}

// Question is what the bank is asked about an account.
type Question string

// The two questions.
const (
	QuestionBalance Question = "refresh" // what the balance is
	QuestionChanged Question = "check"   // whether it has changed
)

// Asked is a question that the provider has taken.
type Asked struct {
	// Ticket is how to look for the answer, in the adapter's words, at most
	// [MaxTicket] bytes. It is kept over a restart.
	Ticket string
	// Answer is not nil where the answer came at once.
	Answer *Answer
}

// MaxTicket is how long a ticket may be, in bytes.
const MaxTicket = 256

// Looking is a question whose answer is looked for.
type Looking struct {
	Question Question
	// Ticket is as [Asked] had it; empty: it is not known whether the question
	// arrived.
	Ticket string
	// AskedAt is when the question was sent.
	AskedAt time.Time
	// Behind says that the last answer spoke of a change and had the figure from
	// before: what is saved may be newer.
	Behind bool
	// Untold says that the webhook was waited for that tells how the question ended
	// (see [Answer.Ended]), and has not come.
	Untold bool
}

// Answer is what a provider says of an account's balance.
type Answer struct {
	// Running: there is no result yet, look again later.
	Running bool
	// Ended: the provider is done with the question, and says by a webhook how it went,
	// a moment later. Whoever has waited for that in vain looks again, [Looking.Untold].
	Ended bool
	// Proof is how sure it is that this answers the question.
	Proof Proof
	// Balance is nil where the answer has none of this account: Fault says why.
	Balance *Balance
	// Fault says why the balance cannot be used; nil: as far as the provider is
	// concerned it can. [KindMismatch]: it is of somebody or something else.
	// [KindBadAnswer]: it cannot be read.
	Fault *Error

	// Checked: the question was whether the balance has changed, and Changed is
	// the answer. Of another question Changed may be said too.
	Checked, Changed bool
	// LastChecked and LastFetched are the provider's own times; zero: not stated.
	LastChecked, LastFetched time.Time
}

// Proof is how sure it is that an answer is to the question and not to one from
// before. It decides what becomes of a balance no newer than the one we have.
type Proof int

const (
	// ProofSure is of the question's own job, which has ended: nothing is newer.
	ProofSure Proof = iota
	// ProofPlace lies where the answer will: until the bank has answered one from
	// before may lie there.
	ProofPlace
	// ProofNone is what the provider has saved: it answers only where it is newer.
	ProofNone
)

// Balance is what a provider says that an account's balance is.
type Balance struct {
	Account string // the provider's id; empty: an event does not say
	// Figure is the main figure, of Okra the booked balance, and Available what can be
	// drawn. Unknown is not zero: see Unreadable for a figure that was stated.
	Figure, Available Amount
	Basis             Basis // of Figure
	// Unreadable says why a main figure that is stated cannot be read, in words for
	// staff, which quote nothing of it.
	Unreadable string
	Currency   string    // ISO 4217
	AsOf       time.Time // as the bank or the provider states it, UTC; zero: it does not
	AsOfKind   AsOfKind
	// Unshared: the person does not share the account with us (any more).
	Unshared bool
	// Stated is what is kept of it beside the figures.
	Stated Stated
}

// Stated is what a provider says of a balance that support may ask for. Any field
// may be empty.
type Stated struct {
	ID, Account, Connected, Customer, Record, Owner, Env string
	CreatedAt, LastUpdated                               time.Time
}

// Bank is a bank as the provider knows it. Any field may be empty.
type Bank struct {
	ID, Name, Slug string
	Key            string // the same at every provider, see [KeyOfCode]; empty: not known
}

// Claim is what somebody says came of a sign-in. Anybody can forge it, so it
// names what to ask the provider for and proves nothing.
type Claim struct {
	Record   string
	Customer string
	BankName string
	Attempt  string   // the nonce that it echoes; empty: it does not
	Accounts []string // that the person is said to share
	// Foreign: it names another company as the owner.
	Foreign bool
}

// Link is what the provider says came of a sign-in.
type Link struct {
	Record   string
	Customer string    // empty: it has none
	Attempt  string    // the nonce that it echoes; empty: it does not
	Made     time.Time // when the person signed in
	Bank     Bank
	Accounts []Account // that came of it and are shared with us; one at least
	Unshared []string  // ids of accounts that the person does not share (any more)
}

// Account is a bank account of a [Link].
type Account struct {
	ID, Customer string
	NUBAN        string // ten digits; empty: not known
	Name         string // as the bank has it: its holder's, or what sort of account it is
	CustomerName string // of the provider's customer
	Type         string
	Currency     string // ISO 4217
	Balance      *Balance
}

// Event is one webhook.
type Event struct {
	Name, Code, Env string // as the provider writes them
	// Key is what two deliveries of the same event have in common, at most 32
	// characters.
	Key      string
	Record   string
	Account  string
	Customer string
	Attempt  string // the nonce that it echoes; empty: it does not
	BankName string
	EndedAt  time.Time // when what it tells of happened; zero: not stated

	// Unread says why nothing can be done with it, which a later version may be able
	// to; empty: something can. Foreign says why it is none of ours.
	Unread, Foreign string

	// Failed: it tells of something that failed, as Status says. NeedsLogin: the
	// person has to sign in to the bank again.
	Failed, NeedsLogin bool
	Status             string
	// Ticket is of the question of whose end it tells, as [Asked] has it; empty: it
	// names none.
	Ticket string

	SignedIn bool     // it tells of a sign-in
	Again    bool     // of one to the account that it names, which is known already
	Balance  *Balance // it carries; nil: none
}

// Opening is what a person's sign-in is opened for.
type Opening struct {
	Attempt  string   // our nonce, which the provider is to echo
	Business string   // in whose name the person is asked
	Products []string // what the person is asked for
	// Corporate says that the accounts are to be a firm's. Only an [Window] can be told.
	Corporate bool
	// NUBAN and BankSlug name the account to sign in to again, and Account is the
	// provider's id of it; empty: a new link. A NUBAN that is not to be told stays out:
	// then BankSlug alone says at which bank.
	NUBAN, BankSlug, Account string
	// Name and Email are the person's, and ReturnURL is where they come back to: for
	// [Pages].
	Name, Email, ReturnURL string
}
