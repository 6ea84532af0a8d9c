package monosim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
)

// TestEveryScenarioIsWhatItSays shows of each what the wire has, and what our client
// reads of it.
func TestEveryScenarioIsWhatItSays(t *testing.T) {
	shown := map[monosim.Scenario]func(*testing.T, *world){}
	for _, table := range []map[monosim.Scenario]func(*testing.T, *world){ofBanks, ofCalls(), ofAnswers, ofWebhooks, ofLinks} {
		maps.Copy(shown, table)
	}
	for _, i := range monosim.Scenarios() {
		t.Run(string(i.Name), func(t *testing.T) {
			if shown[i.Name] == nil {
				t.Fatal("no test shows it")
			}
			shown[i.Name](t, newWorld(t))
		})
	}
}

// linkedUnder links an account that has scenarios, and returns Mono's id and what is
// heard.
func (w *world) linkedUnder(nuban string, list ...monosim.Scenario) (id string, told []hook) {
	w.t.Helper()
	w.SetScenarios(nuban, list...)
	id = w.link(nuban)
	return id, w.hooks()
}

// asked links an account, asks its bank about it under scenarios, and returns what is
// heard until the bank has answered.
func (w *world) asked(list ...monosim.Scenario) (id string, job mono.Job, told []hook) {
	w.t.Helper()
	id = w.linked(plain)
	w.SetScenarios(plain, list...)
	job, err := w.client.Refresh(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
	w.after(delay)
	return id, job, w.hooks()
}

// end is the last of what is heard.
func end(t *testing.T, told []hook) hook {
	t.Helper()
	if len(told) == 0 {
		t.Fatal("nothing was heard")
	}
	return told[len(told)-1]
}

func meta(h hook, key string) any    { return dig(h.json, "data", "meta", key) }
func account(h hook, key string) any { return dig(h.json, "data", "account", key) }

func (w *world) stored(id string) provider.Amount {
	w.t.Helper()
	a, err := w.client.Stored(w.t.Context(), id)
	if err != nil {
		w.t.Error(err)
	}
	return a.Balance
}

var opening = provider.Amount{Minor: 15_337, Known: true} // of the plain account

var ofBanks = map[monosim.Scenario]func(*testing.T, *world){
	monosim.SlowBank: func(t *testing.T, w *world) {
		id, job, told := w.asked(monosim.SlowBank)
		if state, err := w.client.Job(t.Context(), id, job.ID); err != nil || state != mono.JobRunning || len(told) != 1 {
			t.Errorf("after the usual time the job is %s, %v", state, err)
		}
		w.after(9 * delay)
		if state, err := w.client.Job(t.Context(), id, job.ID); err != nil || state != mono.JobDone {
			t.Errorf("after ten times it is %s, %v", state, err)
		}
	},
	monosim.SlowLink: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.SlowLink)
		if a, err := w.client.Account(t.Context(), id); names(told) != "account_connected" || err != nil || a.Standing() != mono.Pending {
			t.Errorf("heard %s; Account = %+v, %v", names(told), a, err)
		}
		w.after(10 * time.Minute)
		if e := end(t, w.hooks()).event; e.Kind != mono.Updated || e.Account.Standing() != mono.Fresh {
			t.Errorf("after ten minutes: %+v", e)
		}
	},
	monosim.Unchanged: func(t *testing.T, w *world) {
		id, _, told := w.asked(monosim.Unchanged)
		last := end(t, told)
		_, headers, _ := w.call("GET", "/v2/accounts/"+id+"/balance", nil, "x-realtime", "true")
		if headers.Get("x-has-new-data") != "false" || headers.Get("x-job-status") != "finished" || meta(last, "has_new_data") != nil {
			t.Errorf("it ends with %v and %s", headers, last.body)
		}
		if last.event.Account.Standing() != mono.Fresh || last.event.Account.Balance != opening {
			t.Errorf("it reads %+v", last.event.Account)
		}
	},
	monosim.SyncFailed: func(t *testing.T, w *world) {
		id, job, told := w.asked(monosim.SyncFailed)
		last := end(t, told)
		if meta(last, "data_status") != "AVAILABLE" || meta(last, "sync_status") != "FAILED" || meta(last, "job_id") != job.ID {
			t.Errorf("it ends with %s", last.body)
		}
		if state, err := w.client.Job(t.Context(), id, job.ID); err != nil || state != mono.JobFailed {
			t.Errorf("Job = %s, %v", state, err)
		}
		if last.event.Account.Standing() != mono.Old || w.stored(id) != opening || !last.event.Account.UpdatedAt.Before(w.Now().Add(-delay/2)) {
			t.Errorf("it reads %+v", last.event.Account)
		}
	},
	monosim.NeedsLogin: func(t *testing.T, w *world) {
		id, job, told := w.asked(monosim.NeedsLogin)
		last := end(t, told)
		if meta(last, "data_status") != "AVAILABLE" || meta(last, "sync_status") != "REAUTHORISATION_REQUIRED" {
			t.Errorf("it ends with %s", last.body)
		}
		if state, err := w.client.Job(t.Context(), id, job.ID); err != nil || state != mono.JobFailed || last.event.Account.Standing() != mono.NeedsLogin {
			t.Errorf("Job = %s, %v; it reads %+v", state, err, last.event.Account)
		}
	},
	monosim.BalanceOnly: func(t *testing.T, w *world) {
		const dollars = "5071112223"
		id, told := w.linkedUnder(dollars, monosim.BalanceOnly)
		last := end(t, told)
		if text, _ := json.Marshal(meta(last, "retrieved_data")); meta(last, "data_status") != "FAILED" || string(text) != `["balance"]` || account(last, "currency") != "USD" {
			t.Errorf("its first data are %s", last.body)
		}
		a, err := w.client.Account(t.Context(), id)
		if err != nil || a.Data != "FAILED" || a.Standing() != mono.Fresh || a.Balance.Minor != 52_417 || a.Currency != "USD" {
			t.Errorf("Account = %+v, %v", a, err)
		}
	},
	monosim.NoBalance: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.NoBalance)
		last := end(t, told)
		if text, _ := json.Marshal(meta(last, "retrieved_data")); meta(last, "data_status") != "PARTIAL" || string(text) != `["transactions"]` || account(last, "balance") != json.Number("0") {
			t.Errorf("its first data are %s", last.body)
		}
		if a, err := w.client.Account(t.Context(), id); err != nil || a.Standing() != mono.Missing || last.event.Account.Standing() != mono.Missing {
			t.Errorf("Account = %+v, %v", a, err)
		}
	},
	monosim.NoData: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.NoData)
		if last := end(t, told); meta(last, "data_status") != "UNAVAILABLE" || last.event.Account.Standing() != mono.Missing {
			t.Errorf("its first data are %s", last.body)
		}
		if _, err := w.client.Refresh(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		w.after(delay)
		if last := end(t, w.hooks()); meta(last, "sync_status") != "FAILED" || last.event.Account.Standing() != mono.Old {
			t.Errorf("a question ends with %s", last.body)
		}
	},
	monosim.JobLost: func(t *testing.T, w *world) {
		id, job, told := w.asked(monosim.JobLost)
		w.after(48 * time.Hour)
		if state, err := w.client.Job(t.Context(), id, job.ID); err != nil || state != mono.JobRunning || len(told) != 1 || len(w.hooks()) != 0 {
			t.Errorf("Job = %s, %v; heard %s", state, err, names(told))
		}
	},
	monosim.OddSync: func(t *testing.T, w *world) {
		_, _, told := w.asked(monosim.OddSync)
		if last := end(t, told); meta(last, "sync_status") != "INCOMPLETE_STATEMENT_ERROR" || last.event.Account.Standing() != mono.Old {
			t.Errorf("it ends with %s", last.body)
		}
	},
}

