package worker

import (
	"cmp"
	"slices"

	"balancelink/okra"
	"balancelink/okra/provider"
	"balancelink/store"
)

// observation is a provider's balance as the store keeps it. The as-of time is
// what the balance says of itself; the caller may know better.
func observation(accountID string, source store.Source, b okra.Balance, us string) store.Observation {
	return store.Observation{
		AccountID: accountID,
		Source:    source,
		Currency:  b.Currency,
		Ledger:    b.Ledger.Minor,
		Available: amount(b.Available),
		AsOf:      b.LastUpdated,
		Provided: store.ProvidedBalance{
			ID: b.ID, Account: b.Account, Connected: b.Connected.String(), Customer: b.Customer,
			Record: b.Record, Owner: ownerOf(b.Owners, us), Env: b.Env,
			CreatedAt: b.CreatedAt, LastUpdated: b.LastUpdated,
		},
	}
}

// ownerOf is which of the owners is kept: us, where we are among them.
func ownerOf(owners []string, us string) string {
	if slices.Contains(owners, us) {
		return us
	}
	return cmp.Or(owners...)
}

func amount(a provider.Amount) store.Amount {
	return store.Amount{Minor: a.Minor, Known: a.Known}
}

// eventObservation is the balance that a webhook carries: it has no time of
// its own, so the time at which the provider's job ended stands for it.
func eventObservation(e okra.Event, us string) store.Observation {
	o := observation("", store.SourceWebhook, *e.Balance, us)
	o.Provided.Record, o.Provided.Customer = e.Record, e.Customer
	if o.AsOf.IsZero() {
		o.AsOf = e.EndedAt
	}
	return o
}

func bank(b okra.Bank) store.Bank {
	return store.Bank{ID: b.ID, Name: b.Name, Slug: b.Slug}
}

// linkedAccount is a shared account as it is bound to a customer.
func linkedAccount(a okra.Account, b *store.Observation) store.LinkedAccount {
	return store.LinkedAccount{
		ProviderID: a.ID, ProviderCustomer: a.Customer,
		Name: a.Name, Holder: holder(a), NUBAN: a.NUBAN, Type: a.Type, Currency: a.Currency, Balance: b,
	}
}

// NewEvent is a delivered webhook as the inbox keeps it. body is redacted.
func NewEvent(env string, e okra.Event, key, headers string, body []byte) store.Event {
	return store.Event{
		Provider: Provider, Env: env, DedupKey: key,
		Method: e.Method, Code: e.Code, ProviderEnv: e.Env,
		ProviderRecord: e.Record, ProviderAccount: e.Account, AttemptNonce: e.Attempt,
		Headers: headers, Body: body, FailedFor: failedFor(e),
	}
}

// failedFor is the provider's customer whom something failed for, as the event
// says; empty: nothing failed.
func failedFor(e okra.Event) string {
	if e.Succeeded() {
		return ""
	}
	return e.Customer
}
