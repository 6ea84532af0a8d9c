package okra

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

var claimFiles = []string{"claim-2020.json", "claim-2022.json", "claim-2023.json"}

func TestRedactedEventSaysTheSame(t *testing.T) {
	for _, file := range eventFiles {
		want, clean, err := ReceiveEvent(testdata(t, file))
		if err != nil {
			t.Fatal(err)
		}
		want.NUBAN = provider.LastDigits(want.NUBAN)
		if want.Balance != nil {
			want.Balance.NUBAN = provider.LastDigits(want.Balance.NUBAN)
		}
		got, err := ParseEvent(clean)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Connected{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", file, err, diff)
		}
	}
}

func TestRedactedClaimSaysTheSame(t *testing.T) {
	for _, file := range claimFiles {
		want, clean, err := ReceiveClaim(testdata(t, file))
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.Accounts {
			want.Accounts[i].NUBAN = provider.LastDigits(want.Accounts[i].NUBAN)
		}
		got, err := ParseClaim(clean)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Connected{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", file, err, diff)
		}
	}
}

// receive reads a body in every way in which one is kept.
var receive = map[string]func(body []byte) []byte{
	"an event": func(body []byte) []byte { _, clean, _ := ReceiveEvent(body); return clean },
	"a claim":  func(body []byte) []byte { _, clean, _ := ReceiveClaim(body); return clean },
	"an error": func(body []byte) []byte { _, clean := ReceiveWidgetError(body); return clean },
	"a close":  func(body []byte) []byte { clean, _ := wire.Redact(body); return clean },
}

// names are names that a bank verification number, or a person, could stand under.
var names = strings.Fields(`bvn customerBvn bvn_number bankVerificationNumber nationalId nin NIN ssn idNumber id_no passport licence votersCard
	tin taxId rcNumber accountNumber account_number acctNo acct nuban_number iban msisdn mobile tel phoneNumber whatsapp card pan cardNumber
	pin otp token secret password sessionId fullname customerName holder owner_name alias mother maiden dob birthDate address street
	lga state email mail photo selfie image signature note remark narration memo extra data payload meta options info value x`)

func TestOnlyWhatReadersReadIsKept(t *testing.T) {
	for _, name := range names {
		for _, value := range []string{`"22212345678"`, `22212345678`, `"canary Amina"`, `["22212345678"]`, `{"canary Amina":"22212345678"}`, `{"x":{"22212345678":1}}`, `[[22212345678]]`} {
			for what, read := range receive {
				body := fmt.Sprintf(`{"method":"BALANCE","code":"BALANCE_SUCCESS","status":"is_success","record":"%s",%q:%s,
					"balance":{"accountId":"%s","ledger_balance":1,%[2]q:%[3]s},"auth":{%[2]q:%[3]s},"accounts":[{"accountId":"%[4]s","connected":true,%[2]q:%[3]s}]}`,
					recordID, name, value, accountID)
				clean := read([]byte(body))
				if bytes.Contains(clean, []byte("22212345678")) || bytes.Contains(clean, []byte("canary")) || len(clean) == 0 {
					t.Errorf("%s keeps %s of %s: %s", what, value, name, clean)
				}
			}
		}
	}
}

func TestNoLongNumberIsKeptWhereSomethingElseIsRead(t *testing.T) {
	for _, number := range []string{
		"22212345678", "222-1234-5678", "0123 456 789", "+234 (0)803 123 4567", "0.1.2.3.4.5.6.7.8.9", "BVN22212345678x", "٢٢٢١٢٣٤٥٦٧٨", "0123\u200b456789",
	} {
		for _, key := range []string{"method", "code", "env", "status", "record", "accountId", "customerId", "owner", "bankName", "bankSlug", "bankId", "nuban", "message"} {
			e, clean, err := ReceiveEvent(fmt.Appendf(nil, `{"callback_type":"AUTH",%q:%q}`, key, number))
			if err != nil {
				t.Fatal(err)
			}
			said := fmt.Sprint(e.Method, e.Code, e.Env, e.Status, e.Record, e.Account, e.Customer, e.Owners, e.Bank)
			if strings.Contains(said, number) || bytes.Contains(clean, []byte(number)) {
				t.Errorf("%s in %s is kept: %s, %s", number, key, said, clean)
			}
		}
	}
}

func TestMethodsCodesAndIdsAreBounded(t *testing.T) {
	long := strings.Repeat("A", 65)
	for _, wrong := range []string{long, "A\nB", "<b>", "Amina\u202eolleB", "ÀÉ"} {
		e, clean, err := ReceiveEvent(fmt.Appendf(nil, `{"callback_type":"AUTH","method":%q,"code":%q,"record":%q,"accountId":%q,"options":{"attempt":%q}}`, wrong, wrong, wrong, wrong, wrong))
		if err != nil || e.Method != MethodAuth || e.Code+e.Record+e.Account+e.Attempt != "" || bytes.Contains(clean, []byte(wrong)) {
			t.Errorf("%q: %+v, %s, %v", wrong, e, clean, err)
		}
	}
}

