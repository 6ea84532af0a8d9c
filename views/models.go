// Package views draws the pages: templ components, the view models they take,
// and the formatting of money and time. It knows no query and no provider.
//
// A text is translated where it is written: by say, or Say from elsewhere, with
// its English words as a literal key (said, when parts of it are more than
// words). What functions return and view models hold is in the reader's language
// already, or it is data and stays as it is. A sentence with parts is one key,
// never glued, so that another language may order it otherwise. The language
// comes with the context, and only with it. The catalogue is locales/*.json;
// its tests say what is missing where.
package views

import "time"

// Frame is what every page needs besides its own content.
type Frame struct {
	Title        string
	Business     string    // who runs this installation, as customers know them
	Env          string    // "simulated", "production-sandbox" or "production"
	SimulatorURL string    // the simulated bank's help page; empty outside simulation
	Nav          string    // which entry of the staff navigation is the current one: "overview", "customers", "refreshes", "inbox", "audit", "staff", "profile", or empty
	Staff        string    // e-mail of the signed-in member of staff; empty for customers and strangers
	May          Abilities // of the signed-in member of staff
	Customer     string    // name of the signed-in customer; empty for staff and strangers
	Flash        string    // one sentence about what was just done; empty: nothing
	Alert        string    // staff only: what keeps the whole installation from working; empty: nothing
	Path         string    // of the page, with its query, to come back to
	Shown        string    // in samples: which sentence of our script's stands there, "offline", "outdated" or "unsent"
	Clock        Clock

	FreshFor, StaleAfter time.Duration // a balance older than that is ageing, or stale; zero for strangers, who see none
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
	Unlinked   bool // nobody asks the bank any more
	Unshared   bool // because its owner does not share it any more; Unlinked as well
	Outdated   bool // the bank has said that the balance changed, and no newer one has come
	NoConsent  bool // the customer's consent has ended: the bank is not asked

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
	Recent          Chart // of the last 30 days; fewer than two points are not drawn

	Threshold    *Threshold  // staff only; nil: none is set
	Refresh      *Refresh    // the running or the latest request to the bank; nil: none yet
	RefreshAgain time.Time   // a refresh is possible from then on; zero or past: now
	CheckAgain   time.Time   // likewise for a check
	URL          string      // the account's own page
	RefreshURL   string      // POST
	CheckURL     string      // POST; empty: not offered to this viewer
	RevealURL    string      // POST; shows the whole account number
	ReconnectURL string      // POST; opens the bank window again to sign in; empty: not offered
	ForStaff     bool        // adds causes and provider details
	Provider     ProviderIDs // staff only
}

// ProviderIDs is by what the provider knows an account.
type ProviderIDs struct{ Provider, Account, Customer, Record string }

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
	Held        bool      // while Running: it waits for its turn at the provider, until NextTry
	NextTry     time.Time // while Running: when we look again
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
	Worked  int // accounts in it whose figure we worked out
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
	Email       string // as typed, kept after a failure
	Next        string // local path to go to afterwards
	PasswordSet bool   // comes from choosing a password
	SignedOut   bool   // comes from signing out
	Error       string
}

// Overview is the staff's first page.
type Overview struct {
	Frame
	Customers, Linked, NeverLinked, NeedsLogin, Stale, NeedsReview int
	ConsentEnded, ConsentEnding                                    int    // linked customers whose consent has ended, or ends soon
	Below, BelowUnknown                                            int    // below the threshold of an account, and those of whom nobody can tell
	ReviewsURL                                                     string // where what needs review stands
	WebhooksToday, Unmatched, RefreshesRunning                     int
	LastWebhook                                                    time.Time // zero: none yet
	Silent                                                         bool      // too long without a webhook, although accounts are linked
	WebhookURL                                                     string    // what to enter at the provider
	Provider                                                       Provider
	Recent                                                         []CustomerRow // the newest customers, a handful
}

// Provider is how things stand between us and the provider now.
type Provider struct {
	URL                       string
	Refreshes, Links          int       // that wait for a call to the provider; Links are being confirmed
	CallsLeft, CallsPerMinute int       // CallsPerMinute 0: not limited
	NextTry                   time.Time // zero or past: nothing keeps us from calling
	Pause                     string    // why not before NextTry: unreachable, untrusted, refused, rate limited; empty: our calls are used up
	Trust                     Trust
}

