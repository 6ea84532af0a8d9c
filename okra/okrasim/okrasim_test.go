package okrasim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra/okrasim"
)

const delay = time.Minute

// start is when every test begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

type object = map[string]any

// A world is a simulated Okra over HTTP, whose time stands until a test moves
// it, and an application that hears webhooks.
type world struct {
	*okrasim.Server
	*sitetest.Clock
	t     *testing.T
	url   string
	heard chan hook
}

type hook struct {
	auth string
	body object
}

func newConfig() okrasim.Config {
	return okrasim.Config{
		SecretKey: "secret", ClientToken: "63f1000000000000000000aa", PublicKey: "public", WebhookToken: "hook", Transactions: true,
		BankDelay: delay, Logger: slog.New(slog.DiscardHandler),
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, Clock: sitetest.NewClock(start), heard: make(chan hook, 50)}
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.heard <- hook{r.Header.Get("Authorization"), decode(t, body)}
	}))
	t.Cleanup(app.Close)
	cfg := newConfig()
	cfg.WebhookURL = app.URL
	cfg.Now, cfg.After = w.Now, w.After
	w.Server = okrasim.New(cfg)
	t.Cleanup(w.Close)
	srv := httptest.NewServer(w.Server)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

func decode(t *testing.T, body []byte) object {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	o := object{}
	if err := dec.Decode(&o); err != nil {
		t.Errorf("decoding %q: %v", body, err)
	}
	return o
}

// call asks the API with the right key and returns the status and the body.
func (w *world) call(method, path string, body any) (int, object) {
	w.t.Helper()
	res := w.raw(method, path, "Bearer secret", body)
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	return res.StatusCode, decode(w.t, answer)
}