// ofCalls are scenarios that every call about the account suffers.
func ofCalls() map[monosim.Scenario]func(*testing.T, *world) {
	table := map[monosim.Scenario]func(*testing.T, *world){}
	for sc, row := range map[monosim.Scenario]struct {
		status     int
		body       string // how it begins
		kind       provider.Kind
		retryAfter time.Duration
	}{
		monosim.Unpaid:      {402, `{`, provider.KindRefused, 0},
		monosim.Forbidden:   {403, `{`, provider.KindRefused, 0},
		monosim.Limited:     {429, `{`, provider.KindRateLimited, time.Minute},
		monosim.LimitedBare: {429, `{`, provider.KindRateLimited, time.Minute}, // our own guess
		monosim.ServerError: {503, ``, provider.KindUnreachable, 0},
		monosim.WebPage:     {502, `<!doctype html>`, provider.KindUnreachable, 0},
		monosim.SaysFailed:  {200, `{`, provider.KindFetchFailed, 0},
		monosim.HalfJSON:    {200, `{"status":"successful",`, provider.KindBadAnswer, 0},
		monosim.Redirect:    {302, ``, provider.KindUntrusted, 0},
	} {
		table[sc] = func(t *testing.T, w *world) {
			id := w.linked(plain)
			w.SetScenarios(plain, sc)
			for _, path := range []string{"", "/balance"} {
				status, headers, body := w.text("/v2/accounts/" + id + path)
				if status != row.status || !strings.HasPrefix(body, row.body) || (headers.Get("Retry-After") == "60") != (sc == monosim.Limited) {
					t.Errorf("%s: %d %v %s", path, status, headers, body)
				}
			}
			_, err := w.client.Refresh(t.Context(), id)
			e, _ := err.(*provider.Error)
			if e == nil || e.Kind != row.kind || e.RetryAfter != row.retryAfter {
				t.Errorf("Refresh = %v", err)
			}
		}
	}
	table[monosim.Silence] = func(t *testing.T, w *world) {
		id := w.linked(plain)
		w.SetScenarios(plain, monosim.Silence)
		// A connection that was used before would be tried again.
		fresh := &mono.Client{BaseURL: w.client.BaseURL, SecretKey: key}
		over := make(chan error)
		go func() {
			_, err := fresh.Refresh(t.Context(), id)
			over <- err
		}()
		sitetest.Await(t, "the call", func() string { return "none" }, func() bool { return w.Alarms() == 1 })
		w.Advance(90 * time.Second)
		if err := sitetest.Receive(t, over, "its end"); provider.KindOf(err) != provider.KindUnreachable {
			t.Errorf("Refresh = %v", err)
		}
	}
	return table
}

