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
)

// ScenarioInfo names a scenario and says what it does.
type ScenarioInfo struct{ Name, What string }

// Scenarios lists all scenarios, Normal first.
func Scenarios() []ScenarioInfo { return slices.Clone(scenarios) }

var scenarios = []ScenarioInfo{
	{string(Normal), "The bank answers after a moment, and a refresh finds a balance that has moved."},
	{string(SlowBank), "The bank takes ten times as long."},
	{string(Unchanged), "A refresh finds the same balance again."},
	{string(AvailableMissing), "The bank never tells the available balance and lists no transactions."},
	{string(PendingTransactions), "The bank tells no available balance, but two debits are still pending."},
	{string(NeedsLogin), "A refresh ends with “please sign in again”; connecting once more afterwards mends it."},
	{string(RateLimited), "A refresh is refused with 429, try again in 60 seconds."},
	{string(Failed), "A refresh ends with bank error 1003, unable to fetch balance."},
	{string(LostSuccess), "The widget closes without onSuccess; only the webhooks tell of the link."},
	{string(DuplicateWebhooks), "Every webhook is delivered twice."},
	{string(EarlyWebhook), "Webhooks arrive before the answer that they belong to."},
	{string(LateWebhook), "Webhooks arrive late, three times the bank's delay after the event."},
	{string(ShuffledWebhooks), "Webhooks arrive in the wrong order; after a refresh an older figure follows the new one."},
	{string(WrongToken), "Webhooks carry a wrong bearer token."},
	{string(UndefinedURL), "callback_url reads /v2/undefined?… instead of /v2/callback?…"},
	{string(ObjectIDs), "Ids that are strings elsewhere are objects, and the other way round."},
	{string(ServerError), "Every call about the account answers 503."},
	{string(Timeout), "Every call about the account hangs for 90 seconds."},
	{string(InvalidJSON), "Every call about the account answers half a JSON document."},
	{string(Redirect), "Every call about the account answers 302 to another path."},
	{string(OtherHostURL), "callback_url points to another host."},
	{string(OldDates), "Dates look like “Fri Jan 01 2021 21:25:05 GMT+0100”, and a link finds figures that are three days old."},
}

func knownScenario(name string) bool {
	return slices.ContainsFunc(scenarios, func(i ScenarioInfo) bool { return i.Name == name })
}

// hidesAvailable says that the bank tells no available balance.
func (sc Scenario) hidesAvailable() bool {
	return sc == AvailableMissing || sc == PendingTransactions
}
