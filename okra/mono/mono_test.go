package mono

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/okra/provider"
)

const (
	accountID = "6a01f0c3d2b4e5f60718293a"
	jobID     = "6a02aa01bb02cc03dd04ee05"
	secretKey = "canary.mono.key"
)

// asked is what a call was.
type asked struct {
	*http.Request
	body string
}

// answering is a client of an API that gives one answer to everything, and what it
// was asked.
func answering(t *testing.T, status int, body string, headers ...string) (*Client, *[]asked) {
	t.Helper()
	var calls []asked
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		calls = append(calls, asked{r, string(text)})
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	base, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{BaseURL: base, SecretKey: secretKey}, &calls
}

func ok(data string) string {
	return `{"status":"successful","message":"Request was succesfully completed","timestamp":"2026-09-01T08:00:00.000Z","data":` + data + `}`
}

func known(minor int64) provider.Amount { return provider.Amount{Minor: minor, Known: true} }

func TestAPersonIsSentToThePageThatMonoNames(t *testing.T) {
	c, calls := answering(t, 200, ok(`{"mono_url":"https://link.mono.example/ALQX7RT5KD","customer":"6a03","meta":{"ref":"nonce-1"},"scope":"auth"}`))
	page, err := c.Open(t.Context(), Opening{Ref: "nonce-1", RedirectURL: "https://lender.example/back", Name: "Amina Bello", Email: "amina@example.com"})
	if err != nil || page.String() != "https://link.mono.example/ALQX7RT5KD" {
		t.Fatalf("Open = %v, %v", page, err)
	}
	call := (*calls)[0]
	if call.Method != "POST" || call.URL.Path != "/v2/accounts/initiate" || call.Header.Get("mono-sec-key") != secretKey || call.Header.Get("Authorization") != "" {
		t.Errorf("asked %s %s with %v", call.Method, call.URL, call.Header)
	}
	for _, part := range []string{`"scope":"auth"`, `"name":"Amina Bello"`, `"email":"amina@example.com"`, `"ref":"nonce-1"`, `"redirect_url":"https://lender.example/back"`} {
		if !strings.Contains(call.body, part) {
			t.Errorf("the question lacks %s: %s", part, call.body)
		}
	}
}

func TestSigningInAgainNamesTheAccountAndNobody(t *testing.T) {
	c, calls := answering(t, 200, ok(`{"mono_url":"https://link.mono.example/ALZZ","account":"`+accountID+`","scope":"reauth"}`))
	if _, err := c.Open(t.Context(), Opening{Ref: "n", Account: accountID}); err != nil {
		t.Fatal(err)
	}
	if body := (*calls)[0].body; !strings.Contains(body, `"scope":"reauth"`) || !strings.Contains(body, accountID) || strings.Contains(body, "customer") {
		t.Errorf("asked %s", body)
	}
}

func TestAPageThatIsNoneIsABadAnswer(t *testing.T) {
	for _, data := range []string{`{}`, `{"mono_url":""}`, `{"mono_url":"javascript:alert(1)"}`, `{"mono_url":"/relative"}`, `{"mono_url":"https://l.example/A","meta":{"ref":"another"}}`} {
		c, _ := answering(t, 200, ok(data))
		if page, err := c.Open(t.Context(), Opening{Ref: "n"}); provider.KindOf(err) != provider.KindBadAnswer {
			t.Errorf("%s: %v, %v", data, page, err)
		}
	}
}

func TestACodeIsExchangedFlatOrInAnEnvelope(t *testing.T) {
	for _, body := range []string{`{"id":"` + accountID + `"}`, ok(`{"id":"` + accountID + `"}`), ok(`{"_id":"` + accountID + `"}`)} {
		c, calls := answering(t, 200, body)
		if id, err := c.Exchange(t.Context(), "code_x"); err != nil || id != accountID || !strings.Contains((*calls)[0].body, "code_x") {
			t.Errorf("%s: %q, %v", body, id, err)
		}
	}
	c, _ := answering(t, 200, ok(`{}`))
	if _, err := c.Exchange(t.Context(), "code_x"); provider.KindOf(err) != provider.KindBadAnswer {
		t.Errorf("without an id: %v", err)
	}
}

