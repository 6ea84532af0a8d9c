package hook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"balancelink/handlers/hook"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestTheWebhookDoor(t *testing.T) {
	s := site.New(t)
	const good = `{"method":"AUTH","callback_code":"AUTH_SUCCESS","status":"is_success","env":"production-sandbox","record":"5f0000000000000000000001"}`
	big := `{"method":"` + strings.Repeat("x", 256<<10) + `"}`
	for _, row := range []struct {
		name, method string
		header       http.Header
		body         io.Reader
		status       int
		code         string // of the error; empty: received
	}{
		{"no token", "POST", http.Header{"Authorization": nil}, strings.NewReader(good), 401, "unauthorized"},
		{"wrong token", "POST", http.Header{"Authorization": {"Bearer " + s.Settings.OkraWebhookToken.Reveal() + "x"}}, strings.NewReader(good), 401, "unauthorized"},
		{"token without its scheme", "POST", http.Header{"Authorization": {s.Settings.OkraWebhookToken.Reveal()}}, strings.NewReader(good), 401, "unauthorized"},
		{"long token", "POST", http.Header{"Authorization": {"Bearer " + strings.Repeat("a", 10<<10)}}, strings.NewReader(good), 401, "unauthorized"},
		{"no type", "POST", http.Header{"Content-Type": nil}, strings.NewReader(good), 415, "unsupported_type"},
		{"text", "POST", http.Header{"Content-Type": {"text/plain"}}, strings.NewReader(good), 415, "unsupported_type"},
		{"form", "POST", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, strings.NewReader(good), 415, "unsupported_type"},
		{"gzip", "POST", http.Header{"Content-Encoding": {"gzip"}}, strings.NewReader(good), 415, "unsupported_encoding"},
		{"too big", "POST", nil, strings.NewReader(big), 413, "too_large"},
		{"too big, of unknown length", "POST", nil, io.MultiReader(strings.NewReader(big)), 413, "too_large"},
		{"empty", "POST", nil, strings.NewReader(""), 400, "bad_json"},
		{"half", "POST", nil, strings.NewReader(`{"method":`), 400, "bad_json"},
		{"two values", "POST", nil, strings.NewReader(good + good), 400, "bad_json"},
		{"deep and not closed", "POST", nil, strings.NewReader(strings.Repeat("[", 20_000)), 400, "bad_json"},
		{"good", "POST", nil, strings.NewReader(good), 200, ""},
		{"another spelling of the type", "POST", http.Header{"Content-Type": {"Application/JSON; charset=UTF-8"}}, strings.NewReader(good), 200, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := len(s.Events())
			p := s.Send(row.method, row.body, row.header)
			var got struct {
				Error, ID string
				Received  bool
			}
			if err := json.Unmarshal([]byte(p.Text()), &got); err != nil {
				t.Fatalf("answer %q: %v", p.Text(), err)
			}
			if row.code != "" && !slices.Contains(hook.Results(), row.code) {
				t.Errorf("%s is none of the results that are counted", row.code)
			}
			if p.Status != row.status || got.Error != row.code || got.Received != (row.code == "") {
				t.Errorf("got %d %+v, want %d %q", p.Status, got, row.status, row.code)
			}
			if row.code != "" && (len(s.Events()) != before || got.ID == "") {
				t.Errorf("%d events after a refusal with id %q, want none", len(s.Events())-before, got.ID)
			}
		})
	}
	if all := s.Events(); len(all) != 1 || all[0].Deliveries != 2 {
		t.Errorf("%d events, want one that came twice", len(all))
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
		if p := s.Send(method, nil, nil); p.Status != http.StatusMethodNotAllowed || p.Header.Get("Allow") != "POST" {
			t.Errorf("%s: %d with Allow %q, want 405 with POST", method, p.Status, p.Header.Get("Allow"))
		}
	}
}

// What is JSON and cannot be read stays for a version that can: nothing that the
// provider says is lost because it says it oddly.
func TestWhateverIsJSONIsKeptWithTheReasonWhyItCannotBeRead(t *testing.T) {
	s := site.New(t)
	balance := func(fields string) string {
		return `{"method":"BALANCE","code":"BALANCE_SUCCESS","status":"is_success","env":"production-sandbox","accountId":"64fec80000000000000000a1","balance":{` + fields + `}}`
	}
	for body, reason := range map[string]string{
		`null`: "body", `[{"method":"BALANCE"}]`: "body", `"x"`: "body", `{}`: "method", `{"method":"A","METHOD":"B"}`: "a key occurs twice", `{"method":"A","x":"\ud800"}`: "a string has what no text has",
		strings.Repeat("[", 5000) + strings.Repeat("]", 5000):      "nested too deeply",
		`{"method":"BALANCE","status":"is_success","balance":"x"}`: "not an object",
		balance(`"ledger_balance":1`):                              "", balance(`"ledger_balance":10.125`): "", balance(`"ledger_balance":1,"currency":"USDT"`): "",
		strings.Replace(balance(`"ledger_balance":2`), `"code"`, `"started_at":7,"code"`, 1): "",
	} {
		before := len(s.Events())
		if p := s.Hook(body, nil); p.Status != http.StatusOK {
			t.Errorf("%.60s: %d", body, p.Status)
			continue
		}
		all := s.Events()
		if len(all) != before+1 {
			t.Errorf("%.60s: %d events, want it kept", body, len(all)-before)
			continue
		}
		if e := all[0]; reason != "" && (e.Result != store.EventFailed || !strings.Contains(e.Reason, reason)) {
			t.Errorf("%.60s: %s, %q, want it failed for %q", body, e.Result, e.Reason, reason)
		}
	}
}

