package okrasim

import (
	"slices"
	"strings"
	"time"
)

// A job is one refresh or check that a bank works on.
type job struct {
	ID      objectID
	Account *account
	Due     time.Time
	Done    bool
	Outcome Scenario // of a finished job: NeedsLogin, Failed or Normal
	Changed bool     // of a finished one: the bank had another figure than the saved one
}

// refreshBalance handles POST balance/refresh: it starts a job and says where
// to ask for its end.
func (s *Server) refreshBalance(q query) answer {
	return one(aboutAccount(s, q), func(a *account) answer { return s.startJob(kindRefresh, "BALANCE", a) })
}

// checkBalance handles POST balance/check. That its answer looks like that of
// a refresh is [inferred]: the docs only say that it has a callback_url.
func (s *Server) checkBalance(q query) answer {
	return one(aboutAccount(s, q), func(a *account) answer { return s.startJob(kindCheck, "CHECK_BALANCE", a) })
}

func (s *Server) startJob(kind byte, method string, a *account) answer {
	if a.Scenario == RateLimited {
		return answer{Status: 429, RetryAfter: "60", Body: object{"status": "error", "type": "RATE_LIMIT",
			"message": "Too many requests. You can try again in 60 seconds."}}
	}
	a.Connected = true // it may have been shared before a restart
	j := &job{ID: s.newID(kind, a.Login, a.Index, 0), Account: a}
	delay := s.bankDelay(a)
	j.Due = s.now().Add(delay)
	s.watch(j, delay)
	started := success("Balance checking...", object{
		"callback_url": s.callbackURL(a, j.ID, method), "record": a.ref(j.ID.String(), nil), "method": method,
	})
	if a.Scenario == NoRecord {
		started = success("Balance checking...", object{"callback_url": "undefined", "method": method})
	}
	if a.Scenario == EarlyWebhook {
		started.First = s.finish(j)
	}
	return started
}

func (s *Server) bankDelay(a *account) time.Duration {
	if a.Scenario == SlowBank {
		return 10 * s.cfg.BankDelay
	}
	return s.cfg.BankDelay
}

// watch keeps a job and finishes it after a delay, whether anybody asks or not.
func (s *Server) watch(j *job, delay time.Duration) {
	s.jobs[j.ID.String()] = j
	s.tasks.Later(delay, func() {
		s.mu.Lock()
		early := s.finish(j)
		s.mu.Unlock()
		early()
	})
}

// job returns a job by its record id. One that was started before a restart is
// taken up again: its id tells the account and, to the second, the start.
func (s *Server) job(id string) *job {
	if j := s.jobs[id]; j != nil {
		return j
	}
	parsed, ok := parseID(id)
	if !ok || parsed.Kind != kindRefresh && parsed.Kind != kindCheck {
		return nil
	}
	a := s.account(fixedID(kindAccount, parsed.Login, parsed.Account))
	a.Connected = true
	j := &job{ID: parsed, Account: a, Due: parsed.At.Add(s.bankDelay(a))}
	s.watch(j, max(0, j.Due.Sub(s.now())))
	return j
}

// finish ends a job once: the bank has answered. It sends the webhooks of a
// refresh and returns what has to run without the lock, never nil.
func (s *Server) finish(j *job) (early func()) {
	early = func() {}
	if j.Done {
		return early
	}
	a := j.Account
	j.Done = true
	switch {
	case j.ID.Kind == kindCheck:
		j.Changed = a.Bank != a.Saved
	case a.Scenario == NeedsLogin, a.Scenario == Failed:
		j.Outcome = a.Scenario
	default:
		older, olderAt := a.visible(), a.SavedAt
		a.move()
		j.Changed = a.Bank != a.Saved
		if a.Scenario == OldFigure {
			break
		}
		a.fetch(s.answeredAt(j))
		early = s.sendRefreshed(j, older, olderAt)
	}
	return early
}

// answeredAt is when the bank answered, however late that is noticed: a figure
// found at a look that nobody took for an hour is an hour old.
func (s *Server) answeredAt(j *job) time.Time {
	if now := s.now(); now.Before(j.Due) {
		return now
	}
	return j.Due
}