func TestFailuresAreToldByTheirStatus(t *testing.T) {
	for _, row := range []struct {
		status  int
		body    string
		headers []string
		kind    provider.Kind
		after   time.Duration
	}{
		{400, `{"status":"failed","message":"m","data":[{"field":"scope","message":"m"}]}`, nil, provider.KindBadRequest, 0},
		{401, ``, nil, provider.KindRefused, 0},
		{402, ``, nil, provider.KindRefused, 0},
		{403, `{"status":"failed"}`, nil, provider.KindRefused, 0},
		{404, ``, nil, provider.KindNoRecord, 0},
		{429, ``, nil, provider.KindRateLimited, time.Minute},
		{429, ``, []string{"Retry-After", "7"}, provider.KindRateLimited, 7 * time.Second},
		{503, `<h1>later</h1>`, nil, provider.KindUnreachable, 0},
		{302, ``, []string{"Location", "https://elsewhere.example/"}, provider.KindUntrusted, 0},
		{200, `{"status":"failed","message":"m","data":null}`, nil, provider.KindFetchFailed, 0},
		{200, `<html>`, []string{"Content-Type", "text/html"}, provider.KindUntrusted, 0},
		{200, `{"status":`, nil, provider.KindBadAnswer, 0},
		{200, ``, nil, provider.KindBadAnswer, 0},
	} {
		c, _ := answering(t, row.status, row.body, row.headers...)
		_, err := c.Stored(t.Context(), accountID)
		e, _ := err.(*provider.Error)
		if e == nil || e.Kind != row.kind || e.RetryAfter != row.after || !strings.HasPrefix(err.Error(), "mono: accounts/id/balance") {
			t.Errorf("%d %s: %v (after %v), want %s after %v", row.status, row.body, err, e.RetryAfter, row.kind, row.after)
		}
		if strings.Contains(err.Error(), secretKey) {
			t.Error("the error holds the key")
		}
	}
}

func TestNothingButAnIdBecomesPartOfAnAddress(t *testing.T) {
	c, calls := answering(t, 200, ok(`{}`))
	for _, id := range []string{"", "..", "a/b", "a?b", "a%2fb", "//evil.example", strings.Repeat("a", 65)} {
		if err := c.Unlink(t.Context(), id); provider.KindOf(err) != provider.KindBadRequest {
			t.Errorf("%q: %v", id, err)
		}
	}
	if len(*calls) != 0 {
		t.Errorf("asked %s", (*calls)[0].URL)
	}
}

func TestTheFigureIsInMinorUnitsAndNeverRounded(t *testing.T) {
	for text, want := range map[string]provider.Amount{
		`0`: known(0), `73573`: known(73573), `-120`: known(-120), `"4510"`: known(4510), `1e3`: known(1000), `17.00`: known(17),
		`null`: {}, `17.5`: {}, `"NaN"`: {}, `""`: {}, `"12,000"`: {}, `99999999999999999999`: {},
	} {
		c, _ := answering(t, 200, ok(`{"id":"`+accountID+`","balance":`+text+`,"currency":"NGN"}`))
		a, err := c.Stored(t.Context(), accountID)
		if err != nil || a.Balance != want {
			t.Errorf("%s: %+v, %v, want %+v", text, a.Balance, err, want)
		}
		if unread := a.Unreadable.Field("balance") != ""; unread != (!want.Known && text != `null` && text != `""`) {
			t.Errorf("%s: unreadable: %v", text, a.Unreadable)
		}
	}
}

func TestOldPayloadsHaveTheCurrencyInWords(t *testing.T) {
	for given, want := range map[string]string{`"Naira"`: "NGN", `"ngn"`: "NGN", `"USD"`: "USD", `null`: ""} {
		c, _ := answering(t, 200, ok(`{"id":"`+accountID+`","currency":`+given+`}`))
		if a, err := c.Stored(t.Context(), accountID); err != nil || a.Currency != want {
			t.Errorf("%s: %q, %v", given, a.Currency, err)
		}
	}
}

