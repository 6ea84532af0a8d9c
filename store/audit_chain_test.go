package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/store"
	"balancelink/store/storetest"
)

// chained is a database whose audit log has so many rows.
func chained(t *testing.T, rows int) *db {
	t.Helper()
	d := newDB(t)
	for i := range rows {
		d.advance(time.Second)
		d.ok(d.Record(t.Context(), store.Act{
			Actor: store.ByStaff(fmt.Sprint(i % 3)), Action: store.ActBalancesSeen, Customer: fmt.Sprint("c", i%4), Subject: fmt.Sprint("s", i),
		}))
	}
	return d
}

func (d *db) chain(noted ...string) store.Chain {
	d.t.Helper()
	c, err := d.VerifyAudit(d.t.Context(), noted...)
	d.ok(err)
	return c
}

// tampering is a way to falsify the log of so many rows, and the first row that
// is then wrong.
type tampering func(exec func(string, ...any), rows int) (first int)

var columns = []string{"at", "actor", "action", "customer_id", "subject", "detail", "hash"}

// The ways there are: each changes something for certain.
var tamperings = map[string]tampering{
	"change a field": func(exec func(string, ...any), rows int) int {
		n := 1 + rand.IntN(rows)
		column, changed := columns[rand.IntN(len(columns))], `%s || '1'`
		if column == "at" {
			changed = `10 * %s + 1`
		}
		exec(`UPDATE audit SET `+column+` = `+fmt.Sprintf(changed, column)+` WHERE seq = $1`, n)
		return n
	},
	"move text from one field to the next": func(exec func(string, ...any), rows int) int {
		n := 1 + rand.IntN(rows)
		exec(`UPDATE audit SET customer_id = customer_id || substr(subject, 1, 1), subject = substr(subject, 2) WHERE seq = $1`, n)
		return n
	},
	"delete a row": func(exec func(string, ...any), rows int) int {
		n := 1 + rand.IntN(rows)
		exec(`DELETE FROM audit WHERE seq = $1`, n)
		return n
	},
	"delete a row and close the gap": func(exec func(string, ...any), rows int) int {
		n := 1 + rand.IntN(rows)
		exec(`DELETE FROM audit WHERE seq = $1`, n)
		exec(`UPDATE audit SET seq = -seq WHERE seq > $1`, n)
		exec(`UPDATE audit SET seq = -seq - 1 WHERE seq < 0`)
		exec(`UPDATE audit_head SET seq = seq - 1`)
		return min(n, rows-1)
	},
	"swap two rows": func(exec func(string, ...any), rows int) int {
		a, b := 1+rand.IntN(rows-1), 0
		b = a + 1 + rand.IntN(rows-a)
		exec(`UPDATE audit SET seq = -1 WHERE seq = $1`, a)
		exec(`UPDATE audit SET seq = $1 WHERE seq = $2`, a, b)
		exec(`UPDATE audit SET seq = $1 WHERE seq = -1`, b)
		return a
	},
	"cut off the end": func(exec func(string, ...any), rows int) int {
		n := 1 + rand.IntN(rows)
		exec(`DELETE FROM audit WHERE seq >= $1`, n)
		return n
	},
	"cut off the end and set the head back by number alone": func(exec func(string, ...any), rows int) int {
		n := 2 + rand.IntN(rows-1)
		exec(`DELETE FROM audit WHERE seq >= $1`, n)
		exec(`UPDATE audit_head SET seq = $1`, n-1)
		return n - 1
	},
	"add a row": func(exec func(string, ...any), rows int) int {
		exec(`INSERT INTO audit (seq, at, actor, action, customer_id, subject, detail, hash) VALUES ($1, 1, 'staff:1', 'signed in', '', '', '', $2)`,
			rows+1, strings.Repeat("0", 64))
		return rows + 1
	},
	rowWithoutNumber: func(exec func(string, ...any), rows int) int {
		exec(`INSERT INTO audit (seq, at, actor, action, customer_id, subject, detail, hash) VALUES (NULL, 1, 'staff:1', 'signed in', '', '', '', '')`)
		return rows + 1
	},
	"cut off the end and set the head to the row before": func(exec func(string, ...any), rows int) int {
		n := 2 + rand.IntN(rows-1)
		exec(`DELETE FROM audit WHERE seq >= $1`, n)
		exec(`UPDATE audit_head SET seq = $1, hash = (SELECT hash FROM audit WHERE seq = $1)`, n-1)
		return n
	},
	"say that there is no chain yet": func(exec func(string, ...any), rows int) int {
		exec(`UPDATE audit SET hash = ''`)
		exec(`UPDATE audit_head SET hash = '', mac = ''`)
		return 1
	},
	"say that it is of an earlier version": func(exec func(string, ...any), rows int) int {
		exec(`UPDATE audit SET actor = 'staff:somebody-else' WHERE seq = 1`)
		exec(`DELETE FROM goose_db_version WHERE version_id >= 16`)
		return 1
	},
	"take away the key": func(exec func(string, ...any), rows int) int {
		exec(`DELETE FROM vault`)
		return 1
	},
	"put in a key of one's own": func(exec func(string, ...any), rows int) int {
		exec(`UPDATE vault SET sealed = '{"key":"AAAA"}'`)
		return 1
	},
	"change the head": func(exec func(string, ...any), rows int) int {
		exec(`UPDATE audit_head SET hash = $1`, strings.Repeat("ab", 32))
		return rows
	},
}