var ofAnswers = map[monosim.Scenario]func(*testing.T, *world){
	monosim.FractionalKobo: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.FractionalKobo)
		_, _, body := w.call("GET", "/v2/accounts/"+id+"/balance", nil)
		if dig(body, "data", "balance") != json.Number("15337.5") || account(end(t, told), "balance") != json.Number("15337.5") {
			t.Errorf("the balance is %v", body)
		}
		if a, err := w.client.Stored(t.Context(), id); err != nil || a.Balance.Known || a.Unreadable.Field("balance") == "" {
			t.Errorf("Stored = %+v, %v", a, err)
		}
	},
	monosim.TextBalance: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.TextBalance)
		if got := account(end(t, told), "balance"); got != "15337" || w.stored(id) != opening {
			t.Errorf("the balance is %v, read as %v", got, w.stored(id))
		}
	},
	monosim.Naira: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.Naira)
		if a, err := w.client.Stored(t.Context(), id); account(end(t, told), "currency") != "Naira" || err != nil || a.Currency != "NGN" {
			t.Errorf("%s reads %+v, %v", end(t, told).body, a, err)
		}
	},
	monosim.NameOrder: func(t *testing.T, w *world) {
		if _, told := w.linkedUnder(several, monosim.NameOrder); end(t, told).event.Account.Name != "UMEH NGOZI CHIDERA" {
			t.Errorf("it reads %s", end(t, told).event.Account.Name)
		}
	},
	monosim.LowerCase: func(t *testing.T, w *world) {
		_, _, told := w.asked(monosim.LowerCase)
		if last := end(t, told); meta(last, "data_status") != "available" || meta(last, "sync_status") != "successful" || last.event.Account.Standing() != mono.Fresh {
			t.Errorf("%s reads %s", last.body, last.event.Account.Standing())
		}
	},
	monosim.ThinBody: func(t *testing.T, w *world) {
		id := w.linked(plain)
		w.SetScenarios(plain, monosim.ThinBody)
		_, headers, body := w.call("GET", "/v2/accounts/"+id+"/balance", nil, "x-realtime", "true")
		if text, _ := json.Marshal(body["data"]); headers.Get("x-job-status") != "processing" || string(text) != `{"id":"`+id+`"}` {
			t.Errorf("it answers %s with %v", text, headers)
		}
		w.runs(id)
	},
	monosim.NullBody: func(t *testing.T, w *world) {
		id := w.linked(plain)
		w.SetScenarios(plain, monosim.NullBody)
		_, _, body := w.call("GET", "/v2/accounts/"+id+"/balance", nil, "x-real-time", "true") // the other spelling
		if data, stated := body["data"]; !stated || data != nil || body["status"] != "successful" {
			t.Errorf("it answers %v", body)
		}
		w.runs(id)
	},
	monosim.OnlyNewHeader: func(t *testing.T, w *world) {
		id, _, _ := w.asked(monosim.OnlyNewHeader, monosim.Unchanged)
		_, headers, _ := w.call("GET", "/v2/accounts/"+id+"/balance", nil, "x-realtime", "true")
		if _, stated := headers["X-Has-New-Data"]; stated || headers.Get("x-job-status") != "finished" {
			t.Errorf("without news it answers with %v", headers)
		}
		w.SetScenarios(plain, monosim.OnlyNewHeader)
		w.after(5 * time.Minute)
		w.runs(id)
		w.after(delay)
		_, headers, _ = w.call("GET", "/v2/accounts/"+id+"/balance", nil, "x-realtime", "true")
		if headers.Get("x-has-new-data") != "true" {
			t.Errorf("with news it answers with %v", headers)
		}
	},
	monosim.NoJobID: func(t *testing.T, w *world) {
		_, job, told := w.asked(monosim.NoJobID)
		if job != (mono.Job{State: mono.JobRunning}) || end(t, told).event.Account.Standing() != mono.Fresh {
			t.Errorf("Refresh = %+v; heard %s", job, names(told))
		}
	},
	monosim.UpperStatus: func(t *testing.T, w *world) {
		id := w.linked(plain)
		w.SetScenarios(plain, monosim.UpperStatus)
		_, headers, _ := w.call("GET", "/v2/accounts/"+id+"/balance", nil, "x-realtime", "true")
		w.after(delay)
		_, _, body := w.call("GET", "/v2/accounts/"+id+"/jobs/"+headers.Get("x-job-id"), nil)
		if headers.Get("x-job-status") != "PROCESSING" || dig(body, "data", "status") != "FINISHED" {
			t.Errorf("it answers %v, then %v", headers, body)
		}
		if state, err := w.client.Job(t.Context(), id, headers.Get("x-job-id")); err != nil || state != mono.JobDone {
			t.Errorf("Job = %s, %v", state, err)
		}
	},
	monosim.ReauthHeader: func(t *testing.T, w *world) {
		id, job, _ := w.asked(monosim.ReauthHeader, monosim.NeedsLogin)
		_, headers, _ := w.call("GET", "/v2/accounts/"+id+"/balance", nil, "x-realtime", "true")
		again, err := w.client.Refresh(t.Context(), id)
		if headers.Get("x-reauth-required") != "true" || err != nil || again != (mono.Job{ID: job.ID, State: mono.JobNeedsLogin}) {
			t.Errorf("it answers with %v, read as %+v, %v", headers, again, err)
		}
	},
	monosim.OldJobWords: func(t *testing.T, w *world) {
		id, job, _ := w.asked(monosim.OldJobWords, monosim.NeedsLogin)
		_, _, body := w.call("GET", "/v2/accounts/"+id+"/jobs/"+job.ID, nil)
		state, err := w.client.Job(t.Context(), id, job.ID)
		if dig(body, "data", "status") != "REAUTHORISATION_REQUIRED" || err != nil || state != mono.JobNeedsLogin {
			t.Errorf("it answers %v, read as %s, %v", body, state, err)
		}
	},
	monosim.BadNext: func(t *testing.T, w *world) {
		id := w.linked(plain)
		next := func() any {
			_, _, body := w.call("GET", "/v2/accounts/"+id+"/transactions?page=2", nil)
			if rows, _ := body["data"].([]any); len(rows) != 10 || dig(body, "meta", "total") != json.Number("25") {
				t.Errorf("transactions = %v", body)
			}
			return dig(body, "meta", "next")
		}
		if got := next(); got != "https://api.withmono.com/v2/"+id+"/transactions?page=3" {
			t.Errorf("the documented next page is %v", got)
		}
		w.SetScenarios(plain, monosim.BadNext)
		if got := next(); got != "accounts/"+id+"/transactions?page=" {
			t.Errorf("the next page is %v", got)
		}
	},
	monosim.Gone400: func(t *testing.T, w *world) {
		id := w.linked(plain)
		w.SetScenarios(plain, monosim.Gone400)
		if err := w.Unlink(id); err != nil {
			t.Fatal(err)
		}
		status, _, body := w.call("GET", "/v2/accounts/"+id, nil)
		if err := w.client.Unlink(t.Context(), id); status != 400 || body["status"] != "failed" || provider.KindOf(err) != provider.KindBadRequest {
			t.Errorf("it answers %d %v; Unlink = %v", status, body, err)
		}
	},
}

