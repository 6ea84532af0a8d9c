package monosim_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
)

// of is an account as the simulator lists it.
func (w *world) of(nuban string) monosim.AccountInfo {
	w.t.Helper()
	i := slices.IndexFunc(w.Accounts(), func(a monosim.AccountInfo) bool { return a.NUBAN == nuban })
	return w.Accounts()[i]
}

func (v *visit) says(selector, want string) {
	v.t.Helper()
	if got := v.page.Find(selector).Text(); !strings.Contains(got, want) {
		v.t.Errorf("%s of %q says %q, want %q", selector, v.title(), got, want)
	}
}

func TestThePanelSetsWhatGoesWrongWithAnAccount(t *testing.T) {
	w := newWorld(t)
	v := w.get("/").wants(200, "The simulated Mono").follow("Tier 3 Savings Account "+plain).wants(200, "Tier 3 Savings Account "+plain)
	v = v.ask("POST", "/sim/accounts/"+plain+"/scenarios", url.Values{"scenario": {"sync-failed", "nip-code"}}).wants(200, "Tier 3 Savings Account "+plain)
	v.says("[role=status]", "Done")
	if got := w.of(plain).Scenarios; !slices.Equal(got, []monosim.Scenario{monosim.SyncFailed, monosim.NIPCode}) || v.page.Find("input[checked]").Length() != 2 {
		t.Errorf("the account has %v", got)
	}
	w.ask("POST", "/sim/accounts/"+plain+"/scenarios", url.Values{"scenario": {"no-such"}}).wants(422, "Tier 3 Savings Account "+plain).says("[role=alert]", "no such scenario")
	w.ask("POST", "/sim/accounts/0000000000/scenarios", nil).wants(404, "There is no such account")
	w.get("/").says(".tags", "Bank silent")
	w.ask("POST", "/sim/calm", nil).wants(200, "The simulated Mono")
	if got := w.of("2145678903").Scenarios; len(got) != 0 {
		t.Errorf("after all was calmed %v is left", got)
	}
	w.ask("POST", "/sim/restore", nil)
	if got := w.of("2145678903").Scenarios; len(got) != 1 {
		t.Errorf("as at the start an account has %v", got)
	}
}

func TestThePanelSetsABalanceToTheLastDigit(t *testing.T) {
	w := newWorld(t)
	for typed, want := range map[string]int64{"2500": 250_000, "-130.50": -13_050, "0.07": 7, "999999999999.99": 99_999_999_999_999} {
		w.ask("POST", "/sim/accounts/"+plain+"/balance", url.Values{"balance": {typed}}).wants(200, "Tier 3 Savings Account "+plain)
		if got := w.of(plain).Balance; got != want {
			t.Errorf("%s set %d, want %d", typed, got, want)
		}
	}
	w.get("/sim/accounts/"+plain).says("#balance-now", "NGN ")
	for _, typed := range []string{"", "1,5", "1.005", "1e3", "<b>"} {
		w.ask("POST", "/sim/accounts/"+plain+"/balance", url.Values{"balance": {typed}}).wants(422, "Tier 3 Savings Account "+plain).says("[role=alert]", "is no amount")
	}
}

func TestThePanelDoesWhatAPersonDoesAtMono(t *testing.T) {
	w := newWorld(t)
	id := w.linked(plain)
	w.ask("POST", "/sim/accounts/"+plain+"/again", url.Values{"id": {id}}).wants(200, "Tier 3 Savings Account "+plain)
	w.after(delay)
	if told := w.hooks(); names(told) != "account_reauthorized account_updated" {
		t.Errorf("heard %s", names(told))
	}
	w.ask("POST", "/sim/accounts/"+plain+"/unlink", url.Values{"id": {id}})
	if told := w.hooks(); names(told) != "account_unlinked" || len(w.of(plain).Linked) != 0 {
		t.Errorf("heard %s", names(told))
	}
	w.ask("POST", "/sim/accounts/"+plain+"/unlink", url.Values{"id": {id}}).wants(422, "Tier 3 Savings Account "+plain)
}

func TestThePanelSetsTheNextLinkAndAnOutageAndShowsTheTraffic(t *testing.T) {
	w := newWorld(t)
	w.ask("POST", "/sim/next", url.Values{"scenario": {"no-ref"}}).wants(200, "The simulated Mono")
	id := w.link(plain)
	if a, err := w.client.Account(t.Context(), id); err != nil || a.Ref != "" {
		t.Errorf("Account = %+v, %v", a, err)
	}
	w.quiet()
	v := w.get("/")
	v.says("table", "POST /v2/accounts/initiate")
	v.says("table", "mono.events.account_updated, account "+plain)
	w.ask("POST", "/sim/outage", url.Values{"outage": {"down"}}).says("#outage-now", "Down")
	if _, err := w.client.Open(t.Context(), mono.Opening{Ref: "n", RedirectURL: "https://lender.example/back", Name: "A", Email: "a@example.com"}); err == nil {
		t.Error("a link is made although all is down")
	}
	w.ask("POST", "/sim/outage", url.Values{"outage": {"no-such"}}).wants(422, "The simulated Mono")
	if sent := w.Webhooks(); len(sent) != 2 || sent[1].Account != id || sent[1].Event != "mono.events.account_updated" || !sent[1].At.After(start) {
		t.Errorf("Webhooks = %+v", sent)
	}
}