func TestAWebhookOfNoUseIsKeptAndAnswered200(t *testing.T) {
	s := site.New(t)
	for name, body := range map[string]string{
		"unknown method":     `{"method":"HOROSCOPE","status":"is_success","env":"production-sandbox","more":[{"x":1}]}`,
		"another env":        `{"method":"BALANCE","status":"is_success","env":"production","record":"5f0000000000000000000002"}`,
		"the overview's own": `{"method":"TEST","callback_code":"TEST_DELIVERY","status":"is_success"}`,
	} {
		p := s.Hook(body, nil)
		p.WantStatus(http.StatusOK)
		id := s.Events()[0].ID
		s.Eventually(name+" is ignored", func() bool { return s.Events()[0].ID == id && s.Events()[0].Result == store.EventIgnored })
	}
	if n := s.Sim.Calls("products/records/get"); n != 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}

func TestNoBankVerificationNumberIsKeptOrShown(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Link(staff, "Amina Bello", "Amina456")
	s.Eventually("the link's webhooks are in", func() bool { return len(s.Events()) == 3 })
	if !s.Kept("customerBvn") {
		t.Fatal("the simulator sends no BVN any more: the test proves nothing")
	}
	if s.Kept("22200000") {
		t.Error("the BVN is kept")
	}
	for _, e := range s.Events() {
		p := staff.Get("/inbox/" + e.ID)
		p.WantStatus(http.StatusOK)
		p.WantText("pre", `"customerBvn": "[text 11]"`)
		if text := p.TextOf("body"); strings.Contains(text, "22200000") || strings.Contains(text, s.Settings.OkraWebhookToken.Reveal()) {
			t.Error("the page shows the BVN or the token")
		}
	}
}

func TestTheSameLinkComesOutWhicheverMessageArrivesWhenAndHowOften(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for _, row := range []struct {
		login string
		steps string // s: onSuccess, a: AUTH webhook, b: BALANCE webhook
	}{
		{"Efe123", "s"}, {"Funke123", "a"}, {"Gambo123", "b"}, {"Halima123", "sab"}, {"Amina456", "bas"}, {"Ibrahim123", "ssbbaass"},
	} {
		t.Run(row.login+" by "+row.steps, func(t *testing.T) {
			id := staff.AddCustomer(s.Holder(row.login))
			customer := s.Browser()
			nonce := customer.Consent(staff.Invite(id))
			s.Sim.SetScenario(sandbox(s, row.login), "wrong-token") // none but ours arrive
			success, err := s.Sim.Connect(row.login, nonce, nil)
			if err != nil {
				t.Fatal(err)
			}
			hooks := s.LinkEvents(success, nonce)
			for _, step := range row.steps {
				switch step {
				case 's':
					if p := customer.PostJSON("/connect/attempts/"+nonce+"/success", string(success)); p.Status != 202 && p.Status != 200 {
						t.Errorf("onSuccess: %d", p.Status)
					}
				case 'a':
					s.Hook(hooks[0], nil).WantStatus(http.StatusOK)
				case 'b':
					s.Hook(hooks[1], nil).WantStatus(http.StatusOK)
				}
			}
			s.Eventually("the attempt is linked", func() bool {
				a, err := s.Store.AttemptByNonce(t.Context(), store.OfCustomer(id), nonce)
				return err == nil && a.State == store.AttemptLinked
			})
			told := strings.Contains(row.steps, "b")
			s.Eventually("the one account is there with its balance", func() bool {
				all, err := s.Store.AccountsByCustomer(t.Context(), id)
				return err == nil && len(all) == 1 && all[0].Figure.Known && (!told || s.History(all[0].ID) == 2)
			})
		})
	}
}

// sandbox is the first account of a sandbox log-in.
func sandbox(s *site.Site, login string) (accountID string) {
	s.T.Helper()
	for _, a := range s.Sim.Accounts() {
		if a.Login == login {
			return a.ID
		}
	}
	s.T.Fatalf("no sandbox log-in %s", login)
	return ""
}
