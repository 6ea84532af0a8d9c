package worker

import (
	"bytes"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"balancelink/okra/okrasim"
	"balancelink/store"
	"balancelink/store/storetest"
)

// invariants are what is remembered of one step to judge the next by.
type invariants struct {
	db     *sql.DB
	stmts  map[string]*sql.Stmt
	worked bool // the worker did all that was due since the last check
	owners map[string]any
	last   map[any]row // accounts as they were

	erased    map[any]bool    // customers
	forgotten int64           // refreshes that went with them
	nonces    map[string]bool // of their bank windows
	barred    map[any]bool    // customers without a consent in force, at the last check
	seen      string          // the newest one, at the last check

	balances map[any]any // the latest of each account, at the last check
}

func newInvariants() invariants {
	return invariants{owners: map[string]any{}, last: map[any]row{}, erased: map[any]bool{}, nonces: map[string]bool{}, barred: map[any]bool{}, balances: map[any]any{}}
}

// row is a row of any table, by column.
type row map[string]any

func (r row) ms(column string) int64 {
	n, _ := r[column].(int64)
	return n
}

// rows reads beside the store, as it does not.
func (s *world) rows(query string, args ...any) (all []row) {
	s.t.Helper()
	if s.db == nil {
		db := storetest.Database(s.t, s.path)
		db.SetMaxOpenConns(1)
		s.db, s.stmts = db, map[string]*sql.Stmt{}
	}
	if s.stmts[query] == nil {
		stmt, err := s.db.Prepare(query)
		s.ok(err)
		s.stmts[query] = stmt
	}
	found, err := s.stmts[query].Query(args...)
	s.ok(err)
	defer found.Close()
	columns, err := found.Columns()
	s.ok(err)
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		s.ok(found.Scan(into...))
		r := row{}
		for i, c := range columns {
			r[c] = plain(values[i])
		}
		all = append(all, r)
	}
	s.ok(found.Err())
	return all
}

// plain is a value as both databases give it.
func plain(value any) any {
	switch v := value.(type) {
	case []byte:
		return string(v)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	}
	return value
}

// forget closes what reads beside the store: the program is to end.
func (s *world) forget() {
	if s.db != nil {
		s.ok(s.db.Close())
		s.db = nil
	}
}

func (s *world) ids(query string) (all []string) {
	s.t.Helper()
	for _, r := range s.rows(query) {
		for _, id := range r {
			all = append(all, fmt.Sprint(id))
		}
	}
	return all
}

// none fails with the rows that break an invariant.
func (s *world) none(what, query string, args ...any) {
	s.t.Helper()
	if found := s.rows(query, args...); len(found) > 0 {
		s.t.Errorf("step %d: %s %v", s.n, what, found[0])
	}
}

// check checks what must hold whatever happened.
func (s *world) check() {
	s.t.Helper()
	s.checkRows()
	for _, a := range s.rows(`SELECT accounts.*, (SELECT COUNT(*) FROM balances WHERE balances.account_id = accounts.id) AS observations FROM accounts`) {
		s.checkAccount(s.last[a["id"]], a)
		s.last[a["id"]] = a
	}
	if s.worked {
		s.checkWorked()
		s.worked = false
	}
	s.checkPrivacy()
	if s.mono != nil {
		s.checkMono()
	}
	if s.n%25 == 0 && !storetest.OnPostgres() {
		s.checkFiles()
		s.none("I15 a foreign key dangles", `PRAGMA foreign_key_check`)
		if got := s.ids(`PRAGMA integrity_check`); len(got) != 1 || got[0] != "ok" {
			s.t.Errorf("I15 integrity: %v", got)
		}
	}
	s.cover()
}

// broken finds what breaks an invariant in the rows as they are, besides what
// the program itself looks for: see store.Contradictions.
const broken = `
	SELECT 'I6 two open refreshes' AS what, account_id AS id
	FROM refreshes
	WHERE ended_at IS NULL
	GROUP BY account_id
	HAVING COUNT(*) > 1
	UNION ALL
	SELECT 'I18 what is kept of the links of a customer', id
	FROM customers
	WHERE links <> CASE
		WHEN EXISTS (SELECT 1 FROM accounts WHERE customer_id = customers.id AND status <> 'unlinked') THEN 'linked'
		WHEN EXISTS (SELECT 1 FROM accounts WHERE customer_id = customers.id) THEN 'unlinked'
		ELSE 'never' END
	UNION ALL
	SELECT 'I13 a row of another environment', id FROM accounts WHERE env <> $1
	UNION ALL
	SELECT 'I13 a row of another environment', id FROM records WHERE env <> $1
	UNION ALL
	SELECT 'I13 a row of another environment', id FROM link_attempts WHERE env <> $1
	UNION ALL
	SELECT 'I13 a balance of another environment', id FROM balances WHERE env NOT IN ('', CASE provider WHEN 'okra' THEN 'production-sandbox' ELSE $1 END)
	UNION ALL
	SELECT 'I13 a balance from an event of another environment', b.id
	FROM balances b JOIN events e ON e.id = b.event_id
	WHERE e.provider_env <> CASE e.provider WHEN 'okra' THEN 'production-sandbox' ELSE $1 END
	UNION ALL
	SELECT 'I12 a number in clear', id FROM accounts WHERE nuban <> '' AND nuban NOT LIKE 's1:%'
	UNION ALL
	SELECT 'I12 a payload in clear', id FROM events WHERE body NOT IN ($2, '{}') AND substr(body, 1, 3) <> $3
	UNION ALL
	SELECT 'I12 a report in clear', id FROM link_attempts WHERE report <> '' AND report NOT LIKE 's1:%'
	UNION ALL
	SELECT 'I12 a doubtful link in clear', id FROM link_attempts WHERE pending <> '' AND pending NOT LIKE 's1:%'`

