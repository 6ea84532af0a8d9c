package mono_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
	"balancelink/okra/provider"
)

// TestSandbox asks Mono's own sandbox what its documents leave open, and prints for each
// unknown what was asked and what came, with keys, codes, names and numbers masked:
//
//	MONO_SANDBOX_KEY=test_sk_… go test -run Sandbox -v ./okra/mono
//
// The key is the secret key of an app that is in sandbox; one that begins with live_ is
// refused. It takes some minutes and costs nothing. It links one account of the sandbox
// twice, by the partners' path and with a log-in that the sandbox itself gives out, has
// Mono delete the customer that came with it, and unlinks what it linked. Its calls are
//
//	GET    /v3/institutions
//	POST   /v2/connect/session, /v2/connect/login, /v2/connect/commit
//	GET    /v2/connect/sandbox
//	POST   /v2/accounts/initiate, /v2/accounts/auth
//	GET    /v2/accounts, /v2/accounts/{id}, …/balance (with and without x-realtime), …/jobs/{id}
//	POST   /v2/accounts/{id}/unlink
//	DELETE /v2/customers/{id}
//
// and one for the hosted page. What could not be answered says why, and the rest is asked
// all the same. Without the key there is nothing to ask, and nothing is left out.
func TestSandbox(t *testing.T) {
	key := os.Getenv("MONO_SANDBOX_KEY")
	switch {
	case key == "":
		t.Skip("MONO_SANDBOX_KEY is not set")
	case strings.HasPrefix(key, "live_"):
		t.Fatal("MONO_SANDBOX_KEY is a live key")
	}
	base := &url.URL{Scheme: "https", Host: "api.withmono.com"}
	askAll(t, &sandbox{
		t: t, client: &mono.Client{BaseURL: base, SecretKey: provider.Secret(key)}, wait: time.Sleep,
	})
}

func TestTheSandboxQuestionsRunAgainstTheSimulation(t *testing.T) {
	w := newWorld(t)
	s, open := w.sandbox(), 0
	for _, f := range askAll(t, s) {
		if f.came == "" || f.why != nil && !errors.Is(f.why, errNobodyTells) {
			t.Errorf("%s: nothing came (%v)", f.unknown, f.why)
		}
		if f.why != nil {
			open++
		}
		for _, secret := range append(s.secrets, key, ngozis) {
			if strings.Contains(f.asked+f.came, secret) {
				t.Errorf("%s: it tells %q: %s", f.unknown, secret, f.came)
			}
		}
	}
	if open != 5 {
		t.Errorf("%d unknowns stay open, want those five that no call can tell", open)
	}
	for _, a := range w.sim.Accounts() {
		if len(a.Linked) > 0 {
			t.Errorf("%s stays linked", a.NUBAN)
		}
	}
}

func TestTheSandboxQuestionsGoOnWhereNothingIsAnswered(t *testing.T) {
	for _, o := range monosim.Outages() {
		w := newWorld(t)
		if err := w.sim.SetOutage(o.Name); err != nil {
			t.Fatal(err)
		}
		if all := askAll(t, w.sandbox()); len(all) != len(unknowns) || all[0].came == "" {
			t.Errorf("%s: %+v", o.Name, all)
		}
	}
}

// sandbox is the simulation in place of Mono's sandbox.
func (w *world) sandbox() *sandbox {
	return &sandbox{
		t: w.t, client: w.Adapter(nil, false).(*mono.Adapter).Client,
		wait: func(d time.Duration) { w.clock.Advance(d); w.Settle() },
	}
}

// A finding is what came of asking for an unknown.
type finding struct {
	unknown, asked, came string
	why                  error // why it stays open; nil: it does not
}

// errNobodyTells says that no call can.
var errNobodyTells = errors.New("no call tells")

func nobodyTells(why string) func(*sandbox) (asked, came string, err error) {
	return func(*sandbox) (string, string, error) {
		return "nothing", "", fmt.Errorf("%w: %s", errNobodyTells, why)
	}
}