// runs asks the bank, and fails unless our client reads that it is under way.
func (w *world) runs(id string) {
	w.t.Helper()
	if job, err := w.client.Refresh(w.t.Context(), id); err != nil || job.State != mono.JobRunning || job.ID == "" {
		w.t.Errorf("Refresh = %+v, %v", job, err)
	}
}

var ofWebhooks = map[monosim.Scenario]func(*testing.T, *world){
	monosim.Duplicate: func(t *testing.T, w *world) {
		_, told := w.linkedUnder(plain, monosim.Duplicate)
		if names(told) != "account_connected account_connected account_updated account_updated" ||
			!bytes.Equal(told[0].body, told[1].body) || told[2].event.ID != told[3].event.ID {
			t.Errorf("heard %s", names(told))
		}
	},
	monosim.Late: func(t *testing.T, w *world) {
		_, told := w.linkedUnder(plain, monosim.Late)
		w.after(2 * delay)
		w.after(delay)
		if late := w.hooks(); len(told) != 0 || names(late) != "account_connected account_updated" {
			t.Errorf("heard %s, then %s", names(told), names(late))
		}
	},
	monosim.Never: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.Never)
		w.after(time.Hour)
		all, err := w.client.Accounts(t.Context())
		if told = append(told, w.hooks()...); len(told) != 0 || err != nil || len(all) != 1 || all[0].ID != id {
			t.Errorf("heard %s; Accounts = %+v, %v", names(told), all, err)
		}
	},
	monosim.Shuffled: func(t *testing.T, w *world) {
		_, job, told := w.asked(monosim.Shuffled)
		if names(told) != "account_updated update update" || told[1].event.Job.State != mono.JobDone || told[2].event.Job != job {
			t.Errorf("heard %s", names(told))
		}
	},
	monosim.UpdatedFirst: func(t *testing.T, w *world) {
		if _, told := w.linkedUnder(plain, monosim.UpdatedFirst); names(told) != "account_updated account_connected" || told[0].event.Account.Ref == "" {
			t.Errorf("heard %s: %s", names(told), told[0].body)
		}
	},
	monosim.WrongSecret: func(t *testing.T, w *world) {
		if _, told := w.linkedUnder(plain, monosim.WrongSecret); told[0].secret == secret || told[0].secret == "" {
			t.Errorf("the secret is %q", told[0].secret)
		}
	},
	monosim.OldSecret: func(t *testing.T, w *world) {
		if _, told := w.linkedUnder(plain, monosim.OldSecret); told[0].secret != before {
			t.Errorf("the secret is %q", told[0].secret)
		}
	},
	monosim.OtherApp: func(t *testing.T, w *world) {
		_, usual := w.linkedUnder(plain)
		_, told := w.linkedUnder(plain, monosim.OtherApp)
		if a, b := usual[0].event.App, told[0].event.App; a == b || a == "" || b == "" || dig(told[0].json, "data", "business") == nil {
			t.Errorf("the apps are %q and %q", a, b)
		}
	},
	monosim.NoEventID: func(t *testing.T, w *world) {
		_, told := w.linkedUnder(plain, monosim.NoEventID)
		e := told[0].event
		if _, stated := told[0].json["timestamp"]; stated || e.ID != "" || e.Key(told[0].body, time.Time{}) == "" || e.Key(told[0].body, time.Time{}) == told[1].event.Key(told[1].body, time.Time{}) {
			t.Errorf("heard %s", told[0].body)
		}
	},
	monosim.SwappedIDs: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.SwappedIDs)
		if dig(told[0].json, "data", "_id") != id || account(told[1], "id") != id || account(told[1], "_id") != nil ||
			told[0].event.Account.ID != id || told[1].event.Account.ID != id {
			t.Errorf("heard %s and %s", told[0].body, told[1].body)
		}
	},
	monosim.OtherAccount: func(t *testing.T, w *world) {
		id, job, told := w.asked(monosim.OtherAccount)
		if account(told[0], "_id") != id || dig(told[0].json, "data", "status") != "RUNNING" || dig(told[0].json, "data", "job_id") != job.ID ||
			told[0].event.Account.ID != id || told[0].event.Job != job {
			t.Errorf("heard %s", told[0].body)
		}
		if err := w.Unlink(id); err != nil {
			t.Fatal(err)
		}
		if last := end(t, w.hooks()); dig(last.json, "data", "account") != id || last.event.Account.ID != id {
			t.Errorf("heard %s", last.body)
		}
	},
	monosim.NIPCode: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.NIPCode)
		a, err := w.client.Account(t.Context(), id)
		if end(t, told).event.Account.Bank.Code != "000017" || err != nil || a.Bank.Code != "035" {
			t.Errorf("heard %s; Account = %+v, %v", end(t, told).body, a, err)
		}
	},
	monosim.FullBVN: func(t *testing.T, w *world) {
		_, told := w.linkedUnder(plain, monosim.FullBVN)
		bvn, _ := account(end(t, told), "bvn").(string)
		_, kept, err := mono.ReceiveEvent(end(t, told).body)
		if len(bvn) != 11 || err != nil || bytes.Contains(kept, []byte(bvn)) || bytes.Contains(kept, []byte(bvn[7:])) {
			t.Errorf("of %q is kept %s, %v", bvn, kept, err)
		}
	},
	monosim.NullBVN: func(t *testing.T, w *world) {
		_, told := w.linkedUnder(plain, monosim.NullBVN)
		if bvn, stated := dig(end(t, told).json, "data", "account").(object)["bvn"]; bvn != nil || !stated {
			t.Errorf("heard %s", end(t, told).body)
		}
	},
	monosim.RESTShape: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.RESTShape)
		last := end(t, told)
		if account(last, "account_number") != plain || account(last, "id") != id || dig(last.json, "data", "account", "institution", "bank_code") != "035" {
			t.Errorf("heard %s", last.body)
		}
		if a := last.event.Account; a.ID != id || a.NUBAN != plain || a.Bank.Code != "035" || a.Balance != opening {
			t.Errorf("it reads %+v", a)
		}
	},
	monosim.CutShort: func(t *testing.T, w *world) {
		id, job, told := w.asked(monosim.CutShort, monosim.SyncFailed)
		last := end(t, told)
		if text, _ := json.Marshal(dig(last.json, "data", "account")); string(text) != `{"_id":"`+id+`"}` || meta(last, "has_new_data") != false {
			t.Errorf("heard %s", last.body)
		}
		if a := last.event.Account; a.ID != id || a.Job != job.ID || a.Standing() != mono.Old || a.Balance.Known {
			t.Errorf("it reads %+v", a)
		}
	},
	monosim.OldEvents: func(t *testing.T, w *world) {
		id, _, told := w.asked(monosim.OldEvents, monosim.SyncFailed)
		if e := end(t, told).event; e.Kind != mono.SyncFailed || e.Account.ID != id {
			t.Errorf("heard %s", names(told))
		}
		w.SetScenarios(plain, monosim.OldEvents, monosim.NeedsLogin)
		w.after(5 * time.Minute)
		w.runs(id)
		w.after(delay)
		if e := end(t, w.hooks()).event; e.Kind != mono.LoginWanted || e.Account.ID != id {
			t.Errorf("heard %+v", e)
		}
	},
	monosim.WrittenLater: func(t *testing.T, w *world) {
		_, told := w.linkedUnder(plain, monosim.WrittenLater)
		if e := end(t, told).event; e.Account.UpdatedAt.Sub(e.At) < 9*time.Minute || !e.AsOf().Equal(e.At) {
			t.Errorf("it reads %v, made %v", e.Account.UpdatedAt, e.At)
		}
	},
	monosim.NoRequestID: func(t *testing.T, w *world) {
		id, told := w.linkedUnder(plain, monosim.NoRequestID)
		if a, err := w.client.Account(t.Context(), id); end(t, told).event.Account.RequestID != "" || err != nil || a.RequestID == "" {
			t.Errorf("heard %s; Account = %+v, %v", end(t, told).body, a, err)
		}
	},
}