func TestAMethodThatIsNoneIsKeptAsOneThatCannotBeRead(t *testing.T) {
	for _, method := range []string{"<script>", "22212345678"} {
		e, clean, err := ReceiveEvent(fmt.Appendf(nil, `{"method":%q}`, method))
		if err != nil || e.Method != MethodUnreadable {
			t.Fatalf("%q: %+v, %v", method, e, err)
		}
		if again, err := ParseEvent(clean); err != nil || again.Method != MethodUnreadable {
			t.Errorf("%q, kept as %s, is %+v, %v", method, clean, again, err)
		}
	}
}

func TestAccountsThatAreNotSharedAreDropped(t *testing.T) {
	const body = `{"record":"` + recordID + `","accounts":[{"name":"canary","connected":false,"ledger_balance":1111199},{"accountId":"a1","connected":true}],
		"others":[{"connected":false,"name":"canary"}],"balance":{"data":{"formatted":[{"account":"canary","connected":false}]}}}`
	for what, read := range receive {
		if clean := read([]byte(body)); bytes.Contains(clean, []byte("canary")) || bytes.Contains(clean, []byte("1111199")) {
			t.Errorf("%s: %s", what, clean)
		}
	}
}

// What this version cannot read a later one may, when the event is replayed.
func TestAnAmountAndATimeThatCannotBeReadAreKeptAsTheyStand(t *testing.T) {
	for _, amount := range []string{`"1,234.50"`, `"NGN 1234.5"`, `"1234,50 NGN"`, `"NaN"`, `153.375`, `1e400`} {
		for _, date := range []string{`"16/07/2021 14:20:05"`, `"2021-07-16"`, `"2021-07-16 14:20"`, `"7/16/2021, 2:20 PM"`} {
			body := `{"balance":{"ledger_balance":` + amount + `},"ended_at":` + date + `,"method":"BALANCE","status":"is_success"}`
			if _, clean, err := ReceiveEvent([]byte(body)); err != nil || string(clean) != body {
				t.Errorf("%s is kept as %s, %v", body, clean, err)
			}
		}
	}
	for _, field := range []string{"ledger_balance", "last_updated"} {
		for _, canary := range []string{"Amina Bello", "0123456789", "0123 456 789", "0123-45-6789", "01-23-456789", "1,234,567,890.12", "0123456789 NGN", "N 0123456789"} {
			if _, clean, err := ReceiveEvent(fmt.Appendf(nil, `{"method":"BALANCE","status":"is_success","balance":{%q:%q}}`, field, canary)); err != nil || bytes.Contains(clean, []byte(canary)) {
				t.Errorf("%s in %s is kept: %s, %v", canary, field, clean, err)
			}
		}
	}
}

func TestWhatIsNotReadHasItsShape(t *testing.T) {
	clean, err := wire.Redact([]byte(`{"a":1204.50,"b":"<&>é","c":true,"d":null,"e":[1,2,3,4,5,6,7,8,9,10,11,12],"f":{"22212345678":[]}}`))
	want := `{"a":"[number 7]","b":"[text 4]","c":"[flag]","d":null,"e":["[number 1]","[number 1]","[number 1]","[number 1]","[number 1]",` +
		`"[number 1]","[number 1]","[number 1]","[number 1]","[number 2]","[more 2]"],"f":{"[key 0 of 11]":[]}}`
	if err != nil || string(clean) != want {
		t.Errorf("Redact = %s, %v, want %s", clean, err, want)
	}
}

func TestAmountsAndTimesKeepTheirText(t *testing.T) {
	_, clean, err := ReceiveEvent([]byte(`{"method":"BALANCE","status":"is_success","ended_at":"2023-07-22T02:22:37.504Z","balance":{"ledger_balance":12345678901234.10,"available_balance":"12345678901"}}`))
	want := `{"balance":{"available_balance":"12345678901","ledger_balance":12345678901234.10},"ended_at":"2023-07-22T02:22:37.504Z","method":"BALANCE","status":"is_success"}`
	if err != nil || string(clean) != want {
		t.Errorf("kept is %s, %v, want %s", clean, err, want)
	}
}

func FuzzRedact(f *testing.F) {
	for _, file := range append(eventFiles, claimFiles...) {
		f.Add(testdata(f, file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for what, read := range receive {
			clean := read(body)
			if clean == nil {
				continue
			}
			if again := read(clean); !bytes.Equal(clean, again) {
				t.Errorf("%s: %s becomes %s, and then %s", what, body, clean, again)
			}
			if len(clean) > 16*len(body)+64 {
				t.Errorf("%s: %d bytes become %d", what, len(body), len(clean))
			}
		}
	})
}
