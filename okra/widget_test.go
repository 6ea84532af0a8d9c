package okra

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

func TestClaimsOfEveryShapeAreRead(t *testing.T) {
	other := Bank{ID: "5d6fe57a4099cc4b210b0002", Name: "Other Bank", Slug: "other-bank"}
	shared := Connected{"true"}
	tests := []struct {
		file string
		want Claim
	}{
		{"claim-2020.json", Claim{
			Record: "5fc0a7ac000000000000ee04", Customer: "5fa1541f000000000000cc04",
			Accounts: []Account{{ID: "5fa9e536000000000000aa01", Currency: "NGN", Connected: shared}},
		}},
		{"claim-2022.json", Claim{Record: "627a80ac000000000000ee05", Customer: "61e7dc95000000000000cc05", Bank: other}},
		{"claim-2023.json", Claim{
			Record: recordID, Customer: customerID, Bank: other,
			Accounts: []Account{{
				ID: accountID, Customer: customerID, NUBAN: "7800000001", Name: "Invented Person", Type: "Current",
				Currency: "NGN", Env: provider.EnvSandbox, Connected: shared,
			}},
		}},
	}
	for _, tt := range tests {
		got, err := ParseClaim(testdata(t, tt.file))
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.file, err, diff)
		}
	}
}

func TestClaimWithoutRecordIsRefused(t *testing.T) {
	for _, body := range []string{`{}`, `{"record":""}`, `{"record":"undefined"}`, `{"record":"../../secret"}`, `{"record":1}`} {
		if _, err := ParseClaim([]byte(body)); !errors.Is(err, provider.ErrBadShape) {
			t.Errorf("%s: %v, want provider.ErrBadShape", body, err)
		}
	}
}

func TestOnlyChosenAccountsAreClaimed(t *testing.T) {
	body := `{"record":"` + recordID + `","accounts":[{"id":"a","connected":false},{"id":"b"},{"id":"c","connected":"true"},{"id":"d","connected":true},{"connected":true}]}`
	claim, err := ParseClaim([]byte(body))
	if err != nil || len(claim.Accounts) != 1 || claim.Accounts[0].ID != "d" {
		t.Errorf("ParseClaim = %+v, %v", claim, err)
	}
}

func TestWidgetErrorsAreReadLeniently(t *testing.T) {
	long := strings.Repeat("é", 5000)
	tests := []struct {
		body string
		want WidgetError
	}{
		{string(testdata(t, "bank-error.json")), WidgetError{"1003"}},
		{`{"error":{"code":"1010","message":"m"}}`, WidgetError{"1010"}},
		{`{"error":"text"}`, WidgetError{}},
		{`{"message":"` + long + `"}`, WidgetError{}},
		{`"text"`, WidgetError{}},
		{`{`, WidgetError{}},
	}
	for _, tt := range tests {
		if got, _ := ReceiveWidgetError([]byte(tt.body)); got != tt.want {
			t.Errorf("ReceiveWidgetError(%.60s) = %+v, want %+v", tt.body, got, tt.want)
		}
	}
}

func TestAnEventOfTheWidgetIsItsNameAndNothingElse(t *testing.T) {
	for body, want := range map[string]string{
		`{"event":{"event_name":"BANK_SELECTED","bank":"access-bank"}}`: "BANK_SELECTED", // as okra-js passes it
		`{"event_name":"login.failed","amount":null}`:                   "login.failed",
		`{"event":{"event_name":"my password is 1234"}}`:                "",
		`{"event":{"event_name":"` + strings.Repeat("a", 61) + `"}}`:    "",
		`{"event":{"event_name":null}}`:                                 "",
		`{"event":"OPENED"}`:                                            "",
		`[]`:                                                            "",
	} {
		if got, err := ReceiveWidgetEvent([]byte(body)); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q (%v), want %q", body, got, err, want)
		}
	}
}

func TestWidgetOptionsHaveTheNamesThatOkraJSReads(t *testing.T) {
	text, err := json.Marshal(WidgetOptions{Products: []string{"auth", "balance"}, Options: WidgetAttempt{"n"}})
	want := `{"name":"","env":"","app_id":"","key":"","token":"","products":["auth","balance"],"showBalance":false,"webhook_url":"","callback_url":"","options":{"attempt":"n"}}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}

func TestABusinessIsAskedForItsCorporateAccounts(t *testing.T) {
	for _, corporate := range []bool{true, false} {
		text, err := json.Marshal((&Adapter{}).Options(provider.Opening{Corporate: corporate}))
		if got := strings.Contains(string(text), `"isCorporate":true`); err != nil || got != corporate {
			t.Errorf("corporate %v: %s (%v)", corporate, text, err)
		}
	}
}

func TestConnectedToOthersIsNotConnectedToUs(t *testing.T) {
	tests := []struct {
		body           string
		stated, shared bool
		text           string
	}{
		{`{}`, false, false, ""},
		{`{"connected":null}`, false, false, ""},
		{`{"connected":5}`, false, false, ""},
		{`{"connected":true}`, true, true, "true"},
		{`{"connected":false}`, true, false, "false"},
		{`{"connected":[]}`, true, false, "[]"},
		{`{"connected":["other"]}`, true, false, `["other"]`},
		{`{"connected":["other","us"]}`, true, true, `["other","us"]`},
		{`{"connected":[{"_id":"us"}]}`, true, true, `["us"]`},
	}
	for _, tt := range tests {
		o, err := wire.Decode([]byte(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		c := connectedOf(o)
		if c.Stated() != tt.stated || c.SharedWith("us") != tt.shared || c.String() != tt.text || c.SharedWith("") && tt.text != "true" {
			t.Errorf("%s: stated %v, shared %v, %q", tt.body, c.Stated(), c.SharedWith("us"), c)
		}
	}
}

func TestTheWindowOpensAtTheBankWhereTheNumberIsNotTold(t *testing.T) {
	for name, row := range map[string]struct {
		opening provider.Opening
		want    WidgetOptions
	}{
		"a new link":     {provider.Opening{}, WidgetOptions{}},
		"an account":     {provider.Opening{NUBAN: "0123456789", BankSlug: "b"}, WidgetOptions{ReauthAccount: "0123456789", ReauthBank: "b"}},
		"the bank alone": {provider.Opening{BankSlug: "b"}, WidgetOptions{Filter: &WidgetFilter{IndustryType: "all", Banks: []string{"b"}}}},
	} {
		got := (&Adapter{}).Options(row.opening).(WidgetOptions)
		if got.ReauthAccount != row.want.ReauthAccount || got.ReauthBank != row.want.ReauthBank || !cmp.Equal(got.Filter, row.want.Filter) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