const rowWithoutNumber = "add a row without a number"

func TestWhateverIsDoneToTheAuditLogByHandIsFound(t *testing.T) {
	const rows = 40
	tries := storetest.Often(120) // of each of nine ways: more than a thousand
	d := chained(t, rows)
	for how, tamper := range tamperings {
		if how == rowWithoutNumber && storetest.OnPostgres() {
			continue // which takes no such row
		}
		for range tries {
			var first int
			c := d.ChainAfter(t, func(exec func(string, ...any)) { first = tamper(exec, rows) })
			if c.BadRow != int64(first) || c.Problem == "" {
				t.Fatalf("%s at row %d: found %+v", how, first, c)
			}
		}
	}
	if c := d.chain(); c.BadRow != 0 || c.Rows != rows {
		t.Errorf("untouched: %+v", c)
	}
}

func TestAChainThatWasMadeAnewDoesNotFitTheHeadThatWasNoted(t *testing.T) {
	honest, forged := chained(t, 12), newDBBeside(t)
	noted := honest.chain().String()
	for i := range 14 {
		d := store.Act{Actor: store.ByStaff("x"), Action: store.ActBalancesSeen, Subject: fmt.Sprint(i)}
		forged.ok(forged.Record(t.Context(), d))
	}
	if c := forged.chain(); c.BadRow != 0 {
		t.Fatalf("the forgery is not in order in itself: %+v", c)
	}
	if c := forged.chain(noted); c.BadRow != 12 {
		t.Errorf("against what was noted: %+v, want row 12 to be wrong", c)
	}
	if c := honest.chain(noted); c.BadRow != 0 {
		t.Errorf("the honest log does not fit its own head: %+v", c)
	}
	if c := honest.chain("13:" + strings.Repeat("0", 64)); c.BadRow != 13 {
		t.Errorf("rows that were noted are gone: %+v, want row 13 to be missing", c)
	}
	for _, nonsense := range []string{"", "12", "x:" + strings.Repeat("0", 64), "12:abc"} {
		if _, err := honest.VerifyAudit(t.Context(), nonsense); err == nil {
			t.Errorf("%q was taken for a head", nonsense)
		}
	}
}

// newDBBeside is another database of the same test.
func newDBBeside(t *testing.T) *db {
	t.Helper()
	d := &db{t: t, path: t.TempDir() + "/beside.db", time: sitetest.NewClock(noon)}
	d.Store = storetest.Open(t, d.path, d.clock)
	return d
}

