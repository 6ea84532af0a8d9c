package okra

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
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
			Ledger: known(-1230), Currency: "NGN", AccountName: "Current", // nine digits are no NUBAN
		},
	}, Completed: true}
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
		if !tt.ok && provider.KindOf(err) != provider.KindBadAnswer {
			t.Errorf("%s: %+v, %v, want a bad answer", body, job, err)
		}
	}
}

func TestPollOfAnInvalidJobCallsNobody(t *testing.T) {
	c := served(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	for _, job := range []Job{{}, {"x", MethodBalance}, {recordID, "IDENTITY"}, {recordID + "&a=b", MethodBalance}, {"../" + recordID, MethodBalance}} {
		if _, err := c.Poll(t.Context(), job); provider.KindOf(err) != provider.KindBadRequest {
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
		"balance twice":          data(`"balance":{"account":"a","ledger_balance":1},"BALANCE":{"account":"a","ledger_balance":2}`),
		"another record":         data(`"balance_changed":true,"record":"64fec9000000000000000eff"`),
		"NUL":                    data(`"balance_changed":true,"x":"\u0000"`),
		"a byte order mark":      "\xef\xbb\xbf" + data(`"balance_changed":true`),
		"more than 1 MiB":        data(`"balance_changed":true,"x":"` + strings.Repeat("x", (1<<20)) + `"`),
		"an error of no meaning": `{"status":"error","message":"x"}`,
	} {
		c := served(t, answering(200, body))
		if a, err := c.Poll(t.Context(), Job{recordID, MethodBalance}); provider.KindOf(err) != provider.KindBadAnswer {
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
			ID: "64fec80000000000000000b1", Account: accountID, Customer: customerID, Env: provider.EnvProduction,
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
		ID: "64fec80000000000000000b1", Account: accountID, Customer: customerID, Record: recordID, Owners: []string{ownerID}, Env: provider.EnvSandbox,
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
		Env: provider.EnvSandbox, BalanceID: "64fec80000000000000000b1", Records: []string{recordID}, Owners: []string{ownerID},
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
		ID: recordID, Env: provider.EnvSandbox, Owners: []string{ownerID}, Customer: customerID, Bank: sampleBank,
		Completed: true, CreatedAt: at("2023-09-11T08:00:00Z"),
	}
	want.CreatedAt, _ = wire.ObjectIDTime(recordID)
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
		if err := call(c); provider.KindOf(err) != provider.KindBadAnswer || !errors.Is(err, errNotAsked) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestOneThatCannotBeReadIsNoReasonToLeaveTheOthersOut(t *testing.T) {
	c := served(t, answering(200, `{"status":"success","data":{"accounts":[7,{"nuban":"x"},{"_id":"a","currency":{}},[]]}}`))
	if got, err := c.AccountsByCustomer(t.Context(), customerID); err != nil || len(got) != 1 || got[0].ID != "a" {
		t.Errorf("accounts: %+v, %v", got, err)
	}
	for _, list := range []string{`[7]`, `"a"`, `[{"nuban":"0123456789"}]`} {
		c := served(t, answering(200, `{"status":"success","data":{"accounts":`+list+`}}`))
		if got, err := c.AccountsByCustomer(t.Context(), customerID); provider.KindOf(err) != provider.KindBadAnswer {
			t.Errorf("accounts %s: %+v, %v, want a bad answer", list, got, err)
		}
	}
	c = served(t, answering(200, `{"status":"success","data":{"transaction":[7,{"debit":"x"},{"debit":1}]}}`))
	if got, err := c.TransactionsByAccount(t.Context(), accountID); err != nil || len(got) != 3 {
		t.Errorf("transactions: %+v, %v", got, err)
	}
}

func TestACustomerIsRemovedWhateverTheAnswerCarries(t *testing.T) {
	for body, ok := range map[string]bool{
		`{"status":"success"}`: true, `{"status":"success","data":null}`: true, `{"status":"success","data":{}}`: true, `{"status":true,"data":"removed"}`: true,
		`{"status":"error"}`: false, `{}`: false,
	} {
		if err := served(t, answering(200, body)).RemoveCustomer(t.Context(), customerID); (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
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
		if provider.KindOf(err) != provider.KindBadAnswer || calls != want {
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
	pending := func(debit, credit provider.Amount) Transaction { return Transaction{Debit: debit, Credit: credit} }
	tests := []struct {
		name   string
		ledger int64
		ts     []Transaction
		want   int64
		ok     bool
	}{
		{"of the file", 10000, ts, 10000 - 4010, true},
		{"none", 5, nil, 5, true},
		{"pending credit is not spendable", 5, []Transaction{pending(provider.Amount{}, known(7))}, 5, true},
		{"below zero", 5, []Transaction{pending(known(7), provider.Amount{})}, -2, true},
		{"unknown amount", 5, []Transaction{pending(provider.Amount{}, provider.Amount{})}, 0, false},
		{"a debit that cannot be read", 5, []Transaction{{Credit: known(1), Unreadable: wire.Unreadable{"debit": "x"}}}, 0, false},
		{"a cleared date that cannot be read", 5, []Transaction{{Debit: known(1), Unreadable: wire.Unreadable{"cleared_date": "x"}}}, 0, false},
		{"one that is none", 5, []Transaction{{Unreadable: wire.Unreadable{"transaction": "x"}}}, 0, false},
		{"cleared, of whatever amount", 5, []Transaction{{ClearedAt: at("2023-09-11T08:00:00Z"), Unreadable: wire.Unreadable{"debit": "x"}}}, 5, true},
		{"negative debit", 5, []Transaction{pending(known(-7), provider.Amount{})}, 0, false},
		{"overflow", -2, []Transaction{pending(known(1<<63-1), provider.Amount{})}, 0, false},
		{"debits of which the sum does not fit", 5, []Transaction{pending(known(1<<63-1), provider.Amount{}), pending(known(1), provider.Amount{})}, 0, false},
	}
	for _, tt := range tests {
		if got := known(tt.ledger).Minus(PendingDebits(tt.ts)); got != (provider.Amount{Minor: tt.want, Known: tt.ok}) {
			t.Errorf("%s: %+v, want %d, %v", tt.name, got, tt.want, tt.ok)
		}
	}
}

// answerOf is the data of a successful answer with such a body.
func answerOf(body []byte) (wire.Object, error) {
	o, err := wire.Decode(body)
	if err != nil {
		return nil, wire.BadAnswer(err)
	}
	return dataOf("callback", wire.Answer{Status: http.StatusOK, Object: o})
}

func FuzzPollAnswer(f *testing.F) {
	for _, file := range []string{"check-changed.json", "check-unchanged.json", "callback-balance.json", "callback-running.json", "bank-error.json", "balance-by-id.json"} {
		f.Add(testdata(f, file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		data, err := answerOf(body)
		if err != nil {
			if provider.KindOf(err) == "" {
				t.Errorf("dataOf = %v, which has no kind", err)
			}
			return
		}
		a := parseAnswer(data)
		if a.Running && (a.Checked || len(a.Balances) > 0) || a.Changed && !a.Checked {
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

// Whatever stands beside a balance, an account or a transaction, it is read the same.
func FuzzABadNeighbourChangesNothing(f *testing.F) {
	for _, neighbour := range []string{
		`{}`, `"64fec80000000000000000b2"`, `null`, `[[1]]`, `true`, `{"account":"B","ledger_balance":"NaN"}`,
		`{"account":"B","ledger_balance":153.375,"currency":"USDT","last_updated":7,"connected":{}}`, `{"account":{"account":[]},"created_at":{"$date":[]}}`,
	} {
		f.Add(neighbour)
	}
	const good = `{"account":"64fec80000000000000000c1","ledger_balance":153.37,"available_balance":100,"last_updated":"2023-09-11T08:00:49Z"}`
	read := func(list string) ([]Balance, bool) {
		data, err := answerOf([]byte(`{"status":"success","data":{"balances":[` + list + `]}}`))
		if err != nil {
			return nil, false
		}
		return balancesIn(data), true
	}
	alone, ok := read(good)
	if !ok || len(alone) != 1 || alone[0].Ledger != known(15337) {
		f.Fatalf("alone: %+v", alone)
	}
	f.Fuzz(func(t *testing.T, neighbour string) {
		for _, list := range []string{good + "," + neighbour, neighbour + "," + good} {
			all, ok := read(list)
			if !ok || slices.ContainsFunc(all, func(b Balance) bool { return b.Account == alone[0].Account && !cmp.Equal(b, alone[0]) }) &&
				strings.Contains(neighbour, alone[0].Account) {
				continue // no JSON, or another balance of the same account
			}
			if i := slices.IndexFunc(all, func(b Balance) bool { return b.Account == alone[0].Account }); i < 0 || !cmp.Equal(all[i], alone[0]) {
				t.Errorf("beside %s it is %+v", neighbour, all)
			}
		}
	})
}

func TestOfSeveralBalancesOfAnAccountTheNewestCountsWhateverTheOrder(t *testing.T) {
	older, newer := known(100), known(200)
	at := func(a provider.Amount, when string) Balance {
		b := Balance{Account: "A", Ledger: a, Currency: "NGN"}
		if when != "" {
			b.LastUpdated = at(when)
		}
		return b
	}
	conflict := Balance{Account: "A", Currency: "NGN", Unreadable: wire.Unreadable{"ledger_balance": errTwo.Error()}}
	unread := Balance{Account: "A", Currency: "NGN", LastUpdated: at(older, "2023-09-12T08:00:00Z").LastUpdated, Unreadable: wire.Unreadable{"ledger_balance": "x"}}
	day1, day2 := at(older, "2023-09-10T08:00:00Z"), at(newer, "2023-09-11T08:00:00Z")
	for name, row := range map[string]struct {
		all  []Balance
		want Balance
	}{
		"of two days":                    {[]Balance{day1, day2}, day2},
		"of a day and of none":           {[]Balance{day1, at(newer, "")}, day1},
		"the newest cannot be read":      {[]Balance{day1, unread}, day1},
		"two figures of no time":         {[]Balance{at(older, ""), at(newer, "")}, conflict},
		"the same figure of no time":     {[]Balance{at(older, ""), at(older, "")}, at(older, "")},
		"two figures of one time before": {[]Balance{day1, day2, at(newer, "2023-09-10T08:00:00Z")}, day2},
	} {
		for range 6 {
			rand.Shuffle(len(row.all), func(i, j int) { row.all[i], row.all[j] = row.all[j], row.all[i] })
			if diff := cmp.Diff([]Balance{row.want}, mergeBalances(row.all)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestARecordIsFoundHoweverOftenTheAnswerHasIt(t *testing.T) {
	for list, ok := range map[string]bool{
		`{"_id":"` + recordID + `"}`: true, `[{"_id":"` + recordID + `"},{"_id":"` + recordID + `"}]`: true, `[7,{"_id":"` + recordID + `"}]`: true,
		`[]`: false, `[{"_id":"64fec80000000000000000ff"}]`: false, `"` + recordID + `"`: false,
	} {
		c := served(t, answering(200, `{"status":"success","data":{"records":`+list+`}}`))
		if rec, err := c.Record(t.Context(), recordID); (err == nil) != ok || ok && rec.ID != recordID {
			t.Errorf("%s: %+v, %v", list, rec, err)
		}
	}
}