var ofLinks = map[monosim.Scenario]func(*testing.T, *world){
	monosim.FlatExchange: func(t *testing.T, w *world) {
		for _, flat := range []bool{false, true} {
			if flat {
				w.NextLink(monosim.FlatExchange, monosim.CodeTwice)
			}
			shared := w.shared()
			status, _, body := w.call("POST", "/v2/accounts/auth", object{"code": shared.Code})
			if got := body["id"] == shared.Account && len(body) == 1; status != 200 || got != flat {
				t.Errorf("flat %v: %d %v", flat, status, body)
			}
			if id, err := w.client.Exchange(t.Context(), shared.Code); flat && (err != nil || id != shared.Account) {
				t.Errorf("Exchange = %s, %v", id, err)
			}
		}
	},
	monosim.CodeTwice: func(t *testing.T, w *world) {
		w.NextLink(monosim.CodeTwice)
		shared := w.shared()
		for range 2 {
			if id, err := w.client.Exchange(t.Context(), shared.Code); err != nil || id != shared.Account {
				t.Errorf("Exchange = %s, %v", id, err)
			}
		}
	},
	monosim.NoCode: func(t *testing.T, w *world) {
		w.NextLink(monosim.NoCode)
		if shared := w.shared(); shared.Back != "https://lender.example/back?attempt=n" {
			t.Errorf("back to %s", shared.Back)
		}
		w.after(delay / 4)
		w.after(delay)
		if told := w.hooks(); names(told) != "account_connected account_updated" || told[0].event.Account.Ref != "n" {
			t.Errorf("heard %s", names(told))
		}
	},
	monosim.NeverReturns: func(t *testing.T, w *world) {
		w.NextLink(monosim.NeverReturns)
		v := w.get(w.open("n").String()).follow("ALAT by WEMA").fill("username", "user_good", "password", "123456").
			fill("otp", "123456").fill("account", plain).wants(200, "Your account is linked")
		if text := v.page.Find("main").Text(); !strings.Contains(text, "You may close this window") || v.page.Find("main a, form").Length() != 0 {
			t.Errorf("the page says %s", text)
		}
		w.after(delay / 4)
		if told := w.hooks(); names(told) != "account_connected" || told[0].event.Account.Ref != "n" {
			t.Errorf("heard %s", names(told))
		}
	},
	monosim.OneUse: func(t *testing.T, w *world) {
		w.NextLink(monosim.OneUse)
		w.shared()
		if _, err := w.Share("n", plain); err == nil {
			t.Error("the page was used twice")
		}
	},
	monosim.ShortLife: func(t *testing.T, w *world) {
		w.NextLink(monosim.ShortLife)
		w.open("n")
		w.after(10 * time.Minute)
		if _, err := w.Share("n", plain); err == nil {
			t.Error("the page was used after ten minutes")
		}
	},
	monosim.NoRef: func(t *testing.T, w *world) {
		w.NextLink(monosim.NoRef)
		shared := w.shared()
		w.after(delay / 4)
		w.after(delay)
		for _, h := range w.hooks() {
			if _, stated := dig(h.json, "data", "meta").(object)["ref"]; stated || h.event.Account.Ref != "" {
				t.Errorf("heard %s", h.body)
			}
		}
		if a, err := w.client.Account(t.Context(), shared.Account); err != nil || a.Ref != "" {
			t.Errorf("Account = %+v, %v", a, err)
		}
	},
	monosim.Replaces: func(t *testing.T, w *world) {
		first := w.linked(plain)
		w.NextLink(monosim.Replaces)
		second := w.linked(plain)
		if _, err := w.client.Account(t.Context(), first); provider.KindOf(err) != provider.KindNoRecord {
			t.Errorf("the first is %v", err)
		}
		all, err := w.client.Accounts(t.Context())
		if err != nil || len(all) != 1 || all[0].ID != second {
			t.Errorf("Accounts = %+v, %v", all, err)
		}
	},
}

