package okra

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Event is one webhook. Okra signs none, gives them no id, and sends several
// per connection in any order.
type Event struct {
	Method, Code, Env, Status        string
	Record, Account, Customer, NUBAN string
	// Owners are whose event it is; empty: not said. Ask [Among].
	Owners []string
	// Attempt is what the widget was given as options.attempt, echoed.
	Attempt string
	EndedAt time.Time
	Bank    Bank
	// Balance is what a successful BALANCE or ACCOUNTS event carries, nil where
	// it carries none. It is as of EndedAt.
	Balance *Balance
	// ErrorCode is a documented code ("1003") or type ("EXPIRED") of a failure.
	ErrorCode string
	// Unreadable has what it states and could not be read, besides the balance's:
	// "body", "method" and "balance" are what nothing can be done without.
	Unreadable wire.Unreadable
}

// Succeeded reports whether the event is of a success, which webhooks spell
// differently from answers. What they say otherwise is not documented.
func (e Event) Succeeded() bool { return e.Status == "is_success" }

// NeedsLogin reports whether the event is of a failure that only the person can
// mend, by signing in to the bank again.
func (e Event) NeedsLogin() bool {
	return !e.Succeeded() &&
		(kindByType[e.ErrorCode] == provider.KindNeedsLogin || kindByCode[e.ErrorCode] == provider.KindNeedsLogin)
}

// ParseEvent reads the body of a webhook. Whatever is JSON is an event; what of it
// cannot be read, if only that it names no method, its Unreadable says.
func ParseEvent(body []byte) (Event, error) {
	e, _, err := ReceiveEvent(body)
	return e, err
}

// ReceiveEvent is [ParseEvent], with the body as it may be kept: what was read of
// it, and the shape of the rest (see [Redact]).
func ReceiveEvent(body []byte) (e Event, redacted []byte, err error) {
	o, doubt, err := wire.DecodeDoubtful(body)
	if err != nil {
		return Event{}, nil, fmt.Errorf("okra: parsing event: %w", err)
	}
	e = readEvent(o)
	if doubt != nil {
		e.Unreadable.Add("body", doubt)
	}
	return e, o.Redacted(), nil
}

var (
	errNoMethod = errors.New("it names none")
	errSeveral  = errors.New("several accounts in one event")
)

func readEvent(o wire.Object) Event {
	r := wire.Reader{Object: o}
	e := Event{
		// The payloads of v1 have callback_type and callback_code only.
		Method: o.Word("method", "callback_type"),
		Code:   o.Scalar("code", "callback_code"),
		Env:    o.Word("env"),
		Status: o.Scalar("status"),

		Record:   o.Ref("record", "recordId", "record_id"),
		Account:  o.Ref("accountId", "account_id", "account"),
		Customer: o.Ref("customerId", "customer_id", "customer"),
		Owners:   o.Refs("owner"),
		NUBAN:    o.NUBAN("nuban"),
		Attempt:  attemptOf(o),
		EndedAt:  r.Time("ended_at"),
		// bankType is no type: it was the bank's id in July 2023.
		Bank: Bank{ID: o.ID("bankId"), Name: o.Text("bankName"), Slug: o.Word("bankSlug")},
	}
	e.Unreadable = r.Unreadable
	if e.Method == "" && !o.Has("method", "callback_type") {
		e.Unreadable.Add("method", errNoMethod)
	}
	e.Method = first(e.Method, MethodUnreadable)
	if !e.Succeeded() {
		e.ErrorCode = errorCode(o)
		e.readNames(o)
		return e
	}
	e.readProduct(o)
	return e
}

// attemptOf is the echo of what the widget was given as options.attempt.
func attemptOf(o wire.Object) string {
	return first(o.Object("options").ID("attempt"), o.Object("meta").ID("attempt"))
}

// readProduct takes the account and its balance from the object that carries
// them, by the production webhooks of July 2023: "balance" in a BALANCE event,
// "account" with the same amounts in an ACCOUNTS event.
func (e *Event) readProduct(o wire.Object) {
	var key string
	switch e.Method {
	case MethodBalance:
		key = "balance"
	case MethodAccounts:
		key = "account"
	default:
		return
	}
	products, others := o.Objects(key)
	if len(products) == 0 {
		if others > 0 && key == "balance" { // an account may be no more than its id
			e.Unreadable.Add("balance", errNoObject)
		}
		return
	}
	b := parseBalance(products[0])
	if e.Method == MethodAccounts {
		// An id in an account is the account's.
		b.Account, b.ID = first(b.Account, b.ID), ""
	}
	if len(products) > 1 || e.Account != "" && other(b.Account, e.Account) {
		e.Unreadable.Add("balance", errSeveral)
		return
	}
	e.adopt(&b)
}

// adopt makes b the event's balance. What one of them leaves out the other
// states.
func (e *Event) adopt(b *Balance) {
	e.Account, e.NUBAN, e.Customer = first(e.Account, b.Account), first(e.NUBAN, b.NUBAN), first(e.Customer, b.Customer)
	if len(e.Owners) == 0 {
		e.Owners = b.Owners
	}
	b.Account, b.NUBAN, b.Owners, b.Customer = e.Account, e.NUBAN, e.Owners, e.Customer
	b.Record, b.Env = first(b.Record, e.Record), first(b.Env, e.Env)
	if b.Bank == (Bank{}) {
		b.Bank = e.Bank
	}
	e.Balance = b
}

// readNames takes from the objects of an event about a failure whom it is about,
// and nothing of money.
func (e *Event) readNames(o wire.Object) {
	for _, key := range []string{"balance", "account", "auth", "data", "error"} {
		products, _ := o.Objects(key) // what is none names nobody
		for _, p := range products {
			e.Record = first(e.Record, p.Ref("record", "recordId", "record_id"))
			e.Account = first(e.Account, p.Ref("accountId", "account_id", "account"))
			e.Customer = first(e.Customer, p.Ref("customerId", "customer_id", "customer"))
		}
	}
}

// errorCode looks for the documented error object. No failed webhook was ever
// seen, so where it stands is a guess.
func errorCode(o wire.Object) string {
	for _, place := range []wire.Object{o, o.Object("error"), o.Object("data"), o.Object("balance")} {
		if code := first(knownCode(place), knownType(place)); code != "" {
			return code
		}
	}
	return ""
}

// Key returns what two deliveries of the same event have in common, as 32 hex
// characters: the end and a hash over method, code, record, account (or NUBAN),
// end and amounts, or a hash over the body where the event lacks one of the
// first five. With the amounts, deliveries that differ in nothing else are two
// events: neither is lost to the other for having come later. The end comes
// first because keys that ascend cost an index half of what random ones do.
func (e Event) Key(body []byte) string {
	account := first(e.Account, e.NUBAN)
	if e.Method == "" || e.Code == "" || e.Record == "" || account == "" || e.EndedAt.IsZero() {
		sum := sha256.Sum256(body)
		return hex.EncodeToString(sum[:16])
	}
	parts := []string{e.Method, e.Code, e.Record, account, e.EndedAt.UTC().Format(time.RFC3339Nano), e.amounts()}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	ms := uint64(e.EndedAt.UnixMilli()) & (1<<48 - 1)
	return fmt.Sprintf("%012x%x", ms, sum[:10])
}

// amounts is what the event says of money, as part of its key.
func (e Event) amounts() string {
	if e.Balance == nil {
		return ""
	}
	return fmt.Sprint(e.Balance.Currency, e.Balance.Ledger, e.Balance.Available)
}
