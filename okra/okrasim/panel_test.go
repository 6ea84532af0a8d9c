package okrasim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"balancelink/okra/okrasim"
)

// sheet is an answer of the panel, after the redirect that a form gives.
type sheet struct {
	t      *testing.T
	status int
	path   string
	header http.Header
	html   string
}

func (w *world) page(path string) sheet { w.t.Helper(); return w.ask("GET", path, nil, nil) }

func (w *world) form(path string, values url.Values) sheet {
	w.t.Helper()
	return w.ask("POST", path, values, nil)
}

func (w *world) ask(method, path string, values url.Values, header http.Header) sheet {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(values.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, v := range header {
		req.Header[name] = v
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	html, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return sheet{w.t, res.StatusCode, res.Request.URL.Path, res.Header, string(html)}
}

// wants fails unless the page has that status and says all of that.
func (p sheet) wants(status int, texts ...string) {
	p.t.Helper()
	if p.status != status {
		p.t.Errorf("%s answered %d, want %d", p.path, p.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(p.html, text) {
			p.t.Errorf("%s does not say %q: %s", p.path, text, p.html)
		}
	}
}

func TestTheBalanceSetOnThePanelIsExactAndToldWhenAsked(t *testing.T) {
	w := newWorld(t)
	account := "/sim/accounts/" + w.accountOf("Funke123").ID
	w.form(account+"/balance", url.Values{"ledger": {"-012.05"}, "available": {""}}).wants(200, "at the next Refresh")
	if len(w.heard) != 0 {
		t.Error("a webhook came although only the balance was set")
	}
	w.page(account).wants(200, "−₦12.05", "not told")
	w.form(account+"/balance", url.Values{"ledger": {"999999999999.99"}, "available": {"0.10"}, "tell": {"yes"}}).
		wants(200, "Sent. The app answered 200 OK.", "₦999,999,999,999.99", "₦0.10")
	balance := dig(w.hook().body, "balance")
	if dig(balance, "ledger_balance") != json.Number("999999999999.99") || dig(balance, "available_balance") != json.Number("0.10") {
		t.Errorf("balance = %v", balance)
	}
}

func TestAWrongAmountIsExplainedAndKept(t *testing.T) {
	w := newWorld(t)
	account := "/sim/accounts/" + w.accountOf("Funke123").ID
	for _, typed := range []string{"12,5", "1e3", "NaN", "1.005", "<b>", "--1", "1234567890123", "₦5"} {
		p := w.form(account+"/balance", url.Values{"ledger": {typed}, "available": {"7"}})
		p.wants(422, "is no amount. Write it like 2500 or -130.50", `value="7"`, "₦153.37")
		if strings.Contains(p.html, "<b>”") {
			t.Error("what was typed stands in the page as it is")
		}
	}
	w.form(account+"/balance", url.Values{"available": {"7"}}).wants(422, "always knows the ledger balance")
	if len(w.heard) != 0 {
		t.Error("a webhook came in spite of the mistake")
	}
}

func TestScenariosAreChosenForAnAccountAndForAWholeBank(t *testing.T) {
	w := newWorld(t)
	a := w.accountOf("Jumoke123")
	w.form("/sim/accounts/"+a.ID+"/scenario", url.Values{"scenario": {"failed"}}).wants(200, "From now on: Bank cannot tell.", `value="failed" checked`)
	if _, ended := w.refresh(a.ID); ended["code"] != json.Number("1003") {
		t.Errorf("refresh = %v", ended)
	}
	w.form("/sim/banks/access-bank/scenario", url.Values{"scenario": {"unchanged"}}).wants(200, "at every account of this bank: Nothing new.")
	for _, info := range w.Accounts() {
		if here := info.BankName == "Access Bank"; here != (info.Scenario == okrasim.Unchanged) && info.Login != "Funke123" {
			t.Errorf("%s at %s has the scenario %s", info.NUBAN, info.BankName, info.Scenario)
		}
	}
	for _, path := range []string{"/sim/accounts/" + a.ID + "/scenario", "/sim/banks/access-bank/scenario"} {
		w.form(path, url.Values{"scenario": {"no-such"}}).wants(422, "There is no such scenario.")
	}
	w.form("/sim/banks/no-such/scenario", url.Values{"scenario": {"failed"}}).wants(404, "There is no such thing here")
	w.form("/sim/accounts/no-such/scenario", url.Values{"scenario": {"failed"}}).wants(404, "There is no such thing here")
	w.page("/sim/accounts/no-such").wants(404, "There is no such thing here")
	w.page("/sim/banks/no-such").wants(404, "There is no such thing here")
}

func TestEveryScenarioSendModeAndOutageSaysWhatToExpect(t *testing.T) {
	w := newWorld(t)
	overview, account := w.page("/"), w.page("/sim/accounts/"+w.accountOf("Amina123").ID)
	for _, i := range okrasim.Scenarios() {
		if i.Title == "" || i.What == "" || i.Expect == "" {
			t.Errorf("scenario %s is not explained", i.Name)
		}
		account.wants(200, `name="scenario" value="`+i.Name+`"`, i.Title)
	}
	for _, i := range okrasim.SendModes() {
		account.wants(200, `name="mode" value="`+i.Name+`"`, i.Title, i.Look)
	}
	for _, i := range okrasim.Outages() {
		overview.wants(200, `name="outage" value="`+i.Name+`"`, i.Title)
	}
}

func TestWebhooksAreSentByHandInEverySendMode(t *testing.T) {
	for _, c := range []struct {
		mode  okrasim.SendMode
		check func(w *world)
	}{
		{okrasim.Once, func(w *world) {
			if h := w.hook(); h.auth != "Bearer hook" {
				w.t.Errorf("Authorization = %q", h.auth)
			}
		}},
		{okrasim.Twice, func(w *world) {
			if one, two := w.hook(), w.hook(); one.body["ended_at"] != two.body["ended_at"] || one.body["record"] != two.body["record"] {
				w.t.Error("the two differ")
			}
		}},
		{okrasim.Forged, func(w *world) {
			if h := w.hook(); h.auth == "Bearer hook" || h.auth == "" {
				w.t.Errorf("Authorization = %q", h.auth)
			}
		}},
		{okrasim.OutOfOrder, func(w *world) {
			one, two := w.hook(), w.hook()
			if one.body["ended_at"].(string) <= two.body["ended_at"].(string) {
				w.t.Error("the older one did not come last")
			}
			if got := dig(two.body, "balance", "ledger_balance"); got != json.Number("732015") {
				w.t.Errorf("the older ledger = %v, want 1,000 less", got)
			}
		}},
		{okrasim.UnknownRecord, func(w *world) {
			h, a := w.hook(), w.accountOf("Efe123")
			if dig(h.body, "balance", "accountId") == a.ID {
				w.t.Error("it is about the account")
			}
			if status, _ := w.call("POST", "/v2/products/records/get", object{"record_id": h.body["recordId"]}); status != 200 {
				w.t.Errorf("the record is not even shaped like one: %d", status)
			}
		}},
	} {
		t.Run(string(c.mode), func(t *testing.T) {
			w := newWorld(t)
			a := w.accountOf("Efe123")
			w.form("/sim/accounts/"+a.ID+"/webhook", url.Values{"mode": {string(c.mode)}, "seconds": {"0"}}).wants(200, "Sent. The app answered 200 OK")
			c.check(w)
			if len(w.heard) != 0 {
				t.Errorf("%d webhooks too many", len(w.heard))
			}
		})
	}
}

func TestAWrongWebhookIsRefusedWithASentence(t *testing.T) {
	w := newWorld(t)
	path := "/sim/accounts/" + w.accountOf("Efe123").ID + "/webhook"
	for _, seconds := range []string{"-1", "soon", "3601", "1.5"} {
		w.form(path, url.Values{"mode": {"once"}, "seconds": {seconds}}).wants(422, "is no delay. Write whole seconds")
	}
	w.form(path, url.Values{"mode": {"no-such"}}).wants(422, "There is no such webhook.")
	if len(w.heard) != 0 {
		t.Error("a webhook came in spite of the mistake")
	}
	deaf := okrasim.New(newConfig())
	defer deaf.Close()
	rec := httptest.NewRecorder()
	req := httptest.NewRequest("POST", "/sim/accounts/"+deaf.Accounts()[0].ID+"/webhook", strings.NewReader("mode=once"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	deaf.ServeHTTP(rec, req)
	if rec.Code != http.StatusConflict || !strings.Contains(rec.Body.String(), "Nothing was sent") {
		t.Errorf("without an address the panel answered %d %s", rec.Code, rec.Body)
	}
}

// inMemory delivers webhooks without a network, so that a synthetic clock works.
type inMemory chan time.Time

func (m inMemory) RoundTrip(*http.Request) (*http.Response, error) {
	m <- time.Now()
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

func TestALateWebhookComesAfterItsDelayAndNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := make(inMemory, 5)
		cfg := newConfig()
		cfg.WebhookURL, cfg.HTTP = "http://app.example/hook", &http.Client{Transport: heard}
		sim := okrasim.New(cfg)
		defer sim.Close()
		start := time.Now()
		rec := httptest.NewRecorder()
		req := httptest.NewRequest("POST", "/sim/accounts/"+sim.Accounts()[0].ID+"/webhook", strings.NewReader("mode=twice&seconds=90"))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		sim.ServeHTTP(rec, req)
		if rec.Code != http.StatusSeeOther {
			t.Fatalf("the panel answered %d %s", rec.Code, rec.Body)
		}
		time.Sleep(90*time.Second - time.Nanosecond)
		synctest.Wait()
		if len(heard) != 0 {
			t.Error("it came too early")
		}
		for range 2 {
			if after := (<-heard).Sub(start); after != 90*time.Second {
				t.Errorf("it came after %v", after)
			}
		}
	})
}

func TestAnOutageHitsEveryCallUntilItEnds(t *testing.T) {
	w := newWorld(t)
	a := w.accountOf("Amina123")
	want := map[string]int{"none": 200, "down": 503, "busy": 429, "refused": 401, "sold": 200, "window": 200, "half": 0, "garbled": 200}
	for _, o := range okrasim.Outages() {
		w.form("/sim/outage", url.Values{"outage": {o.Name}}).wants(200, "The whole provider: "+o.Title+".", `value="`+o.Name+`" checked`)
		res, err := w.try("/v2/balance/getByAccount", object{"account_id": a.ID})
		if err != nil {
			t.Fatal(err)
		}
		body, broken := io.ReadAll(res.Body)
		res.Body.Close()
		if status := want[o.Name]; status != 0 && res.StatusCode != status || status == 0 && broken == nil {
			t.Errorf("under %s a call answered %d %s (%v)", o.Name, res.StatusCode, body, broken)
		}
		if well := json.Valid(body) && res.StatusCode == 200; well != (o.Name == okrasim.NoOutage || o.Name == "window") {
			t.Errorf("under %s the answer is %s", o.Name, body)
		}
		if got := w.Exchanges()[0]; got.ToApp || got.What != "POST /v2/balance/getByAccount" || got.Status != want[o.Name] {
			t.Errorf("under %s it was remembered as %+v", o.Name, got)
		}
	}
	w.form("/sim/outage", url.Values{"outage": {"no-such"}}).wants(422, "There is no such outage.")
}

func TestTheClockOfTheBankIsStepped(t *testing.T) {
	w := newWorld(t)
	a := w.accountOf("Amina123")
	for _, step := range []struct{ by, want string }{
		{"1", "2026-01-02T04:04:05.000Z"}, {"24", "2026-01-03T04:04:05.000Z"}, {"192", "2026-01-11T04:04:05.000Z"},
		{"now", "2026-01-02T03:04:05.000Z"}, {"-24", "2026-01-01T03:04:05.000Z"},
	} {
		w.form("/sim/clock", url.Values{"by": {step.by}}).wants(200, "The bank&#39;s clock")
		if _, err := w.SendWebhook(a.ID, okrasim.Once, 0); err != nil {
			t.Fatal(err)
		}
		if got := w.hook().body["ended_at"]; got != step.want {
			t.Errorf("after the step %s a webhook is of %v, want %s", step.by, got, step.want)
		}
	}
	w.form("/sim/clock", url.Values{"by": {"1000000"}}).wants(422, "cannot be stepped like that")
}

func TestFiguresOfSomeAgeAreFoundByALinkAndRenewedByARefresh(t *testing.T) {
	w := newWorld(t)
	a := w.accountOf("Funke123")
	w.form("/sim/accounts/"+a.ID+"/age", url.Values{"hours": {"72"}}).wants(200, "72 hours old", `value="72" checked`)
	w.connect(a.Login)
	updated := func() any {
		_, answer := w.call("POST", "/v2/balance/getByAccount", object{"account_id": a.ID})
		return dig(dig(answer, "data", "balance").([]any)[0], "last_updated")
	}
	if got := updated(); got != "2025-12-30T03:04:05.000Z" {
		t.Errorf("linked, last_updated = %v, want three days ago", got)
	}
	w.call("POST", "/v2/balance/refresh", object{"account_id": a.ID})
	w.Advance(delay)
	for range 4 { // AUTH, BALANCE and ACCOUNTS of the link, BALANCE of the refresh
		w.hook()
	}
	if got := updated(); got != "2026-01-02T03:05:05.000Z" {
		t.Errorf("refreshed, last_updated = %v, want when the bank answered", got)
	}
	w.form("/sim/accounts/"+a.ID+"/age", url.Values{"hours": {"-1"}}).wants(422, "Choose one of these ages.")
}

func TestCalmEndsEveryTroubleAndRestoreBringsTheFirstBack(t *testing.T) {
	w := newWorld(t)
	before := w.Accounts()
	w.StepClock(time.Hour)
	w.SetScenario(before[0].ID, okrasim.Timeout)
	if err := w.SetOutage("down"); err != nil {
		t.Fatal(err)
	}
	w.form("/sim/calm", nil).wants(200, "All is calm", `id="outage-now">All well`, `id="awkward">0<`)
	for _, a := range w.Accounts() {
		if a.Scenario != okrasim.Normal {
			t.Errorf("%s is %s", a.NUBAN, a.Scenario)
		}
	}
	if w.Ahead() != 0 || w.Outage().Name != okrasim.NoOutage {
		t.Errorf("the clock is %v ahead, the outage is %s", w.Ahead(), w.Outage().Name)
	}
	w.form("/sim/restore", nil).wants(200, "as at the start again")
	for i, a := range w.Accounts() {
		if a.Scenario != before[i].Scenario {
			t.Errorf("%s is %s, want %s", a.NUBAN, a.Scenario, before[i].Scenario)
		}
	}
}

func TestThePanelShowsWhatWentToAndFro(t *testing.T) {
	w := newWorld(t)
	a := w.accountOf("Amina123")
	w.call("POST", "/v2/balance/nothing", object{})
	if _, err := w.SendWebhook(a.ID, okrasim.Once, 0); err != nil {
		t.Fatal(err)
	}
	w.page("/").wants(200, "POST /v2/balance/nothing", "404 Not Found", "BALANCE webhook, account 0123456789", "200 OK")
	for range 60 {
		w.call("GET", "/v2/banks/list", nil)
	}
	if got := len(w.Exchanges()); got != 50 {
		t.Errorf("%d exchanges are kept, want 50", got)
	}
}

func TestThePanelTakesFormsFromItselfAlone(t *testing.T) {
	w := newWorld(t)
	w.StepClock(time.Hour)
	elsewhere := http.Header{"Sec-Fetch-Site": {"cross-site"}}
	for _, path := range []string{"/sim/calm", "/sim/restore", "/sim/outage", "/sim/clock", "/sim/accounts/" + w.accountOf("Amina123").ID + "/balance"} {
		w.ask("POST", path, url.Values{"by": {"now"}}, elsewhere).wants(403)
	}
	if w.Ahead() != time.Hour {
		t.Error("a form of another site had its way")
	}
	w.form("/sim/clock", url.Values{"by": {strings.Repeat("1", 70<<10)}}).wants(413, "too large")
	w.ask("POST", "/sim/clock?%zz", nil, nil).wants(400, "cannot be read")
}

func TestThePagesOfThePanelRunNoScriptAndCannotBeFramed(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/sim/accounts/" + w.accountOf("Amina123").ID, "/sim/banks/access-bank", "/sim/banks/nowhere"} {
		p := w.page(path)
		csp := p.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: CSP %q lacks %s", path, csp, want)
			}
		}
		for _, no := range []string{"<script", "style=", " onclick", "http://127.0.0.1:9"} {
			if strings.Contains(p.html, no) {
				t.Errorf("%s contains %s", path, no)
			}
		}
	}
	w.page("/?said=" + url.QueryEscape("Call this number")).wants(200)
	if strings.Contains(w.page("/?said=Call+this+number").html, "Call this number") {
		t.Error("a link puts words on the page")
	}
}