// shared links the plain account by a page that our client asked for.
func (w *world) shared() monosim.Shared {
	w.t.Helper()
	w.open("n")
	shared, err := w.Share("n", plain)
	if err != nil {
		w.t.Fatal(err)
	}
	return shared
}

// text gets an answer as it is.
func (w *world) text(path string) (int, http.Header, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", w.api+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("mono-sec-key", key)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(body)
}

func TestWhatIsWishedOfTheNextLinkHoldsForTheAccountThatComesOfIt(t *testing.T) {
	w := newWorld(t)
	w.NextLink(monosim.SyncFailed, monosim.NoEventID)
	id := w.link(plain)
	if told := w.hooks(); told[0].event.ID != "" {
		t.Errorf("heard %s", told[0].body)
	}
	w.runs(id)
	w.after(delay)
	if told := w.hooks(); end(t, told).event.Account.Standing() != mono.Old {
		t.Errorf("heard %s", end(t, told).body)
	}
	w.Calm()
	for _, a := range w.Accounts() {
		if len(a.Scenarios) != 0 {
			t.Errorf("%s has %v", a.NUBAN, a.Scenarios)
		}
	}
	w.Restore()
	if got := w.Accounts()[1].Scenarios; len(got) != 1 || got[0] != monosim.BalanceOnly {
		t.Errorf("at the start a dollar account has %v", got)
	}
}
