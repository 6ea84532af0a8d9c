// Package views draws the pages: templ components, the view models they take,
// and the formatting of money and time. It knows no query and no provider.
package views

import "time"

// Frame is what every page needs besides its own content.
type Frame struct {
	Title        string
	Business     string // who runs this installation, as customers know them
	Env          string // "simulated", "production-sandbox" or "production"
	SimulatorURL string // the simulated bank's help page; empty outside simulation
	Nav          string // which entry of the staff navigation is the current one: "overview", "customers", "inbox", or empty
	Staff        string // e-mail of the signed-in member of staff; empty for customers and strangers
	Customer     string // name of the signed-in customer; empty for staff and strangers
	Flash        string // one sentence about what was just done; empty: nothing
	Alert        string // staff only: what keeps the whole installation from working; empty: nothing
	Clock        Clock
}

// Clock is the moment a page is drawn and the zone its times are shown in.
type Clock struct {
	Now  time.Time
	Zone *time.Location
}

// Money is an amount in minor units of an ISO 4217 currency. When Known is
// false the bank did not say, which is never the same as zero.
type Money struct {
	Minor    int64
	Currency string
	Known    bool
}

// Freshness says in a word how old a balance is.
type Freshness string

// The four words for the age of a balance.
const (
	Fresh  Freshness = "fresh"
	Ageing Freshness = "ageing"
	Stale  Freshness = "stale"
	Never  Freshness = "never"
)

// Account is one linked bank account with its latest balance, as a card shows it.
type Account struct {
	ID         string
	BankName   string
	Name       string // as the bank names the holder or the account
	NUBAN      string // masked ("••••1234") unless Revealed
	Revealed   bool
	Type       string // "Savings"; empty: the bank did not say
	Currency   string
	NeedsLogin bool // the bank wants the customer to sign in again
	Unlinked   bool

	Ledger          Money
	Available       Money     // the newest available figure known, which AvailableAsOf dates
	AvailableAsOf   time.Time // before AsOf when the newest answer had no available balance
	AvailableWorked bool      // worked out by us as ledger minus pending, not stated by the bank
	Difference      Money     // ledger minus available; Known only when both come from one answer
	AsOf            time.Time // the bank's time of the figures; zero: never fetched
	AsOfStated      bool      // false: the bank gave no time and AsOf is when we received it
	CheckedAt       time.Time // when the bank was last asked or last reported; zero: never
	Source          string    // "link", "webhook", "refresh" or "schedule"
	Freshness       Freshness

	Refresh       *Refresh  // the running or the latest request to the bank; nil: none yet
	RefreshAgain  time.Time // a refresh is possible from then on; zero or past: now
	CheckAgain    time.Time // likewise for a check
	URL           string    // the account's own page
	RefreshURL    string    // POST
	CheckURL      string    // POST; empty: not offered to this viewer
	RevealURL     string    // POST; shows the whole account number
	ReconnectURL  string    // POST; opens the bank window again to sign in; empty: not offered
	ForStaff      bool      // adds causes and provider details
	ProviderNotes []Detail  // staff only: ids and the provider's fields
}

// Refresh is one request to the bank: a refresh ("what is the balance now?")
// or a check ("has it changed?").
type Refresh struct {
	ID          string
	Kind        string // "refresh" or "check"
	State       string // queued, asked, waiting, changed, unchanged, needs_login, limited, failed, timed_out, interrupted
	Running     bool
	PollURL     string // GET, while Running: the fragment with the card as it is then
	StartedAt   time.Time
	EndedAt     time.Time // zero while Running
	Deadline    time.Time // we give up then
	Change      Money     // ledger now minus before; Known when State is changed
	ChangeIn    string    // "ledger" or "available": which figure Change speaks of
	Changed     bool      // of a check: the bank says the balance has changed
	LastChecked time.Time // of a check, as the provider says; zero: not said
	LastFetched time.Time
	TryAgain    time.Time // when limited or paused: not before; zero: unknown
	Trigger     string    // "staff", "customer", "schedule" or "link"
	By          string    // e-mail of the member of staff; staff only
	Polls       int
	Fault       string // of a failure, one word: unreachable, untrusted, bad_answer, refused, no_record, busy, bad_request, fetch_failed, mismatch
	Cause       string // staff only: what went wrong, in operators' words
	Reference   string // short code that customer and staff can quote
}

