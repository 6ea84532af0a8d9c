package storetest

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"balancelink/store"
)

// growing are the tables that have more rows the more customers there are, or the
// longer the program runs.
var growing = strings.Fields(`customers customer_words invitations visits consents link_attempts records accounts
	account_questions balances thresholds funds_checks funds_answers
	funds_sums funds_sum_asks funds_sum_answers funds_sum_parts funds_decisions refreshes events removals erasures erased_ids audit sessions api_requests outbox mails`)

// coarse are columns of which many rows have the same value: that one is known
// bounds nothing.
var coarse = strings.Fields(`provider env status state kind action actor result currency as_of_kind`)

// explained are the statements that were looked at in this process.
var explained sync.Map

// NoScans fails a test whose store was asked anything that takes longer the more
// customers there are: how the database would go about each statement is read from
// its plan. [excuses] are those that may.
func NoScans(t testing.TB, s *store.Store) {
	t.Helper()
	if OnPostgres() {
		return // whose plans depend on how many rows there are
	}
	unknown := slices.DeleteFunc(s.Statements(), func(text string) bool {
		_, known := explained.LoadOrStore(text, true)
		return known
	})
	if len(unknown) == 0 {
		return
	}
	db, err := plans()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range unknown {
		for _, step := range unbounded(db, text) {
			if !excused(text, step) {
				t.Errorf("this takes longer the more customers there are, for it does a %s:\n%s", step, text)
			}
		}
	}
}

// unbounded are the steps of a statement's plan that read more the more rows there
// are. A text of an older schema has none.
func unbounded(db *sql.DB, text string) (steps []string) {
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, make([]any, parameters(text))...)
	if err != nil {
		return nil
	}
	defer rows.Close()
	names := tablesOf(text)
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return []string{err.Error()}
		}
		if readsMany(step, names) && !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	return steps
}

var parameter = regexp.MustCompile(`\$(\d+)`)

func parameters(text string) (most int) {
	for _, found := range parameter.FindAllStringSubmatch(text, -1) {
		var n int
		fmt.Sscan(found[1], &n)
		most = max(most, n)
	}
	return most
}

var named = regexp.MustCompile(`(?:FROM|JOIN|UPDATE|INTO|,)\s+(\w+)(?:\s+(?:AS\s+)?([a-z]\w*))?`)

// tablesOf are the tables of a statement by the names that its plan has for them.
func tablesOf(text string) map[string]string {
	names := map[string]string{}
	for _, found := range named.FindAllStringSubmatch(text, -1) {
		names[found[1]] = found[1]
		if alias := found[2]; alias != "" {
			names[alias] = found[1]
		}
	}
	return names
}

var (
	read  = regexp.MustCompile(`^(SCAN|SEARCH) (\w+)`)
	equal = regexp.MustCompile(`(\w+)=\?`)
)

// readsMany says whether a step goes through a table that grows by more than one
// value of what tells rows apart.
func readsMany(step string, names map[string]string) bool {
	found := read.FindStringSubmatch(step)
	if found == nil || !slices.Contains(growing, names[found[2]]) {
		return false
	}
	if found[1] == "SEARCH" && !strings.Contains(step, "(") {
		return false // for the first or the last in an index
	}
	return !slices.ContainsFunc(equal.FindAllStringSubmatch(step, -1), func(column []string) bool {
		return !slices.Contains(coarse, column[1])
	})
}

