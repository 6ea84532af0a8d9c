//go:build !race

package proof_test

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/store/limits"
)

// attempts is among how many bank windows the forged reports are divided: each
// ends with the first that the provider denies.
const attempts = 20

func TestNoTokenNoBalance(t *testing.T) {
	t.Parallel()
	n, path := size(t, forgeries), filepath.Join(t.TempDir(), "kept.db")
	p := start(t, path)
	db := openDatabase(t, path)
	db.until("the demo to be complete: the last that it writes is a past of 90 days", `
		SELECT COUNT(*) || ' balances of before' FROM balances
		JOIN accounts ON accounts.id = balances.account_id JOIN customers ON customers.id = accounts.customer_id
		WHERE customers.reference = 'LN-1009' AND balances.source = 'demo' HAVING COUNT(*) < 90`)
	db.until("the answer of the bank that wants a new sign-in", `
		SELECT COUNT(*) || ' customers' FROM customers HAVING NOT EXISTS (SELECT 1 FROM refreshes WHERE ended_at IS NOT NULL)`)
	db.untilQuiet()
	before, victims := balances(db), victims(db)
	if len(before) == 0 || len(victims) == 0 {
		t.Fatal("there is no balance that could change")
	}
	to := p.sender()
	each(8, n, func(i int) {
		v := victims[i%len(victims)]
		v.EndedAt, v.Ledger, v.Available = time.Now(), fmt.Sprintf("%d.99", i), "1.00"
		if a, err := to.post(v.body(), wrongTokens(p)[i%6]); err != nil || a.Status != 401 && a.Status != 429 {
			t.Errorf("a webhook without the token: %v, %v", a, err)
		}
	})
	forgeSuccess(t, p, n, victims)
	db.untilQuiet()
	if after := balances(db); !slices.Equal(before, after) {
		t.Errorf("balances changed:\nbefore %v\nafter  %v", before, after)
	}
	if seen := db.number(`SELECT COUNT(*) FROM link_attempts WHERE report LIKE 's1:%'`); seen != attempts {
		t.Errorf("%d of %d forged reports were read: the test proves little", seen, attempts)
	}
	t.Logf("%d webhooks without the token and %d forged reports: no balance of %d changed", n, n, len(before))
}

func wrongTokens(p *program) []string {
	token := p.Settings.OkraWebhookToken.Reveal()
	return []string{"", token, "Bearer", "Bearer " + token + "x", "Basic " + token, "Bearer " + p.Settings.OkraSecretKey.Reveal()}
}

// balances is every balance there is, by column, and what the accounts show.
func balances(db *database) []string {
	db.t.Helper()
	return append(
		db.texts(`SELECT id || account_id || fact || ledger_balance || COALESCE(available_balance, '') || as_of || received_at FROM balances ORDER BY id`),
		db.texts(`SELECT id || customer_id || COALESCE(balance_id, '') || COALESCE(ledger, '') || COALESCE(available, '') || COALESCE(as_of, '') FROM accounts ORDER BY id`)...)
}

// victims are webhooks about the linked accounts, with their records.
func victims(db *database) []webhook {
	db.t.Helper()
	var all []webhook
	for _, row := range db.texts(`SELECT records.provider_id || ' ' || accounts.provider_id FROM accounts JOIN records ON records.id = accounts.record_id`) {
		record, account, _ := strings.Cut(row, " ")
		all = append(all, webhook{Record: record, Account: account})
	}
	return all
}

// forgeSuccess reports successes that the bank window never had: a customer
// claims the accounts of others, with balances.
func forgeSuccess(t *testing.T, p *program, n int, victims []webhook) {
	t.Helper()
	var paths []string
	var mallory []*browser // of each path: one customer has only so many windows
	for staff := p.signedIn(); len(paths) < attempts; {
		b := p.browser()
		paths, mallory = append(paths, b.consent(staff.invite("Mallory"))), append(mallory, b)
		for range limits.OpenAttempts - 1 {
			_, path := b.post("/me/attempts", nil)
			paths, mallory = append(paths, path), append(mallory, b)
		}
	}
	each(8, n, func(i int) {
		resp := mallory[i%attempts].send("POST", paths[i%attempts]+"/success", strings.NewReader(success(victims[i%len(victims)], i)), "application/json")
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		if resp.StatusCode >= 500 {
			t.Errorf("a forged report was answered %s", resp.Status)
		}
	})
}

// success is what the widget reports, with whatever amounts.
func success(v webhook, i int) string {
	amounts := fmt.Sprintf(`"currency":"NGN","ledger_balance":%d.99,"available_balance":%d.99`, i, i)
	account := fmt.Sprintf(`{"_id":%[1]q,"id":%[1]q,"accountId":%[1]q,"account":%[1]q,"name":"INVENTED, PERSON","nuban":"0123456789","connected":true,%[2]s,"balance":{%[2]s}}`,
		v.Account, amounts)
	return fmt.Sprintf(`{"record":%[1]q,"record_id":%[1]q,"customer_id":%[2]q,"accounts":[%[3]s],"balance":{"data":{"formatted":[%[3]s]}}}`,
		v.Record, fmt.Sprintf("64fec7%018x", i), account)
}