// try posts to the API and lets the caller see how that fails.
func (w *world) try(path string, body any) (*http.Response, error) {
	content, _ := json.Marshal(body)
	req, err := http.NewRequestWithContext(w.t.Context(), "POST", w.url+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer secret"}}
	return http.DefaultTransport.RoundTrip(req)
}

func (w *world) raw(method, path, auth string, body any) *http.Response {
	w.t.Helper()
	content, _ := json.Marshal(body)
	req, _ := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(content))
	req.Header.Set("Content-Type", "application/json")
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

func (w *world) accountOf(login string) okrasim.AccountInfo {
	w.t.Helper()
	i := slices.IndexFunc(w.Accounts(), func(a okrasim.AccountInfo) bool { return a.Login == login })
	return w.Accounts()[i]
}

// hook is the next webhook, which somebody has sent or is about to.
func (w *world) hook() hook {
	w.t.Helper()
	return sitetest.Receive(w.t, w.heard, "a webhook")
}

func (w *world) connect(login string) object {
	w.t.Helper()
	message, err := w.Connect(login, "attempt-1", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return decode(w.t, message)
}

// refresh starts a refresh and polls its callback until it has ended.
func (w *world) refresh(id string) (started, ended object) {
	w.t.Helper()
	status, answer := w.call("POST", "/v2/balance/refresh", object{"account_id": id})
	if status != 200 {
		w.t.Fatalf("refresh answered %d %v", status, answer)
	}
	started = answer["data"].(object)
	return started, w.poll(started["record"].(string), "BALANCE")
}

// poll asks for the end of a job until there is one, a while later each time.
func (w *world) poll(record, method string) object {
	w.t.Helper()
	for range 100 {
		if answer, ended := w.look(record, method); ended {
			return answer
		}
		w.Advance(delay / 4)
	}
	w.t.Fatal("the job never ended")
	return nil
}

// look asks once.
func (w *world) look(record, method string) (answer object, ended bool) {
	w.t.Helper()
	_, answer = w.call("GET", "/v2/callback?record="+record+"&method="+method, nil)
	running := dig(answer, "data", "status", "process", "running") == true || answer["message"] == "Balance checking..."
	return answer, !running
}

// dig returns what stands under the keys, nil if there is no such thing.
func dig(v any, keys ...string) any {
	for _, key := range keys {
		o, _ := v.(object)
		v = o[key]
	}
	return v
}

func TestConnectDeliversWebhooksWithBearer(t *testing.T) {
	w := newWorld(t)
	message := w.connect("Amina123")
	w.Advance(delay)
	methods := map[string]int{}
	for range 5 {
		h := w.hook()
		methods[h.body["method"].(string)]++
		if h.auth != "Bearer hook" {
			t.Errorf("Authorization = %q, want the webhook token", h.auth)
		}
		if got := dig(h.body, "options", "attempt"); got != "attempt-1" {
			t.Errorf("options.attempt = %v", got)
		}
		if h.body["record"] != message["record"] || h.body["status"] != "is_success" {
			t.Errorf("webhook does not fit the message: %v", h.body)
		}
	}
	if want := map[string]int{"AUTH": 1, "BALANCE": 2, "ACCOUNTS": 2}; !maps.Equal(methods, want) {
		t.Errorf("webhooks = %v, want %v", methods, want)
	}
}

func TestConnectListsAccountsThatWereNotShared(t *testing.T) {
	w := newWorld(t)
	body, err := w.Connect("Amina123", "a", []string{"0123456796"})
	if err != nil {
		t.Fatal(err)
	}
	accounts := decode(t, body)["accounts"].([]any)
	if got, want := dig(accounts[0], "connected"), false; got != want {
		t.Errorf("the other account is connected = %v, want %v", got, want)
	}
	if got, want := dig(accounts[1], "ledger_balance"), json.Number("2480.5"); got != want {
		t.Errorf("ledger_balance = %v, want %v", got, want)
	}
	customer := w.accountOf("Amina123").CustomerID
	_, answer := w.call("POST", "/v2/sandbox/accounts/getByCustomer", object{"customer": customer})
	listed := dig(answer, "data", "accounts").([]any)
	if len(listed) != 3 || len(dig(listed[0], "connected").([]any)) != 0 || len(dig(listed[1], "connected").([]any)) != 1 {
		t.Errorf("accounts/getByCustomer = %v, want three, only the second connected", listed)
	}
	_, answer = w.call("POST", "/v2/balance/getByCustomer", object{"customer": customer, "page": "1", "limit": 10})
	if got := len(dig(answer, "data", "balance").([]any)); got != 1 {
		t.Errorf("%d balances, want that of the shared account", got)
	}
}

func TestRefreshMovesTheBalanceAndTells(t *testing.T) {
	w := newWorld(t)
	a := w.accountOf("Amina123")
	status, answer := w.call("POST", "/v2/balance/refresh", object{"account_id": a.ID})
	record := dig(answer, "data", "record").(string)
	if want := "http://127.0.0.1:8081/v2/callback?record=" + record + "&method=BALANCE"; status != 200 || dig(answer, "data", "callback_url") != want {
		t.Errorf("refresh answered %d %v", status, answer)
	}
	w.Advance(delay - time.Nanosecond)
	early, _ := w.look(record, "BALANCE")
	if dig(early, "data", "status", "process", "running") != true || dig(early, "data", "balance") != nil {
		t.Errorf("too early a callback answered %v", early)
	}
	w.Advance(time.Nanosecond)
	late := w.poll(record, "BALANCE")
	ledger := dig(late, "data", "balance", "ledger_balance").(json.Number)
	if ledger == "1250340.75" || ledger == "" {
		t.Errorf("ledger = %s, want it moved", ledger)
	}
	h := w.hook()
	if h.body["record"] != record || dig(h.body, "balance", "ledger_balance") != ledger {
		t.Errorf("webhook = %v, want ledger %s", h.body, ledger)
	}
	if h.body["ended_at"] != dig(late, "data", "balance", "last_updated") {
		t.Errorf("ended_at = %v, want last_updated of %v", h.body["ended_at"], late)
	}
	if got := w.Calls("balance/refresh"); got != 1 {
		t.Errorf("Calls = %d, want 1", got)
	}
}

func TestSetBalanceIsFoundByTheNextRefreshAndByCheck(t *testing.T) {
	w := newWorld(t)
	a := w.accountOf("Funke123")
	for _, step := range []struct{ ledger, available string }{{"1e400", "-0.005"}, {"77.10", ""}} {
		if err := w.SetBalance(a.ID, step.ledger, step.available); err != nil {
			t.Fatal(err)
		}
		_, started := w.call("POST", "/v2/balance/check", object{"account_id": a.ID})
		checked := w.poll(dig(started, "data", "record").(string), "CHECK_BALANCE")
		if dig(checked, "data", "balance_changed") != true || dig(checked, "data", "last_fetched") != nil {
			t.Errorf("check = %v, want the changed shape", checked)
		}
		_, ended := w.refresh(a.ID)
		if got := dig(ended, "data", "balance", "ledger_balance"); got != json.Number(step.ledger) {
			t.Errorf("ledger = %v, want %s as it was set", got, step.ledger)
		}
	}
	_, started := w.call("POST", "/v2/balance/check", object{"account_id": a.ID})
	checked := w.poll(dig(started, "data", "record").(string), "CHECK_BALANCE")
	if dig(checked, "data", "balance_changed") != false || dig(checked, "data", "last_fetched") == nil {
		t.Errorf("check = %v, want the unchanged shape", checked)
	}
	if w.SetBalance(a.ID, "NaN", "") == nil || w.SetBalance(a.ID, `"1"`, "") == nil {
		t.Error("SetBalance took what is no number")
	}
}

func TestWrongCallsAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name, method, path, auth string
		body                     any
		want                     int
	}{
		{"no key", "POST", "/v2/balance/refresh", "", object{}, 401},
		{"wrong key", "POST", "/v2/balance/refresh", "Bearer other", object{}, 401},
		{"wrong key for the banks", "GET", "/v2/banks/list", "Bearer other", nil, 401},
		{"no key for the banks", "GET", "/v2/banks/list", "", nil, 200},
		{"no JSON object", "POST", "/v2/balance/refresh", "Bearer secret", "text", 400},
		{"no such account", "POST", "/v2/balance/refresh", "Bearer secret", object{"account_id": "x"}, 400},
		{"no such path", "POST", "/v2/balance/unheard", "Bearer secret", object{}, 404},
		{"wrong method", "GET", "/v2/balance/refresh", "Bearer secret", nil, 404},
		{"no such record", "GET", "/v2/callback?record=64ee1ac3efffc4003cb952ff&method=BALANCE", "Bearer secret", nil, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := w.raw(c.method, c.path, c.auth, c.body)
			defer res.Body.Close()
			if res.StatusCode != c.want {
				t.Errorf("status = %d, want %d", res.StatusCode, c.want)
			}
		})
	}
}

