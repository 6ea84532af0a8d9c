package monosim

import (
	"fmt"
	"slices"
)

// Scenario is a named awkwardness. An account at a bank has any number of them at a
// time; those of the group [OfLinks] belong to one link.
type Scenario string

// Group says what a scenario makes awkward.
type Group string

// The groups.
const (
	OfBank     Group = "bank"     // what the bank gives; the first of the list counts
	OfCalls    Group = "calls"    // every call about the account; the first of the list counts
	OfAnswers  Group = "answers"  // how answers of the API look
	OfWebhooks Group = "webhooks" // how and whether webhooks come
	OfLinks    Group = "links"    // the hosted page, its code, and what comes of it
)

// What the bank gives.
const (
	SlowBank    Scenario = "slow-bank"
	SlowLink    Scenario = "slow-link"
	Unchanged   Scenario = "unchanged"
	SyncFailed  Scenario = "sync-failed"
	NeedsLogin  Scenario = "needs-login"
	BalanceOnly Scenario = "balance-only"
	NoBalance   Scenario = "no-balance"
	NoData      Scenario = "no-data"
	JobLost     Scenario = "job-lost"
	OddSync     Scenario = "odd-sync"
)

// Calls about the account.
const (
	Unpaid      Scenario = "unpaid"
	Forbidden   Scenario = "forbidden"
	Limited     Scenario = "limited"
	LimitedBare Scenario = "limited-bare"
	ServerError Scenario = "server-error"
	WebPage     Scenario = "web-page"
	SaysFailed  Scenario = "says-failed"
	HalfJSON    Scenario = "half-json"
	Redirect    Scenario = "redirect"
	Silence     Scenario = "silence"
)

// How answers look.
const (
	FractionalKobo Scenario = "fractional-kobo"
	TextBalance    Scenario = "text-balance"
	Naira          Scenario = "naira"
	NameOrder      Scenario = "name-order"
	LowerCase      Scenario = "lower-case"
	ThinBody       Scenario = "thin-body"
	NullBody       Scenario = "null-body"
	OnlyNewHeader  Scenario = "only-new-header"
	NoJobID        Scenario = "no-job-id"
	UpperStatus    Scenario = "upper-status"
	ReauthHeader   Scenario = "reauth-header"
	OldJobWords    Scenario = "old-job-words"
	BadNext        Scenario = "bad-next"
	Gone400        Scenario = "gone-400"
)

// How webhooks come.
const (
	Duplicate    Scenario = "duplicate"
	Late         Scenario = "late"
	Never        Scenario = "never"
	Shuffled     Scenario = "shuffled"
	UpdatedFirst Scenario = "updated-first"
	WrongSecret  Scenario = "wrong-secret"
	OldSecret    Scenario = "old-secret"
	OtherApp     Scenario = "other-app"
	NoEventID    Scenario = "no-event-id"
	SwappedIDs   Scenario = "swapped-ids"
	OtherAccount Scenario = "other-account"
	NIPCode      Scenario = "nip-code"
	FullBVN      Scenario = "full-bvn"
	NullBVN      Scenario = "null-bvn"
	RESTShape    Scenario = "rest-shape"
	CutShort     Scenario = "cut-short"
	OldEvents    Scenario = "old-events"
	WrittenLater Scenario = "written-later"
	NoRequestID  Scenario = "no-request-id"
)

// What becomes of a link.
const (
	FlatExchange Scenario = "flat-exchange"
	CodeTwice    Scenario = "code-twice"
	NoCode       Scenario = "no-code"
	NeverReturns Scenario = "never-returns"
	OneUse       Scenario = "one-use"
	ShortLife    Scenario = "short-life"
	NoRef        Scenario = "no-ref"
	Replaces     Scenario = "replaces"
)

// ScenarioInfo names a scenario and says in a sentence what Mono does then.
type ScenarioInfo struct {
	Name        Scenario
	Group       Group
	Title, What string
}

// Scenarios lists all scenarios by their groups.
func Scenarios() []ScenarioInfo { return slices.Clone(scenarios) }

