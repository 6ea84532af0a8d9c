package mono_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
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
// refused. It takes some minutes and costs nothing. It links an account of the sandbox, by
// the partners' path and with a log-in that the sandbox itself gives out, and unlinks it.
// Its calls are
//
//	GET    /v3/institutions
//	POST   /v2/connect/session, /v2/connect/login, /v2/connect/commit
//	GET    /v2/connect/sandbox
//	POST   /v2/accounts/auth, /v2/accounts/{id}/unlink
//	GET    /v2/accounts, /v2/accounts/{id}
//
// What could not be answered says why, and the rest is asked
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
