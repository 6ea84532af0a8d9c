package mono_test

import (
	"testing"

	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
)

// hauwas is an account whose bank gives no balance: Mono has a 0 in its place.
const hauwas = "0087123450"

// Mono charges for the details of an account. They alone tell a balance of 0 from none.
func TestTheDetailsOfAnAccountAreReadWhereTheBalanceIsZeroAlone(t *testing.T) {
	for name, row := range map[string]struct {
		nuban   string
		bank    monosim.Scenario
		minor   int64
		known   bool
		details int
	}{
		"a balance":    {ngozis, monosim.Unchanged, 777_77, true, 0},
		"an overdraft": {ngozis, monosim.Unchanged, -5, true, 0},
		"zero":         {ngozis, monosim.Unchanged, 0, true, 1},
		"none":         {hauwas, monosim.NoBalance, 0, false, 1},
	} {
		w := newWorld(t)
		w.sim.SetScenarios(row.nuban, row.bank)
		if err := w.sim.SetBalance(row.nuban, row.minor); err != nil {
			t.Fatal(err)
		}
		shared, err := w.sim.Link(row.nuban, "nonce")
		if err != nil {
			t.Fatal(err)
		}
		w.Settle()
		a, ref := w.Adapter(nil, false), provider.Ref{Account: shared.Account}
		asked, err := a.Ask(t.Context(), ref, provider.QuestionBalance)
		if err != nil {
			t.Fatal(err)
		}
		w.Settle()
		for how, read := range map[string]func() (provider.Answer, error){
			"looked for": func() (provider.Answer, error) {
				return a.Look(t.Context(), ref, provider.Looking{Ticket: asked.Ticket, Untold: true})
			},
			"saved": func() (provider.Answer, error) {
				all, err := a.Saved(t.Context(), []provider.Ref{ref})
				return all[0], err
			},
		} {
			before := w.sim.Calls("GET /v2/accounts/{id}")
			got, err := read()
			has := got.Balance != nil && got.Balance.Figure == provider.Amount{Minor: row.minor, Known: true}
			if has != row.known || has == (err != nil || got.Fault != nil) {
				t.Errorf("%s, %s: %+v of balance %+v (%v)", name, how, got, got.Balance, err)
			}
			if n := w.sim.Calls("GET /v2/accounts/{id}") - before; n != row.details {
				t.Errorf("%s, %s: the details were read %d times, want %d", name, how, n, row.details)
			}
		}
	}
}
