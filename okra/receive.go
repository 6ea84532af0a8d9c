package okra

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Authentic implements [provider.Receiver]: the token is all the proof that there is.
func (a *Adapter) Authentic(h http.Header) bool {
	token, bearer := strings.CutPrefix(h.Get("Authorization"), "Bearer ")
	return wire.OneOf(token, a.Tokens) && bearer
}

// Sample implements [provider.Sampler].
func (a *Adapter) Sample(shown string) (body []byte, header http.Header) {
	const event = `{"method":"TEST","callback_code":"TEST_DELIVERY","status":"is_success","message":"Sent from the inbox page"}`
	return []byte(event), http.Header{"Authorization": {"Bearer " + cmp.Or(shown, a.Tokens[0].Reveal())}}
}

// Receive implements [provider.Receiver].
func (a *Adapter) Receive(body []byte) (provider.Event, []byte, error) {
	e, redacted, err := ReceiveEvent(body)
	if err != nil {
		return provider.Event{}, nil, err
	}
	return a.event(e, e.Key(body)), redacted, nil
}

func (a *Adapter) event(e Event, key string) provider.Event {
	told := provider.Event{
		Name: e.Method, Code: e.Code, Env: e.Env, Key: key, Record: e.Record, Account: e.Account, Customer: e.Customer,
		Attempt: e.Attempt, BankName: e.Bank.Name, EndedAt: e.EndedAt,
		Unread: unreadable(e), Foreign: a.foreign(e),
		Failed: !e.Succeeded(), NeedsLogin: e.NeedsLogin(), Status: e.Status, SignedIn: e.Method == MethodAuth,
	}
	if e.Balance != nil {
		told.Balance = a.balance(*e.Balance)
		// it has no time of its own: the job's end stands for it
		told.Balance.AsOf = cmp.Or(told.Balance.AsOf, e.EndedAt)
		told.Balance.AsOfKind = asOfKind(told.Balance.AsOf)
		told.Balance.Stated.Record, told.Balance.Stated.Customer, told.Balance.Stated.Env = e.Record, e.Customer, e.Env
	}
	return told
}

// unreadable says why nothing can be done with an event.
func unreadable(e Event) string {
	for _, field := range []string{"body", "method", "balance"} {
		if why := e.Unreadable.Field(field); why != "" {
			return fmt.Sprintf("The payload cannot be read: %s: %s.", field, why)
		}
	}
	return ""
}

// foreign says why an event is none of ours.
func (a *Adapter) foreign(e Event) string {
	switch {
	case e.Env != WireEnv(a.Env):
		return fmt.Sprintf("It is for the environment %q.", e.Env)
	case !Among(e.Owners, a.Owner):
		return "It names another owner."
	}
	return ""
}

// ReceiveClaim implements [provider.Receiver].
func (a *Adapter) ReceiveClaim(body []byte) (provider.Claim, []byte, error) {
	c, redacted, err := ReceiveClaim(body)
	if err != nil {
		return provider.Claim{}, redacted, err
	}
	claim := provider.Claim{
		Record: c.Record, Customer: c.Customer, BankName: c.Bank.Name, Attempt: c.Attempt,
		Foreign: !Among(c.Owners, a.Owner),
	}
	for _, acc := range c.Accounts {
		claim.Accounts = append(claim.Accounts, acc.ID)
	}
	return claim, redacted, nil
}

// ValidRecord implements [provider.Receiver].
func (a *Adapter) ValidRecord(id string) bool { return wire.ValidObjectID(id) }

// Options implements [provider.Window]: [WidgetOptions].
func (a *Adapter) Options(o provider.Opening) any {
	w := a.Widget
	w.Env, w.Name, w.Products, w.ShowBalance = WireEnv(a.Env), o.Business, o.Products, true
	w.Options, w.IsCorporate = WidgetAttempt{Attempt: o.Attempt}, o.Corporate
	switch {
	case o.NUBAN != "":
		w.ReauthAccount, w.ReauthBank = o.NUBAN, o.BankSlug
	case o.BankSlug != "":
		w.Filter = &WidgetFilter{IndustryType: "all", Banks: []string{o.BankSlug}}
	}
	return w
}

// ReceiveFailure implements [provider.Window].
func (a *Adapter) ReceiveFailure(body []byte) (sentence string, redacted []byte) {
	e, redacted := ReceiveWidgetError(body)
	return e.sentence(), redacted
}

// ReceiveStep implements [provider.Window].
func (a *Adapter) ReceiveStep(body []byte) (string, error) { return ReceiveWidgetEvent(body) }

// Redact implements [provider.Window].
func (a *Adapter) Redact(body []byte) ([]byte, error) { return wire.Redact(body) }
