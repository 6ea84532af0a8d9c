package monosim

import (
	"net/http"
	"strings"
	"time"
)

// realtimeEvery is how often a bank is asked about an account: asked earlier, the API
// "simply returns the headers with the last job id and status unchanged" ("Realtime
// data", 2026-03-10).
const realtimeEvery = 5 * time.Minute

// A job is one question to a bank.
type job struct {
	ID, Name string
	Account  *account
	Began    time.Time
	Due      time.Time
	Ended    bool
	Sync     string // how it went, once it has ended
	New      bool   // it found another balance than the saved one
	Asked    Scenario
}

// status is what the API calls the job.
func (j *job) status() string {
	switch {
	case !j.Ended:
		return "processing"
	case j.Sync == "FAILED", j.Sync == "REAUTHORISATION_REQUIRED":
		return "failed"
	}
	return "finished"
}

// ask returns the job of a question that comes now, which may be the last one.
func (s *Server) ask(a *account, name string) *job {
	if a.Job != nil && s.now().Sub(a.Job.Began) < realtimeEvery {
		return a.Job
	}
	return s.begin(a, s.newID(kindJob, a.Index), name, s.now())
}

func (s *Server) begin(a *account, id, name string, at time.Time) *job {
	delay := s.bankDelay(a.holding)
	j := &job{ID: id, Name: name, Account: a, Began: at, Due: at.Add(delay), Asked: a.bank()}
	if j.Asked == JobLost {
		j.Due = at.Add(100 * 365 * 24 * time.Hour)
	}
	a.Job, s.jobs[id] = j, j
	if !a.is(Shuffled) {
		s.send(a, s.jobEvent(j))
	}
	if j.Asked != JobLost {
		s.tasks.Later(max(0, j.Due.Sub(s.now())), func() { s.locked(func() { s.finish(j) }) })
	}
	return j
}

// job returns a job of an account, nil for none. One that was begun before a restart is
// taken up again: its id tells the account at the bank and, to the second, the start.
func (s *Server) job(a *account, id string) *job {
	if j := s.jobs[id]; j != nil {
		if j.Account != a {
			return nil
		}
		return j
	}
	parsed, ok := parseID(id, kindJob)
	if !ok || parsed.Holding != a.Index {
		return nil
	}
	j := s.begin(a, id, "jobs.accounts.sync_balance", parsed.At)
	s.settle(a)
	return j
}

// finish ends a job once: the bank has answered, or has not.
func (s *Server) finish(j *job) {
	a := j.Account
	if j.Ended || s.unlinked[a.ID] {
		return
	}
	j.Ended, j.Sync = true, "SUCCESSFUL"
	switch j.Asked {
	case NeedsLogin:
		j.Sync, a.Expired = "REAUTHORISATION_REQUIRED", true
	case SyncFailed, NoData:
		j.Sync = "FAILED"
	case OddSync:
		j.Sync = "INCOMPLETE_STATEMENT_ERROR" // of the /sync of 2022
	default:
		a.move()
		j.New = a.Balance != a.Saved && j.Asked != NoBalance
		a.fetch(j.Due)
	}
	list := []object{s.jobEvent(j), s.endEvent(j)}
	if a.is(Shuffled) {
		running := s.jobEvent(j)
		running["data"].(object)["status"] = "processing"
		list = append([]object{running}, list...)
	}
	s.send(a, list...)
}

// putHeaders tells of a job in the headers of the answer to a question. The page says
// that x-has-new-data is true or false, the changelog of 2025-09-16 that it is sent only
// where there is new data.
func (a *account) putHeaders(h http.Header, j *job) {
	if a.is(NoJobID) {
		return // as answers were before 2024-09
	}
	status := j.status()
	if a.is(UpperStatus) {
		status = strings.ToUpper(status)
	}
	h.Set("x-job-id", j.ID)
	h.Set("x-job-status", status)
	if j.Ended && (j.New || !a.is(OnlyNewHeader)) {
		h.Set("x-has-new-data", map[bool]string{true: "true", false: "false"}[j.New])
	}
	if a.is(ReauthHeader) && j.Sync == "REAUTHORISATION_REQUIRED" {
		h.Set("x-reauth-required", "true") // documents of 2023
	}
}

// jobStatus handles GET /v2/accounts/{id}/jobs/{job}.
func (s *Server) jobStatus(c *call) answer {
	a := c.account
	j := s.job(a, c.PathValue("job"))
	if j == nil {
		return notFound()
	}
	status := j.status()
	switch {
	case a.is(OldJobWords) && j.Ended:
		status = j.Sync // changelog of 2024-09, of webhooks
	case a.is(UpperStatus):
		status = strings.ToUpper(status)
	}
	return success("Job execution "+j.status(), object{
		"id": j.ID, "status": status, "name": j.Name, "account": a.ID, "business": s.cfg.Business, "app": s.cfg.App,
	})
}

func (s *Server) locked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}
