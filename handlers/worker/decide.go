package worker

import (
	"cmp"
	"fmt"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// AtOnce decides about an event while it is received. What takes more than looking
// at rows is left to the worker: claiming an attempt, and, where customers are asked
// for these, looking at transactions.
func AtOnce(ev provider.Event, transactions bool) store.Decide {
	return func(t store.EventTarget) (store.Outcome, bool) {
		claims := ev.Attempt != "" && t.RecordCustomer == "" || ev.Again && t.AccountID != ""
		if ev.Foreign == "" && !ev.Failed &&
			(claims || transactions && lacksAvailable(ev) && t.AccountID != "" && t.Consented) {
			return store.Outcome{}, false
		}
		return decision{event: ev}.outcome(t), true
	}
}

// lacksAvailable says whether transactions could tell what the event does not: what
// of a ledger balance is pending.
func lacksAvailable(ev provider.Event) bool {
	return ev.Balance != nil && ev.Balance.Figure.Known && ev.Balance.Basis == provider.BasisLedger &&
		!ev.Balance.Available.Known
}

// decision is one event and what was found out about it.
type decision struct {
	event      provider.Event
	receivedAt time.Time    // zero: now
	claimed    bool         // an attempt's record was named by it
	lapsed     string       // whose attempt it names without a consent in force; empty: nobody's
	available  store.Amount // worked out, where the event does not say
}

// outcome is what the event does to what it names. Whatever becomes of it, it is
// about whom it names, for their export and their erasure; and nothing of it is
// kept of somebody whose consent is not in force.
func (d decision) outcome(t store.EventTarget) store.Outcome {
	e := d.decide(t)
	if e.CustomerID != "" || d.namesAnother(t) {
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
func linkedTo(t store.EventTarget) (customer string, consented bool) {
	if t.RecordCustomer != "" {
		return t.RecordCustomer, t.RecordConsented
	}
	return t.CustomerID, t.Consented
}

// namesAnother says that the event names another of the provider's customers
// than the account has.
func (d decision) namesAnother(t store.EventTarget) bool {
	return d.event.Customer != "" && t.ProviderCustomer != "" && d.event.Customer != t.ProviderCustomer
}

func (d decision) decide(t store.EventTarget) store.Outcome {
	switch {
	case d.event.Unread != "":
		return failed(d.event.Unread)
	case d.event.Foreign != "":
		return ignored(d.event.Foreign)
	case d.event.Failed:
		return d.failureOutcome(t)
	case d.event.Balance != nil:
		return d.balanceOutcome(t)
	}
	return d.plainOutcome(t)
}

// failureOutcome is the outcome of an event about something that failed. It does
// nothing, unless the bank wants the customer to sign in again or a refresh waits for
// what failed, but may be about a customer: one who is linked, or whose link comes.
func (d decision) failureOutcome(t store.EventTarget) store.Outcome {
	reason := fmt.Sprintf("The provider reports the status %q.", d.event.Status)
	customer, consented := linkedTo(t)
	if customer == "" {
		customer, consented = t.NamedCustomer, t.NamedConsented
	}
	switch {
	case customer != "" && !consented:
		return withoutConsent(customer)
	case d.event.NeedsLogin && t.AccountID != "" && t.Status != store.AccountUnlinked && !d.namesAnother(t):
		return store.Outcome{
			Result: store.EventApplied, CustomerID: customer, NeedsLogin: true,
			Since:  cmp.Or(d.event.EndedAt, d.receivedAt),
			Ticket: d.event.Ticket, Ends: store.Ending{State: store.RefreshNeedsLogin, Cause: reason},
		}
	case customer != "":
		o := store.Outcome{Result: store.EventIgnored, Reason: reason, CustomerID: customer}
		if !d.namesAnother(t) {
			o.Ticket = d.event.Ticket
			o.Ends = store.Ending{State: store.RefreshFailed, Fault: faultFetchFailed, Cause: reason}
		}
		return o
	case d.event.Record != "" || d.event.Account != "":
		return store.Outcome{Result: store.EventUnmatched, Reason: reason}
	}
	return store.Outcome{Result: store.EventIgnored, Reason: reason, DropBody: d.event.Customer != ""}
}

// plainOutcome is the outcome of an event without a balance.
func (d decision) plainOutcome(t store.EventTarget) store.Outcome {
	customer, consented := linkedTo(t)
	switch {
	case customer != "" && !consented:
		return withoutConsent(customer)
	case customer == "" && d.lapsed != "":
		return withoutConsent(d.lapsed)
	case !d.event.SignedIn:
		return store.Outcome{
			Result: store.EventIgnored, Reason: "It carries nothing that is used here.", CustomerID: customer,
		}
	case customer != "":
		return store.Outcome{Result: store.EventApplied, CustomerID: customer}
	case d.claimed:
		return store.Outcome{Result: store.EventUnmatched, Reason: "The link is being confirmed."}
	}
	return store.Outcome{Result: store.EventUnmatched, Reason: "No link with this record is known yet."}
}

// balanceOutcome is the outcome of an event with a balance: a balance of a
// linked account. An account that is not linked although its record is was not
// shared: what the event says of it is dropped.
func (d decision) balanceOutcome(t store.EventTarget) store.Outcome {
	b := d.event.Balance
	switch {
	case t.AccountID == "" && t.RecordCustomer == "" && d.lapsed != "":
		return withoutConsent(d.lapsed)
	case t.AccountID == "" && t.RecordCustomer == "":
		return store.Outcome{Result: store.EventUnmatched, Reason: "No linked account with this id is known yet."}
	case t.AccountID == "":
		return notShared(t.RecordCustomer)
	case t.Status == store.AccountUnlinked:
		return store.Outcome{
			Result: store.EventIgnored, Reason: "The account is not linked any more.", CustomerID: t.CustomerID,
			DropBody: true,
		}
	case !t.Consented:
		return withoutConsent(t.CustomerID)
	case d.namesAnother(t):
		return failed("It names another provider customer than the account has.")
	case b.Unshared:
		e := notShared(t.CustomerID)
		e.Unshared, e.Reason = true, "The account is not shared with us any more. The payload was removed."
		return e
	case b.Unreadable != "":
		return failed(unread(*b))
	case !b.Figure.Known:
		return failed(noFigure(*b))
	case b.Currency == "":
		return failed("It does not say in which currency its balance is.")
	case b.Currency != t.Currency:
		return failed("The balance is in another currency than the account.")
	}
	o := d.balance()
	return store.Outcome{Result: store.EventApplied, CustomerID: t.CustomerID, Balance: &o}
}

func (d decision) balance() store.Balance {
	o := balanceRow("", store.SourceWebhook, *d.event.Balance)
	o.ReceivedAt = d.receivedAt
	if d.available.Known {
		o.Available, o.AvailableWorkedOut = d.available, true
	}
	return o
}

// unread says why a balance has no figure that can be read.
func unread(b provider.Balance) string {
	if b.Basis == provider.BasisLedger {
		return fmt.Sprintf("The ledger balance cannot be read: %s.", b.Unreadable)
	}
	return fmt.Sprintf("The balance cannot be read: %s.", b.Unreadable)
}

// noFigure says that an event's balance has no main figure.
func noFigure(b provider.Balance) string {
	if b.Basis == provider.BasisLedger {
		return "It carries no ledger balance."
	}
	return "It carries no balance."
}

func notShared(customer string) store.Outcome {
	return store.Outcome{
		Result: store.EventIgnored, CustomerID: customer, DropBody: true,
		Reason: "The customer did not share this account. The payload was removed.",
	}
}

// withoutConsent is the outcome of an event about a customer whose consent was
// withdrawn or has ended: nothing of it is kept. Once they agree again, the sweep
// brings the balance.
func withoutConsent(customer string) store.Outcome {
	return store.Outcome{
		Result: store.EventIgnored, CustomerID: customer, DropBody: true,
		Reason: "The customer's consent is not in force. The payload was removed.",
	}
}

func failed(reason string) store.Outcome {
	return store.Outcome{Result: store.EventFailed, Reason: reason}
}

func ignored(reason string) store.Outcome {
	return store.Outcome{Result: store.EventIgnored, Reason: reason}
}
