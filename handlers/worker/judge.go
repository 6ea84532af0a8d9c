package worker

import (
	"cmp"
	"fmt"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// AtOnce judges an event while it is received. What takes more than looking at
// rows is left to the worker: claiming an attempt, and, where customers are asked
// for these, looking at transactions.
func AtOnce(ev provider.Event, transactions bool) store.Judge {
	return func(t store.Target) (store.Effect, bool) {
		claims := ev.Attempt != "" && t.RecordCustomer == ""
		if ev.Foreign == "" && !ev.Failed && (claims || transactions && lacksAvailable(ev) && t.AccountID != "" && t.Consented) {
			return store.Effect{}, false
		}
		return judgement{event: ev}.effect(t), true
	}
}

// lacksAvailable says whether transactions could tell what the event does not.
func lacksAvailable(ev provider.Event) bool {
	return ev.Balance != nil && ev.Balance.Ledger.Known && !ev.Balance.Available.Known
}

// judgement is one event and what was found out about it.
type judgement struct {
	event      provider.Event
	receivedAt time.Time    // zero: now
	claimed    bool         // an attempt's record was named by it
	lapsed     string       // whose attempt it names without a consent in force; empty: nobody's
	available  store.Amount // worked out, where the event does not say
}

// effect is what the event does to what it names. Whatever becomes of it, it is
// about whom it names, for their export and their erasure; and nothing of it is
// kept of somebody whose consent is not in force.
func (j judgement) effect(t store.Target) store.Effect {
	e := j.decide(t)
	if e.CustomerID != "" || j.namesAnother(t) {
		return e
	}
	customer, consented := linkedTo(t)
	e.CustomerID = customer
	if customer != "" && !consented && !e.DropBody {
		e.DropBody, e.Reason = true, e.Reason+" The payload was removed."
	}
	return e
}

// linkedTo is whose record or account an event names, and whether their consent
// is in force; empty: nobody's.
func linkedTo(t store.Target) (customer string, consented bool) {
	if t.RecordCustomer != "" {
		return t.RecordCustomer, t.RecordConsented
	}
	return t.CustomerID, t.Consented
}

// namesAnother says that the event names another of the provider's customers
// than the account has.
func (j judgement) namesAnother(t store.Target) bool {
	return j.event.Customer != "" && t.ProviderCustomer != "" && j.event.Customer != t.ProviderCustomer
}

func (j judgement) decide(t store.Target) store.Effect {
	switch {
	case j.event.Unread != "":
		return failed(j.event.Unread)
	case j.event.Foreign != "":
		return ignored(j.event.Foreign)
	case j.event.Failed:
		return j.failureEffect(t)
	case j.event.Balance != nil:
		return j.balanceEffect(t)
	}
	return j.plainEffect(t)
}

// failureEffect is the effect of an event about something that failed. It does
// nothing, unless the bank wants the customer to sign in again, but may be about
// a customer: one who is linked, or whose link comes.
func (j judgement) failureEffect(t store.Target) store.Effect {
	reason := fmt.Sprintf("The provider reports the status %q.", j.event.Status)
	customer, consented := linkedTo(t)
	if customer == "" {
		customer, consented = t.NamedCustomer, t.NamedConsented
	}
	switch {
	case customer != "" && !consented:
		return withoutConsent(customer)
	case j.event.NeedsLogin && t.AccountID != "" && t.Status != store.AccountUnlinked && !j.namesAnother(t):
		return store.Effect{Result: store.EventApplied, CustomerID: customer, NeedsLogin: cmp.Or(j.event.EndedAt, j.receivedAt)}
	case customer != "":
		return store.Effect{Result: store.EventIgnored, Reason: reason, CustomerID: customer}
	case j.event.Record != "" || j.event.Account != "":
		return store.Effect{Result: store.EventUnmatched, Reason: reason}
	}
	return store.Effect{Result: store.EventIgnored, Reason: reason, DropBody: j.event.Customer != ""}
}

// plainEffect is the effect of an event without a balance.
func (j judgement) plainEffect(t store.Target) store.Effect {
	customer, consented := linkedTo(t)
	switch {
	case customer != "" && !consented:
		return withoutConsent(customer)
	case customer == "" && j.lapsed != "":
		return withoutConsent(j.lapsed)
	case !j.event.SignedIn:
		return store.Effect{Result: store.EventIgnored, Reason: "It carries nothing that is used here.", CustomerID: customer}
	case customer != "":
		return store.Effect{Result: store.EventApplied, CustomerID: customer}
	case j.claimed:
		return store.Effect{Result: store.EventUnmatched, Reason: "The link is being confirmed."}
	}
	return store.Effect{Result: store.EventUnmatched, Reason: "No link with this record is known yet."}
}

// balanceEffect is the effect of an event with a balance: an observation of a
// linked account. An account that is not linked although its record is was not
// shared: what the event says of it is dropped.
func (j judgement) balanceEffect(t store.Target) store.Effect {
	b := j.event.Balance
	switch {
	case t.AccountID == "" && t.RecordCustomer == "" && j.lapsed != "":
		return withoutConsent(j.lapsed)
	case t.AccountID == "" && t.RecordCustomer == "":
		return store.Effect{Result: store.EventUnmatched, Reason: "No linked account with this id is known yet."}
	case t.AccountID == "":
		return notShared(t.RecordCustomer)
	case t.Status == store.AccountUnlinked:
		return store.Effect{Result: store.EventIgnored, Reason: "The account is not linked any more.", CustomerID: t.CustomerID, DropBody: true}
	case !t.Consented:
		return withoutConsent(t.CustomerID)
	case j.namesAnother(t):
		return failed("It names another provider customer than the account has.")
	case b.Unshared:
		e := notShared(t.CustomerID)
		e.Unshared = true
		return e
	case b.Unreadable != "":
		return failed(unreadLedger(*b))
	case !b.Ledger.Known:
		return failed("It carries no ledger balance.")
	case b.Currency != t.Currency:
		return failed("The balance is in another currency than the account.")
	}
	o := j.observation()
	return store.Effect{Result: store.EventApplied, CustomerID: t.CustomerID, Balance: &o}
}

func (j judgement) observation() store.Observation {
	o := observation("", store.SourceWebhook, *j.event.Balance)
	o.ReceivedAt = j.receivedAt
	if j.available.Known {
		o.Available, o.AvailableWorkedOut = j.available, true
	}
	return o
}

// unreadLedger says why a balance has no figure that can be read.
func unreadLedger(b provider.Balance) string {
	return fmt.Sprintf("The ledger balance cannot be read: %s.", b.Unreadable)
}

func notShared(customer string) store.Effect {
	return store.Effect{
		Result: store.EventIgnored, CustomerID: customer, DropBody: true,
		Reason: "The customer did not share this account. The payload was removed.",
	}
}

// withoutConsent is the effect of an event about a customer whose consent was
// withdrawn or has ended: nothing of it is kept. Once they agree again, the sweep
// brings the balance.
func withoutConsent(customer string) store.Effect {
	return store.Effect{
		Result: store.EventIgnored, CustomerID: customer, DropBody: true,
		Reason: "The customer's consent is not in force. The payload was removed.",
	}
}

func failed(reason string) store.Effect {
	return store.Effect{Result: store.EventFailed, Reason: reason}
}

func ignored(reason string) store.Effect {
	return store.Effect{Result: store.EventIgnored, Reason: reason}
}
