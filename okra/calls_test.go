package okra

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asked is what an API saw of one request.
type asked struct {
	Method, Path, Query, Auth string
	Body                      map[string]any
}

// recording answers with the files of testdata in turn and keeps the requests.
func recording(t *testing.T, files ...string) (*Client, *[]asked) {
	t.Helper()
	var requests []asked
	c := served(t, func(w http.ResponseWriter, r *http.Request) {
		a := asked{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Auth: r.Header.Get("Authorization")}
		json.NewDecoder(r.Body).Decode(&a.Body)
		requests = append(requests, a)
		answering(200, string(testdata(t, files[min(len(requests), len(files))-1])))(w, r)
	})
	return c, &requests
}

func TestRefreshThenPoll(t *testing.T) {
	c, requests := recording(t, "refresh.json", "callback-running.json", "callback-balance.json")
	job, err := c.RefreshBalance(t.Context(), accountID)
	if want := (Job{recordID, MethodBalance}); err != nil || job != want {
		t.Fatalf("RefreshBalance = %+v, %v, want %+v", job, err, want)
	}
	running, err := c.Poll(t.Context(), job)
	if err != nil || !running.Running || running.Balances != nil {
		t.Errorf("first Poll = %+v, %v, want running without old balances", running, err)
	}
	got, err := c.Poll(t.Context(), job)
	want := Answer{Balances: []Balance{
		{
			ID: "64fec80000000000000000b1", Account: accountID, Customer: customerID, Connected: Connected{"true"},
			Ledger: known(120450), Available: known(99807), Currency: "NGN", NUBAN: "0123456789", AccountName: "Savings",
		},
		{
			ID: "64fec80000000000000000b2", Account: account2ID, Customer: customerID, Connected: Connected{"false"},
			Ledger: known(-1230), Currency: "NGN", NUBAN: "123456780", AccountName: "Current",
		},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Poll: %v (-want +got):\n%s", err, diff)
	}
	callback := asked{Method: "GET", Path: "/v2/callback", Query: "method=BALANCE&record=" + recordID, Auth: "Bearer " + secretKey}
	wantRequests := []asked{
		{Method: "POST", Path: "/v2/balance/refresh", Auth: "Bearer " + secretKey, Body: map[string]any{"account_id": accountID}},
		callback, callback,
	}
	if diff := cmp.Diff(wantRequests, *requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestCheckSaysWhetherTheBalanceChanged(t *testing.T) {
	job := Job{recordID, MethodCheckBalance}
	c, _ := recording(t, "check-unchanged.json", "check-changed.json")
	got, err := c.Poll(t.Context(), job)
	want := Answer{Checked: true, LastChecked: at("2023-09-11T14:20:05.968Z"), LastFetched: at("2023-09-10T01:02:01.615Z")}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("unchanged: %v (-want +got):\n%s", err, diff)
	}
	got, err = c.Poll(t.Context(), job)
	want = Answer{Checked: true, Changed: true, LastChecked: at("2021-01-02T02:25:05Z")}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("changed: %v (-want +got):\n%s", err, diff)
	}
}

func TestJobIsFoundInAnyCallbackAddress(t *testing.T) {
	tests := []struct {
		data string
		ok   bool
	}{
		{`{"callback_url":"https://api.okra.ng/v2/undefined?record=R&method=CHECK_BALANCE"}`, true},
		{`{"callback_url":"/v2/callback?method=CHECK_BALANCE&record=R"}`, true},
		{`{"callback_url":"http://evil.example/?record=R&method=CHECK_BALANCE"}`, true},
		{`{"record":{"_id":"R"},"method":"CHECK_BALANCE"}`, true},
		{`{"record":"R","callback_url":"?method=CHECK_BALANCE"}`, true},
		{`{"record":"undefined","method":"CHECK_BALANCE","callback_url":"?record=R"}`, true},
		{`{"callback_url":"?record=R"}`, false},
		{`{"callback_url":"?record=..%2F..&method=CHECK_BALANCE"}`, false},
		{`{"record":"R","method":"IDENTITY"}`, false},
		{`{"callback_url":"::"}`, false},
		{`{}`, false},
	}
	for _, tt := range tests {
		body := strings.NewReplacer(`"R"`, `"`+recordID+`"`, `=R`, `=`+recordID).Replace(tt.data)
		c := served(t, answering(200, `{"status":"success","data":`+body+`}`))
		job, err := c.CheckBalance(t.Context(), accountID, recordID)
		if want := (Job{recordID, MethodCheckBalance}); tt.ok && (err != nil || job != want) {
			t.Errorf("%s: %+v, %v", body, job, err)
		}
		if !tt.ok && KindOf(err) != KindBadAnswer {
			t.Errorf("%s: %+v, %v, want a bad answer", body, job, err)
		}
	}
}

func TestPollOfAnInvalidJobCallsNobody(t *testing.T) {
	c := served(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	for _, job := range []Job{{}, {"x", MethodBalance}, {recordID, "IDENTITY"}, {recordID + "&a=b", MethodBalance}, {"../" + recordID, MethodBalance}} {
		if _, err := c.Poll(t.Context(), job); KindOf(err) != KindBadRequest {
			t.Errorf("Poll(%+v) = %v", job, err)
		}
	}
}

func TestAnswersThatCannotBeTrustedAreBad(t *testing.T) {
	data := func(fields string) string { return `{"status":"success","data":{` + fields + `}}` }
	for name, body := range map[string]string{
		"empty":                  ``,
		"list":                   `[]`,
		"null data":              `{"status":"success","data":null}`,
		"no data":                `{"status":"success"}`,
		"data as list":           `{"status":"success","data":[]}`,
		"no status":              `{"data":{"balance_changed":true}}`,
		"balance as text":        data(`"balance":"64fec80000000000000000b1"`),
		"balance twice":          data(`"balance":{"account":"a","ledger_balance":1},"BALANCE":{"account":"a","ledger_balance":2}`),
		"two figures":            data(`"balance":{"account":"a","ledger_balance":1},"balances":[{"account":"a","ledger_balance":2}]`),
		"two currencies":         data(`"balance":{"account":"a","ledger_balance":1},"balances":[{"account":"a","ledger_balance":1,"currency":"USD"}]`),
		"three decimals":         data(`"balance":{"account":"a","ledger_balance":0.001}`),
		"2^63":                   data(`"balance":{"account":"a","available_balance":9223372036854775808}`),
		"changed as text":        data(`"balance_changed":"true"`),
		"unreadable time":        data(`"balance_changed":true,"last_checked":"Invalid Date"`),
		"another record":         data(`"balance_changed":true,"record":"64fec9000000000000000eff"`),
		"NUL":                    data(`"balance_changed":true,"x":"\u0000"`),
		"a byte order mark":      "\xef\xbb\xbf" + data(`"balance_changed":true`),
		"more than 1 MiB":        data(`"balance_changed":true,"x":"` + strings.Repeat("x", maxAnswer) + `"`),
		"an error of no meaning": `{"status":"error","message":"x"}`,
	} {
		c := served(t, answering(200, body))
		if a, err := c.Poll(t.Context(), Job{recordID, MethodBalance}); KindOf(err) != KindBadAnswer {
			t.Errorf("%s: %+v, %v, want a bad answer", name, a, err)
		}
	}
}

func TestAnswerWithoutResultIsRunning(t *testing.T) {
	for _, data := range []string{`{}`, `{"balance":null}`, `{"balance":{},"balances":[]}`, `{"process":{"running":true},"balance_changed":true}`, `{"status":{"process":{"running":false,"completed":false}}}`} {
		c := served(t, answering(200, `{"status":"success","data":`+data+`}`))
		if a, err := c.Poll(t.Context(), Job{recordID, MethodBalance}); err != nil || !a.Running {
			t.Errorf("%s: %+v, %v", data, a, err)
		}
	}
}

func TestBalancesOfACustomer(t *testing.T) {
	c, requests := recording(t, "balances-page-1.json", "balances-page-2.json")
	got, err := c.BalancesByCustomer(t.Context(), customerID)
	want := []Balance{
		{
			ID: "64fec80000000000000000b1", Account: accountID, Customer: customerID, Env: EnvProduction,
			Ledger: known(2918000), Currency: "NGN", NUBAN: "0123456789", AccountName: "Savings",
		},
		{
			ID: "64fec80000000000000000b2", Account: account2ID, Customer: customerID,
			Available: known(0), Currency: "NGN", Connected: Connected{`["` + ownerID + `"]`},
		},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("BalancesByCustomer: %v (-want +got):\n%s", err, diff)
	}
	body := map[string]any{"customer": customerID, "page": 2.0, "limit": 20.0}
	if diff := cmp.Diff(body, (*requests)[1].Body); len(*requests) != 2 || diff != "" {
		t.Errorf("second of %d requests (-want +got):\n%s", len(*requests), diff)
	}
}

func TestBalanceAsOneObject(t *testing.T) {
	c, _ := recording(t, "balance-by-id.json")
	got, err := c.BalancesByCustomer(t.Context(), customerID)
	want := []Balance{{
		ID: "64fec80000000000000000b1", Account: accountID, Customer: customerID, Record: recordID, Owner: ownerID, Env: EnvSandbox,
		Ledger: known(1011100300), Available: known(1011100300), Currency: "NGN",
		CreatedAt: at("2023-06-05T17:12:59.737Z"), LastUpdated: at("2023-06-05T17:12:59.923Z"),
		NUBAN: "0123456789", AccountName: "Savings Account", Bank: Bank{ID: "5d6fe57a4099cc4b210b0001", Name: "Sample Bank"},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("BalancesByCustomer: %v (-want +got):\n%s", err, diff)
	}
}

func TestAccountsOfACustomer(t *testing.T) {
	c, requests := recording(t, "accounts.json")
	got, err := c.AccountsByCustomer(t.Context(), customerID)
	want := []Account{{
		ID: accountID, Customer: customerID, NUBAN: "0123456789", Name: "Savings Account", CustomerName: "Invented Person", Type: "Current", Currency: "NGN",
		Env: EnvSandbox, BalanceID: "64fec80000000000000000b1", Records: []string{recordID}, Owners: []string{ownerID},
		Connected: Connected{`["` + ownerID + `"]`}, Bank: Bank{Name: "Sample Bank"},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" || len(*requests) != 1 {
		t.Errorf("AccountsByCustomer: %v, %d requests (-want +got):\n%s", err, len(*requests), diff)
	}
}

func TestRecord(t *testing.T) {
	c, _ := recording(t, "record.json")
	got, err := c.Record(t.Context(), recordID)
	want := Record{
		ID: recordID, Env: EnvSandbox, Owners: []string{ownerID}, Customer: customerID, Bank: sampleBank,
		Completed: true, CreatedAt: at("2023-09-11T08:00:00Z"),
	}
	want.CreatedAt, _ = ObjectIDTime(recordID)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Record: %v (-want +got):\n%s", err, diff)
	}
}

func TestAnswersAboutSomebodyElseAreBad(t *testing.T) {
	const elsewhere = "64fec80000000000000000ff"
	calls := map[string]func(*Client) error{
		"accounts.json":      func(c *Client) error { _, err := c.AccountsByCustomer(t.Context(), elsewhere); return err },
		"balance-by-id.json": func(c *Client) error { _, err := c.BalancesByCustomer(t.Context(), elsewhere); return err },
		"transactions.json":  func(c *Client) error { _, err := c.TransactionsByAccount(t.Context(), elsewhere); return err },
		"record.json":        func(c *Client) error { _, err := c.Record(t.Context(), elsewhere); return err },
	}
	for file, call := range calls {
		c, _ := recording(t, file)
		if err := call(c); KindOf(err) != KindBadAnswer || !errors.Is(err, errNotAsked) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestListWithoutEndIsAnError(t *testing.T) {
	for data, want := range map[string]int{
		`"accounts":[{"_id":"a"}]`: maxPages,
		`"accounts":[]`:            1,
	} {
		calls := 0
		c := served(t, func(w http.ResponseWriter, r *http.Request) {
			calls++
			answering(200, `{"status":"success","data":{"pagination":{"hasNextPage":true},`+data+`}}`)(w, r)
		})
		_, err := c.AccountsByCustomer(t.Context(), customerID)
		if KindOf(err) != KindBadAnswer || calls != want {
			t.Errorf("%v after %d calls, want %d", err, calls, want)
		}
	}
}

func TestAvailableIsLedgerLessPendingDebits(t *testing.T) {
	c, _ := recording(t, "transactions.json")
	ts, err := c.TransactionsByAccount(t.Context(), accountID)
	if err != nil || len(ts) != 2 || ts[0].Pending() || !ts[1].Pending() {
		t.Fatalf("TransactionsByAccount = %+v, %v", ts, err)
	}
	pending := func(debit, credit Amount) Transaction { return Transaction{Debit: debit, Credit: credit} }
	tests := []struct {
		name   string
		ledger int64
		ts     []Transaction
		want   int64
		ok     bool
	}{
		{"of the file", 10000, ts, 10000 - 4010, true},
		{"none", 5, nil, 5, true},
		{"pending credit is not spendable", 5, []Transaction{pending(Amount{}, known(7))}, 5, true},
		{"below zero", 5, []Transaction{pending(known(7), Amount{})}, -2, true},
		{"unknown amount", 5, []Transaction{pending(Amount{}, Amount{})}, 0, false},
		{"negative debit", 5, []Transaction{pending(known(-7), Amount{})}, 0, false},
		{"overflow", -2, []Transaction{pending(known(1<<63-1), Amount{})}, 0, false},
	}
	for _, tt := range tests {
		if got, ok := WorkOutAvailable(tt.ledger, tt.ts); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %d, %v, want %d, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzPollAnswer(f *testing.F) {
	for _, file := range []string{"check-changed.json", "check-unchanged.json", "callback-balance.json", "callback-running.json", "bank-error.json", "balance-by-id.json"} {
		f.Add(testdata(f, file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		data, err := dataOf("callback", &http.Response{StatusCode: 200}, body)
		if err != nil {
			if KindOf(err) == "" {
				t.Errorf("dataOf = %v, which has no kind", err)
			}
			return
		}
		a, err := parseAnswer(data)
		if err != nil {
			return
		}
		if a.Running == (a.Checked || len(a.Balances) > 0) || a.Changed && !a.Checked {
			t.Errorf("parseAnswer = %+v", a)
		}
		seen := map[string]bool{}
		for _, b := range a.Balances {
			if seen[b.Account] && b.Account != "" {
				t.Errorf("%s twice in %+v", b.Account, a)
			}
			seen[b.Account] = true
		}
	})
}
