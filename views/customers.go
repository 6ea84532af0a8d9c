package views

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"
)

// Customers is the staff's list of customers with its search and filter.
type Customers struct {
	Frame
	Query string
	// "", "linked", "needs_login", "needs_review", "stale", "consent_ended", "consent_ending",
	// "asked_link", "below_threshold", "threshold_unknown", "to_move", "never_linked"
	Filter string
	Move   Move   // from where to where customers are to link again; the zero Move: nowhere
	Order  string // "", by name; "oldest" or "newest"
	CSVURL string // empty: not offered to this viewer
	Rows   []CustomerRow
	AskAll AskAllToSignIn // of the list of those who are to sign in again; the zero one: not here
	// there are customers; looked for only when Rows is empty, so that "none yet" and "no match" differ
	Some      bool
	FirstURL  string         // empty: this is the first page
	BeforeURL string         // the page before; empty: there is none, or it is too long ago
	Counts    map[string]int // customers by filter, where that is known: of nothing that is searched for
	CountedAt time.Time      // zero: just now
	NextURL   string         // empty: this is the last page
	LinksURL  string         // GET, while a link of a row may go on: the fragment #links-poll, and the rows' states
	Form      CustomerForm
	Indexing  bool // a search may not find everybody yet

	BalancesURL string // GET: what all of their accounts hold, or held on a day; empty: not offered
	Today       string // as 2026-11-23
	Day         string // as typed
	DayError    string
}

// CustomerRow is a customer in the list.
type CustomerRow struct {
	ID, Name, Reference, URL string
	Banks                    []string
	Accounts                 int
	// "linked", "needs_login", "needs_review", "asked_link", "consent_ended", "consent_ending", "invited",
	// "withdrawn", "not_linked"
	Status     string
	Kind       string // "person" or "business"
	Phone      string // as people write it; empty: not known
	Email      string
	SeenAt     time.Time // when they last looked themselves; zero: never
	Link       LinkStep  // the last step of the link that was made last, while that works; Name empty: none does
	LinkOpen   bool      // more may follow
	Totals     []Total
	OldestAsOf time.Time // zero: no balance
	Freshness  Freshness
	Ask        []AskToSignIn // the accounts to which they are to sign in again; none: not here
	MoveURL    string        // POST: makes the personal link for the move; empty: not here
	MoveCode   bool          // which asks for a code
}

// CustomerForm is the form that adds or corrects a customer, with what was typed
// and what is wrong with it. Adding asks for no language and no note.
type CustomerForm struct {
	Name, Reference, Email, Phone, Language, Note string
	Kind                                          string            // "business"; else a person
	Errors                                        map[string]string // field name → sentence
	Drawn                                         string            // what the fields were when the form was drawn
	Once                                          string            // what no other form that adds one holds
}

// kindChoices are what a customer may be.
func kindChoices(ctx context.Context) []choice {
	return []choice{{"person", say(ctx, "A person")}, {"business", say(ctx, "A business")}}
}

// formField is one text field of a form.
type formField struct {
	Name, Label, Value, Type, Hint string
	Required                       bool
}

func customerLabel(ctx context.Context, status string) label {
	switch status {
	case "linked":
		return label{say(ctx, "Linked"), good}
	case "needs_login":
		return label{say(ctx, "Needs sign-in"), warn}
	case "needs_review":
		return label{say(ctx, "To review"), bad}
	case "asked_link":
		return label{say(ctx, "Asked for a link"), warn}
	case "consent_ended":
		return label{say(ctx, "Consent ended"), bad}
	case "consent_ending":
		return label{say(ctx, "Consent ends soon"), warn}
	case "invited":
		return label{say(ctx, "Invited"), info}
	case "withdrawn":
		return label{say(ctx, "Consent withdrawn"), quiet}
	}
	return label{say(ctx, "Not linked"), quiet}
}

// none says that there is no customer at all, whatever is searched for.
func (p Customers) none() bool { return len(p.Rows) == 0 && !p.Some }

