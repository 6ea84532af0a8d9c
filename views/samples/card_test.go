package samples

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"balancelink/views"
)

func TestAccountCardSaysWhatIsKnown(t *testing.T) {
	states := accountStates()
	for _, tt := range []struct {
		state, selector, want string
	}{
		{"plain", ".figure-main dd", "₦244,850.75"},
		{"plain", ".figure:not(.figure-main) dd", "₦248,350.75"},
		{"plain", ".badge", "Up to date"},
		{"plain", ".figures + .note", "₦3,500.00 is held or pending: it is in the ledger but cannot be spent yet."},
		{"plain", ".dates div:first-child dd", "11:05, 3 h ago from a refresh"},
		{"plain", ".dates div:last-child dd", "13:45, 20 min ago"},
		{"plain", ".nuban .number", "Account number ••••4471"},
		{"revealed", ".nuban .number", "Account number 0123454471"},
		{"no time", ".dates div:first-child dd", "the bank gave no time; received 11:05, 3 h ago reported by the bank"},
		{"never", ".never", "No balance yet."},
		{"never", ".badge", "No balance yet"},
		{"awaited", ".never", "No balance yet. The bank sends the first one within a few minutes."},
		{"available unknown", ".figure-main dd", "Not given by the bank"},
		{"available unknown", ".figures ~ .note", ""},
		{"available older", ".figure-main dd", "Not given by the bank"},
		{"available older", ".figures + .note", "Available was last said to be ₦244,850.75, as of 19 Nov, 14:05, 4 days ago."},
		{"worked out", ".figures + .note", "Our estimate: ledger minus pending payments."},
		{"overdrawn", ".figure-main dd", "−₦1,200.00"},
		{"overdrawn", ".note-bad", "Overdrawn by ₦1,200.00."},
		{"stale", ".badge", "Out of date"},
		{"needs login", ".badge", "Needs sign-in"},
		{"needs login", "form[action$=reconnect] button", "Reconnect GTBank"},
		{"needs login", ".figure-main dd", "₦244,850.75"},
		{"refreshing", ".progress p", "Asking GTBank… usually takes 1–2 minutes, started 12 s ago. You may leave this page."},
		{"refreshing", "#refresh-a-refreshing[aria-disabled=true]", "Refreshing… GTBank savings ending 4471"},
		{"cooling", ".again", "again in 0:42"},
		{"cooling", ".outcome p", "New from GTBank: the available balance is up by ₦5,000.00. 14:05, just now"},
		{"failed", ".note:has(.tag)", "Staff only Cause: provider answered 502 three times"},
		{"check changed", ".note:has(.tag)", "Staff only The provider says that it last checked with the bank at 14:04, 1 min ago." +
			"Staff only The provider says that it last fetched the balance at 11:05, 3 h ago."},
		{"unlinked", ".badge", "No longer linked"},
		{"unlinked", ".actions", ""},
	} {
		t.Run(tt.state+" "+tt.selector, func(t *testing.T) {
			_, doc := render(t, views.AccountCard(sampleClock, states[tt.state]))
			if got := words(doc.Find(tt.selector).Text()); got != tt.want {
				t.Errorf("%s = %q, want %q", tt.selector, got, tt.want)
			}
		})
	}
}

func TestUnknownAvailableIsNeverZero(t *testing.T) {
	for _, state := range []string{"available unknown", "available older", "never"} {
		_, doc := render(t, views.AccountCard(sampleClock, accountStates()[state]))
		if text := doc.Text(); strings.Contains(text, "₦0.00") {
			t.Errorf("%s shows a zero: %s", state, words(text))
		}
	}
}

func TestCardPollsOnlyWhileSomethingIsAwaited(t *testing.T) {
	for name, a := range accountStates() {
		_, doc := render(t, views.AccountFragment(sampleClock, a, templ.NopComponent))
		card := doc.Find("#account-" + a.ID)
		if _, polls := card.Attr("hx-trigger"); polls != (name == "awaited" || a.Refresh != nil && a.Refresh.Running) {
			t.Errorf("%s: polls = %v, want %v", name, polls, !polls)
		}
	}
}

func TestCardIsTheSameOnThePageAndInTheFragment(t *testing.T) {
	a := accountStates()["cooling"]
	card, _ := render(t, views.AccountCard(sampleClock, a))
	fragment, doc := render(t, views.AccountFragment(sampleClock, a, views.AlongMe(views.Me{Frame: views.Frame{Clock: sampleClock}, Sum: sampleSum()}, a.ID)))
	if !strings.HasPrefix(fragment, card) {
		t.Error("the fragment does not begin with the card")
	}
	if got := doc.Find("#announce[hx-swap-oob=innerHTML]").Text(); !strings.HasPrefix(got, "GTBank savings ending 4471: New from GTBank") {
		t.Errorf("announced %q", got)
	}
	if got := doc.Find("hx-partial[hx-target='#sum-card'] > #sum-card").Length(); got != 1 {
		t.Errorf("the sum comes %d times with the fragment, want once", got)
	}
	checkParts(t, doc)
}

func TestRefreshButtonWorksWithAndWithoutScript(t *testing.T) {
	_, doc := render(t, views.AccountCard(sampleClock, accountStates()["plain"]))
	form := doc.Find("form:has(#refresh-a-plain)")
	for attr, want := range map[string]string{
		"method": "post", "action": "/me/accounts/a-plain/refresh", "hx-post": "/me/accounts/a-plain/refresh", "hx-target": "#account-a-plain", "hx-swap": "outerHTML",
	} {
		if got := form.AttrOr(attr, ""); got != want {
			t.Errorf("%s = %q, want %q", attr, got, want)
		}
	}
}

func TestCustomersDoNotSeeCauses(t *testing.T) {
	a := accountStates()["failed"]
	a.ForStaff = false
	_, doc := render(t, views.AccountCard(sampleClock, a))
	if text := doc.Text(); strings.Contains(text, "502") || strings.Contains(text, "Provider") {
		t.Errorf("a customer reads %s", words(text))
	}
}

func TestReconnectNamesTheAccount(t *testing.T) {
	_, doc := render(t, views.AccountCard(sampleClock, accountStates()["needs login"]))
	if got, want := doc.Find("form:has(#reconnect-a-needs-login) input[name=account]").AttrOr("value", ""), "a-needs-login"; got != want {
		t.Errorf("account = %q, want %q", got, want)
	}
}