// Bank groups a customer's accounts by bank.
type Bank struct {
	Name     string
	Accounts []Account
}

// Total is a sum in one currency. Unknown counts the accounts whose figure is
// not known and therefore not in it.
type Total struct {
	Money   Money
	Unknown int
}

// Sum is what a customer's accounts hold available in all, and how old the
// oldest figure in it is: it is only as good as that.
type Sum struct {
	Totals     []Total   // one per currency
	OldestAsOf time.Time // zero: no figure
	Freshness  Freshness // of the oldest figure
}

// Detail is one labelled fact in a description list.
type Detail struct{ Label, Value string }

// Login is the staff sign-in page.
type Login struct {
	Frame
	Email string // as typed, kept after a failure
	Next  string // local path to go to afterwards
	Error string
}

// Overview is the staff's first page.
type Overview struct {
	Frame
	Customers, Linked, NeverLinked, NeedsLogin, Stale, NeedsReview int
	WebhooksToday, Unmatched, RefreshesRunning                     int
	LastWebhook                                                    time.Time // zero: none yet
	Silent                                                         bool      // too long without a webhook, although accounts are linked
	WebhookURL                                                     string    // what to enter at the provider
	ProviderURL                                                    string
	CallsLeft, CallsPerMinute                                      int           // of the provider's budget, now
	Recent                                                         []CustomerRow // the newest customers, a handful
}

// CustomerRow is a customer in the list.
type CustomerRow struct {
	ID, Name, Reference, URL string
	Banks                    []string
	Accounts                 int
	Status                   string // "linked", "needs_login", "needs_review", "invited", "not_linked"
	Totals                   []Total
	OldestAsOf               time.Time // zero: no balance
	Freshness                Freshness
}

// Customers is the staff's list of customers with its search and filter.
type Customers struct {
	Frame
	Query    string
	Filter   string // "", "linked", "needs_login", "needs_review", "stale", "never_linked"
	Rows     []CustomerRow
	Total    int    // customers in all; counted only when Rows is empty, so that "none yet" and "no match" differ
	FirstURL string // empty: this is the first page
	NextURL  string // empty: this is the last page
	Form     CustomerForm
}

// CustomerForm is the form that adds a customer, with what was typed and what is wrong with it.
type CustomerForm struct {
	Name, Reference, Email, Phone string
	Errors                        map[string]string // field name → sentence
}

// CustomerPage is one customer as staff see them.
type CustomerPage struct {
	Frame
	ID, Name, Reference, Email, Phone string
	Added                             time.Time
	Status                            string // as CustomerRow.Status
	Banks                             []Bank
	Sum                               Sum
	Invitations                       []Invitation
	InviteURL                         string // POST
	RefreshAllURL                     string // POST; empty: nothing to refresh
	Attempts                          []AttemptRow
	Consents                          []ConsentRow
}

// Invitation is a personal link as staff see it afterwards; its secret is not kept.
type Invitation struct {
	ID        string
	CreatedAt time.Time
	ExpiresAt time.Time
	State     string // "open", "used", "expired", "revoked"
	RevokeURL string // POST; empty: nothing to revoke
}

// AttemptRow is one opening of the bank window.
type AttemptRow struct {
	StartedAt time.Time
	State     string // as Attempt.State
	Bank      string
	Reason    string // staff only: why it failed or needs review
	Reference string
}

// ConsentRow is a consent the customer gave.
type ConsentRow struct {
	GivenAt time.Time
	Version string
	Scope   string
}

// InvitationPage shows a new personal link, once.
type InvitationPage struct {
	Frame
	CustomerName, CustomerURL string
	Link                      string
	ExpiresAt                 time.Time
}