// unknowns are asked for in this order: the last ones end what the first have linked.
var unknowns = []struct {
	name string
	ask  func(*sandbox) (asked, came string, err error)
}{
	{"what a request without a right key gets", (*sandbox).askKey},
	{"switches of the sandbox for failure", (*sandbox).askSwitches},
	{"several accounts in one flow", (*sandbox).askSeveral},
	{"exchange flat or in an envelope", (*sandbox).askExchange},
	{"exchange of a code again", (*sandbox).askExchangeAgain},
	{"a ref given to the partners' session", (*sandbox).askRef},
	{"any as-of, and whether the figure is ledger or available", (*sandbox).askAsOf},
	{"a question to the bank, and asked again", (*sandbox).askRealtime},
	{"what REST says of how a question ended", (*sandbox).askAfterJob},
	{"paging of the list", (*sandbox).askPaging},
	{"query of the redirect, and life of mono_url", (*sandbox).askPage},
	{"what a second link does to the first", (*sandbox).askSecond},
	{"path of deleting a customer, and its effect", (*sandbox).askDelete},
	{"bodies for an account that was unlinked", (*sandbox).askUnlinked},
	{"rate limits and Retry-After", (*sandbox).askLimits},
	{"retries, order and source addresses of webhooks", nobodyTells(
		"they need an address that Mono reaches. An installation with ENV=sandbox shows them under Webhooks")},
	{"bodies for a sign-in that has run out", nobodyTells("nothing is known that lets one of the sandbox run out")},
	{"bodies for an empty wallet", nobodyTells("the sandbox charges nothing")},
	{"whether the widget's reference becomes meta.ref", nobodyTells("the widget needs a browser and a public key")},
	{"Mono's registration under the CBN's rules", nobodyTells("ask Mono, or look it up at the CBN")},
}

// askAll asks for every unknown, prints what came, and unlinks what is linked.
func askAll(t *testing.T, s *sandbox) (all []finding) {
	defer s.unlinkAll()
	for _, u := range unknowns {
		f := finding{unknown: u.name}
		f.asked, f.came, f.why = u.ask(s)
		if f.why != nil {
			f.came = strings.TrimSpace(f.came + " not answered: " + f.why.Error())
		}
		f.asked, f.came = s.masked(f.asked), s.masked(f.came)
		t.Logf("%s\n\tasked: %s\n\tcame:  %s", f.unknown, f.asked, f.came)
		all = append(all, f)
	}
	return all
}

func (s *sandbox) askKey() (asked, came string, err error) {
	asked = "GET /v2/accounts with another key"
	r, err := s.call("GET", "/v2/accounts", nil, "mono-sec-key", "test_sk_nobodys")
	return asked, r.String(), err
}

func (s *sandbox) askSwitches() (asked, came string, err error) {
	asked = "GET /v2/connect/sandbox, and a wrong password"
	session, logins, err := s.session("ref-of-switches")
	if err != nil {
		return asked, "", err
	}
	wrong := object{"username": "nobody", "password": "wrong"}
	r, err := s.call("POST", "/v2/connect/login", wrong, "x-session-id", session)
	return asked, fmt.Sprintf("%d log-ins, of which each has %s; %s", len(logins), shown(at(logins[0])), r), err
}

func (s *sandbox) askSeveral() (asked, came string, err error) {
	asked = "the partners' path, and after its code the same for another account of the log-in"
	if s.first, err = s.signIn("ref-of-first", ""); err != nil {
		return asked, "", err
	}
	if len(s.first.accounts) < 2 {
		return asked, "no log-in has several accounts to choose from", nil
	}
	other := object{"accountNumber": s.first.accounts[1], "otp": sandboxOTP}
	r, err := s.call("POST", "/v2/connect/commit", other, "x-session-id", s.first.session)
	if code, _ := at(r.json, "data", "code").(string); code != "" {
		id, err := s.client.Exchange(s.t.Context(), code)
		s.linked = append(s.linked, id)
		return asked, fmt.Sprintf("%s, and an account of it: %v", r, id != ""), err
	}
	return asked, r.String(), err
}