func TestAnAnswerAboutAnotherAccountIsNone(t *testing.T) {
	c, _ := answering(t, 200, ok(`{"id":"ffff00000000000000000001","balance":1}`))
	if _, err := c.Stored(t.Context(), accountID); provider.KindOf(err) != provider.KindBadAnswer {
		t.Errorf("Stored: %v", err)
	}
	if _, err := c.Job(t.Context(), accountID, jobID); provider.KindOf(err) != provider.KindBadAnswer {
		t.Errorf("Job: %v", err)
	}
}

func TestDetailsNameTheBankTheRefAndWhatThereIs(t *testing.T) {
	c, _ := answering(t, 200, ok(`{"account":{"id":"`+accountID+`","name":"BELLO AMINA","account_number":"2230011442","currency":"NGN","balance":512300,
		"type":"SAVINGS","bvn":"4788","institution":{"name":"Example Bank","bank_code":"058","type":"PERSONAL_BANKING"}},
		"customer":{"id":"6a0c"},"meta":{"data_status":"available","auth_method":"mobile_banking","retrieved_data":["identity","balance"],"ref":"nonce-1","data_request_id":"ALQWERTYUIOP"}}`))
	a, err := c.Account(t.Context(), accountID)
	if err != nil || a.ID != accountID || a.Name != "BELLO AMINA" || a.NUBAN != "2230011442" || a.Bank != (Bank{"Example Bank", "058", "PERSONAL_BANKING"}) ||
		a.Customer != "6a0c" || a.Ref != "nonce-1" || a.RequestID != "ALQWERTYUIOP" || a.Balance != known(512300) || a.Standing() != Fresh {
		t.Errorf("Account = %+v, %v, %s", a, err, a.Standing())
	}
}

// The table of what data_status and sync_status mean together.
func TestOnlyASuccessfulQuestionOrAFirstFetchHasAFreshFigure(t *testing.T) {
	for _, row := range []struct {
		meta string
		want Standing
	}{
		{`{"data_status":"AVAILABLE","retrieved_data":["balance","transactions"]}`, Fresh},
		{`{"data_status":"AVAILABLE"}`, Fresh},
		{`{"data_status":"PARTIAL","retrieved_data":["balance"]}`, Fresh},
		{`{"data_status":"FAILED","retrieved_data":["balance"]}`, Fresh}, // a dollar account, April 2026
		{`{"data_status":"PARTIAL","retrieved_data":["transactions"]}`, Missing},
		{`{"data_status":"PARTIAL"}`, Missing},
		{`{"data_status":"UNAVAILABLE","retrieved_data":[]}`, Missing},
		{`{"data_status":"FAILED"}`, Missing},
		{`{"data_status":"PROCESSING"}`, Pending},
		{`{}`, Missing},
		{`{"data_status":"AVAILABLE","sync_status":"SUCCESSFUL"}`, Fresh},
		{`{"data_status":"AVAILABLE","sync_status":"successful","has_new_data":false,"retrieved_data":["balance"]}`, Fresh},
		{`{"data_status":"AVAILABLE","sync_status":"SUCCESSFUL","retrieved_data":["transactions"]}`, Missing},
		{`{"data_status":"AVAILABLE","sync_status":"FAILED","retrieved_data":["balance"]}`, Old}, // seen in April 2026
		{`{"data_status":"AVAILABLE","sync_status":"REAUTHORISATION_REQUIRED","retrieved_data":["balance"]}`, NeedsLogin},
		{`{"data_status":"AVAILABLE","sync_status":"SOMETHING_NEW"}`, Old},
	} {
		e, _, err := ReceiveEvent([]byte(`{"event":"mono.events.account_updated","data":{"account":{"_id":"` + accountID + `","balance":0},"meta":` + row.meta + `}}`))
		if err != nil || e.Account.Standing() != row.want {
			t.Errorf("%s: %s, %v, want %s", row.meta, e.Account.Standing(), err, row.want)
		}
	}
}