var scenarios = []ScenarioInfo{
	{SlowBank, OfBank, "Slow bank", "The bank takes ten times as long."},
	{SlowLink, OfBank, "First data late", "The first data of a link come after ten minutes."},
	{Unchanged, OfBank, "Nothing new", "A question finds the same balance again."},
	{SyncFailed, OfBank, "Bank silent",
		"A question ends with sync_status FAILED beside data_status AVAILABLE: the figure is the old one."},
	{NeedsLogin, OfBank, "Sign-in has run out",
		"A question ends with REAUTHORISATION_REQUIRED beside AVAILABLE; signing in again mends it."},
	{BalanceOnly, OfBank, "Balance only",
		"data_status is FAILED, and yet the balance was retrieved, as of dollar accounts."},
	{NoBalance, OfBank, "No balance", "Only transactions were retrieved: the 0 in place of a balance is none."},
	{NoData, OfBank, "No data", "The bank gives nothing at all: data_status UNAVAILABLE, and questions fail."},
	{JobLost, OfBank, "Job lost", "A question is processing for ever, and no webhook tells of its end."},
	{OddSync, OfBank, "Unknown outcome", "A question ends with a sync_status that only old documents have."},

	{Unpaid, OfCalls, "Wallet empty", "Every call about the account answers 402."},
	{Forbidden, OfCalls, "Not permitted", "Every call about the account answers 403, as without the scope."},
	{Limited, OfCalls, "Too many calls", "Every call about the account answers 429 with Retry-After: 60."},
	{LimitedBare, OfCalls, "Too many calls, no time",
		"Every call about the account answers 429 and does not say when to try again."},
	{ServerError, OfCalls, "Server error", "Every call about the account answers 503 with an empty body."},
	{WebPage, OfCalls, "Web page", "Every call about the account answers 502 with a web page."},
	{SaysFailed, OfCalls, "Fails with 200", "Every call about the account answers 200 and says failed."},
	{HalfJSON, OfCalls, "Half an answer", "Every call about the account answers half a JSON document."},
	{Redirect, OfCalls, "Sent elsewhere", "Every call about the account answers 302 to another path."},
	{Silence, OfCalls, "Silence", "Every call about the account hangs for 90 seconds, and is hung up on."},

	{FractionalKobo, OfAnswers, "Half a kobo", "The balance has a fraction of its smallest unit."},
	{TextBalance, OfAnswers, "Balance as text", "The balance is a string of digits."},
	{Naira, OfAnswers, "Naira", "The currency reads Naira in place of NGN."},
	{NameOrder, OfAnswers, "Surname first", "The holder's name has its words in another order, in capitals."},
	{LowerCase, OfAnswers, "Small letters", "data_status and sync_status are in small letters."},
	{ThinBody, OfAnswers, "Thin answer", "While a question is under way the answer has the id alone."},
	{NullBody, OfAnswers, "No answer yet", "While a question is under way the answer's data are null."},
	{OnlyNewHeader, OfAnswers, "News alone is told", "x-has-new-data comes only where it is true."},
	{NoJobID, OfAnswers, "No job", "A question is answered without any header about its job."},
	{UpperStatus, OfAnswers, "Capitals", "x-job-status and a job's status are in capitals."},
	{ReauthHeader, OfAnswers, "Header of 2023", "A question that needs a sign-in has x-reauth-required: true."},
	{OldJobWords, OfAnswers, "Words of 2024", "A job's status is SUCCESSFUL, FAILED or REAUTHORISATION_REQUIRED."},
	{BadNext, OfAnswers, "Broken next page", "The address of the next page of transactions is relative."},
	{Gone400, OfAnswers, "Unlinked is 400", "Calls about an account that is unlinked answer 400 in place of 404."},

	{Duplicate, OfWebhooks, "Everything twice", "Every webhook is delivered twice."},
	{Late, OfWebhooks, "Webhooks late", "Webhooks come late, three times the bank's delay after the event."},
	{Never, OfWebhooks, "No webhooks", "No webhook comes."},
	{Shuffled, OfWebhooks, "Wrong order", "What is told of one event comes in the reverse order."},
	{UpdatedFirst, OfWebhooks, "Data before the link", "account_updated comes before account_connected."},
	{WrongSecret, OfWebhooks, "Wrong secret", "Webhooks carry a wrong secret."},
	{OldSecret, OfWebhooks, "Secret of before", "Webhooks carry the secret of before."},
	{OtherApp, OfWebhooks, "Another app", "Webhooks name another app and another business."},
	{NoEventID, OfWebhooks, "No event id", "Webhooks have no event_id and no timestamp, as before January 2026."},
	{SwappedIDs, OfWebhooks, "Ids of the other name", "What is called id is called _id, and the other way round."},
	{OtherAccount, OfWebhooks, "Account of another shape",
		"The account is an object where it is an id elsewhere, and the other way round."},
	{NIPCode, OfWebhooks, "Code of NIP", "bankCode has the six digits of NIP in place of the CBN's three."},
	{FullBVN, OfWebhooks, "Whole BVN", "Webhooks have all eleven digits of the holder's BVN."},
	{NullBVN, OfWebhooks, "No BVN", "The holder's BVN is null."},
	{RESTShape, OfWebhooks, "Shape of the API", "account_updated has the account as the API has it."},
	{CutShort, OfWebhooks, "Cut short", "account_updated has no more of the account than its id."},
	{OldEvents, OfWebhooks, "Events of before",
		"A question that failed ends with sync_failed or reauthorisation_required."},
	{WrittenLater, OfWebhooks, "Written later", "updated_at lies nine minutes behind the event's timestamp."},
	{NoRequestID, OfWebhooks, "No request id", "data_request_id is missing in webhooks."},

	{FlatExchange, OfLinks, "Flat exchange", "The exchange of the code is answered without an envelope."},
	{CodeTwice, OfLinks, "Code works twice", "The code may be exchanged again within its ten minutes."},
	{NoCode, OfLinks, "Returns with nothing", "The person comes back without a code."},
	{NeverReturns, OfLinks, "Never returns", "The person closes the page; only webhooks tell of the link."},
	{OneUse, OfLinks, "Page opens once", "The page of a link that was used is gone."},
	{ShortLife, OfLinks, "Page runs out", "The page of a link is gone ten minutes after it was asked for."},
	{NoRef, OfLinks, "No ref", "Neither the details nor any webhook have our ref."},
	{Replaces, OfLinks, "Second link ends the first",
		"Where the same account was linked before, its earlier id is unknown from now on, and no webhook says so."},
}

// Info is what Scenarios says of a scenario; of an unknown one nothing.
func (sc Scenario) Info() ScenarioInfo {
	i := slices.IndexFunc(scenarios, func(i ScenarioInfo) bool { return i.Name == sc })
	if i < 0 {
		return ScenarioInfo{}
	}
	return scenarios[i]
}

// firstOf returns the first of a list, in the order of Scenarios, that is of a group;
// empty: none is.
func firstOf(list []Scenario, g Group) Scenario {
	for _, i := range scenarios {
		if i.Group == g && slices.Contains(list, i.Name) {
			return i.Name
		}
	}
	return ""
}

func checkScenarios(list []Scenario) error {
	for _, sc := range list {
		if sc.Info().Name == "" {
			return fmt.Errorf("monosim: no scenario %q", sc)
		}
	}
	return nil
}
