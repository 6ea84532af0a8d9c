package mono

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Account is one bank account as Mono tells of it, in an answer or a webhook. Any
// field may be empty: webhooks have been seen cut to the id and what meta says.
type Account struct {
	ID, Customer string
	Name         string // of whoever holds it
	NUBAN, Type  string
	Currency     string // ISO 4217; empty: not stated
	// Balance is Mono's one figure, in minor units; that it is the ledger or the
	// available balance is said nowhere. See [Account.Standing] for what it is worth.
	Balance    provider.Amount
	Unreadable wire.Unreadable
	Bank       Bank
	UpdatedAt  time.Time // when Mono last wrote it; zero: not stated

	Ref       string // of [Opening], as it comes back
	Data      string // data_status: what Mono has of it
	Sync      string // sync_status: how the last question to the bank went; empty: there was none
	Job       string // of that question
	RequestID string // what Mono's support asks for
	retrieved []string
	listed    bool // retrieved is stated
}

// Bank is a bank. Code is the CBN's clearing code of three digits or the six digits
// of NIP: webhooks have either under one name.
type Bank struct{ Name, Code, Kind string }

// readAccount reads an account of the API (snake_case, id) or of a webhook
// (camelCase, _id). meta stands beside it.
func readAccount(o, beside wire.Object) Account {
	r := wire.Reader{Object: o}
	meta := beside.Object("meta")
	bank := o.Object("institution")
	a := Account{
		ID:        idOf(o),
		Customer:  cmp.Or(o.ID("customer"), idOf(o.Object("customer"))),
		Name:      o.Text("name"),
		NUBAN:     o.NUBAN("account_number", "accountNumber"),
		Type:      o.Word("type"),
		Currency:  currencyOf(o),
		Balance:   r.MinorAmount("balance"),
		UpdatedAt: r.Time("updated_at"),
		Bank: Bank{
			Name: bank.Text("name"), Code: bank.Word("bank_code", "bankCode"), Kind: bank.Word("type"),
		},
		Ref:       meta.ID("ref"),
		Data:      strings.ToUpper(meta.Word("data_status")),
		Sync:      strings.ToUpper(meta.Word("sync_status")),
		Job:       meta.ID("job_id"),
		RequestID: meta.ID("data_request_id"),
	}
	a.retrieved, a.listed = words(meta, "retrieved_data")
	a.Unreadable = r.Unreadable
	return a
}

// idOf is an id, which REST writes as id, and most webhooks as _id.
func idOf(o wire.Object) string { return o.ID("_id", "id") }

// currencyOf is the currency in the letters of ISO 4217. Older payloads say "Naira".
func currencyOf(o wire.Object) string {
	code := strings.ToUpper(o.Word("currency"))
	if code == "NAIRA" {
		return "NGN"
	}
	return code
}

// words are the words of a list.
func words(o wire.Object, key string) (all []string, stated bool) {
	list, stated := o.Get(key, wire.AsWord).([]any)
	for _, item := range list {
		if word, ok := item.(string); ok {
			all = append(all, strings.ToLower(word))
		}
	}
	return all, stated
}

// Standing is what an account's figure is worth.
type Standing string

// The standings.
const (
	Fresh      Standing = "fresh"       // the bank gave it to the question, or the link, that is told of
	Pending    Standing = "pending"     // Mono is still fetching
	Missing    Standing = "missing"     // the bank gave none; what stands there is no figure
	Old        Standing = "old"         // of before: the bank did not answer
	NeedsLogin Standing = "needs login" // of before: the person has to sign in again
)

// Standing says what the figure is worth. data_status says what Mono has, which
// after a question that failed is still the old figure; sync_status says how the
// question went, and only what it calls successful has freshened anything. Both were
// seen together, AVAILABLE beside FAILED and beside REAUTHORISATION_REQUIRED, in
// April 2026. Any word that nobody has seen freshens nothing.
func (a Account) Standing() Standing {
	has := !a.listed || slices.Contains(a.retrieved, "balance")
	switch {
	case jobState(a.Sync) == JobNeedsLogin:
		return NeedsLogin
	case a.Sync != "" && a.Sync != "SUCCESSFUL":
		return Old
	case a.Sync == "" && a.Data == "PROCESSING":
		return Pending
	case !has:
		return Missing
	case a.Sync == "" && a.Data != "AVAILABLE" && !a.listed:
		return Missing // of the others only the list tells that the balance came
	}
	return Fresh
}

// hasFigure says that what stands there is a figure, be it an old one.
func (a Account) hasFigure() bool {
	s := a.Standing()
	return s != Missing && s != Pending
}