func TestAQuestionToTheBankIsAJobWhoseBodyIsNotRead(t *testing.T) {
	for _, row := range []struct {
		headers []string
		body    string
		want    Job
	}{
		{[]string{"x-job-id", jobID, "x-job-status", "processing"}, ok(`null`), Job{jobID, JobRunning}},
		{[]string{"x-job-id", jobID, "x-job-status", "PROCESSING"}, ok(`{"id":"another","balance":1}`), Job{jobID, JobRunning}},
		{[]string{"x-job-id", jobID, "x-job-status", "finished", "x-has-new-data", "true"}, ok(`{"balance":1}`), Job{jobID, JobDone}},
		{[]string{"x-job-id", jobID, "x-job-status", "failed"}, ok(`{"balance":1}`), Job{jobID, JobFailed}},
		{[]string{"x-job-id", jobID, "x-job-status", "failed", "x-reauth-required", "true"}, ok(`null`), Job{jobID, JobNeedsLogin}},
		{nil, ok(`null`), Job{"", JobRunning}},
		{[]string{"x-job-id", "../x", "x-job-status", "finished"}, ok(`null`), Job{"", JobDone}},
	} {
		c, calls := answering(t, 200, row.body, row.headers...)
		job, err := c.Refresh(t.Context(), accountID)
		if err != nil || job != row.want {
			t.Errorf("%v: %+v, %v, want %+v", row.headers, job, err, row.want)
		}
		if call := (*calls)[0]; call.Header.Get("x-realtime") != "true" || call.URL.Path != "/v2/accounts/"+accountID+"/balance" {
			t.Errorf("asked %s with %v", call.URL, call.Header)
		}
	}
}

func TestAJobIsDoneInAnySpelling(t *testing.T) {
	for word, want := range map[string]JobState{
		"finished": JobDone, "FINISHED": JobDone, "SUCCESSFUL": JobDone, "failed": JobFailed, "REAUTHORISATION_REQUIRED": JobNeedsLogin,
		"processing": JobRunning, "RUNNING": JobRunning, "queued": JobRunning, "": JobRunning,
	} {
		c, _ := answering(t, 200, ok(`{"id":"`+jobID+`","status":"`+word+`","name":"jobs.accounts.sync_balance","account":"`+accountID+`"}`))
		if got, err := c.Job(t.Context(), accountID, jobID); err != nil || got != want {
			t.Errorf("%q: %s, %v, want %s", word, got, err, want)
		}
	}
}

func TestTheListIsReadToItsEndHoweverItIsPaged(t *testing.T) {
	row := func(id string) string { return `{"id":"` + id + `","account_number":"2230011442","balance":5}` }
	for name, pages := range map[string][]string{
		"paged":             {`[` + row("a") + `,` + row("b") + `]`, `[` + row("c") + `]`, `[]`},
		"not paged at all":  {`[` + row("a") + `,` + row("b") + `,` + row("c") + `]`, `[` + row("a") + `,` + row("b") + `,` + row("c") + `]`},
		"with rows of none": {`[` + row("a") + `,{"balance":1},` + row("b") + `,` + row("c") + `]`, `null`},
	} {
		n := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, ok(pages[min(n, len(pages)-1)]))
			n++
		}))
		base, _ := url.Parse(srv.URL)
		all, err := (&Client{BaseURL: base, SecretKey: secretKey}).Accounts(t.Context())
		srv.Close()
		if err != nil || len(all) != 3 {
			t.Errorf("%s: %d accounts, %v", name, len(all), err)
		}
	}
}

func TestUnlinkingWhatIsUnknownSaysSo(t *testing.T) {
	c, calls := answering(t, 404, ``)
	if err := c.Unlink(t.Context(), accountID); provider.KindOf(err) != provider.KindNoRecord {
		t.Errorf("Unlink = %v", err)
	}
	if call := (*calls)[0]; call.Method != "POST" || call.URL.Path != "/v2/accounts/"+accountID+"/unlink" || call.body != "" {
		t.Errorf("asked %s %s %q", call.Method, call.URL, call.body)
	}
}

