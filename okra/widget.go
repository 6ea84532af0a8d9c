package okra

import (
	"fmt"
	"regexp"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// WidgetOptions is what the page gives to buildWithOptions of okra-js. The
// names are those that okra-js and its page read; some READMEs have others.
type WidgetOptions struct {
	Name        string        `json:"name"`
	Env         string        `json:"env"`
	AppID       string        `json:"app_id"`
	Key         string        `json:"key"`
	Token       string        `json:"token"`
	Products    []string      `json:"products"`
	ShowBalance bool          `json:"showBalance"`
	WebhookURL  string        `json:"webhook_url"`
	CallbackURL string        `json:"callback_url"`
	Options     WidgetAttempt `json:"options"`
	// ReauthAccount (a NUBAN) and ReauthBank (a slug) ask to log in again. Empty
	// means a new connection.
	ReauthAccount string `json:"reauth_account,omitempty"`
	ReauthBank    string `json:"reauth_bank,omitempty"`
	// IsCorporate asks for the accounts of a firm instead of a person's.
	// https://www.npmjs.com/package/okra-js lists it under that name, false by default.
	IsCorporate bool `json:"isCorporate,omitempty"`
	// Filter leaves some banks to choose from. Nil leaves all.
	Filter *WidgetFilter `json:"filter,omitempty"`
}

// WidgetFilter is which banks the window offers, by their slugs.
type WidgetFilter struct {
	IndustryType string   `json:"industry_type"`
	Banks        []string `json:"banks"`
}

// WidgetAttempt is what Okra echoes in its webhooks.
type WidgetAttempt struct {
	Attempt string `json:"attempt"`
}

// Claim is what a browser says that the widget said. Anybody can forge it, so
// it names what to look up with the secret key and proves nothing.
type Claim struct {
	Record   string
	Customer string
	Owners   []string // whose widget it was; empty: not said
	Attempt  string   // the echo of [WidgetAttempt]; empty: there is none
	Bank     Bank
	// Accounts are those with connected: true.
	Accounts []Account
}

// ParseClaim reads the data of onSuccess in the shapes of 2020 (accounts in
// balance.data.formatted), 2022 (customer and bank in auth) and 2023. A claim
// without the id of a record is an error.
func ParseClaim(body []byte) (Claim, error) {
	claim, _, err := ReceiveClaim(body)
	return claim, err
}

// ReceiveClaim is [ParseClaim], with the body as it may be kept, as
// [ReceiveEvent] has it.
func ReceiveClaim(body []byte) (claim Claim, redacted []byte, err error) {
	o, err := wire.Decode(body)
	if err != nil {
		return Claim{}, nil, err
	}
	claim, err = readClaim(o)
	return claim, o.Redacted(), err
}

func readClaim(o wire.Object) (claim Claim, err error) {
	auth := o.Object("auth")
	claim = Claim{
		Record:   first(o.Ref("record", "record_id", "recordId"), auth.Ref("record", "record_id")),
		Customer: first(o.Ref("customer_id", "customerId", "customer"), auth.Ref("customer_id")),
		Owners:   append(o.Refs("owner"), auth.Refs("owner")...),
		Attempt:  attemptOf(o),
		Bank:     parseBank(auth.Object("bank_details")),
	}
	claim.Bank.ID = first(claim.Bank.ID, o.ID("bank_id"), auth.ID("bank_id"))
	if !wire.ValidObjectID(claim.Record) {
		return Claim{}, fmt.Errorf("okra: parsing claim: %w: no record", provider.ErrBadShape)
	}
	claim.Accounts = sharedAccounts(o)
	return claim, nil
}

// sharedAccounts drops the accounts that the person did not choose, which the
// widget sends all the same.
func sharedAccounts(o wire.Object) []Account {
	items, _ := o.Objects("accounts") // what is no account names none
	if len(items) == 0 {
		items, _ = o.Object("balance").Object("data").Objects("formatted")
	}
	var shared []Account
	for _, item := range items {
		if a := parseAccount(item); item.Is("connected") && a.ID != "" {
			shared = append(shared, a)
		}
	}
	return shared
}

// WidgetError is what a browser says that the widget's onError said: its code.
type WidgetError struct{ Code string }

// sentence is our own for a widget's error: Okra's message is for nobody's eyes.
func (e WidgetError) sentence() string {
	switch e.Code {
	case "widget_timeout":
		return "The bank window could not be loaded."
	case "1012":
		return "The bank window was left alone for too long and gave up."
	case "1004", "1005", "1006", "1007":
		return "The connection to the banks is not set up correctly. This is not your fault."
	case "1003":
		return "The bank did not give the balance."
	}
	return "The bank window reported a problem."
}

// ReceiveWidgetError reads the data of onError, with the body as it may be kept.
// It is the zero value for what is no JSON object.
func ReceiveWidgetError(body []byte) (e WidgetError, redacted []byte) {
	o, err := wire.Decode(body)
	if err != nil {
		return WidgetError{}, nil
	}
	// The message of the widget's frame is {"error": …}, and okra-js passes it whole.
	e.Code = first(o.Scalar("code"), o.Object("error").Scalar("code"))
	return e, o.Redacted()
}

// aStep is the name of an event, which no source lists: what could be a word of
// the provider's, and nothing that was typed.
var aStep = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,59}$`)

// ReceiveWidgetEvent is the name of the event that onEvent told of, such as
// "BANK_SELECTED" of the simulated window. [provider.ErrBadShape] is what has none; what
// else it says is dropped.
// https://docs.okra.ng/docs/widget-events: event_name is always there.
func ReceiveWidgetEvent(body []byte) (name string, err error) {
	o, err := wire.Decode(body)
	if err != nil {
		return "", err
	}
	// The message of the widget's frame is {"event": …}, and okra-js passes it whole.
	name = first(o.Object("event").Scalar("event_name"), o.Scalar("event_name"))
	if !aStep.MatchString(name) {
		return "", fmt.Errorf("okra: parsing event: %w: no event_name", provider.ErrBadShape)
	}
	return name, nil
}