// AccountPage is one account with its observations and its refresh log.
type AccountPage struct {
	Frame
	BackURL   string
	BackLabel string
	Account   Account
	History   []Observation
	Refreshes []Refresh
	UnlinkURL string // POST; empty: unlinked already
}

// Observation is one balance as it was received.
type Observation struct {
	AsOf            time.Time
	AsOfStated      bool
	ReceivedAt      time.Time
	Ledger          Money
	Available       Money
	AvailableWorked bool
	Source          string
}

// Inbox is the list of received webhooks.
type Inbox struct {
	Frame
	Result   string // filter; empty: all
	Rows     []EventRow
	FirstURL string
	NextURL  string
	Endpoint string // the URL the provider posts to
	Curl     string // a command line that sends a test delivery
	TestURL  string // POST: sends a test delivery through Endpoint
	Rejected []Rejection
}

// Rejection counts the deliveries turned away in an hour for one reason. Their
// bodies are not kept.
type Rejection struct {
	Hour   time.Time // when it began
	Code   string    // as the sender was told
	Number int
	LastAt time.Time
}

// EventRow is one received webhook in the list.
type EventRow struct {
	ID, URL      string
	ReceivedAt   time.Time
	Method, Code string
	Env          string
	Record       string
	CustomerName string
	CustomerURL  string
	Result       string // received, applied, duplicate, unmatched, ignored, failed
	Deliveries   int    // how often the same event came
}

// EventPage is one received webhook with its stored payload.
type EventPage struct {
	Frame
	Event     EventRow
	Reason    string // why it was not applied; empty: it was
	AppliedAt time.Time
	Headers   []Detail
	Payload   string // pretty-printed JSON as stored: secrets and BVN are already out
	ReplayURL string // POST

	Balances   []Observation // what it changed; empty: nothing new
	AccountURL string        // the account they belong to
	Match      *Match        // how to match it; nil: nothing to match
}

// Match is the form that binds an unmatched webhook to a customer.
type Match struct {
	URL      string // POST
	Customer string // as typed
	Error    string
}

// Connect is the personal link's page: who asks for what, and the consent.
type Connect struct {
	Frame
	CustomerName   string
	Action         string // POST
	ConsentVersion string
	ConsentTicked  bool
	Error          string   // the consent was not ticked
	AlreadyLinked  []string // banks already connected; MeURL shows them
	MeURL          string   // empty: not signed in
	ExpiresAt      time.Time
}

// Attempt is the page around the bank window, and what became of it.
type Attempt struct {
	Frame
	State     string // open, claimed (bank said yes, being confirmed), linked, needs_review, closed, failed, expired
	Reference string
	Error     string    // the widget's error in a sentence
	Accounts  []Account // when linked
	PollURL   string    // GET, while claimed: the fragment #attempt as it is then
	RetryURL  string    // POST: a new attempt
	MeURL     string
	Widget    *Widget // non-nil only while open
	Reconnect bool
	Delayed   bool // claimed, and the provider does not confirm it yet
}

// Widget is what the page's script needs to open the bank window. It is
// written into the page as JSON.
type Widget struct {
	BaseURL    string `json:"baseUrl"`    // origin of the widget
	Options    any    `json:"options"`    // handed to okra-js as it is
	SuccessURL string `json:"successUrl"` // POST: onSuccess data
	CloseURL   string `json:"closeUrl"`
	ErrorURL   string `json:"errorUrl"`
	TimeoutMS  int    `json:"timeoutMs"` // the window must have loaded by then
}

// Me is the customer's own page.
type Me struct {
	Frame
	Banks      []Bank
	Sum        Sum
	ConnectURL string // POST: connect another bank

	RefreshAllURL string // POST; empty: nothing to refresh
}

// ErrorPage is every page that says no.
type ErrorPage struct {
	Frame
	Status    int
	Heading   string
	Sentence  string
	NextURL   string
	NextLabel string
	Reference string // request id, for 5xx
}