func TestEveryShapeOfEventIsRead(t *testing.T) {
	for name, row := range map[string]struct {
		body string
		want func(e Event) bool
	}{
		"a link": {`{"event":"mono.events.account_connected","event_id":"jU7wyhp61D8fN","timestamp":"2026-09-01T08:00:01.000Z","data":{"id":"` + accountID + `","customer":"6a0c","meta":{"data_status":"PROCESSING","ref":"nonce-1"},"app":"app-1","business":"b"}}`,
			func(e Event) bool {
				return e.Kind == Connected && e.Account.ID == accountID && e.Account.Ref == "nonce-1" && e.App == "app-1" && e.ID == "jU7wyhp61D8fN" && e.Account.Customer == "6a0c"
			}},
		"a link of 2022": {`{"event":"mono.events.account_connected","data":{"id":"` + accountID + `"}}`,
			func(e Event) bool { return e.Kind == Connected && e.Account.ID == accountID && e.ID == "" }},
		"first data": {`{"event":"mono.events.account_updated","data":{"account":{"_id":"` + accountID + `","name":"BELLO AMINA","accountNumber":"2230011442","currency":"NGN","balance":512300,"bvn":"22200000009","institution":{"name":"Example Bank","bankCode":"000013"},"updated_at":"2026-09-01T08:00:03Z"},"meta":{"data_status":"AVAILABLE","ref":"nonce-1"}}}`,
			func(e Event) bool {
				return e.Kind == Updated && e.Account.NUBAN == "2230011442" && e.Account.Balance == known(512300) && e.Account.Bank.Code == "000013" && e.Account.Standing() == Fresh && e.Account.Ref == "nonce-1"
			}},
		"a body of REST": {`{"event":"mono.events.account_updated","data":{"account":{"id":"` + accountID + `","account_number":"2230011442","balance":1},"meta":{"data_status":"AVAILABLE"}}}`,
			func(e Event) bool { return e.Account.ID == accountID && e.Account.NUBAN == "2230011442" }},
		"the end of a question, cut short": {`{"event":"mono.events.account_updated","data":{"account":{"_id":"` + accountID + `"},"meta":{"data_status":"AVAILABLE","sync_status":"FAILED","job_id":"` + jobID + `","retrieved_data":["balance"],"data_request_id":"ALQWERTYUIOP"}}}`,
			func(e Event) bool {
				return e.Account.Standing() == Old && e.Account.Job == jobID && !e.Account.Balance.Known
			}},
		"signed in again": {`{"event":"mono.events.account_reauthorized","event_id":"k","data":{"account":{"_id":"` + accountID + `"},"app":"app-1"}}`,
			func(e Event) bool { return e.Kind == Reauthorized && e.Account.ID == accountID }},
		"unlinked": {`{"event":"mono.events.account_unlinked","data":{"account":{"id":"` + accountID + `"}}}`,
			func(e Event) bool { return e.Kind == Unlinked && e.Account.ID == accountID }},
		"a job": {`{"event":"mono.accounts.jobs.update","data":{"account":"` + accountID + `","app":"app-1","id":"` + jobID + `","name":"jobs.accounts.sync_balance","status":"finished"}}`,
			func(e Event) bool {
				return e.Kind == JobTold && e.Account.ID == accountID && e.Job == Job{jobID, JobDone}
			}},
		"a job as others test it": {`{"event":"mono.accounts.jobs.update","data":{"account":{"_id":"` + accountID + `"},"status":"RUNNING","job_id":"` + jobID + `"}}`,
			func(e Event) bool { return e.Account.ID == accountID && e.Job == Job{jobID, JobRunning} }},
		"one that is not ours": {`{"event":"mono.events.account_income","data":{"account":"` + accountID + `"}}`,
			func(e Event) bool { return e.Kind == "" && e.Unreadable == nil }},
		"one without a name": {`{"data":{}}`, func(e Event) bool { return e.Unreadable.Field("event") != "" }},
		"a list":             {`[1]`, func(e Event) bool { return e.Unreadable.Field("body") != "" }},
	} {
		e, redacted, err := ReceiveEvent([]byte(row.body))
		if err != nil || !row.want(e) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
		if bytes.Contains(redacted, []byte("22200000009")) || bytes.Contains(redacted, []byte("2230011442")) {
			t.Errorf("%s: kept %s", name, redacted)
		}
		again, _, err := ReceiveEvent(redacted)
		if again.Account.NUBAN = e.Account.NUBAN; err != nil || !row.want(again) && name != "one without a name" && name != "a list" {
			t.Errorf("%s: kept as %s, which reads %+v, %v", name, redacted, again, err)
		}
	}
	if _, _, err := ReceiveEvent([]byte(`{`)); err == nil {
		t.Error("what is no JSON is an event")
	}
}