// Trust is whether the provider's hosts are the provider's.
type Trust struct {
	State     string    // trusted, lost, unproven (nobody has answered yet, or any more), off
	Since     time.Time // when it was lost or gained; zero: not known
	Why       string    // in operators' words; empty: nothing is wrong
	At        time.Time // when it was last looked at; zero: not since the start
	WidgetURL string
}

// Refreshes is the staff's list of requests to the banks, over all accounts.
type Refreshes struct {
	Frame
	Filter   string // "", "running", "failed"
	Provider Provider
	Rows     []RefreshRow
	FirstURL string // empty: this is the first page
	NextURL  string // empty: this is the last page
}

// RefreshRow is one request to a bank in that list.
type RefreshRow struct {
	Refresh
	Customer, CustomerURL string
	Bank, NUBAN           string // NUBAN is masked
	AccountURL            string
}

// CustomerRow is a customer in the list.
type CustomerRow struct {
	ID, Name, Reference, URL string
	Banks                    []string
	Accounts                 int
	Status                   string // "linked", "needs_login", "needs_review", "consent_ended", "consent_ending", "invited", "not_linked"
	Totals                   []Total
	OldestAsOf               time.Time // zero: no balance
	Freshness                Freshness
}

// Customers is the staff's list of customers with its search and filter.
type Customers struct {
	Frame
	Query    string
	Filter   string // "", "linked", "needs_login", "needs_review", "stale", "consent_ended", "consent_ending", "below_threshold", "threshold_unknown", "never_linked"
	Order    string // "", by name; "oldest" or "newest"
	CSVURL   string // empty: not offered to this viewer
	Rows     []CustomerRow
	Total    int    // customers in all; counted only when Rows is empty, so that "none yet" and "no match" differ
	FirstURL string // empty: this is the first page
	NextURL  string // empty: this is the last page
	Form     CustomerForm
}

// CustomerForm is the form that adds or corrects a customer, with what was typed
// and what is wrong with it. Adding asks for no language and no note.
type CustomerForm struct {
	Name, Reference, Email, Phone, Language, Note string
	Errors                                        map[string]string // field name → sentence
}

// EditPage corrects what is known of a customer.
type EditPage struct {
	Frame
	Name         string // as it is until now
	BackURL, URL string // POST to URL
	Form         CustomerForm
}

// CustomerPage is one customer as staff see them.
type CustomerPage struct {
	Frame
	ID, Name, Reference, Email, Phone string
	Language                          string // code; empty: not known
	Note                              string
	EditURL                           string // GET; empty: not by this viewer
	SameName                          int    // other customers of that name
	SameNameURL                       string // where they are listed
	Added                             time.Time
	Status                            string // as CustomerRow.Status
	Banks                             []Bank
	Sum                               Sum
	Invitations                       []Invitation
	InviteURL                         string    // POST
	AskCode                           bool      // a personal link asks for a code unless staff say no
	PasswordSetAt                     time.Time // zero: the customer has no password
	RemovePasswordURL                 string    // POST
	RefreshAllURL                     string    // POST; empty: nothing to refresh
	Attempts                          []AttemptRow
	Consents                          []ConsentRow
	Ended                             Ended
	Removals                          []RemovalRow
	WithdrawURL                       string // GET; empty: nothing to withdraw, or not by this viewer
	ExportURL                         string // POST; empty: not by this viewer
	EraseURL                          string // GET; empty: not by this viewer
	FundsURL                          string // the checks of all accounts
}

// Invitation is a personal link as staff see it afterwards; its secret is not kept.
type Invitation struct {
	ID        string
	CreatedAt time.Time
	ExpiresAt time.Time
	State     string // "open", "used", "expired", "revoked", "locked"
	RevokeURL string // POST; empty: nothing to revoke; of a used link: it signs out whoever came by it
}

// AttemptRow is one opening of the bank window.
type AttemptRow struct {
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
	Link                      string
	Code                      string // to be told by another way than the link; empty: none is asked for
	ExpiresAt                 time.Time
}