func (s *sandbox) askExchange() (asked, came string, err error) {
	asked = "POST /v2/accounts/auth"
	if s.first.code == "" {
		return asked, "", errNotLinked
	}
	r, err := s.call("POST", "/v2/accounts/auth", object{"code": s.first.code})
	if err != nil {
		return asked, "", err
	}
	flat, _ := r.json["id"].(string)
	inside, _ := at(r.json, "data", "id").(string)
	s.account = flat + inside
	if s.account == "" {
		return asked, r.String(), errNotLinked
	}
	s.linked = append(s.linked, s.account)
	return asked, fmt.Sprintf("flat: %v, in an envelope: %v, as %s", flat != "", inside != "", r), nil
}

func (s *sandbox) askExchangeAgain() (asked, came string, err error) {
	asked = "POST /v2/accounts/auth with the code that was exchanged"
	if s.account == "" {
		return asked, "", errNotLinked
	}
	id, err := s.client.Exchange(s.t.Context(), s.first.code)
	if err != nil {
		return asked, "refused: " + err.Error(), nil
	}
	return asked, fmt.Sprintf("an account, the same: %v", id == s.account), nil
}

func (s *sandbox) askRef() (asked, came string, err error) {
	asked = "GET /v2/accounts/{id} until the data are there"
	a, err := s.ready(s.account)
	return asked, fmt.Sprintf("meta.ref is there: %v, and ours: %v", a.Ref != "", a.Ref == "ref-of-first"), err
}

func (s *sandbox) askAsOf() (asked, came string, err error) {
	asked = "GET /v2/accounts/{id}/balance and GET /v2/accounts/{id}"
	balance, err := s.ofAccount("GET", s.account, "/balance")
	if err != nil {
		return asked, "", err
	}
	details, err := s.ofAccount("GET", s.account, "")
	times := append(timesIn("balance", balance.json["data"]), timesIn("details", details.json["data"])...)
	return asked, fmt.Sprintf("times in the data: %q; %s; %s", times, balance, details), err
}

func (s *sandbox) askRealtime() (asked, came string, err error) {
	asked = "GET /v2/accounts/{id}/balance with x-realtime, its job each two seconds, and the same again"
	r, err := s.ofAccount("GET", s.account, "/balance", "x-realtime", "true")
	if err != nil {
		return asked, "", err
	}
	job := r.header.Get("x-job-id")
	came = headersOf(r, "x-job-status", "x-has-new-data", "x-reauth-required") + " beside " + r.String()
	if job == "" {
		return asked, came, errors.New("the answer names no job")
	}
	var words []string
	for range 60 {
		s.wait(2 * time.Second)
		state, err := s.ofAccount("GET", s.account, "/jobs/"+url.PathEscape(job))
		if err != nil {
			return asked, came, err
		}
		word := oneOf(state.json["data"], "status")
		words = slices.Compact(append(words, word))
		if word != "" && !strings.EqualFold(word, "processing") {
			break
		}
	}
	again, err := s.ofAccount("GET", s.account, "/balance", "x-realtime", "true")
	return asked, fmt.Sprintf("%s; the job says %q; again the same job: %v, with %s", came, words,
		again.header.Get("x-job-id") == job, headersOf(again, "x-job-status", "x-has-new-data")), err
}

func (s *sandbox) askAfterJob() (asked, came string, err error) {
	asked = "GET /v2/accounts/{id}/balance and GET /v2/accounts/{id} after the job"
	balance, err := s.ofAccount("GET", s.account, "/balance")
	if err != nil {
		return asked, "", err
	}
	details, err := s.ofAccount("GET", s.account, "")
	return asked, fmt.Sprintf("%s; meta is %s", balance, shown(at(details.json, "data", "meta"))), err
}

