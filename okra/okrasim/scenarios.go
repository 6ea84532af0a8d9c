package okrasim

import "slices"

// Scenario is a named awkwardness of one account. An account has one at a time.
type Scenario string

// The scenarios. Scenarios describes each in a sentence.
const (
	Normal              Scenario = "normal"
	SlowBank            Scenario = "slow-bank"
	Unchanged           Scenario = "unchanged"
	AvailableMissing    Scenario = "available-missing"
	PendingTransactions Scenario = "pending-transactions"
	NeedsLogin          Scenario = "needs-login"
	RateLimited         Scenario = "rate-limited"
	Failed              Scenario = "failed"
	LostSuccess         Scenario = "lost-success"
	DuplicateWebhooks   Scenario = "duplicate-webhooks"
	EarlyWebhook        Scenario = "early-webhook"
	LateWebhook         Scenario = "late-webhook"
	ShuffledWebhooks    Scenario = "shuffled-webhooks"
	WrongToken          Scenario = "wrong-token"
	UndefinedURL        Scenario = "undefined-url"
	ObjectIDs           Scenario = "object-ids"
	ServerError         Scenario = "server-error"
	Timeout             Scenario = "timeout"
	InvalidJSON         Scenario = "invalid-json"
	Redirect            Scenario = "redirect"
	OtherHostURL        Scenario = "other-host-url"
	OldDates            Scenario = "old-dates"
	NoRecord            Scenario = "no-record"
	ChangedOnly         Scenario = "changed-only"
	OldFigure           Scenario = "old-figure"
)

// ScenarioInfo names a scenario and says what the bank does, and what that
// looks like in the application and how long it takes. The times are those of
// the default delay and of an application with its settings for simulation.
type ScenarioInfo struct{ Name, Title, What, Expect string }

// Scenarios lists all scenarios, Normal first.
func Scenarios() []ScenarioInfo { return slices.Clone(scenarios) }

