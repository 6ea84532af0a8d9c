// Package providertest holds what every provider has to keep of the contract of package
// provider, as tests of an adapter against a world that it can make misbehave.
package providertest

import (
	"net/http"
	"testing"

	"balancelink/okra/provider"
)

// A World is a provider, a bank behind it, and an application that hears its webhooks.
type World interface {
	// Adapter is a new value of the adapter, as after a restart. bare: no secret is set
	// by which webhooks could be told.
	Adapter(budget *provider.Budget, bare bool) provider.Provider
	// Link has a person sign in for an attempt and share accounts, one at least.
	Link(attempt string) Linked
	// Set changes the balance that the bank knows.
	Set(of Linked, minor int64)
	// Meet has trouble come over an account, and over everything where it can be told
	// only so; false: this world knows no such trouble. Well ends it.
	Meet(of Linked, trouble Trouble) bool
	// Settle lets all that is under way come to its end.
	Settle()
	// Heard are the webhooks since it was asked last.
	Heard() []Delivery
	// Key is the secret key of the API.
	Key() string
}

// Linked is what came of a sign-in.
type Linked struct {
	Claim  provider.Claim
	Ref    provider.Ref // of one account that was shared
	Others []string     // ids of those that were shared beside it
	Forget string       // what the provider forgets it by
	NUBAN  string
}

// Delivery is a webhook as it came.
type Delivery struct {
	Header http.Header
	Body   []byte
}

// Trouble is what goes wrong with a provider.
type Trouble string

// The troubles, and the kind of failure that each is.
const (
	Well       Trouble = "well"
	Slow       Trouble = "slow bank"
	BankFails  Trouble = "bank gives no answer"
	WantsLogin Trouble = "bank wants a new sign-in"
	Odd        Trouble = "outcome of no known word"
	Down       Trouble = "provider is down"
	Garbage    Trouble = "answers cannot be read"
	Denied     Trouble = "key is refused"
	Limited    Trouble = "too many calls"
)

var kinds = map[Trouble]provider.Kind{
	BankFails: provider.KindFetchFailed, WantsLogin: provider.KindNeedsLogin, Odd: provider.KindFetchFailed,
	Down: provider.KindUnreachable, Garbage: provider.KindBadAnswer, Denied: provider.KindRefused,
	Limited: provider.KindRateLimited,
}

// Run holds a provider against the contract. Each part has a world of its own.
func Run(t *testing.T, open func(*testing.T) World) {
	for name, part := range map[string]func(*suite){
		"Confirm believes nothing but the record":           (*suite).confirms,
		"an unknown record is no link":                      (*suite).knowsNoStrangers,
		"a ticket is short and survives a restart":          (*suite).keepsTickets,
		"a saved copy never answers a question":             (*suite).copiesProveNothing,
		"Receive takes any bytes and keeps what it says":    (*suite).receivesAnything,
		"a webhook needs the secret, and an empty one none": (*suite).wantsProof,
		"a delivery has the same key each time":             (*suite).keysDeliveries,
		"a record has a form":                               (*suite).knowsRecords,
		"what is forgotten may be forgotten again":          (*suite).forgetsTwice,
		"each trouble has its kind, tells no secret, ends":  (*suite).namesTrouble,
		"the budget is respected":                           (*suite).keepsBudget,
	} {
		t.Run(name, func(t *testing.T) { part(&suite{T: t, World: open(t)}) })
	}
}

type suite struct {
	*testing.T
	World
	heard []Delivery // all that came
}