func (s *world) checkRows() {
	s.t.Helper()
	s.none("", broken, s.Env, []byte("{}"), []byte("s1:"))
	wrong, err := s.Store.Contradictions(s.t.Context())
	if s.ok(err); len(wrong) > 0 {
		s.t.Errorf("step %d: I1, I2, I5: %+v", s.n, wrong[0])
	}
	asked := s.rows(`SELECT COUNT(*) AS n FROM refreshes WHERE kind = 'refresh'`)[0].ms("n")
	if calls := s.Sim.Calls("balance/refresh"); int64(calls) > asked+s.forgotten {
		s.t.Errorf("step %d: the bank was asked %d times for %d refreshes", s.n, calls, asked+s.forgotten)
	}
	if s.canary.Load() != 0 {
		s.t.Errorf("step %d: somebody was sent elsewhere", s.n)
	}
}

// checkFiles looks for what lies sealed, in clear anywhere in the database's files.
func (s *world) checkFiles() {
	s.t.Helper()
	files, err := filepath.Glob(s.path + "*")
	s.ok(err)
	for _, name := range files {
		content, err := os.ReadFile(name)
		if s.ok(err); bytes.Contains(content, []byte(`"callback_code"`)) {
			s.t.Errorf("step %d: I12 a payload lies in %s", s.n, filepath.Base(name))
		}
		for _, nuban := range s.numbers() {
			if strings.Contains(nuban, "000000") {
				continue // the simulator's ids count in the same way
			}
			if bytes.Contains(content, []byte(nuban)) {
				s.t.Errorf("step %d: I12 the number %s lies in %s", s.n, nuban, filepath.Base(name))
			}
		}
	}
}

// numbers are those of all accounts at banks.
func (s *world) numbers() (all []string) {
	for _, a := range s.Sim.Accounts() {
		all = append(all, a.NUBAN)
	}
	if s.mono != nil {
		for _, a := range s.mono.sim.Accounts() {
			all = append(all, a.NUBAN)
		}
	}
	return all
}

// checkAccount compares an account with what it was after the step before.
func (s *world) checkAccount(was, is row) {
	s.t.Helper()
	key := fmt.Sprint(is["provider"], is["env"], is["provider_id"])
	if owner, known := s.owners[key]; known && owner != is["customer_id"] && !s.erased[owner] && !s.released(is) {
		s.t.Errorf("step %d: I4 account %s went from %v to %v", s.n, key, owner, is["customer_id"])
	}
	s.owners[key] = is["customer_id"]
	future := s.clock().Add(5 * time.Minute).UnixMilli()
	if was != nil && is.ms("as_of") < was.ms("as_of") && was.ms("as_of") <= future {
		s.t.Errorf("step %d: I3 as-of went back from %d to %d", s.n, was.ms("as_of"), is.ms("as_of"))
	}
	if was != nil && strings.HasPrefix(fmt.Sprint(is["provider_id"]), fmt.Sprint(was["provider_id"], " released ")) {
		was["provider_id"] = is["provider_id"]
	}
	if was != nil && was["status"] == string(store.AccountUnlinked) && is["status"] == was["status"] {
		for column := range is {
			if was[column] != is[column] && column != "continues" { // of which staff say
				s.t.Errorf("step %d: of the unlinked account %v %s changed from %v to %v", s.n, is["id"], column, was[column], is[column])
			}
		}
	}
	if was != nil && was["balance_id"] == is["balance_id"] && was["observations"] == is["observations"] {
		return
	}
	if is.ms("as_of") > future {
		s.t.Errorf("step %d: a new balance is from the future", s.n)
	}
	fold := s.rows(`
		SELECT id, ledger_balance
		FROM balances
		WHERE account_id = $1 AND as_of <= $2
		ORDER BY as_of DESC, fact DESC
		LIMIT 1`, is["id"], is.ms("checked_at")+(5*time.Minute).Milliseconds())
	if len(fold) > 0 && fold[0]["id"] != is["balance_id"] {
		s.t.Errorf("step %d: I2 the latest balance is %v, the newest observation %v", s.n, is["balance_id"], fold[0])
	}
}