// plans opens an empty database of the present schema: the program keeps no
// statistics, so that every database has the same plans. It lives no longer than the
// test, which may have a time of its own.
func plans() (*sql.DB, error) {
	keys, err := store.NewKeyring(key('k'))
	if err != nil {
		return nil, err
	}
	empty, err := emptyUnder(keys)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(place(), "storetest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // what is open stays so
	file := filepath.Join(dir, "plans.db")
	if err := os.WriteFile(file, empty, 0o600); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?immutable=1")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, db.Ping()
}

// rare are indexes that hold only what waits for somebody, or is out of the
// ordinary: to read one whole is to do what there is to do.
var rare = strings.Fields(`events_to_apply events_unmatched_by_record events_unmatched_by_account events_by_result
	events_repeated link_attempts_due link_attempts_to_open link_attempts_review link_attempts_reviews
	account_questions_waiting account_questions_open accounts_to_fetch accounts_needing_login invitations_to_expire customers_to_index customers_asking
	customers_never_linked customers_by_consent_end customers_by_consent_notice thresholds_below events_of_nobody
	funds_sums_due funds_sums_unseen refreshes_one_open refreshes_due refreshes_running refreshes_failed removals_due erasures_on_disk mails_due
	held_files held_files_sent`)

// excuses are statements that may read much, by words of their text.
var excuses = []struct{ text, reason string }{
	{"FROM erasures ORDER BY erased_at", "at the start, and after a copy was put in the database's place"},
	{"SELECT provider_id FROM accounts WHERE provider = $1 AND env = $2", "at the start of a simulation"},
	{"DELETE FROM sessions WHERE kind = $1 AND (last_seen_at <= $2", "each minute: what is left is of who is there"},
	{"WHERE id > (SELECT until FROM consent_ends)", "at the start, some at a time, when another length of consents is set"},
	{"DELETE FROM api_requests WHERE at <= $1", "each minute: what is a day old"},
	{"SELECT hash FROM erased_ids", "at the start, to know them all"},
	{"OR LOWER(reference) = LOWER($1)", "those whose references differ in capitals alone, which are hardly ever two"},
	{"'An account shows another balance than the one it names.'", "looks at everything, once a day, some at a time"},
	{"WHERE id > $1 AND id <= $2", "looks at everything, once a day, some at a time"},
	{"WHERE id > $1 ORDER BY id LIMIT $2) AS batch", "some of what is looked at once a day"},
	{"UPDATE invitations SET revoked_at = $1 WHERE used_at IS NULL", "after a copy was put in the database's place"},
	{"FROM audit WHERE seq > $1 ORDER BY seq LIMIT", "goes through the whole log, on purpose"},
	{"DESC LIMIT 1), (SELECT MIN(rowid)", "the last one up to there"},
	{"WHERE id > $1 ORDER BY id LIMIT $2", "seals everything anew, some at a time"},
	{"ORDER BY received_at, id LIMIT", "what is to be removed, some at a time"},
	{"ORDER BY reported_at, id LIMIT", "what is to be removed, some at a time"},
	{"ORDER BY ended_at, id LIMIT", "what is to be removed, some at a time"},
	{"ORDER BY at, seq LIMIT", "what is to be removed, some at a time"},
	{"WHERE outbox.seq > $1 ORDER BY outbox.seq LIMIT 1 OFFSET $2", "how far one looks for what happened"},
	{"WHERE outbox.seq > endpoints.cursor ORDER BY outbox.seq LIMIT 1", "the first that was not looked at yet"},
	{"FROM outbox WHERE outbox.seq > $1 AND outbox.seq <= $2", "what happened since, some at a time"},
	{"SELECT COUNT(*) FROM refreshes WHERE trigger = 'schedule' AND created_at >= $1", "the schedule's of a day"},
	{"SELECT COUNT(*), MIN(refreshes.asked_at)", "the questions of a day"},
	{"WHERE created_at BETWEEN $1 AND $2 AND provider = $3 AND page <> ''", "who came to a provider's page in two hours"},
	{"WHERE link_attempts.created_at BETWEEN $1 AND $2", "whose bank windows were open at one time"},
	{"WHERE customers.viewed_at >= $3 AND customers.viewed_at <= $4", "the schedule's: whom somebody looked at in a week"},
	{"AND COALESCE(swept_at, linked_at) < $2", "the schedule's: those that are due, longest ago first"},
	{"AND COALESCE(swept_at, linked_at) > $2", "those that the clock, set back, has left in the future: none"},

	// Pages in the order of an index, of all that it holds.
	{"WHERE refreshes.id < $1 AND TRUE ORDER BY refreshes.id DESC LIMIT", "a page of all"},
	{"WHERE events.id < $1 AND TRUE ORDER BY events.id DESC LIMIT", "a page of all"},
	{"WHERE events.last_received_at >= COALESCE(CAST($3 AS BIGINT), 0)", "a page of those of a day"},
	{"WHERE events.id < $1 AND events.result = $3 ORDER BY events.id DESC LIMIT", "nearly all were applied"},
	{"ORDER BY audit.seq DESC LIMIT", "a page of the log; what is asked for may lie far back"},
	{"SELECT MIN(provider) FROM accounts WHERE provider > $1", "the first one behind another"},
	{"FROM audit WHERE action = $1 ORDER BY seq DESC LIMIT 1", "the newest of a kind"},
	{"FROM customers ORDER BY id DESC LIMIT", "the newest"},
	{"ORDER BY sort_name, customers.id LIMIT $2", "a page of the list"},
	{"ORDER BY customers.id DESC LIMIT $2", "a page of the list"},
	{"ORDER BY found.word, found.name, found.customer_id LIMIT $2", "a page of those who are found"},
	{"ORDER BY oldest.as_of, oldest.customer_id LIMIT $2", "a page of the list"},
	{"AS few CROSS JOIN ", "those who were counted before to be few enough to be sorted"},
	{"SELECT COUNT(*) FROM (SELECT 1 FROM customer_words AS one", "as many as are sorted at most"},
	{"SELECT COUNT(*) <= $1 FROM (SELECT 1 FROM (", "as many as are sorted at most"},

	// What is counted each minute, and of few customers each time.
	{"SELECT COUNT(*) FROM customers", "counted each minute"},
	{"SELECT COUNT(DISTINCT customer_id) FROM ", "counted each minute"},
	{"SELECT COUNT(DISTINCT accounts.customer_id) FROM thresholds", "counted each minute"},
	{"SELECT COUNT(*) FROM events WHERE last_received_at >= $1", "counted each minute"},
	{"SELECT EXISTS (SELECT 1 FROM customers ORDER BY id LIMIT 1 OFFSET $1)", "no more than are counted each time"},
}

func excused(text, step string) bool {
	text = strings.Join(strings.Fields(text), " ")
	for _, e := range excuses {
		if strings.Contains(text, e.text) {
			return true
		}
	}
	return slices.ContainsFunc(strings.Fields(step), func(word string) bool { return slices.Contains(rare, word) })
}
