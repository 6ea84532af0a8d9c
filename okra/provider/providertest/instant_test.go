package providertest

import (
	"testing"
	"time"

	"balancelink/okra/provider"
)

func TestAnInstantProviderKeepsTheContractOfProviders(t *testing.T) {
	Run(t, func(*testing.T) World {
		h := NewHost(time.Now)
		h.Key = instantKey
		return instantWorld{h}
	})
}

// instantWorld is people and banks behind an instant provider.
type instantWorld struct{ *Host }

const (
	instantKey         = "canary.instant.key"
	shared, alsoShared = "Qk4pLw8", "qK4PlW8" // ids that differ by case alone
	number             = "2230011442"
)

func (w instantWorld) Adapter(budget *provider.Budget, bare bool) provider.Provider {
	a := w.Host.Adapter()
	a.Key, a.Budget = instantKey, budget
	if bare {
		a.Secrets = []provider.Secret{"", ""}
	}
	return a
}

func (w instantWorld) Link(attempt string) Linked {
	for _, id := range []string{shared, alsoShared} {
		w.Balances[id] = provider.Balance{
			Account: id, Basis: provider.BasisCurrent, Currency: "NGN",
			Figure: provider.Amount{Minor: 5_00, Known: true},
		}
	}
	link := w.SignIn(attempt, provider.Account{ID: alsoShared, Currency: "NGN"}, provider.Account{
		ID: shared, NUBAN: number, Currency: "NGN",
	})
	return Linked{
		Claim: provider.Claim{Record: link.Record, Customer: link.Customer}, Forget: link.Customer, NUBAN: number,
		Others: []string{alsoShared}, Ref: provider.Ref{Account: shared, Customer: link.Customer, Record: link.Record},
	}
}

func (w instantWorld) Set(l Linked, minor int64) {
	b := w.Balances[l.Ref.Account]
	b.Figure = provider.Amount{Minor: minor, Known: true}
	w.Balances[l.Ref.Account] = b
}

func (w instantWorld) Meet(_ Linked, trouble Trouble) bool {
	if trouble == Odd {
		return false
	}
	w.Host.Key, w.Trouble, w.Looks = instantKey, kinds[trouble], nil
	switch trouble {
	case Slow:
		w.Looks = []provider.Answer{{Running: true}}
	case Denied:
		w.Host.Key, w.Trouble = "another", ""
	}
	return true
}

func (w instantWorld) Settle() {}

func (w instantWorld) Heard() []Delivery {
	all := w.Sent
	w.Sent = nil
	return all
}

func (w instantWorld) Key() string { return instantKey }