func TestTwoDeliveriesOfAnEventHaveOneKey(t *testing.T) {
	key := func(body string) string {
		e, _, err := ReceiveEvent([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return e.Key([]byte(body), time.Time{})
	}
	if key(`{"event":"x","event_id":"a","data":{}}`) != key(`{"event":"x","event_id":"a","timestamp":"2026-09-01T08:00:00Z","data":{}}`) {
		t.Error("one id has two keys")
	}
	if key(`{"event":"x","data":{"a":1}}`) == key(`{"event":"x","data":{"a":2}}`) {
		t.Error("two events without an id have one key")
	}
}

func TestWhatHappensAgainOnAnotherDayInTheSameWordsIsAnotherEvent(t *testing.T) {
	first := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	now := first
	a := &Adapter{Now: func() time.Time { return now }}
	key := func(at time.Time, body string) string {
		now = at
		e, _, err := a.Receive([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return e.Key
	}
	for body, again := range map[string]bool{
		`{"event":"mono.events.reauthorisation_required","data":{"account":{"_id":"a"}}}`:                                       true,
		`{"event":"mono.events.account_reauthorized","data":{"account":{"_id":"a"}}}`:                                           true,
		`{"event":"mono.events.account_reauthorized","event_id":"e","data":{"account":{"_id":"a"}}}`:                            false,
		`{"event":"mono.events.account_reauthorized","timestamp":"2026-09-01T08:00:00Z","data":{"account":{"_id":"a"}}}`:        false,
		`{"event":"mono.events.account_updated","data":{"account":{"_id":"a","balance":7},"meta":{"data_status":"AVAILABLE"}}}`: false,
		`{"event":"mono.events.account_unlinked","data":{"account":{"id":"a"}}}`:                                                false,
	} {
		if key(first, body) != key(first.Add(15*time.Hour), body) {
			t.Errorf("%s: sent again, it is another event", body)
		}
		if other := key(first, body) != key(first.Add(48*time.Hour), body); other != again {
			t.Errorf("%s: two days later it is another event: %v, want %v", body, other, again)
		}
	}
}

func TestAFigureIsNeverOfLaterThanItWasToldAt(t *testing.T) {
	at := func(text string) time.Time { d, _ := time.Parse(time.RFC3339, text); return d }
	for _, row := range []struct{ made, written, want string }{
		{"2026-09-01T07:59:00Z", "2026-09-01T07:58:00Z", "2026-09-01T07:58:00Z"},
		{"2026-09-01T07:59:00Z", "2026-09-01T08:09:00Z", "2026-09-01T07:59:00Z"},
		{"2026-09-01T07:59:00Z", "", "2026-09-01T07:59:00Z"},
		{"", "2026-09-01T07:58:00Z", "2026-09-01T07:58:00Z"},
		{"", "", ""},
	} {
		e := Event{At: at(row.made), Account: Account{UpdatedAt: at(row.written)}}
		if got := e.AsOf(); !got.Equal(at(row.want)) {
			t.Errorf("made %q, written %q: as of %v, want %s", row.made, row.written, got, row.want)
		}
	}
}

func TestAFigureOfAnEventWithoutAnyTimeIsOfNoKnownTime(t *testing.T) {
	for beside, want := range map[string]provider.AsOfKind{
		``: provider.AsOfUnknown, `"timestamp":"2026-09-01T08:00:00Z",`: provider.AsOfStated,
	} {
		for member, want := range map[string]provider.AsOfKind{``: want, `"updated_at":"2026-09-01T08:00:00Z",`: provider.AsOfStated} {
			told, _, err := (&Adapter{}).Receive([]byte(`{"event":"mono.events.account_updated",` + beside +
				`"data":{"account":{` + member + `"_id":"` + accountID + `","balance":1},"meta":{"data_status":"AVAILABLE"}}}`))
			if err != nil || told.Balance == nil || told.Balance.AsOfKind != want {
				t.Errorf("%s %s: %+v, %v, want %s", beside, member, told.Balance, err, want)
			}
		}
	}
}

func TestOnlyTheSecretProvesAWebhook(t *testing.T) {
	with := func(secret string) http.Header { return http.Header{"Mono-Webhook-Secret": {secret}} }
	for name, row := range map[string]struct {
		h       http.Header
		secrets []provider.Secret
		want    bool
	}{
		"the secret":             {with("s3cret"), []provider.Secret{"s3cret"}, true},
		"the one before":         {with("old"), []provider.Secret{"s3cret", "old"}, true},
		"another":                {with("x"), []provider.Secret{"s3cret", ""}, false},
		"none":                   {http.Header{}, []provider.Secret{"s3cret", ""}, false},
		"none where none is set": {http.Header{}, []provider.Secret{""}, false},
		"empty":                  {with(""), nil, false},
	} {
		if got := Authentic(row.h, row.secrets); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheBanksAreAskedForWithoutTheKey(t *testing.T) {
	c, calls := answering(t, 200, ok(`[{"_id":"5f2d","name":"Example Bank","nip_code":"000013"}]`))
	if err := c.Banks(t.Context()); err != nil || (*calls)[0].Header.Get("mono-sec-key") != "" {
		t.Errorf("Banks = %v with %v", err, (*calls)[0].Header)
	}
	for status, want := range map[int]provider.Kind{
		200: provider.KindUntrusted, 302: provider.KindUntrusted, 401: provider.KindUntrusted, 404: provider.KindUntrusted,
		429: provider.KindRateLimited, 500: provider.KindUnreachable, 503: provider.KindUnreachable,
	} {
		c, _ = answering(t, status, ok(`[]`))
		if err := c.Banks(t.Context()); provider.KindOf(err) != want {
			t.Errorf("without any, with %d: %v, want %s", status, err, want)
		}
	}
}

// An answer that was not Mono's stops all calls; only who asks for the banks finds out
// that Mono is back.
func TestTheBanksEndTheDistrustOfAnAnswerThatWasNotMonos(t *testing.T) {
	c, _ := answering(t, 200, ok(`[{"_id":"5f2d","name":"Example Bank","nip_code":"000013"}]`))
	c.Budget = provider.NewBudget(60, nil)
	c.Budget.Distrust()
	if _, err := c.Accounts(t.Context()); provider.KindOf(err) != provider.KindUntrusted {
		t.Errorf("while it is distrusted: %v", err)
	}
	if err := c.Banks(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ok, _, pause := c.Budget.Ready(provider.ForConfirm); !ok {
		t.Errorf("after a probe that passed calls are paused: %s", pause.Kind)
	}
}

func FuzzReceiveEvent(f *testing.F) {
	for _, body := range []string{
		`{"event":"mono.events.account_updated","event_id":"a","data":{"account":{"_id":"x","balance":1,"bvn":"22200000009"},"meta":{"data_status":"AVAILABLE","retrieved_data":["balance"]}}}`,
		`{"event":"mono.accounts.jobs.update","data":{"account":{"_id":"x"},"status":"RUNNING","job_id":"y"}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, redacted, err := ReceiveEvent(body)
		if err != nil {
			return
		}
		if !json.Valid(redacted) {
			t.Fatalf("kept %q", redacted)
		}
		if e.Account.Sync != "" && e.Account.Sync != "SUCCESSFUL" && e.Account.Standing() == Fresh {
			t.Errorf("%+v is fresh", e.Account)
		}
		again, _, err := ReceiveEvent(redacted)
		if err != nil || e.Unreadable == nil && (again.Account.Standing() != e.Account.Standing() || again.Account.Balance != e.Account.Balance && e.Account.Unreadable == nil) {
			t.Errorf("%s says something else when it is read again: %+v, %+v", redacted, e, again)
		}
	})
}