func (s *sandbox) askPaging() (asked, came string, err error) {
	asked = "GET /v2/accounts with limit=1, pages 1, 2 and 1000"
	for _, page := range []string{"1", "2", "1000"} {
		r, err := s.call("GET", "/v2/accounts?limit=1&page="+page, nil)
		if err != nil {
			return asked, came, err
		}
		rows, _ := r.json["data"].([]any)
		came += fmt.Sprintf("page %s: HTTP %d, %d rows, meta %s; ", page, r.status, len(rows), shown(r.json["meta"]))
	}
	return asked, came, nil
}

func (s *sandbox) askPage() (asked, came string, err error) {
	asked = "POST /v2/accounts/initiate, and its page without a browser"
	page, err := s.client.Open(s.t.Context(), mono.Opening{
		Ref: "ref-of-page", RedirectURL: "https://example.com/back?attempt=1", Name: "Samuel Olamide", Email: testEmail,
	})
	if err != nil {
		return asked, "", err
	}
	came = "the page is on " + page.Host
	r, err := http.Get(page.String())
	if err != nil {
		return asked, came, err
	}
	r.Body.Close()
	return asked, fmt.Sprintf("%s and answers HTTP %d. Open it by hand, now and tomorrow, and read in the address "+
		"bar what comes back: %s", came, r.StatusCode, page), nil
}

func (s *sandbox) askSecond() (asked, came string, err error) {
	asked = "the partners' path again to the same account, and both accounts then"
	if s.account == "" {
		return asked, "", errNotLinked
	}
	again, err := s.signIn("ref-of-second", s.first.number)
	if err != nil {
		return asked, "", err
	}
	id, err := s.client.Exchange(s.t.Context(), again.code)
	if err != nil {
		return asked, "", err
	}
	s.linked = append(s.linked, id)
	if _, err := s.ready(id); err != nil {
		return asked, fmt.Sprintf("the same id: %v", id == s.account), err
	}
	old, err := s.ofAccount("GET", s.account, "")
	return asked, fmt.Sprintf("the same id: %v; the first one answers %s", id == s.account, old), err
}

func (s *sandbox) askDelete() (asked, came string, err error) {
	asked = "DELETE /v2/customers/{id} of the account's customer, and the account then"
	a, err := s.client.Account(s.t.Context(), s.account)
	if err != nil {
		return asked, "", err
	}
	if a.Customer == "" {
		return asked, "", errors.New("the account names no customer")
	}
	r, err := s.call("DELETE", "/v2/customers/"+url.PathEscape(a.Customer), nil)
	if err != nil {
		return asked, "", err
	}
	then, err := s.ofAccount("GET", s.account, "")
	return asked, fmt.Sprintf("%s; the account answers %s", r, then), err
}

func (s *sandbox) askUnlinked() (asked, came string, err error) {
	asked = "unlink, and then details, balance, a question to the bank, a page to sign in again, and unlink again"
	if err := s.client.Unlink(s.t.Context(), s.account); err != nil {
		return asked, "", err
	}
	reauth := object{"scope": "reauth", "account": s.account, "redirect_url": "https://example.com/back"}
	for _, ask := range []func() (reply, error){
		func() (reply, error) { return s.ofAccount("GET", s.account, "") },
		func() (reply, error) { return s.ofAccount("GET", s.account, "/balance") },
		func() (reply, error) { return s.ofAccount("GET", s.account, "/balance", "x-realtime", "true") },
		func() (reply, error) { return s.call("POST", "/v2/accounts/initiate", reauth) },
		func() (reply, error) { return s.ofAccount("POST", s.account, "/unlink") },
	} {
		r, err := ask()
		if err != nil {
			return asked, came, err
		}
		came += r.String() + "; "
	}
	return asked, came, nil
}

func (s *sandbox) askLimits() (asked, came string, err error) {
	asked = fmt.Sprintf("nothing more: the headers of the %d answers above", s.answers)
	slices.Sort(s.limits)
	return asked, fmt.Sprintf("headers about limits: %q", slices.Compact(s.limits)), nil
}