// released says that another customer had an account, has unlinked it, and staff
// have given it to who has it now.
func (s *world) released(is row) bool {
	s.t.Helper()
	return len(s.rows(`
		SELECT id
		FROM accounts
		WHERE status = 'unlinked' AND provider_id LIKE $1 || ' released %'`, is["provider_id"])) > 0
}

func (s *world) checkWorked() {
	s.t.Helper()
	now := s.clock().UnixMilli()
	minute := time.Minute.Milliseconds()
	s.none("I7 a refresh is open past its deadline", `
		SELECT id, state, deadline_at - $1 AS left FROM refreshes WHERE ended_at IS NULL AND deadline_at + $2 < $1`, now, minute)
	s.none("I7 a refresh is open that a clock set back would keep open", `
		SELECT id, state, created_at - $1 AS ahead FROM refreshes WHERE ended_at IS NULL AND created_at > $1 + $2`, now, 2*minute)
	s.none("an event was left", `SELECT id FROM events WHERE result = 'received'`)
	given, used := s.lastConsent()
	s.none("I14 a request is open without a consent in force", `
		SELECT r.id, r.state FROM refreshes r JOIN accounts ON accounts.id = r.account_id
		WHERE r.ended_at IS NULL AND NOT `+hasConsent, given, used)
	s.none("I14 a link is to be confirmed without a consent in force", `
		SELECT accounts.id FROM link_attempts accounts
		WHERE state = 'claimed' AND next_try_at <= $3 AND NOT `+hasConsent, given, used, now)
}

// cover notes which states there are.
func (s *world) cover() {
	for _, what := range s.ids(`
		SELECT DISTINCT 'refresh ' || state FROM refreshes
		UNION ALL SELECT DISTINCT 'attempt ' || state FROM link_attempts
		UNION ALL SELECT DISTINCT 'event ' || result FROM events
		UNION ALL SELECT DISTINCT 'account ' || status FROM accounts`) {
		s.all.reach(what)
	}
	if p := s.Okra.Budget.State().Pause; p.Kind != "" {
		s.all.reach("pause " + string(p.Kind))
	}
}

// coverage counts what all the runs came across.
type coverage struct {
	mu      sync.Mutex
	reached map[string]int
	wanted  map[string]bool
}

func newCoverage() *coverage {
	c := &coverage{reached: map[string]int{}, wanted: map[string]bool{}}
	for _, sc := range okrasim.Scenarios() {
		c.want("scenario", sc.Name)
	}
	for _, op := range operations {
		c.want("operation", op.name)
	}
	for _, n := range refusals {
		c.want("fault HTTP", n)
	}
	c.want("refresh", store.RefreshQueued, store.RefreshAsked, store.RefreshWaiting, store.RefreshChanged, store.RefreshUnchanged,
		store.RefreshNeedsLogin, store.RefreshLimited, store.RefreshFailed, store.RefreshTimedOut, store.RefreshInterrupted)
	c.want("attempt", store.AttemptOpen, store.AttemptClaimed, store.AttemptLinked, store.AttemptNeedsReview, store.AttemptClosed, store.AttemptFailed, store.AttemptRefused)
	c.want("doubtful link", "approved")
	c.want("event", store.EventReceived, store.EventApplied, store.EventUnmatched, store.EventIgnored, store.EventFailed)
	c.want("account", store.AccountLinked, store.AccountNeedsLogin, store.AccountUnlinked)
	c.want("webhook", "lost", "twice", "of another env", "of another owner")
	c.want("pause", "rate limited", "unreachable", "untrusted", "refused")
	c.want("fault", "refused connection")
	for odd := range oddities {
		c.want("odd answer", odd)
	}
	c.want("refused", "without consent")
	c.want("event", "dropped without consent")
	c.want("erased", "customer")
	c.want("disabled", "member of staff")
	c.want("sign-in", "too late")
	c.want("unlinked", "during a call")
	c.want("stopped", "during a call")
	return c
}

func (c *coverage) want(what string, values ...any) {
	for _, v := range values {
		c.reached[fmt.Sprintf("%s %v", what, v)] = 0
		c.wanted[fmt.Sprintf("%s %v", what, v)] = true
	}
}

func (c *coverage) reach(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reached[what]++
}

// seldom is what is wanted and was reached fewer than n times.
func (c *coverage) seldom(n int) (all []string) {
	for what, times := range c.reached {
		if times < n && c.wanted[what] {
			all = append(all, fmt.Sprintf("%s, %d times", what, times))
		}
	}
	slices.Sort(all)
	return all
}

// String lists what was reached and how often.
func (c *coverage) String() string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(c.reached)) {
		all = append(all, fmt.Sprintf("%s %d", what, c.reached[what]))
	}
	return "reached: " + strings.Join(all, ", ")
}