// finishDue ends the jobs of an account that the bank has answered by now,
// whether anybody has asked or not.
func (s *Server) finishDue(a *account) (early func()) {
	var due []*job
	for _, j := range s.jobs {
		if j.Account == a && !j.Done && !s.now().Before(j.Due) {
			due = append(due, j)
		}
	}
	slices.SortFunc(due, func(a, b *job) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	var all []func()
	for _, j := range due {
		all = append(all, s.finish(j))
	}
	return func() {
		for _, f := range all {
			f()
		}
	}
}

// callbackURL is where a caller asks for the end of a job, or for what a link
// brought. The sandbox's payloads really named the base without /sandbox/.
func (s *Server) callbackURL(a *account, id objectID, method string) string {
	base, path := s.cfg.PublicURL, "callback"
	switch a.Scenario {
	case UndefinedURL:
		path = "undefined"
	case OtherHostURL:
		base = "http://127.0.0.1:9"
	}
	return base + "/v2/" + path + "?record=" + id.String() + "&method=" + method
}

// callback handles GET callback?record=…&method=….
func (s *Server) callback(q query) answer {
	if r := s.adoptLink(q.text("record")); r != nil {
		return s.balanceAnswer(r.ID, aboutRecord(s, q))
	}
	j := s.job(q.text("record"))
	if j == nil || (j.ID.Kind == kindCheck) != (q.text("method") == "CHECK_BALANCE") {
		return unknown("Record")
	}
	early := s.finishDue(j.Account)
	started := s.jobAnswer(j)
	started.First = early
	return started
}

func (s *Server) jobAnswer(j *job) answer {
	switch {
	case !j.Done:
		// [invented]: the docs only say "after two minutes"; status.process is
		// the sole hint of how a running job may look.
		return success("Balance checking...", object{"record": j.ID.String(), "status": process(true)})
	case j.ID.Kind == kindCheck, j.Outcome == "" && j.Account.Scenario.saysChangedOnly():
		return s.checkAnswer(j)
	case j.Outcome == NeedsLogin:
		j.Account.Expired = true
		// [invented]: EXPIRED is a documented error name, the body is not.
		return answer{Body: object{"status": "error", "type": "EXPIRED", "code": 1010,
			"message": "The customer must sign in to the bank again."}}
	case j.Outcome == Failed:
		return answer{Body: object{"type": "error", "error": true, "status": false, "code": 1003,
			"method": "Product Fetch Error", "message": "Unable to fetch balance. Please try again."}}
	}
	return s.balanceAnswer(j.ID, []*account{j.Account})
}

// checkAnswer has the seed's two shapes: only "unchanged" has last_fetched and
// ISO dates. Neither has an amount.
func (s *Server) checkAnswer(j *job) answer {
	a := j.Account
	data := object{"balance_changed": j.Changed}
	if j.Changed || a.Scenario == OldDates {
		data["last_checked"] = j.Due.In(lagos).Format(jsDate)
	} else {
		data["last_checked"], data["last_fetched"] = a.date(j.Due), a.date(a.SavedAt)
	}
	return success("Successfully checked balance", data)
}

// balanceAnswer is the callback's answer for method BALANCE, after the only
// model of it (OkraDotNet): ids are `id`, connected is a boolean. The members
// that the model lacks are there under the names of the documented object.
func (s *Server) balanceAnswer(id objectID, accounts []*account) answer {
	list := each(accounts, func(a *account) object { return s.callbackBalance(id, a) })
	data := object{
		"balances": list, "product": "balance", "record": id.String(), "products": usedProducts(),
		"status": process(false),
	}
	if len(list) > 0 {
		data["balance"] = list[0]
	}
	return success("Balance retrieved successfully", data)
}

func (s *Server) callbackBalance(id objectID, a *account) object {
	o := object{
		"id": a.BalanceID, "env": env, "currency": a.Currency, "connected": a.Connected,
		"account": object{"id": a.ID, "nuban": a.NUBAN, "name": a.holder()},
		"customer": object{
			"id": customerID(a.Login), "name": a.customer().Name, "email": []string{a.customer().email()},
			"phone": []string{},
		},
		"record": a.ref(id.String(), nil), "owner": a.ref(s.cfg.ClientToken, nil),
		"created_at": a.date(sandboxEpoch), "last_updated": a.date(a.SavedAt),
		"available_balance": nil, // null here, left out elsewhere: both occur
	}
	if a.Scenario == ObjectIDs {
		o["account"], o["customer"] = a.ID, customerID(a.Login)
	}
	a.visible().putAmounts(o)
	return o
}