func TestRowsFromBeforeTheChainAreChained(t *testing.T) {
	d := chained(t, 30)
	d.MigrateTo(t, 2)
	d.reopen()
	if c := d.chain(); c.BadRow != 0 || c.Rows != 30 {
		t.Errorf("after the migration: %+v", c)
	}
	d.customer("Amina")
	if c := d.chain(); c.BadRow != 0 || c.Rows != 31 {
		t.Errorf("and one more: %+v", c)
	}
}

func TestAChainThatWasMadeAnewWithoutTheKeyIsFoundAcrossRestarts(t *testing.T) {
	d := chained(t, 12)
	d.Exec(t, `UPDATE audit SET actor = 'staff:somebody-else' WHERE seq = 5`)
	d.ForgeChain(t)
	for _, again := range []string{"", `UPDATE audit_head SET hash = ''`, `UPDATE audit SET hash = ''`} {
		if again != "" {
			d.Exec(t, again)
		}
		d.reopen()
		d.customer("Amina") // whatever is written after it does not make it good
		if c := d.chain(); c.BadRow != 1 {
			t.Errorf("%q: found %+v, want that row 1 is not in order", again, c)
		}
	}
}

func TestAnEndThatWasSetByHandIsNotMadeGoodByWhatFollows(t *testing.T) {
	d := chained(t, 12)
	d.Exec(t, `DELETE FROM audit WHERE seq > 8`)
	d.Exec(t, `UPDATE audit_head SET seq = 8, hash = (SELECT hash FROM audit WHERE seq = 8)`)
	d.customer("Amina")
	d.reopen()
	d.customer("Bola")
	if c := d.chain(); c.BadRow != 11 || c.Problem == "" {
		t.Errorf("found %+v, want that the end was set", c)
	}
}

func TestWhoDidItIsInTheHash(t *testing.T) {
	t.Parallel()
	for name, earlier := range map[string]bool{"acted since": false, "acted before there was a key": true} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			var ids []string
			for _, email := range []string{"amina@lender.example", "bola@lender.example"} {
				ids = append(ids, must(d.AddStaff(t.Context(), store.Program, store.Staff{Email: email, Role: store.RoleOwner})).ID)
			}
			d.ok(d.Record(t.Context(), store.Act{Actor: store.ByStaff(ids[0]), Action: store.ActDataExported}))
			if earlier {
				d.MigrateTo(t, 12)
				d.reopen()
			}
			if c := d.chain(); c.BadRow != 0 {
				t.Fatalf("untouched: %+v", c)
			}
			d.Exec(t, `UPDATE staff SET email = 'x' || email`)
			d.Exec(t, `UPDATE staff SET email = CASE WHEN id = $1 THEN 'bola@lender.example' ELSE 'amina@lender.example' END`, ids[0])
			if c := d.chain(); c.BadRow != 1 {
				t.Errorf("after two changed names: %+v, want row 1", c)
			}
		})
	}
}

func TestRowsFromBeforeTheKeyStayAsTheyWereNoted(t *testing.T) {
	d := chained(t, 30)
	d.MigrateTo(t, 12)
	noted := fmt.Sprintf("30:%s", d.Texts(t, `SELECT hash FROM audit_head`)[0])
	d.reopen()
	d.customer("Amina")
	if c := d.chain(noted); c.BadRow != 0 || c.Rows != 31 {
		t.Errorf("untouched: %+v", c)
	}
	d.Exec(t, `UPDATE audit SET detail = 'another' WHERE seq = 7`)
	d.ForgeChain(t)
	if c := d.chain(); c.BadRow != 30 {
		t.Errorf("made anew: %+v, want that row 30 is not the one that was taken over", c)
	}
}

func TestWithoutTheKeyNobodySaysThatTheChainIsInOrder(t *testing.T) {
	d := chained(t, 5)
	c, err := store.VerifyAuditOf(t.Context(), storetest.URL(t, d.path), nil, nil)
	if d.ok(err); !c.Unkeyed || c.Rows != 5 {
		t.Errorf("without a key: %+v", c)
	}
	if _, err := store.VerifyAuditOf(t.Context(), storetest.URL(t, d.path), storetest.Keys(t, 'x'), nil); !errors.Is(err, store.ErrKeyMissing) {
		t.Errorf("with another key: %v, want ErrKeyMissing", err)
	}
}

