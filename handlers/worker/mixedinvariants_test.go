package worker

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/store"
	"balancelink/store/storetest"
)

// monoOracle is what the world knows of Mono that the product does not.
type monoOracle struct {
	jobMu sync.Mutex
	jobs  map[string]map[string]bool // by account of Mono's: questions that Mono put to the bank

	answers map[string]answer // by account of Mono's: the bank's last

	since  map[string]time.Time // by refresh: a moment, by the banks' clock, before it began
	looked time.Time            // when the last check was, by the banks' clock
	ended  map[string]bool      // refreshes, at the last check
	seen   string               // the newest balance, at the last check
}

func newMonoOracle() monoOracle {
	return monoOracle{answers: map[string]answer{}, jobs: map[string]map[string]bool{}, since: map[string]time.Time{}, ended: map[string]bool{}}
}

// answer is one of a bank: when it came, and when Mono told of it at the latest.
type answer struct{ came, told time.Time }

// noteAnswers takes note of what the banks have answered by now.
func (o *monoOracle) noteAnswers(sim *monosim.Server, now time.Time) {
	for _, a := range sim.Accounts() {
		for _, id := range a.Linked {
			if came := sim.Answered(id); !came.Equal(o.answers[id].came) {
				o.answers[id] = answer{came, now}
			}
		}
	}
}

// noteJob takes note of what Mono answers a question with.
func (o *monoOracle) noteJob(r *http.Request, job string) {
	account, of := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v2/accounts/"), "/balance")
	if job == "" || !of {
		return
	}
	o.jobMu.Lock()
	defer o.jobMu.Unlock()
	if o.jobs[account] == nil {
		o.jobs[account] = map[string]bool{}
	}
	o.jobs[account][job] = true
}

// checkMono checks what must hold of Mono's accounts whatever happened.
func (s *world) checkMono() {
	s.t.Helper()
	s.mono.settle()
	s.checkBasis()
	s.checkAges()
	s.checkJobs()
	s.checkOwners()
	s.checkSums()
	s.mono.looked = s.bank.Now()
	for _, what := range s.ids(`
		SELECT DISTINCT 'at Mono refresh ' || state FROM refreshes JOIN accounts ON accounts.id = account_id WHERE provider = 'mono'
		UNION ALL SELECT DISTINCT 'at Mono attempt ' || state FROM link_attempts WHERE provider = 'mono'
		UNION ALL SELECT DISTINCT 'at Mono claim by ' || claimed_by FROM link_attempts WHERE provider = 'mono' AND claimed_by <> ''
		UNION ALL SELECT DISTINCT 'at Mono figure ' || as_of_kind FROM balances WHERE provider = 'mono'
		UNION ALL SELECT DISTINCT 'at Mono history from ' || old.provider FROM accounts JOIN accounts AS old ON old.id = accounts.continues
		UNION ALL SELECT DISTINCT 'at Mono question ' || reason FROM account_questions`) {
		s.all.reach(what)
	}
}

// checkBasis: no figure is shown with a basis that it was not given.
func (s *world) checkBasis() {
	s.t.Helper()
	s.none("a figure of Mono's is called what Mono does not call it", `
		SELECT id, basis FROM balances WHERE provider = 'mono' AND (basis <> 'unspecified' OR available_balance IS NOT NULL)
		UNION ALL SELECT id, basis FROM accounts WHERE provider = 'mono' AND (ledger IS NOT NULL AND basis <> 'unspecified' OR available IS NOT NULL)`)
	s.none("a figure of Okra's is called what Okra does not call it", `
		SELECT id, basis FROM balances WHERE provider = 'okra' AND basis <> 'ledger'
		UNION ALL SELECT id, basis FROM accounts WHERE provider = 'okra' AND ledger IS NOT NULL AND basis <> 'ledger'`)
}

