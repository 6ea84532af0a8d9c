package monosim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
)

const (
	delay  = 8 * time.Second
	key    = "test_sk_0123456789"
	secret = "hook-secret"
	before = "hook-secret-of-before"

	plain   = "0243118806" // an account without troubles
	several = "0712345604" // one of two of a person
)

// start is when every test begins.
var start = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

type object = map[string]any

// A world is a simulated Mono over HTTP, whose time stands until a test moves it, our
// client of it, and an application that hears webhooks.
type world struct {
	*monosim.Server
	*sitetest.Clock
	t      *testing.T
	client *mono.Client
	api    string
	pages  string
	heard  chan hook
	deaf   chan int // what the next webhooks are answered with
}

type hook struct {
	secret string
	body   []byte
	event  mono.Event
	json   object
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, Clock: sitetest.NewClock(start), heard: make(chan hook, 100), deaf: make(chan int, 10)}
	app := httptest.NewServer(http.HandlerFunc(w.hear))
	t.Cleanup(app.Close)
	pages := httptest.NewUnstartedServer(nil)
	w.pages = "http://" + pages.Listener.Addr().String()
	w.Server = monosim.New(monosim.Config{
		SecretKey: key, WebhookSecret: secret, OldWebhookSecret: before, WebhookURL: app.URL, LinkURL: w.pages,
		BankDelay: delay, Now: w.Now, After: w.After, Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(w.Close)
	pages.Config.Handler = w.Pages()
	pages.Start()
	t.Cleanup(pages.Close)
	api := httptest.NewServer(w.API())
	t.Cleanup(api.Close)
	w.api = api.URL
	base, _ := url.Parse(api.URL)
	w.client = &mono.Client{BaseURL: base, SecretKey: key}
	return w
}

func (w *world) hear(rw http.ResponseWriter, r *http.Request) {
	select {
	case status := <-w.deaf:
		rw.WriteHeader(status)
		return
	default:
	}
	body, _ := io.ReadAll(r.Body)
	e, _, err := mono.ReceiveEvent(body)
	if err != nil {
		w.t.Errorf("webhook %s: %v", body, err)
	}
	w.heard <- hook{r.Header.Get("mono-webhook-secret"), body, e, decode(w.t, body)}
}

func decode(t *testing.T, body []byte) object {
	t.Helper()
	if len(body) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	o := object{}
	if err := dec.Decode(&o); err != nil {
		t.Errorf("decoding %q: %v", body, err)
	}
	return o
}

// dig returns what stands under the keys, nil if there is no such thing.
func dig(v any, keys ...string) any {
	for _, key := range keys {
		o, _ := v.(object)
		v = o[key]
	}
	return v
}

// after lets time go by, and waits until all that was due has happened.
func (w *world) after(d time.Duration) {
	w.t.Helper()
	w.quiet()
	w.Advance(d)
	w.quiet()
}

// quiet waits until all that is under way waits for its time.
func (w *world) quiet() {
	w.t.Helper()
	sitetest.Await(w.t, "quiet", func() string { return "something still goes on" },
		func() bool { return w.Pending() == w.Alarms() })
}

// hooks are the webhooks that have come since the last look, by their names.
func (w *world) hooks() (list []hook) {
	w.t.Helper()
	w.quiet()
	for {
		select {
		case h := <-w.heard:
			list = append(list, h)
		default:
			return list
		}
	}
}

func names(list []hook) string {
	var all []string
	for _, h := range list {
		all = append(all, h.event.Name[strings.LastIndex(h.event.Name, ".")+1:])
	}
	return strings.Join(all, " ")
}

// call asks the API with the key.
func (w *world) call(method, path string, body any, headers ...string) (int, http.Header, object) {
	w.t.Helper()
	content := []byte(nil)
	if body != nil {
		content, _ = json.Marshal(body)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.api+path, bytes.NewReader(content))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("mono-sec-key", key)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		return res.StatusCode, res.Header, object{"text": string(answer)}
	}
	return res.StatusCode, res.Header, decode(w.t, answer)
}

