package worker

import (
	"balancelink/okra/provider"
	"balancelink/store"
)

// refOf is an account as the provider knows it.
func refOf(a store.Account) provider.Ref {
	return provider.Ref{Account: a.ProviderID, Customer: a.ProviderCustomer, Record: a.ProviderRecord}
}

// balanceRow is a provider's balance as the store keeps it.
func balanceRow(accountID string, source store.Source, b provider.Balance) store.Balance {
	return store.Balance{
		AccountID: accountID,
		Source:    source,
		Currency:  b.Currency,
		Figure:    b.Figure.Minor,
		Basis:     store.Basis(b.Basis),
		Available: store.Amount(b.Available),
		AsOf:      b.AsOf,
		AsOfKind:  store.AsOfKind(b.AsOfKind),
		Provided:  store.ProvidedBalance(b.Stated),
	}
}

// linkedAccount is a shared account as it is bound to a customer.
func linkedAccount(a provider.Account, b *store.Balance) store.LinkedAccount {
	return store.LinkedAccount{
		ProviderID: a.ID, ProviderCustomer: a.Customer,
		Name: a.Name, Holder: holder(a), NUBAN: a.NUBAN, Type: a.Type, Currency: a.Currency, Balance: b,
	}
}

// NewEvent is a delivered webhook as the inbox keeps it. name is the provider's,
// and body is redacted.
func NewEvent(name, env string, e provider.Event, headers string, body []byte) store.Event {
	return store.Event{
		Provider: name, Env: env, DedupKey: e.Key,
		Method: e.Name, Code: e.Code, ProviderEnv: e.Env,
		ProviderRecord: e.Record, ProviderAccount: e.Account, AttemptNonce: e.Attempt,
		Headers: headers, Body: body, FailedFor: failedFor(e),
	}
}

// failedFor is the provider's customer whom something failed for, as the event
// says; empty: nothing failed.
func failedFor(e provider.Event) string {
	if !e.Failed {
		return ""
	}
	return e.Customer
}