// checkAges: a stored copy or a failed job never lowers an account's age. A copy has the
// time of a balance before it; any other balance came of an answer of the bank, since
// somebody asked.
func (s *world) checkAges() {
	s.t.Helper()
	m := s.mono
	s.none("a copy made an account look younger", `
		SELECT copy.id, copy.as_of
		FROM balances AS copy
		WHERE copy.as_of_kind = 'unknown' AND copy.id > $1
		AND EXISTS (SELECT 1 FROM balances AS old WHERE old.account_id = copy.account_id AND old.id < copy.id)
		AND NOT EXISTS (
			SELECT 1 FROM balances AS old
			WHERE old.account_id = copy.account_id AND old.id < copy.id AND old.as_of = copy.as_of)`, m.seen)
	asked := s.askedLately()
	for _, b := range s.rows(`
		SELECT balances.id, accounts.id AS account, accounts.provider_id, balances.as_of, balances.as_of_kind, balances.source
		FROM balances JOIN accounts ON accounts.id = balances.account_id
		WHERE balances.provider = 'mono' AND balances.id > $1
		ORDER BY balances.id`, m.seen) {
		m.seen = fmt.Sprint(b["id"])
		last := m.answers[fmt.Sprint(b["provider_id"])]
		kind := b["as_of_kind"]
		if kind == "asked" && b["source"] == "webhook" {
			kind = "stated" // and our clock was behind: it is of when it came
		}
		switch kind {
		case "stated":
			if asOf := time.UnixMilli(b.ms("as_of")); asOf.After(last.told) {
				s.t.Errorf("step %d: a balance is of %v, and the bank answered last at %v: %v", s.n, asOf.UTC(), last.told, b)
			}
		case "asked":
			from, ok := asked[fmt.Sprint(b["account"])]
			if !ok || last.came.Before(from.Add(-mono.Interval)) {
				s.t.Errorf("step %d: nobody's answer is a balance: asked since %v, the bank answered last at %v: %v", s.n, from, last.came, b)
			}
		}
	}
}

// askedLately says of each account of Mono's since when, by the banks' clock, somebody has
// asked who waits, or waited at the last check.
func (s *world) askedLately() map[string]time.Time {
	s.t.Helper()
	m, asked := s.mono, map[string]time.Time{}
	for _, r := range s.rows(`
		SELECT refreshes.id, account_id, ended_at IS NOT NULL AS ended
		FROM refreshes JOIN accounts ON accounts.id = account_id
		WHERE accounts.provider = 'mono'
		ORDER BY refreshes.id`) {
		id := fmt.Sprint(r["id"])
		if _, known := m.since[id]; !known {
			m.since[id] = m.looked
		}
		if was := m.ended[id]; !was {
			account := fmt.Sprint(r["account_id"])
			if before, ok := asked[account]; !ok || m.since[id].Before(before) {
				asked[account] = m.since[id]
			}
		}
		m.ended[id] = r.ms("ended") == 1
	}
	return asked
}

// checkJobs: asking twice within the interval makes one job, so no account has more jobs
// than there were refreshes of it.
func (s *world) checkJobs() {
	s.t.Helper()
	for _, r := range s.rows(`
		SELECT provider_id, COUNT(*) AS n
		FROM accounts JOIN refreshes ON refreshes.account_id = accounts.id
		WHERE provider = 'mono'
		GROUP BY accounts.id`) {
		s.mono.jobMu.Lock()
		jobs := len(s.mono.jobs[fmt.Sprint(r["provider_id"])])
		s.mono.jobMu.Unlock()
		if int64(jobs) > r.ms("n") {
			s.t.Errorf("step %d: %d jobs at the bank of %v for %d refreshes", s.n, jobs, r["provider_id"], r.ms("n"))
		}
	}
}

// checkOwners: a code or ref of one attempt never binds to another customer, unless staff
// say so.
func (s *world) checkOwners() {
	s.t.Helper()
	for _, r := range s.rows(`
		SELECT accounts.provider_id, accounts.customer_id, COALESCE(link_attempts.decided_by, '') AS by
		FROM accounts JOIN records ON records.id = accounts.record_id LEFT JOIN link_attempts ON link_attempts.id = records.attempt_id
		WHERE accounts.provider = 'mono'`) {
		owner := s.mono.truth[strings.Fields(fmt.Sprint(r["provider_id"]))[0]].CustomerID
		if owner != r["customer_id"] && r["by"] == "" {
			s.t.Errorf("step %d: account %v was shared by %s and is bound to %v", s.n, r["provider_id"], owner, r["customer_id"])
		}
	}
}

