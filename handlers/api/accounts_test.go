package api_test

import (
	"encoding/json"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/limits"
)

// linked is a customer whose bank is linked, and the first of their accounts.
func linked(s *site.Site) (customer string, a store.Account) {
	s.T.Helper()
	customer, _ = s.Link(s.SignedIn(), "Efe Oghenekaro", "Efe123")
	for _, one := range s.Accounts(customer) {
		if one.Status == store.AccountLinked && one.Available.Known && (a.ID == "" || one.ID < a.ID) {
			a = one
		}
	}
	return customer, a
}

func TestAnAccountNamesTheOtherCustomerWhoHasItToo(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	efe, efes := linked(s)
	amina, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	aminas := s.Accounts(amina)["0123456789"]
	with := func(a store.Account) any {
		t.Helper()
		one := p.ask("GET", "/accounts/"+a.ID, nil).want(http.StatusOK).object()["also_with"]
		for _, listed := range p.ask("GET", "/customers/"+a.CustomerID+"/accounts", nil).want(http.StatusOK).object()["data"].([]any) {
			if of := listed.(map[string]any); of["id"] == a.ID && of["also_with"] != one {
				t.Errorf("the list says %v, the account %v", of["also_with"], one)
			}
		}
		return one
	}
	if efes, aminas := with(efes), with(aminas); efes != nil || aminas != nil {
		t.Errorf("of accounts of one customer each: %v, %v", efes, aminas)
	}
	s.Exec(`UPDATE accounts SET also_with = $1 WHERE id = $2`, efes.ID, aminas.ID)
	if efes, aminas := with(efes), with(aminas); efes != amina || aminas != efe {
		t.Errorf("they are also with %v and %v, want %v and %v", efes, aminas, amina, efe)
	}
}

func TestAnAccountSaysWhatItHoldsOfWhenAndWhy(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	customer, a := linked(s)
	balance := func() map[string]any {
		return p.ask("GET", "/accounts/"+a.ID, nil).want(http.StatusOK).object()["balance"].(map[string]any)
	}
	s.Said(a, -time.Second, 140000075, store.Minor(9007199254740993))
	b := balance()
	minor := func(m any) string { return m.(map[string]any)["minor"].(interface{ String() string }).String() }
	if minor(b["figure"]) != "140000075" || minor(b["available"]) != "9007199254740993" || b["state"] != "fresh" || b["available_reason"] != nil || b["basis"] != "ledger" {
		t.Errorf("the balance is %v", b)
	}
	s.Said(a, -2*time.Second, 100, store.Amount{})
	if b = balance(); minor(b["figure"]) != "100" || b["available_reason"] != "not_stated" || b["as_of"] == b["available_as_of"] {
		t.Errorf("without an available balance it is %v", b)
	}
	s.Advance(s.Settings.StaleAfter + time.Minute)
	p = newProgram(t, s)
	if b = balance(); b["state"] != "stale" {
		t.Errorf("a day later it is %v", b)
	}
	all := p.ask("GET", "/customers/"+customer+"/accounts", nil).want(http.StatusOK)
	if regexp.MustCompile(`"\d{10}"`).Match(all.body) || strings.Contains(string(all.body), "Efe") {
		t.Errorf("there is a whole number, or a name of the holder, in %s", all.body)
	}
	if looks := s.Acts(store.AuditQuery{Actor: store.ByKey(p.key.ID), Action: store.ActBalancesSeen}); len(looks) != 1 {
		t.Errorf("%d looks of an hour are written down", len(looks))
	}
}

