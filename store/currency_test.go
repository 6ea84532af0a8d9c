package store_test

import (
	"testing"

	"balancelink/store"
)

// A tanzanian shilling was kept without digits after the point, which ISO 4217
// gives it: read by the new scale, every amount would be a hundredth of itself.
func TestAmountsOfAnEarlierVersionMeanTheSameByTheDigitsOfISO4217(t *testing.T) {
	for code, times := range map[string]int{"TZS": 100, "IQD": 1000, "NGN": 1, "JPY": 1} {
		t.Run(code, func(t *testing.T) {
			d := newDB(t)
			a := d.linked("Amina")
			d.save(said(a.ID, noon, 5000, store.Minor(4000)))
			d.ok(d.SetThreshold(t.Context(), "staff", a.ID, 300))
			d.asked(a, "")
			d.start(wish(a.ID))
			for _, table := range []string{"accounts", "balances", "funds_checks", "thresholds"} {
				d.Store.Exec(t, "UPDATE "+table+" SET currency = $1", code)
			}
			look := func() map[string]int {
				found := map[string]int{}
				for _, q := range []string{
					"ledger FROM accounts", "available FROM accounts", "ledger_balance FROM balances", "available_balance FROM balances", "amount FROM funds_checks",
					"available FROM funds_answers", "amount FROM thresholds", "ledger_before FROM refreshes", "available_before FROM refreshes",
				} {
					found[q] = d.Store.Number(t, "SELECT "+q)
				}
				return found
			}
			figures := look()
			d.MigrateTo(t, 20)
			d.reopen()
			for q, now := range look() {
				if now == 0 || now != figures[q]*times {
					t.Errorf("%s: %d became %d, want %d times that", q, figures[q], now, times)
				}
			}
		})
	}
}