// listURL is the list with that search, filter and order, from its beginning.
func (p Customers) listURL(query, filter, order string) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": query, "filter": filter, "sort": order} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/customers"
	}
	return "/customers?" + q.Encode()
}

// noMatch says what was searched for in vain, and what to try.
func noMatch(ctx context.Context, p Customers) string {
	if p.Filter != "" {
		return say(
			ctx,
			"Nobody in this list is found by “%s”. Try part of the name or the reference, or search all customers.",
			p.Query,
		)
	}
	return say(ctx, "Nothing found for “%s”. Try part of the name or the reference.", p.Query)
}

// nobodyWaits is the heading of a list without anybody, and what that means.
func nobodyWaits(ctx context.Context, filter string) (heading, sentence string) {
	if why := nobodyIn(ctx, filter); why != "" {
		return say(ctx, "Nobody is waiting here"), why
	}
	return say(ctx, "The list ends here"), say(ctx, "There are no more customers after this page.")
}

func nobodyIn(ctx context.Context, filter string) string {
	switch filter {
	case "linked":
		return say(ctx, "Nobody has linked a bank yet. Make a personal link on a customer's page.")
	case "needs_login":
		return say(ctx, "No bank wants a new sign-in.")
	case "needs_review":
		return say(ctx, "No links to review.")
	case "asked_link":
		return say(ctx, "Nobody waits for a new personal link.")
	case "stale":
		return say(ctx, "No balance is out of date.")
	case "consent_ended":
		return say(ctx, "No linked customer's consent has ended.")
	case "consent_ending":
		return say(ctx, "No linked customer's consent ends soon.")
	case "below_threshold":
		return say(ctx, "No account is known to be below its threshold. You set one on an account's page.")
	case "threshold_unknown":
		return say(ctx, "Every account with a threshold has an available balance that is not out of date.")
	case "to_move":
		return say(ctx, "Everybody who is linked is linked through the service of new links.")
	case "never_linked":
		return say(ctx, "Everybody has linked a bank.")
	}
	return ""
}

// FreshnessWords is how old a row's oldest balance is, in words as the list has them.
func (r CustomerRow) FreshnessWords(ctx context.Context) string {
	return freshnessLabel(ctx, r.Freshness).Text
}

// state is the one badge of a row: the state of its links where that is what matters, else
// how old its oldest balance is, with the time of it.
func (r CustomerRow) state(ctx context.Context) (label, time.Time) {
	if r.Status == "linked" && (!r.OldestAsOf.IsZero() || r.Freshness == Undated) {
		return freshnessLabel(ctx, r.Freshness), r.Freshness.aged(r.OldestAsOf)
	}
	return customerLabel(ctx, r.Status), time.Time{}
}

// StatusWords is the state of a row's links in the words of the list.
func (r CustomerRow) StatusWords(ctx context.Context) string {
	return customerLabel(ctx, r.Status).Text
}

// described ties a field to its hint and to what is wrong with it.
func (f CustomerForm) described(name string) templ.Attributes {
	id := "customer-" + name
	if f.Errors[name] == "" {
		return templ.Attributes{"aria-describedby": id + "-hint"}
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": id + "-error " + id + "-hint"}
}

func (f formField) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func customerFilters(ctx context.Context, move Move) []choice {
	all := []choice{
		{"", say(ctx, "All")},
		{"linked", say(ctx, "Linked")},
		{"needs_login", say(ctx, "Needs sign-in")},
		{"needs_review", say(ctx, "To review")},
		{"asked_link", say(ctx, "Asked for a link")},
		{"consent_ended", say(ctx, "Consent ended")},
		{"consent_ending", say(ctx, "Consent ends soon")},
		{"stale", say(ctx, "Out of date")},
		{"below_threshold", say(ctx, "Below threshold")},
		{"threshold_unknown", say(ctx, "Threshold unclear")},
		{"never_linked", say(ctx, "Never linked")},
	}
	if move.From != "" {
		all = append(all, choice{"to_move", say(ctx, "Still at %s", move.From)})
	}
	return all
}