func TestAProgramAsksTheBankAndWaitsForTheOutcome(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	_, a := linked(s)
	s.Advance(2 * time.Minute)
	path := "/accounts/" + a.ID + "/refreshes"
	r := p.ask("POST", path, nil, "Idempotency-Key", "1").want(http.StatusAccepted).object()
	if r["open"] != true {
		t.Errorf("asked: %v", r)
	}
	again := p.ask("POST", path, nil, "Idempotency-Key", "1").want(http.StatusAccepted)
	if again.object()["id"] != r["id"] || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("repeated: %s", again.body)
	}
	answers := make(chan answer, 1)
	go func() { answers <- p.ask("GET", "/refreshes/"+r["id"].(string)+"?wait=25s", nil) }()
	s.Eventually("the refresh has ended", func() bool { return len(answers) == 1 })
	ended := (<-answers).want(http.StatusOK).object()
	if ended["open"] != false || ended["state"] != "changed" && ended["state"] != "unchanged" {
		t.Errorf("ended: %v", ended)
	}
	soon := p.ask("POST", path, nil, "Idempotency-Key", "2")
	if soon.refused(http.StatusTooManyRequests, "cool_down"); soon.header.Get("Retry-After") == "" {
		t.Error("it is not said when to ask again")
	}
	next := func() any {
		return p.ask("GET", "/accounts/"+a.ID, nil).want(http.StatusOK).object()["next_refresh_at"]
	}
	text, _ := next().(string)
	at, err := time.Parse(time.RFC3339, text)
	if in := at.Sub(s.Clock()); err != nil || strconv.Itoa(int(math.Ceil(in.Seconds()))) != soon.header.Get("Retry-After") {
		t.Errorf("it may be asked again in %v, and is to come back in %s seconds: %v", in, soon.header.Get("Retry-After"), err)
	}
	s.Advance(s.Settings.RefreshCooldown)
	if at := next(); at != nil {
		t.Errorf("after that it may be asked again at %v", at)
	}
	if acts := s.Acts(store.AuditQuery{Actor: store.ByKey(p.key.ID), Action: store.ActRefreshStarted}); len(acts) != 1 {
		t.Errorf("the audit log has %d refreshes of the program", len(acts))
	}
	for _, wrong := range []string{"26s", "x", "-1s"} {
		p.wrongly().ask("GET", "/refreshes/"+r["id"].(string)+"?wait="+wrong, nil).refused(http.StatusUnprocessableEntity, "invalid")
	}
}

func TestABankIsNotAskedOfAnAccountThatIsNotLinkedOrWithoutConsent(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	customer, a := linked(s)
	s.Advance(2 * time.Minute)
	path := "/accounts/" + a.ID + "/refreshes"
	if err := s.Store.UnlinkAccount(t.Context(), store.Program, store.Whole(), a.ID); err != nil {
		t.Fatal(err)
	}
	p.ask("POST", path, nil, "Idempotency-Key", "1").refused(http.StatusConflict, "unlinked")
	for _, other := range s.Accounts(customer) {
		if other.Status == store.AccountLinked {
			s.Advance(s.Settings.ConsentValid + time.Hour)
			newProgram(t, s).ask("POST", "/accounts/"+other.ID+"/refreshes", nil, "Idempotency-Key", "1").refused(http.StatusConflict, "no_consent")
			return
		}
	}
}

func TestAKeyMayHaveBanksAskedSoOftenAndRepeatsAreNotCounted(t *testing.T) {
	s := site.New(t)
	p, other := newProgram(t, s), newProgram(t, s)
	_, a := linked(s)
	s.Advance(2 * time.Minute)
	path, asked := "/accounts/"+a.ID+"/refreshes", 0
	ask := func(p program, idem int) answer {
		s.Advance(limits.RequestsOfKey.Every) // so that no requests are too many
		return p.ask("POST", path, nil, "Idempotency-Key", strconv.Itoa(idem))
	}
	tooMany := func(a answer) bool { return a.object()["code"] == "too_many_requests" }
	got := ask(p, 0).want(http.StatusAccepted)
	for ; !tooMany(got); got = ask(p, asked) {
		if asked++; asked > 2*limits.RefreshesOfKey.AtOnce {
			t.Fatal("banks are asked without end")
		}
	}
	if asked < limits.RefreshesOfKey.AtOnce {
		t.Errorf("only %d times a bank was asked", asked)
	}
	if got.want(http.StatusTooManyRequests).header.Get("Retry-After") != "1" {
		t.Errorf("it is to come back in %q", got.header.Get("Retry-After"))
	}
	funds := p.ask("POST", "/accounts/"+a.ID+"/funds-checks", fields{
		"amount": fields{"minor": 1, "currency": a.Currency}, "refresh": "always",
	}, "Idempotency-Key", "f")
	funds.refused(http.StatusTooManyRequests, "too_many_requests")
	left := p.ask("GET", "/me", nil).object()["limits"].(map[string]any)
	if left["refreshes_left"] != json.Number("0") || left["requests_left"] == json.Number("0") {
		t.Errorf("left are %v", left)
	}
	if ask(p, 0).want(http.StatusAccepted).header.Get("Idempotent-Replayed") != "true" {
		t.Error("what was done before is counted")
	}
	s.Advance(limits.RefreshesOfKey.Every)
	if tooMany(ask(other, 1)) || tooMany(ask(p, asked)) {
		t.Error("another key has to wait, or one for longer than it was told")
	}
}