func TestTheAuditLogStaysInOrderWhenTheDataKeyIsChanged(t *testing.T) {
	d := chained(t, 5)
	noted := d.chain().String()
	d.ok(d.UseKeys(t.Context(), storetest.Keys(t, 'n', 'k')))
	for !must(d.SealSome(t.Context())).Done {
	}
	d.customer("Amina")
	d.ok(d.Close())
	d.ok(d.open('n'))
	d.customer("Bola")
	if c := d.chain(noted); c.BadRow != 0 || c.Unkeyed || c.Rows != 9 {
		t.Errorf("under another key: %+v", c)
	}
}

func TestAnActThatFailsLeavesNoRow(t *testing.T) {
	d := chained(t, 3)
	d.Exec(t, `UPDATE audit_head SET seq = 2`) // so that the next row finds its number taken
	if _, err := d.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina"}); err == nil {
		t.Error("a customer was added without a row in the audit log")
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM customers`); n != 0 {
		t.Errorf("%d customers without a row in the audit log", n)
	}
}

func TestTheChainIsCheckedWhileTheProgramRuns(t *testing.T) {
	d := chained(t, 5)
	c, err := store.VerifyAuditOf(t.Context(), storetest.URL(t, d.path), storetest.Keys(t, 'k'), nil)
	d.ok(err)
	if c.Rows != 5 || c.BadRow != 0 {
		t.Errorf("chain = %+v", c)
	}
	d.ok(d.Close())
	if c, err := store.VerifyAuditOf(t.Context(), storetest.URL(t, d.path), storetest.Keys(t, 'k'), nil); err != nil || c.Rows != 5 {
		t.Errorf("after its end: %+v, %v", c, err)
	}
}

func TestWhatIsRepeatedIsRecordedOnceAnHour(t *testing.T) {
	d := newDB(t)
	seen := func(actor, customer string) {
		d.ok(d.RecordOnce(t.Context(), store.Act{Actor: actor, Action: store.ActBalancesSeen, Customer: customer}, time.Hour))
	}
	for range 3 {
		seen("staff:1", "a")
		seen("staff:1", "b")
		seen("staff:2", "a")
		d.advance(20 * time.Minute)
	}
	if c := d.chain(); c.Rows != 3 {
		t.Errorf("%d rows within the hour, want one for each who looked at each", c.Rows)
	}
	seen("staff:1", "a")
	if c := d.chain(); c.Rows != 4 {
		t.Errorf("%d rows after an hour, want one more", c.Rows)
	}
	d.advance(-30 * 24 * time.Hour)
	seen("staff:1", "a")
	if c := d.chain(); c.Rows != 5 {
		t.Errorf("%d rows after the clock was set back: rows of the future silence the log", c.Rows)
	}
}

func TestABatchOfWebhooksIsOneRow(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	before := d.chain().Rows
	var events []store.DecidedEvent
	for i := range 3 {
		_, err := d.ReceiveEvent(event(fmt.Sprint("e", i)), nil)
		d.ok(err)
		e := must(d.EventsToApply(t.Context(), "okra", 10))[i]
		events = append(events, store.DecidedEvent{Event: e, Decide: does(store.Outcome{Result: store.EventApplied, CustomerID: a.CustomerID})})
	}
	d.ok(d.ApplyEvents(t.Context(), events))
	d.ok(d.ApplyEvents(t.Context(), events[:1]))
	d.ok(d.apply(events[0].ID, store.Outcome{Result: store.EventIgnored}))
	if got := d.chain().Rows - before; got != 2 {
		t.Errorf("%d rows, want one for three webhooks, one for the single one and none for what was ignored", got)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = 'webhook applied' AND customer_id = $1`, a.CustomerID); n != 1 {
		t.Errorf("%d rows name the customer of the single webhook, want 1", n)
	}
}
