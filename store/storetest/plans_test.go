package storetest

import "testing"

func TestAStatementThatReadsMoreTheMoreThereIsIsFound(t *testing.T) {
	for text, many := range map[string]bool{
		`SELECT name FROM customers WHERE email = $1`:                                           true,
		`SELECT COUNT(*) FROM accounts AS a WHERE a.status = 'linked'`:                          true,
		`SELECT id FROM accounts WHERE provider = $1 AND env = $2 AND bank_name = $3`:           true,
		`SELECT id FROM link_attempts WHERE holder = $1 AND id > $2 ORDER BY id LIMIT $3`:       true,
		`UPDATE events SET result = 'ignored' WHERE attempt_nonce = $1`:                         true,
		`SELECT 1 FROM refreshes JOIN accounts ON accounts.id = account_id WHERE provider = $1`: true,
		`SELECT 1 FROM staff, audit WHERE audit.subject = staff.id`:                             true,
		`SELECT name FROM customers WHERE id = $1`:                                              false,
		`SELECT a.id FROM accounts a JOIN customers c ON c.id = a.customer_id WHERE a.id = $1`:  false,
		`SELECT MAX(last_received_at) FROM events`:                                              false,
		`SELECT email FROM staff`:                                                               false,
		`INSERT INTO customers (id) VALUES ($1)`:                                                false,
		`SELECT of_a_column_that_is_gone FROM customers`:                                        false,
	} {
		db, err := plans()
		if err != nil {
			t.Fatal(err)
		}
		if steps := unbounded(db, text); (len(steps) > 0) != many {
			t.Errorf("%s: %q, want some: %t", text, steps, many)
		}
	}
}

func TestOnlyWhatIsExcusedMayReadMuch(t *testing.T) {
	for _, e := range excuses {
		if e.reason == "" {
			t.Errorf("%s: no reason", e.text)
		}
	}
	const all = "SELECT id FROM events\n\t\tWHERE result = 'unmatched'"
	if !excused(all, "SCAN events USING INDEX events_unmatched_by_record") || excused(all, "SCAN events") {
		t.Error("an index of what waits is excused, the table is not")
	}
}
