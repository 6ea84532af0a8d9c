package okra

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"balancelink/okra/provider"
)

var sampleBank = Bank{ID: "5d6fe57a4099cc4b210b0001", Name: "Sample Bank", Slug: "sample-bank"}

func TestEventsOfEveryShapeAreRead(t *testing.T) {
	balance := Balance{
		Account: accountID, Customer: customerID, Record: recordID, Env: provider.EnvProduction,
		Ledger: known(120450), Available: known(99807), Currency: "NGN",
		NUBAN: "0123456789", AccountName: "INVENTED, PERSON", Bank: sampleBank,
	}
	unstated := balance
	unstated.Available = provider.Amount{}
	tests := []struct {
		file string
		want Event
	}{
		{"event-balance.json", Event{
			Method: MethodBalance, Code: "BALANCE_SUCCESS", Env: provider.EnvProduction, Status: "is_success",
			Record: recordID, Account: accountID, Customer: customerID, NUBAN: "0123456789", Attempt: "nonce-1",
			EndedAt: at("2023-09-11T08:00:49.204Z"), Bank: sampleBank, Balance: &balance,
		}},
		{"event-accounts.json", Event{
			Method: MethodAccounts, Code: "ACCOUNTS_SUCCESS", Env: provider.EnvProduction, Status: "is_success",
			Record: recordID, Account: accountID, Customer: customerID, NUBAN: "0123456789", Attempt: "nonce-2",
			EndedAt: at("2023-09-11T08:00:49.22Z"), Bank: sampleBank, Balance: &unstated,
		}},
		{"event-auth-june.json", Event{
			Method: MethodAuth, Code: "AUTH_SUCCESS", Env: provider.EnvSandbox, Status: "is_success",
			Record: "648449a0000000000000ee02", Customer: customerID, Owners: []string{ownerID},
			EndedAt: at("2023-06-10T10:00:00.521Z"), Bank: sampleBank,
		}},
		{"event-auth-july.json", Event{
			Method: MethodAuth, Code: "AUTH_SUCCESS", Env: provider.EnvSandbox, Status: "is_success",
			Record: "64abd6a0000000000000ee03", Customer: customerID,
			EndedAt: at("2023-07-10T10:01:07.43Z"), Bank: sampleBank,
		}},
		{"event-transactions-v1.json", Event{Method: "TRANSACTIONS", Code: "INITIAL_TRANSACTIONS", Record: "oldStyleRecordName"}},
		{"event-failed-invented.json", Event{
			Method: MethodBalance, Code: "BALANCE_FAILED", Env: provider.EnvSandbox, Status: "is_error", Record: recordID, Account: accountID,
			EndedAt: at("2023-09-11T08:00:49.204Z"), ErrorCode: "1003",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			got, err := ParseEvent(testdata(t, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ParseEvent (-want +got):\n%s", diff)
			}
			if want := tt.want.Status == "is_success"; got.Succeeded() != want {
				t.Errorf("Succeeded = %v, want %v", got.Succeeded(), want)
			}
		})
	}
}

func TestAvailableBalanceMissingIsUnknownNotZero(t *testing.T) {
	for _, available := range []string{`null`, `""`, ``} {
		field := `,"available_balance":` + available
		if available == "" {
			field = ""
		}
		e, err := ParseEvent([]byte(`{"method":"BALANCE","status":"is_success","balance":{"accountId":"x","ledger_balance":5` + field + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if e.Balance.Available.Known || !e.Balance.Ledger.Known {
			t.Errorf("available %s: %+v", available, e.Balance)
		}
	}
}

func TestLedgerZeroIsKnown(t *testing.T) {
	e, err := ParseEvent([]byte(`{"method":"BALANCE","status":"is_success","balance":{"accountId":"x","ledger_balance":0}}`))
	if err != nil || e.Balance.Ledger != known(0) {
		t.Errorf("Ledger = %+v, %v", e.Balance, err)
	}
}

func TestIDsAreFoundUnderEveryName(t *testing.T) {
	for _, body := range []string{
		`"recordId":"R","accountId":"A"`,
		`"record_id":"R","account_id":"A"`,
		`"record":{"_id":"R"},"balance":{"account":{"_id":"A"}}`,
		`"record":[{"id":"R"}],"balance":{"account":{"id":"A"}}`,
		`"record":["R"],"balance":{"accountId":"A"}`,
		`"record":"R","balance":[{"account":"A"}]`,
		`"record":"R","account":"A"`,
	} {
		e, err := ParseEvent([]byte(`{"method":"BALANCE","status":"is_success",` + body + `}`))
		if err != nil || e.Record != "R" || e.Account != "A" {
			t.Errorf("%s: record %q, account %q, %v", body, e.Record, e.Account, err)
		}
	}
}

func TestNUBANAsNumberKeepsItsDigits(t *testing.T) {
	for body, want := range map[string]string{`2000000001`: "2000000001", `"0000000001"`: "0000000001", `2.5e9`: "", `-5`: "", `null`: ""} {
		e, err := ParseEvent([]byte(`{"method":"AUTH","nuban":` + body + `}`))
		if err != nil || e.NUBAN != want {
			t.Errorf("%s: NUBAN = %q, %v, want %q", body, e.NUBAN, err, want)
		}
	}
}

// Whatever is JSON is kept. What of it cannot be read is told, and costs nothing
// else: neither the other figures nor whom the event is about.
func TestWhatOfAnEventCannotBeReadCostsNothingElse(t *testing.T) {
	balance := func(fields string) string {
		return `{"method":"BALANCE","status":"is_success","record":"R","accountId":"A","ended_at":"2023-09-11T08:00:49Z","balance":{` + fields + `}}`
	}
	event := func(fields string) string {
		return strings.Replace(balance(`"ledger_balance":5,"available_balance":4`), `"record"`, fields+`,"record"`, 1)
	}
	for name, row := range map[string]struct {
		body              string
		field             string // that cannot be read, of the event or its balance
		ledger, available provider.Amount
	}{
		"three decimals":        {balance(`"ledger_balance":1.234,"available_balance":4`), "ledger_balance", provider.Amount{}, known(400)},
		"available in pieces":   {balance(`"ledger_balance":5,"available_balance":1.234`), "available_balance", known(500), provider.Amount{}},
		"huge":                  {balance(`"ledger_balance":1e400,"available_balance":4`), "ledger_balance", provider.Amount{}, known(400)},
		"amount as object":      {balance(`"ledger_balance":{},"available_balance":4`), "ledger_balance", provider.Amount{}, known(400)},
		"amount as boolean":     {balance(`"ledger_balance":5,"available_balance":true`), "available_balance", known(500), provider.Amount{}},
		"not a number":          {balance(`"ledger_balance":5,"available_balance":"NaN"`), "available_balance", known(500), provider.Amount{}},
		"unknown currency":      {balance(`"ledger_balance":1,"currency":"USDT"`), "ledger_balance", provider.Amount{}, provider.Amount{}},
		"currency as number":    {balance(`"ledger_balance":1,"currency":5`), "ledger_balance", provider.Amount{}, provider.Amount{}},
		"created some day":      {balance(`"ledger_balance":5,"available_balance":4,"created_at":"some day"`), "created_at", known(500), known(400)},
		"updated some day":      {balance(`"ledger_balance":5,"available_balance":4,"last_updated":true`), "last_updated", known(500), known(400)},
		"ended soon":            {strings.Replace(event(`"x":1`), "2023-09-11T08:00:49Z", "soon", 1), "ended_at", known(500), known(400)},
		"no field that matters": {event(`"started_at":{},"meta":[[]],"bankName":7,"nuban":{}`), "", known(500), known(400)},
	} {
		e, err := ParseEvent([]byte(row.body))
		if err != nil || e.Balance == nil {
			t.Errorf("%s: %+v, %v", name, e, err)
			continue
		}
		if e.Balance.Ledger != row.ledger || e.Balance.Available != row.available {
			t.Errorf("%s: ledger %+v, available %+v", name, e.Balance.Ledger, e.Balance.Available)
		}
		if e.Record != "R" || e.Account != "A" || e.Method != MethodBalance {
			t.Errorf("%s: it is about %+v", name, e)
		}
		if row.field != "" && e.Unreadable.Field(row.field) == "" && e.Balance.Unreadable.Field(row.field) == "" {
			t.Errorf("%s: nothing says that %s could not be read", name, row.field)
		}
		if n := len(e.Unreadable) + len(e.Balance.Unreadable); row.field == "" && n > 0 {
			t.Errorf("%s: %v, %v", name, e.Unreadable, e.Balance.Unreadable)
		}
	}
	for name, body := range map[string]string{
		"method":  `{"balance":{}}`,
		"balance": `{"method":"BALANCE","status":"is_success","balance":"64fec80000000000000000b1"}`,
		"body":    `{"method":"BALANCE","status":"is_success","accountId":"A","balance":{"ledger_balance":1,"ledger_balance":2}}`,
	} {
		if e, err := ParseEvent([]byte(body)); err != nil || e.Unreadable.Field(name) == "" {
			t.Errorf("%s: %+v, %v, want it told", name, e, err)
		}
	}
	for _, body := range []string{
		`[{"method":"BALANCE"}]`, `"BALANCE"`, `7`, `null`, `{"a":"\u0000"}`, strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000),
	} {
		if e, redacted, err := ReceiveEvent([]byte(body)); err != nil || e.Unreadable.Field("body") == "" || len(redacted) == 0 {
			t.Errorf("%.20s: %+v, %v, want it kept", body, e, err)
		}
	}
	for _, several := range []string{balance(`"ledger_balance":1,"accountId":"B"`), `{"method":"BALANCE","status":"is_success","balance":[{"account":"A"},{"account":"B"}]}`} {
		if e, err := ParseEvent([]byte(several)); err != nil || e.Balance != nil || e.Unreadable.Field("balance") == "" {
			t.Errorf("%s: %+v, %v, want no balance", several, e, err)
		}
	}
}

func TestUnknownMethodsAreNoError(t *testing.T) {
	e, err := ParseEvent([]byte(`{"method":"SOMETHING_NEW","":{"a":1},"balance":"text","extra":[[1]],"record":null}`))
	if err != nil || e.Method != "SOMETHING_NEW" || e.Balance != nil {
		t.Errorf("ParseEvent = %+v, %v", e, err)
	}
}

func TestFailedEventCarriesNoBalance(t *testing.T) {
	e, err := ParseEvent([]byte(`{"method":"BALANCE","status":false,"type":"EXPIRED","balance":{"accountId":"A","ledger_balance":1}}`))
	if err != nil || e.Balance != nil || e.ErrorCode != "EXPIRED" {
		t.Errorf("ParseEvent = %+v, %v", e, err)
	}
}

func TestKeyIsTheSameForTheSameEvent(t *testing.T) {
	key := func(body string) string {
		e, err := ParseEvent([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return e.Key([]byte(body))
	}
	full := `{"method":"BALANCE","code":"C","record":"R","accountId":"A","ended_at":"2023-09-11T08:00:49.204Z"}`
	amounts := func(text string) string {
		return strings.Replace(full, `"code"`, `"status":"is_success","balance":`+text+`,"code"`, 1)
	}
	if got := key(full); len(got) != 32 || got != key(strings.ReplaceAll(full, `"record"`, ` "recordId"`)) {
		t.Errorf("Key = %q, and another for the same event", got)
	}
	if key(amounts(`{"ledger_balance":10}`)) != key(amounts(`{"ledger_balance":10.00}`)) {
		t.Error("the same amount written otherwise is another event")
	}
	seen := map[string]string{}
	for _, body := range []string{
		full,
		amounts(`{"ledger_balance":10}`),
		amounts(`{"ledger_balance":10.01}`),
		amounts(`{"ledger_balance":10,"available_balance":10}`),
		amounts(`{"ledger_balance":10,"currency":"USD"}`),
		strings.Replace(full, `"A"`, `"B"`, 1),
		strings.Replace(full, `"R"`, `"S"`, 1),
		strings.Replace(full, `204Z`, `205Z`, 1),
		strings.Replace(full, `"C"`, `"D"`, 1),
		`{"method":"AUTH","code":"C","record":"R"}`,
		`{"method":"AUTH","code":"C","record":"R","x":1}`,
	} {
		k := key(body)
		if seen[k] != "" {
			t.Errorf("%s and %s share a key", seen[k], body)
		}
		seen[k] = body
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, file := range eventFiles {
		f.Add(testdata(f, file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := ParseEvent(body)
		if err != nil {
			if !errors.Is(err, provider.ErrBadJSON) && !errors.Is(err, provider.ErrBadShape) {
				t.Errorf("ParseEvent = %v, which is neither sentinel", err)
			}
			return
		}
		if e.Method == "" || len(e.Key(body)) != 32 {
			t.Errorf("ParseEvent = %+v", e)
		}
		if b := e.Balance; b != nil && (!e.Succeeded() || b.Account != e.Account || b.Currency == "") {
			t.Errorf("Balance = %+v of %+v", b, e)
		}
	})
}

var eventFiles = []string{
	"event-balance.json", "event-accounts.json", "event-auth-june.json", "event-auth-july.json",
	"event-identity.json", "event-transactions-v1.json", "event-failed-invented.json",
}

func TestTimesInOtherTypesAreReadOrCostNothing(t *testing.T) {
	for body, want := range map[string]string{
		`1625000000000`: "2021-06-29T20:53:20Z", `1625000000`: "2021-06-29T20:53:20Z", `{"$date":"2021-06-29T20:53:20Z"}`: "2021-06-29T20:53:20Z",
		`{"$date":1625000000000}`: "2021-06-29T20:53:20Z", `7`: "", `1625000000.5`: "", `true`: "", `[]`: "", `{"$date":{}}`: "", `"soon"`: "", `{}`: "",
	} {
		e, redacted, err := ReceiveEvent([]byte(`{"method":"AUTH","ended_at":` + body + `}`))
		if err != nil || (want == "") != e.EndedAt.IsZero() || want != "" && !e.EndedAt.Equal(at(want)) || (want == "") == (e.Unreadable.Field("ended_at") == "") {
			t.Errorf("%s: %v, %v, %v", body, e.EndedAt, e.Unreadable, err)
		}
		if again, err := ParseEvent(redacted); err != nil || !again.EndedAt.Equal(e.EndedAt) {
			t.Errorf("%s: kept as %s, which reads %v, %v", body, redacted, again.EndedAt, err)
		}
	}
}