// AccountPage is one account with its observations and its refresh log.
type AccountPage struct {
	Frame
	BackURL   string
	BackLabel string
	Account   Account
	Ended     Ended
	Funds     *FundsForm     // nil: not offered to this viewer
	Threshold *ThresholdForm // nil: not shown to this viewer
	History   History
	Refreshes []Refresh
	UnlinkURL string // GET: asks first; empty: unlinked already
}

// History is what an account held over a range of time: as a drawing, as
// figures and as the table behind both.
type History struct {
	URL      string // of the page; the range and the figure to compare with are parameters
	Range    string // "7d", "30d", "90d", "1y" or "all"
	Never    bool   // no balance has ever come: the rest is empty
	Chart    Chart
	Lines    []LineFigures
	Below    Below
	Standing *Observation  // when Rows is empty: the balance that stood before the range, if any
	Rows     []Observation // a page of the range, newest first
	FirstURL string        // empty: this is the first page
	NextURL  string        // empty: this is the last page
	CSVURL   string        // empty: not offered to this viewer
	Removed  time.Time     // up to then balances of the range were removed; zero: none were
}

// LineFigures are the extremes of one figure in a range.
type LineFigures struct {
	Name          string // "Available" or "Ledger"
	Low, High     Money
	LowAt, HighAt time.Time
}

// Below says on how many days the available balance was below an amount.
type Below struct {
	Amount Money  // Known once somebody asked
	Typed  string // as typed
	Error  string
	Days   int
	Known  int // days of the range on which an available balance was known
	Range  int // days of the range
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

	// Since the observation before; Known when both have the figure.
	AvailableChange, LedgerChange Money
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
	Payload   string          // pretty-printed JSON as stored: secrets and BVN are already out
	ReplayURL string          // POST; empty: not by this viewer, or there is nothing left to apply
	Removed   *RemovedPayload // nil: Payload is there

	Balances   []Observation // what it changed; empty: nothing new
	AccountURL string        // the account they belong to
	Match      *Match        // how to match it; nil: nothing to match
}

// RemovedPayload says why an event has no payload any more.
type RemovedPayload struct {
	At    time.Time // when its time was over; zero: it was removed for another reason, which is the event's
	After int       // days for which payloads are kept
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
	CustomerName  string
	Action        string      // POST
	Text          ConsentText // of this business
	ConsentTicked bool
	Error         string   // the consent was not ticked
	AskCode       bool     // for the code that staff gave
	CodeError     string   // what is wrong with it
	AlreadyLinked []string // banks already connected; MeURL shows them
	MeURL         string   // empty: not signed in
	ExpiresAt     time.Time
}

// Attempt is the page around the bank window, and what became of it.
type Attempt struct {
	Frame
	State     string // open, paused (no bank window may be opened now), claimed (bank said yes, being confirmed), linked, needs_review, refused, closed, failed, expired
	Reference string
	Error     string    // the widget's error in a sentence
	Accounts  []Account // when linked
	PollURL   string    // GET, while open, paused or claimed: the fragment #attempt as it is then
	Closed    string    // while paused, why: off, untrusted, refused or unreachable
	RetryURL  string    // POST: a new attempt
	MeURL     string
	Widget    *Widget // non-nil only while open
	Reconnect bool
	Delay     string // claimed, and why the provider does not confirm it yet, in a word: not_yet, bad_answer …; empty: no reason to say so
	Paused    string // claimed, and not confirmed for the customer's safety: untrusted or refused; empty: neither
	Shown     string // in samples: what our script shows of the window: loading, unavailable, saving, closing, lost, busy, refused
}

// opened says that the sentence about the window's opening has had its time.
func (p Attempt) opened() bool {
	return p.Shown != "" && p.Shown != "loading" && p.Shown != "lost" && p.Shown != "busy"
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

// Me is the customer's own page.
type Me struct {
	Frame
	Banks      []Bank
	Sum        Sum
	ConnectURL string // POST: connect another bank
	Ended      Ended
	Checks     []Check

	ByLink      bool // they came by a personal link and see what they linked with it
	Hidden      int  // accounts that they do not see therefore
	Password    bool // they can sign in
	PasswordURL string

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