// open has our client ask for a page.
func (w *world) open(ref string) *url.URL {
	w.t.Helper()
	page, err := w.client.Open(w.t.Context(), mono.Opening{
		Ref: ref, RedirectURL: "https://lender.example/back?attempt=" + ref, Name: "Zainab Sule",
		Email: "zainab@example.com",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return page
}

// link links an account, to its first data, and returns Mono's id. The webhooks of it
// are left to be heard.
func (w *world) link(nuban string) string {
	w.t.Helper()
	shared, err := w.Share(w.open("ref-of-"+nuban[7:]).String(), nuban)
	if err != nil {
		w.t.Fatal(err)
	}
	w.after(delay / 4)
	w.after(delay)
	return shared.Account
}

// linked links an account whose webhooks were heard.
func (w *world) linked(nuban string) string {
	w.t.Helper()
	id := w.link(nuban)
	w.hooks()
	return id
}

func TestALinkIsToldByACodeAndByTwoWebhooks(t *testing.T) {
	w := newWorld(t)
	page := w.open("nonce-1")
	shared, err := w.Share("nonce-1", plain)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(page.String(), w.pages+"/AL") || len(page.Path) != 13 {
		t.Errorf("the page is %s", page)
	}
	if want := "https://lender.example/back?attempt=nonce-1&code=" + shared.Code; shared.Back != want {
		t.Errorf("back to %s, want %s", shared.Back, want)
	}
	id, err := w.client.Exchange(t.Context(), shared.Code)
	if err != nil || id != shared.Account {
		t.Fatalf("Exchange = %s, %v, want %s", id, err, shared.Account)
	}
	w.after(delay / 4)
	connected := w.hooks()
	if a, err := w.client.Account(t.Context(), id); err != nil || a.Standing() != mono.Pending || a.Ref != "nonce-1" {
		t.Errorf("before the first data: %+v, %v", a, err)
	}
	w.after(delay)
	updated := w.hooks()
	if names(connected) != "account_connected" || names(updated) != "account_updated" {
		t.Fatalf("heard %s, then %s", names(connected), names(updated))
	}
	e := connected[0].event
	if connected[0].secret != secret || e.ID == "" || e.At.IsZero() || e.App == "" || e.Account.ID != id ||
		e.Account.Ref != "nonce-1" || e.Account.Data != "PROCESSING" || e.Account.Customer == "" {
		t.Errorf("account_connected reads %+v", e)
	}
	e = updated[0].event
	if e.Account.ID != id || e.Account.Ref != "nonce-1" || e.Account.Standing() != mono.Fresh || e.Account.Sync != "" ||
		e.Account.Balance != (provider.Amount{Minor: 15_337, Known: true}) || e.Account.NUBAN != plain ||
		e.Account.Bank.Code != "035" || !e.Account.UpdatedAt.Equal(start.Add(delay)) {
		t.Errorf("account_updated reads %+v", e)
	}
	if !bytes.Contains(updated[0].body, []byte(`"accountNumber":"`+plain+`"`)) {
		t.Errorf("account_updated is not in the words of webhooks: %s", updated[0].body)
	}
	a, err := w.client.Account(t.Context(), id)
	if err != nil || a.Standing() != mono.Fresh || a.Name != "ZAINAB SULE" || a.Customer != connected[0].event.Account.Customer ||
		!strings.HasPrefix(a.RequestID, "AL") {
		t.Errorf("Account = %+v, %v", a, err)
	}
}

func TestWithoutTheKeyTheAnswerIsEmptyAndUnknownPathsAreLoud(t *testing.T) {
	w := newWorld(t)
	for _, wrong := range []string{"", "test_sk_other"} {
		if status, _, body := w.call("GET", "/v2/accounts", nil, "mono-sec-key", wrong); status != 401 || body["text"] != "" {
			t.Errorf("with the key %q: %d %v", wrong, status, body)
		}
	}
	w.client.SecretKey = "test_sk_other"
	if _, err := w.client.Accounts(t.Context()); provider.KindOf(err) != provider.KindRefused {
		t.Errorf("Accounts = %v", err)
	}
	if status, _, body := w.call("GET", "/v2/accounts/x/coffee", nil); status != 404 || !strings.Contains(body["message"].(string), "coffee") {
		t.Errorf("an unknown path: %d %v", status, body)
	}
	if err := w.client.Banks(t.Context()); err != nil {
		t.Errorf("the banks without a key: %v", err)
	}
}

func TestWhatARequestLacksIsNamedByField(t *testing.T) {
	w := newWorld(t)
	for _, row := range []struct {
		path string
		body object
		want string
	}{
		{"initiate", object{}, "scope redirect_url"},
		{"initiate", object{"scope": "auth", "redirect_url": "https://a.example"}, "customer.name customer.email"},
		{"initiate", object{"scope": "auth", "redirect_url": "/back", "customer": object{"name": "A", "email": "a"}}, "customer.email redirect_url"},
		{"initiate", object{"scope": "auth", "redirect_url": "app://back", "customer": object{"id": "6a01"}}, "customer.id"},
		{"initiate", object{"scope": "reauth", "redirect_url": "app://back"}, "account"},
		{"initiate", object{"scope": "auth", "redirect_url": "app://back", "customer": object{"name": "A", "email": "a@b"},
			"institution": object{"id": "x"}, "check_account_match": true}, "institution.id institution.account_number"},
		{"auth", object{}, "code"},
	} {
		status, _, answer := w.call("POST", "/v2/accounts/"+row.path, row.body)
		var fields []string
		list, _ := answer["data"].([]any)
		for _, o := range list {
			fields = append(fields, dig(o, "field").(string))
		}
		if got := strings.Join(fields, " "); status != 400 || answer["status"] != "failed" || got != row.want {
			t.Errorf("%v: %d, lacks %q, want %q", row.body, status, got, row.want)
		}
	}
}

func TestACodeIsExchangedOnceAndWithinTenMinutes(t *testing.T) {
	w := newWorld(t)
	for _, late := range []time.Duration{0, 10 * time.Minute} {
		w.open("n")
		shared, err := w.Share("n", plain)
		if err != nil {
			t.Fatal(err)
		}
		if late == 0 {
			if _, err := w.client.Exchange(t.Context(), shared.Code); err != nil {
				t.Error(err)
			}
		}
		w.after(late)
		if id, err := w.client.Exchange(t.Context(), shared.Code); provider.KindOf(err) != provider.KindBadRequest {
			t.Errorf("after %v again: %s, %v", late, id, err)
		}
	}
}

func TestAQuestionIsAJobThatEndsWithANewFigure(t *testing.T) {
	w := newWorld(t)
	id := w.linked(plain)
	was, err := w.client.Stored(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	job, err := w.client.Refresh(t.Context(), id)
	if err != nil || job.ID == "" || job.State != mono.JobRunning {
		t.Fatalf("Refresh = %+v, %v", job, err)
	}
	if begun := w.hooks(); names(begun) != "update" || begun[0].event.Job != job || begun[0].event.ID != "" {
		t.Errorf("heard %s", names(begun))
	}
	if now, err := w.client.Stored(t.Context(), id); err != nil || now.Balance != was.Balance {
		t.Errorf("while it runs Stored = %v, %v, want %v", now.Balance, err, was.Balance)
	}
	w.after(delay)
	ended := w.hooks()
	if names(ended) != "update account_updated" || ended[0].event.Job != (mono.Job{ID: job.ID, State: mono.JobDone}) {
		t.Fatalf("heard %s", names(ended))
	}
	e := ended[1].event
	if e.Account.Job != job.ID || e.Account.Sync != "SUCCESSFUL" || e.Account.Standing() != mono.Fresh ||
		dig(ended[1].json, "data", "meta", "has_new_data") != true {
		t.Errorf("account_updated reads %+v", e)
	}
	now, err := w.client.Stored(t.Context(), id)
	if err != nil || now.Balance != e.Account.Balance || now.Balance == was.Balance {
		t.Errorf("Stored = %v, %v, told %v, was %v", now.Balance, err, e.Account.Balance, was.Balance)
	}
	if state, err := w.client.Job(t.Context(), id, job.ID); err != nil || state != mono.JobDone {
		t.Errorf("Job = %s, %v", state, err)
	}
}

func TestAskedAgainWithinFiveMinutesTheBankIsNotAsked(t *testing.T) {
	w := newWorld(t)
	id := w.linked(plain)
	first, err := w.client.Refresh(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.client.Refresh(t.Context(), id)
	if err != nil || again != first {
		t.Errorf("at once: %+v, %v, want %+v", again, err, first)
	}
	w.after(5*time.Minute - time.Nanosecond)
	again, err = w.client.Refresh(t.Context(), id)
	if err != nil || again != (mono.Job{ID: first.ID, State: mono.JobDone}) {
		t.Errorf("within five minutes: %+v, %v, want the first one's end", again, err)
	}
	w.after(time.Nanosecond)
	again, err = w.client.Refresh(t.Context(), id)
	if err != nil || again.ID == first.ID || again.State != mono.JobRunning {
		t.Errorf("after five minutes: %+v, %v, want another job", again, err)
	}
	if got := w.Calls("GET /v2/accounts/{id}/balance"); got != 4 {
		t.Errorf("Calls = %d, want 4", got)
	}
}

func TestABalanceThatTheBankHasIsFoundByTheNextQuestion(t *testing.T) {
	w := newWorld(t)
	id := w.linked(plain)
	for _, minor := range []int64{0, -4_250, 9_007_199_254_740_993} {
		if err := w.SetBalance(plain, minor); err != nil {
			t.Fatal(err)
		}
		w.after(5 * time.Minute)
		if _, err := w.client.Refresh(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		w.after(delay)
		a, err := w.client.Stored(t.Context(), id)
		if err != nil || a.Balance != (provider.Amount{Minor: minor, Known: true}) {
			t.Errorf("Stored = %v, %v, want %d", a.Balance, err, minor)
		}
	}
}

func TestUnlinkingAnAccountLetsItBeUnknown(t *testing.T) {
	w := newWorld(t)
	id, other := w.linked(plain), w.linked(several)
	if err := w.client.Unlink(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	told := w.hooks()
	if names(told) != "account_unlinked" || told[0].event.Kind != mono.Unlinked || told[0].event.Account.ID != id {
		t.Errorf("heard %s", names(told))
	}
	if err := w.client.Unlink(t.Context(), id); provider.KindOf(err) != provider.KindNoRecord {
		t.Errorf("once more: %v", err)
	}
	if err := w.Unlink(other); err != nil {
		t.Fatal(err)
	}
	if told := w.hooks(); names(told) != "account_unlinked" || told[0].event.Account.ID != other {
		t.Errorf("by the person: heard %s", names(told))
	}
	if all, err := w.client.Accounts(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("Accounts = %v, %v", all, err)
	}
}

func TestSigningInAgainKeepsTheID(t *testing.T) {
	w := newWorld(t)
	id := w.linked("2145678903") // needs a sign-in
	for _, want := range []mono.Standing{mono.NeedsLogin, mono.Fresh} {
		job, err := w.client.Refresh(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		w.after(delay)
		told := w.hooks()
		if end := told[len(told)-1].event; end.Account.Standing() != want || end.Account.Job != job.ID || end.Account.Data != "AVAILABLE" {
			t.Errorf("the end reads %+v, want %s", end, want)
		}
		if want == mono.Fresh {
			break
		}
		page, err := w.client.Open(t.Context(), mono.Opening{Ref: "again", Account: id, RedirectURL: "https://lender.example/back"})
		if err != nil {
			t.Fatal(err)
		}
		shared, err := w.Share(page.String(), "")
		if err != nil || shared.Account != id {
			t.Fatalf("Share = %+v, %v, want the same account", shared, err)
		}
		if again, err := w.client.Exchange(t.Context(), shared.Code); err != nil || again != id {
			t.Errorf("its code is for %s, %v", again, err)
		}
		w.after(delay)
		if told := w.hooks(); names(told) != "account_reauthorized account_updated" || told[0].event.Kind != mono.Reauthorized || told[0].event.Account.ID != id {
			t.Errorf("heard %s", names(told))
		}
		w.after(5 * time.Minute)
	}
}

func TestTheSameBankAccountLinkedTwiceHasTwoIDs(t *testing.T) {
	w := newWorld(t)
	one, two := w.linked(plain), w.linked(plain)
	all, err := w.client.Accounts(t.Context())
	if err != nil || one == two || len(all) != 2 || all[0].NUBAN != plain || all[1].NUBAN != plain {
		t.Errorf("Accounts = %+v, %v", all, err)
	}
}

func TestIDsOutliveTheMemoryOfTheServer(t *testing.T) {
	w := newWorld(t)
	id := w.linked(plain)
	job, err := w.client.Refresh(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	w.hooks()
	later := newWorld(t)
	later.after(time.Minute)
	if a, err := later.client.Account(t.Context(), id); err != nil || a.NUBAN != plain || a.Standing() != mono.Fresh || a.Ref != "" {
		t.Errorf("Account = %+v, %v", a, err)
	}
	if state, err := later.client.Job(t.Context(), id, job.ID); err != nil || state != mono.JobDone {
		t.Errorf("Job = %s, %v", state, err)
	}
	another := newWorld(t)
	another.after(time.Minute)
	if n := another.Recall(id, job.ID, "x"); n != 1 {
		t.Errorf("Recall = %d, want 1", n)
	}
	if all, err := another.client.Accounts(t.Context()); err != nil || len(all) != 1 || all[0].ID != id || len(another.hooks()) != 0 {
		t.Errorf("Accounts = %+v, %v", all, err)
	}
	for _, forged := range []string{id[:23] + "x", strings.Repeat("0", 24), job.ID} {
		if _, err := later.client.Account(t.Context(), forged); provider.KindOf(err) != provider.KindNoRecord {
			t.Errorf("%s: %v", forged, err)
		}
	}
}

func TestAWebhookIsTriedAgainUntilItIsTaken(t *testing.T) {
	w := newWorld(t)
	id := w.linked(plain)
	for _, status := range []int{500, 404, 302} {
		w.deaf <- status
	}
	if err := w.Unlink(id); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	for _, wait := range []time.Duration{time.Minute, 5 * time.Minute} {
		w.after(wait)
		if told := w.hooks(); len(told) != 0 {
			t.Errorf("after %v heard %s", wait, names(told))
		}
	}
	w.after(30 * time.Minute)
	if told := w.hooks(); names(told) != "account_unlinked" {
		t.Errorf("heard %s, want it at the fourth attempt", names(told))
	}
	if w.Pending() != 0 {
		t.Errorf("%d things wait", w.Pending())
	}
}

func TestAnAccountOfTheSandboxIsLinkedWithoutAPage(t *testing.T) {
	w := newWorld(t)
	_, _, answer := w.call("GET", "/v3/institutions?scope=financial_data&bank_code=044", nil)
	bank := dig(answer["data"].([]any)[0], "_id")
	_, _, answer = w.call("POST", "/v2/connect/session", object{
		"institution": bank, "auth_method": "internet_banking", "scope": "financial_data",
		"customer": object{"name": "Ngozi Umeh", "email": "ngozi@example.com"},
	})
	session := dig(answer, "data", "session", "id").(string)
	connect := func(method, step string, body any) object {
		_, _, answer := w.call(method, "/v2/connect/"+step, body, "x-session-id", session)
		return answer
	}
	logins, _ := dig(connect("GET", "sandbox", nil), "data", "credentials").([]any)
	if len(logins) != 2 {
		t.Fatalf("the log-ins of the sandbox are %v", logins)
	}
	values := dig(logins[1], "values").(object)
	if code := connect("POST", "login", object{"username": "x", "password": "y"})["responseCode"]; code != json.Number("400") {
		t.Errorf("a wrong log-in: %v", code)
	}
	if code := connect("POST", "login", values)["responseCode"]; code != json.Number("101") {
		t.Errorf("a person with two accounts: %v", code)
	}
	if code := connect("POST", "commit", object{"accountNumber": several})["responseCode"]; code != json.Number("102") {
		t.Errorf("with the account: %v", code)
	}
	if code := connect("POST", "commit", object{"otp": "111111"})["responseCode"]; code != json.Number("400") {
		t.Errorf("a wrong code of the bank: %v", code)
	}
	done := connect("POST", "commit", object{"otp": "123456"})
	if done["responseCode"] != json.Number("99") {
		t.Fatalf("commit = %v", done)
	}
	id, err := w.client.Exchange(t.Context(), dig(done, "data", "code").(string))
	if err != nil {
		t.Fatal(err)
	}
	w.after(delay)
	if a, err := w.client.Account(t.Context(), id); err != nil || a.NUBAN != several || a.Name != "NGOZI CHIDERA UMEH" {
		t.Errorf("Account = %+v, %v", a, err)
	}
}