var scenarios = []ScenarioInfo{
	{string(Normal), "All well", "The bank answers after a moment, and a refresh finds a balance that has moved.",
		"Refresh ends as Changed, with by how much, after 3 to 5 seconds."},
	{string(SlowBank), "Slow bank", "The bank takes ten times as long.",
		"The page goes on saying that it asks the bank, and ends as Changed after about 30 seconds. You may leave the page meanwhile."},
	{string(Unchanged), "Nothing new", "A refresh finds the same balance again.",
		"Refresh ends as Unchanged after 3 to 5 seconds: the same figures, but up to date."},
	{string(AvailableMissing), "No available balance",
		"The bank never tells the available balance and lists no transactions.",
		"From the next news on, in 3 to 5 seconds: the available balance is the last known one with its date, or unknown, and never 0."},
	{string(PendingTransactions), "Pending payments",
		"The bank tells no available balance, but two debits are still pending.",
		"From the next news on, in 3 to 5 seconds: with TRANSACTIONS=on the available balance is worked out from what is pending, and says so; otherwise it is the last known one with its date, or unknown."},
	{string(NeedsLogin), "Sign-in has run out",
		"A refresh ends with “please sign in again”; connecting once more afterwards mends it.",
		"After 3 to 5 seconds the account is marked Needs sign-in, keeps its last balance, and the customer is offered to sign in to the bank."},
	{string(RateLimited), "Too many questions", "A refresh is refused with 429, try again in 60 seconds.",
		"At once Refresh ends as Limited and says when to try again."},
	{string(Failed), "Bank cannot tell", "A refresh ends with bank error 1003, unable to fetch balance.",
		"After 3 to 5 seconds Refresh ends as Failed. The last balance stays, with its age."},
	{string(LostSuccess), "Browser loses the success",
		"The widget closes without onSuccess; only the webhooks tell of the link.",
		"While linking: the page does not hear from the bank window, and is Linked all the same within seconds, by the webhook."},
	{string(DuplicateWebhooks), "Everything twice", "Every webhook is delivered twice.",
		"After a refresh, 3 to 5 seconds: one row under Webhooks that says it came 2 times, and one balance in the history."},
	{string(EarlyWebhook), "Webhook comes first", "Webhooks arrive before the answer that they belong to.",
		"Refresh ends as Changed within 5 seconds, whichever the app hears first."},
	{string(LateWebhook), "Webhook comes late", "Webhooks arrive late, three times the bank's delay after the event.",
		"Refresh ends as Changed after 3 to 5 seconds, because the app also asks. The webhook comes 9 seconds later and changes nothing."},
	{string(ShuffledWebhooks), "Wrong order",
		"Webhooks arrive in the wrong order; after a refresh an older figure follows the new one.",
		"After 3 to 5 seconds the newer figure stands, and stays when the older one comes: that goes to the history."},
	{string(WrongToken), "Wrong token", "Webhooks carry a wrong bearer token.",
		"Webhooks are turned away and counted under Webhooks, Rejected. A refresh still ends as Changed after 3 to 5 seconds, by asking."},
	{string(UndefinedURL), "Broken address", "callback_url reads /v2/undefined?… instead of /v2/callback?…",
		"Nothing to see: the app builds that address itself. Refresh ends as Changed after 3 to 5 seconds."},
	{string(ObjectIDs), "Other shapes", "Ids that are strings elsewhere are objects, and the other way round.",
		"Nothing to see: both are read. Refresh ends as Changed after 3 to 5 seconds."},
	{string(ServerError), "Server error", "Every call about the account answers 503.",
		"At once Refresh ends as Failed. The last balance stays, with its age."},
	{string(Timeout), "Silence", "Every call about the account hangs for 90 seconds.",
		"The page goes on saying that it asks the bank, and ends as Gave up after a minute. The last balance stays."},
	{string(InvalidJSON), "Half an answer", "Every call about the account answers half a JSON document.",
		"At once Refresh ends as Failed. The last balance stays, with its age."},
	{string(Redirect), "Sent elsewhere", "Every call about the account answers 302 to another path.",
		"At once Refresh ends as Failed: the app follows nobody. It tells staff, and asks nobody for five minutes."},
	{string(OtherHostURL), "Foreign address", "callback_url points to another host.",
		"Nothing to see: the app never asks an address out of an answer. Refresh ends as Changed after 3 to 5 seconds."},
	{string(OldDates), "Dates of another kind", "Dates look like “Fri Jan 01 2021 21:25:05 GMT+0100”.",
		"Nothing to see: the dates are read. Refresh ends as Changed after 3 to 5 seconds."},
	{string(NoRecord), "No record named",
		"The answer to a refresh names no record: its result has to be asked for by account.",
		"Nothing to see: the app asks by the account. Refresh ends as Changed after 3 to 5 seconds."},
	{string(ChangedOnly), "Says only that it changed",
		"A refresh ends with no more than that the balance changed; the figure has to be asked for by account.",
		"Nothing to see: the app fetches the figure. Refresh ends as Changed after 3 to 7 seconds."},
	{string(OldFigure), "Keeps the new figure back",
		"A refresh ends with no more than that the balance changed, and the saved figure stays the one from before.",
		"The app asks twice more. After about 20 seconds Refresh ends with the figure from before, which keeps its own date."},
}

func knownScenario(sc Scenario) bool {
	return slices.ContainsFunc(scenarios, func(i ScenarioInfo) bool { return i.Name == string(sc) })
}

// Info is what Scenarios says of the scenario.
func (sc Scenario) Info() ScenarioInfo {
	i := slices.IndexFunc(scenarios, func(i ScenarioInfo) bool { return i.Name == string(sc) })
	return scenarios[max(0, i)]
}

// saysChangedOnly says that a refresh ends without a figure.
func (sc Scenario) saysChangedOnly() bool { return sc == ChangedOnly || sc == OldFigure }

// hidesAvailable says that the bank tells no available balance.
func (sc Scenario) hidesAvailable() bool {
	return sc == AvailableMissing || sc == PendingTransactions
}