// checkSums: one bank account counts once in every sum. Of what is in question, and of
// what staff have parted, that is for staff to say.
func (s *world) checkSums() {
	s.t.Helper()
	asked := append(s.ids(`SELECT account_id FROM account_questions ORDER BY account_id`), s.mono.parted...)
	var last string
	for _, r := range s.rows(`
		SELECT customer_id FROM accounts WHERE bank_key <> '' GROUP BY customer_id, bank_key, currency HAVING COUNT(*) > 1`) {
		customer := fmt.Sprint(r["customer_id"])
		if customer == last {
			continue
		}
		last = customer
		counted := map[string]string{}
		for _, a := range s.accounts(customer) {
			if a.Bank.Key == "" || a.NUBAN == "" || a.Status == store.AccountUnlinked || slices.Contains(asked, a.ID) {
				continue
			}
			key := a.Bank.Key + " " + a.NUBAN + " " + a.Currency
			if other := counted[key]; other != "" {
				s.t.Errorf("step %d: %s of %s counts twice, as %s and %s", s.n, key, customer, other, a.ID)
			}
			counted[key] = a.ID
		}
	}
}

// eitherOrder lets two copies of the program hear what Mono has to tell: one of them in
// the order in which it was sent, the other shuffled and twice. Both come to the same.
func (s *world) eitherOrder() {
	s.t.Helper()
	m := s.mono
	m.collect()
	if len(m.post) < 2 || storetest.OnPostgres() { // which copies no database that is in use
		return
	}
	shuffled := append(slices.Clone(m.post), m.post...)
	s.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	one, other := s.copyHears(m.post), s.copyHears(shuffled)
	for i := range max(len(one), len(other)) {
		var a, b string
		if i < len(one) {
			a = one[i]
		}
		if i < len(other) {
			b = other[i]
		}
		if a != b {
			s.t.Errorf("step %d: heard in order: %s\nshuffled and twice: %s", s.n, a, b)
			return
		}
	}
	s.all.reach("two orders of webhooks")
}

// copyHears is what a copy of the program has in the end that hears webhooks.
func (s *world) copyHears(bodies [][]byte) (rows []string) {
	s.t.Helper()
	path := filepath.Join(storetest.Folder(s.t), "copy.db")
	s.copyTo(path)
	cfg := s.Config
	cfg.Store = storetest.OpenWith(s.t, path, store.Options{
		Now: s.clock, ConsentValid: s.consentValid, ConsentUnused: s.consentUnused,
	})
	w := New(cfg)
	for _, body := range bodies {
		s.ok(receiveIn(w, s.mono.adapter, body))
		s.ok(w.applyAll(s.t.Context()))
	}
	s.ok(cfg.Store.Close())
	return s.toldBy(path)
}

func (s *world) copyTo(path string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.path+"?_busy_timeout=5000")
	s.ok(err)
	defer db.Close()
	_, err = db.ExecContext(s.t.Context(), `VACUUM INTO $1`, path)
	s.ok(err)
}

// toldBy is what webhooks have told, as a database has it.
func (s *world) toldBy(path string) (rows []string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_query_only=1&_busy_timeout=5000")
	s.ok(err)
	defer db.Close()
	found, err := db.QueryContext(s.t.Context(), `
		SELECT 'account', id, status, COALESCE(ledger, ''), as_of_kind, COALESCE(as_of, '') FROM accounts
		UNION ALL SELECT 'attempt', id, state, provider_record, claimed_by, code FROM link_attempts
		UNION ALL SELECT 'balance', account_id, ledger_balance, as_of_kind, source, as_of FROM balances
		ORDER BY 1, 2, 3, 4, 5, 6`)
	s.ok(err)
	defer found.Close()
	for found.Next() {
		var c [6]string
		s.ok(found.Scan(&c[0], &c[1], &c[2], &c[3], &c[4], &c[5]))
		rows = append(rows, strings.Join(c[:], " "))
	}
	s.ok(found.Err())
	return rows
}

// wantTruth fails unless an account that was just refreshed shows what the bank has.
func (s *world) wantTruth(a store.Account) {
	s.t.Helper()
	now := s.account(a.ID)
	has, _ := s.mono.linked(a)
	bank := store.Minor(has.Balance)
	if now.Figure != bank || now.AsOf.After(s.clock()) || s.clock().Sub(now.AsOf) > deadline {
		s.t.Errorf("once all is well %s shows %v as of %v, and the bank has %v", a.NUBAN, now.Figure, now.AsOf, bank)
	}
}
