package views

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"balancelink/store/fold"
	"balancelink/views/locale"
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
	GoesOn     bool // in an account that was linked later: nothing is asked of this one
	NoConsent  bool // the customer's consent has ended: the bank is not asked
	Record     bool // it is withdrawn: what stands here is a record, and not large

	Figure          Money
	Basis           string    // of Figure: "ledger", "current"; any other: nobody says
	Available       Money     // the newest available figure known, which AvailableAsOf dates
	AvailableAsOf   time.Time // before AsOf when the newest answer had no available balance
	AvailableWorked bool      // worked out by us as ledger minus pending, not stated by the bank
	Difference      Money     // ledger minus available; Known only when both come from one answer, and only of a ledger
	AsOf            time.Time // of the figures; zero: never fetched
	AsOfKind        string    // "stated"; "unknown": a saved copy, AsOf at the latest; else: when it came
	CheckedAt       time.Time // when the bank was last asked or last reported; zero: never
	Source          string    // "link", "webhook", "refresh", "schedule" or "demo"
	Freshness       Freshness
	Recent          Chart // of the last 30 days; fewer than two points are not drawn

	Threshold    *Threshold  // staff only; nil: none is set
	Health       *BankHealth // how its bank answered lately; nil: too little is known
	Refresh      *Refresh    // the running or the latest request to the bank; nil: none yet
	Mark         string      // stands for the newest balance, in what the card asks with
	PollURL      string      // GET, while a figure is awaited: the fragment with the card as it is then
	RefreshAgain time.Time   // a refresh is possible from then on; zero or past: now
	CheckAgain   time.Time   // likewise for a check
	URL          string      // the account's own page
	RefreshURL   string      // POST
	CheckURL     string      // POST; empty: not offered to this viewer
	RevealURL    string      // POST; shows the whole account number
	ReconnectURL string      // POST; opens the bank window again to sign in; empty: not offered
	AskURL       string      // POST; staff only: makes the personal link to sign in again; empty: not offered
	CustomerName string      // staff only: whose it is
	AlsoURL      string      // staff only: another customer's, who has an account of this number; empty: nobody
	AlsoName     string      // their name
	ForStaff     bool        // adds causes and provider details
	Provider     ProviderIDs // staff only
}

// Title is what the page is about: of staff with whose account it is.
func (p AccountPage) Title(ctx context.Context) string {
	return OfCustomer(ctx, p.Account.CustomerName, p.Account.named(ctx))
}

// Bank groups a customer's accounts by bank.
type Bank struct {
	Name     string
	Accounts []Account
}

// ProviderIDs is by what the provider knows an account.
type ProviderIDs struct{ Provider, Account, Customer, Record string }

// AccountPage is one account with its balances and its refresh log.
type AccountPage struct {
	Frame
	BackURL   string
	BackLabel string
	Account   Account
	Ended     Ended
	Funds     *FundsForm     // nil: not offered to this viewer
	Threshold *ThresholdForm // nil: not shown to this viewer
	Same      SameAccount
	History   History
	Refreshes []Refresh
	UnlinkURL string // GET: asks first; empty: unlinked already
}

// askAgain is a button that asks the bank, and when it may next be pressed.
type askAgain struct {
	ID, URL, Text, Icon string
	Busy                string // what it says while its own request runs
	IsBusy              bool
	From                time.Time
}

func (b askAgain) blocked(c Clock) bool { return b.IsBusy || b.From.After(c.Now) }

func (a Account) cardID() string { return "account-" + a.ID }

func (a Account) running() bool { return a.Refresh != nil && a.Refresh.Running }

func (a Account) runningKind(kind string) bool { return a.running() && a.Refresh.Kind == kind }

// availableNow reports whether the newest answer held an available balance. An
// older one is shown with its own date, never as if it were of today.
func (a Account) availableNow() bool {
	return a.Available.Known && (a.AvailableAsOf.IsZero() || !a.AvailableAsOf.Before(a.AsOf))
}

// sort is what kind of account it is, at the beginning of its name.
func (a Account) sort(ctx context.Context) string {
	if !fold.Seen(a.Type) {
		return say(ctx, "Account")
	}
	return locale.Apart(typeWords(ctx, a.Type))
}

// atBank is its bank and what kind it is: "GTBank current". What the bank calls it in
// words of its own stays as it is.
func (a Account) atBank(ctx context.Context) string {
	kind := a.sort(ctx)
	if a.BankName == "" {
		return kind
	}
	if _, ours := knownType(ctx, a.Type); ours || !fold.Seen(a.Type) {
		kind = strings.ToLower(kind)
	}
	return locale.Apart(a.BankName) + " " + kind
}

// lastDigits are the last four of its number; empty: not known.
func (a Account) lastDigits() string {
	if len(a.NUBAN) < 4 || a.NUBAN == Unreadable || strings.HasSuffix(a.NUBAN, "•") {
		return ""
	}
	return a.NUBAN[len(a.NUBAN)-4:]
}

// named is the account at its bank, as a title has it: "GTBank current ••6789".
func (a Account) named(ctx context.Context) string {
	name := a.atBank(ctx)
	if digits := a.lastDigits(); digits != "" {
		name += " ••" + digits
	}
	return name
}

// AccountName is an account at its bank, as people tell it from others; its number is
// masked or [Unreadable].
func AccountName(ctx context.Context, bank, kind, number string) string {
	return Account{BankName: bank, Type: kind, NUBAN: number}.named(ctx)
}

// OfCustomer is the title of a page of staff about something of a customer's.
func OfCustomer(ctx context.Context, customer, what string) string {
	if customer == "" {
		return what
	}
	return locale.Apart(customer) + " — " + what
}