func TestRecordsOutliveARestart(t *testing.T) {
	before := newWorld(t)
	link, _ := before.connect("Amina123")["record"].(string)
	a := before.accountOf("Amina123")
	_, started := before.call("POST", "/v2/balance/refresh", object{"account_id": a.ID})
	job := dig(started, "data", "record").(string)

	after := newWorld(t)
	_, answer := after.call("POST", "/v2/products/records/get", object{"record_id": link})
	if dig(answer, "data", "records", "_id") != link || dig(answer, "data", "records", "owner") != "63f1000000000000000000aa" {
		t.Errorf("records/get = %v", answer)
	}
	_, answer = after.call("POST", "/v2/accounts/getByCustomer", object{"customer": a.CustomerID})
	if got := dig(dig(answer, "data", "accounts").([]any)[0], "record").([]any); !slices.Contains(got, any(link)) {
		t.Errorf("record = %v, want %s", got, link)
	}
	if got := dig(after.poll(job, "BALANCE"), "data", "balance", "account", "id"); got != a.ID {
		t.Errorf("the refresh is about %v, want %s", got, a.ID)
	}
	status, _ := after.call("POST", "/v2/products/records/get", object{"record_id": strings.Replace(link, link[20:], "0000", 1)})
	if status != 400 {
		t.Errorf("a forged record answered %d, want 400", status)
	}
}

func TestWidgetSharesOnlyAfterPasswordAndCode(t *testing.T) {
	w := newWorld(t)
	options := object{"key": "public", "token": "63f1000000000000000000aa", "env": "production-sandbox",
		"products": []string{"auth", "balance"}, "showBalance": true, "options": object{"attempt": "n"}}
	_, opened := w.call("POST", "/widget/session", options)
	step := object{"session": opened["session"], "bank": "access-bank", "username": "Bola123", "password": "wrong",
		"otp": "11111", "nubans": []string{"1100200301"}}
	for _, path := range []string{"/widget/otp", "/widget/share", "/widget/login"} {
		if status, _ := w.call("POST", path, step); status != 422 {
			t.Errorf("%s answered %d, want 422", path, status)
		}
	}
	step["password"] = "Ibadan"
	w.call("POST", "/widget/login", step)
	w.call("POST", "/widget/otp", step)
	_, shared := w.call("POST", "/widget/share", step)
	if dig(shared, "success", "success") != true {
		t.Errorf("share answered %v", shared)
	}
	w.Advance(delay)
	if got := dig(w.hook().body, "options", "attempt"); got != "n" {
		t.Errorf("options.attempt = %v, want n", got)
	}
	if status, _ := w.call("POST", "/widget/share", step); status != 422 {
		t.Errorf("sharing twice answered %d, want 422", status)
	}
	options["key"] = "other"
	if _, refused := w.call("POST", "/widget/session", options); dig(refused, "error", "code") != json.Number("1006") {
		t.Errorf("a wrong key answered %v", refused)
	}
}

func TestTheWindowOffersTheBanksOfItsFilterAlone(t *testing.T) {
	w := newWorld(t)
	options := object{"key": "public", "token": "63f1000000000000000000aa", "env": "production-sandbox", "products": []string{"auth"}}
	for _, row := range []struct {
		banks []string
		first string
		many  int
	}{
		{nil, "", 9},
		{[]string{"first-bank-of-nigeria"}, "first-bank-of-nigeria", 1},
		{[]string{"first-bank-of-nigeria", "access-bank"}, "", 2},
	} {
		options["filter"] = object{"industry_type": "all", "banks": row.banks}
		_, opened := w.call("POST", "/widget/session", options)
		if offered, _ := opened["banks"].([]any); len(offered) != row.many || opened["reauthBank"] != row.first {
			t.Errorf("%v: %d banks, begins at %v; want %d and %q", row.banks, len(offered), opened["reauthBank"], row.many, row.first)
		}
	}
}