// holder is the line under the account's name: whose it is, as the bank says, and its
// currency. Its bank stands over it.
func (a Account) holder(context.Context) string {
	var parts []string
	for _, part := range []string{a.Name, a.Currency} {
		if fold.Seen(part) {
			parts = append(parts, locale.Apart(part))
		}
	}
	return strings.Join(parts, noBreak+"· ")
}

// typeWords is a type of account in the reader's language, where it is one that
// banks have; others stand as the bank writes them.
func typeWords(ctx context.Context, kind string) string {
	if words, known := knownType(ctx, kind); known {
		return words
	}
	return kind
}

func knownType(ctx context.Context, kind string) (words string, known bool) {
	first, _, _ := strings.Cut(strings.ToLower(kind), " - ") // "SAVINGS ACCOUNT - INDIVIDUAL"
	switch strings.TrimSpace(first) {
	case "savings", "savings account":
		return say(ctx, "Savings"), true
	case "current", "current account":
		return say(ctx, "Current"), true
	case "domiciliary", "domiciliary account":
		return say(ctx, "Domiciliary"), true
	}
	return "", false
}

// initial is the letter on a bank's tile.
func initial(name string) string {
	r, n := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if n == 0 {
		return "?"
	}
	return strings.ToUpper(string(r))
}

// bankColours is how many colours the tiles of banks have.
const bankColours = 8

// bankColour is the class of a bank's tile: banks of the same initial mostly differ in it.
func bankColour(name string) string {
	sum := 0
	for _, r := range fold.Text(name) {
		sum = (sum*31 + int(r)) % 1009
	}
	return "tile-" + strconv.Itoa(sum%bankColours)
}

func (p ProviderIDs) details(ctx context.Context) []Detail {
	return []Detail{
		{say(ctx, "Provider"), p.Provider}, {say(ctx, "Account id"), p.Account},
		{say(ctx, "Customer id"), p.Customer}, {say(ctx, "Record"), p.Record},
	}
}

// bank is the account's bank at the start of a sentence.
func (a Account) bank(ctx context.Context) string { return cmp.Or(a.BankName, say(ctx, "The bank")) }

// asking is the bank in the middle of a sentence.
func (a Account) asking(ctx context.Context) string { return cmp.Or(a.BankName, say(ctx, "the bank")) }

// spoken names the account for the ear: only the number's last digits.
func (a Account) spoken(ctx context.Context) string {
	if digits := a.lastDigits(); digits != "" {
		return say(ctx, "%s ending %s", a.atBank(ctx), digits)
	}
	return a.atBank(ctx)
}

// aged is the time of the balance whose age the account's label says; zero: it
// says something else.
func (a Account) aged() time.Time {
	if a.Unlinked || a.NeedsLogin || a.Outdated || a.GoesOn {
		return time.Time{}
	}
	return a.Freshness.aged(a.AsOf)
}

func accountLabel(ctx context.Context, a Account) label {
	switch {
	case a.GoesOn:
		return label{say(ctx, "Linked anew"), quiet}
	case a.Unshared:
		return label{say(ctx, "No longer shared"), quiet}
	case a.Unlinked:
		return label{say(ctx, "No longer linked"), quiet}
	case a.NeedsLogin:
		return label{say(ctx, "Needs sign-in"), warn}
	case a.AsOf.IsZero():
		return freshnessLabel(ctx, Never)
	case a.Outdated:
		return label{say(ctx, "Has changed since"), bad}
	}
	return freshnessLabel(ctx, a.Freshness)
}

// sourceWords says how a balance came. Customers read no words of the trade.
func sourceWords(ctx context.Context, source string, forStaff bool) string {
	switch source {
	case "link":
		return say(ctx, "when the account was linked")
	case "webhook":
		if !forStaff {
			return say(ctx, "reported by the bank")
		}
		return say(ctx, "reported by the provider (webhook)")
	case "refresh":
		return say(ctx, "from a refresh")
	case "schedule":
		if !forStaff {
			return say(ctx, "updated by itself")
		}
		return say(ctx, "from a scheduled refresh")
	case "demo":
		return say(ctx, "made up for the simulation")
	}
	return say(ctx, "source not recorded")
}

// differenceSentence explains why available and ledger are not the same.
func differenceSentence(ctx context.Context, a Account) string {
	switch {
	case !a.Difference.Known:
		return ""
	case a.Difference.Minor > 0:
		return say(
			ctx, "%s is held or pending: it is in the ledger but cannot be spent yet.", absolute(ctx, a.Difference),
		)
	case a.Difference.Minor < 0:
		return say(
			ctx, "%s more than the ledger can be spent: an agreed overdraft, or money on its way in.",
			absolute(ctx, a.Difference),
		)
	}
	return say(ctx, "Nothing is held or pending.")
}

// loginWanted stands on the card of an account whose bank wants a new sign-in.
func loginWanted(ctx context.Context, a Account) string {
	if a.ReconnectURL == "" {
		return say(
			ctx, "%s wants the customer to sign in again. The balance shown stays as it is until then.", a.bank(ctx),
		)
	}
	return say(ctx, "%s wants you to sign in again. The balance shown stays as it is until then.", a.bank(ctx))
}

// unsharedSentence says of an account that its owner shares it no more.
func unsharedSentence(ctx context.Context, a Account) string {
	if a.ForStaff {
		return say(
			ctx,
			"The customer no longer shares this account. Its last balance stays here, and %s is not asked any more.",
			a.bank(ctx),
		)
	}
	return say(
		ctx,
		"You no longer share this account with us. Its last balance stays here. Connect the bank again to share it.",
	)
}

// OnItsOwnPage is the account without the link to where the reader already is,
// and without the small drawing of which the page has the large one.
func (a Account) OnItsOwnPage() Account {
	a.URL, a.Recent = "", Chart{}
	return a
}
