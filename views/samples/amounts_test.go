package samples

import (
	"regexp"
	"strings"
	"testing"

	"balancelink/views"
)

// anAmount is money as [amount] writes it, wherever it stands in the HTML.
var anAmount = regexp.MustCompile(`(₦|\$|£|€|₵|KSh|[A-Z]{3}\x{a0})[0-9][0-9,.]*|_balance`)

func TestHiddenAmountsAreNotInTheHTMLOfAnyPage(t *testing.T) {
	shown := 0
	for name, page := range gallery(t.Context()) {
		if strings.HasPrefix(name, "funds") {
			continue // a check is evidence, to be shown and printed with its figures
		}
		text, _ := render(t, page)
		shown += len(anAmount.FindAllString(text, -1))
		text, doc := render(t, hidden{page})
		if found := anAmount.FindAllString(text, -1); found != nil {
			t.Errorf("%s shows %v", name, found)
		}
		if n := doc.Find(".plot, .spark, .money-negative, .cents, .change").Length(); n > 0 {
			t.Errorf("%s has %d drawings or signs from which amounts can be read", name, n)
		}
		checkParts(t, doc)
	}
	if shown < 100 {
		t.Errorf("the gallery shows %d amounts while they are not hidden: nothing was tried", shown)
	}
}

func TestHiddenAmountsAreSpokenAsHidden(t *testing.T) {
	_, doc := render(t, hidden{views.AccountCard(sampleClock, accountStates()["overdrawn"])})
	amounts := doc.Find(".figures .money")
	if got := amounts.Find(".visually-hidden").Text(); got != "hiddenhidden" {
		t.Errorf("heard: %q, want hidden for both figures", got)
	}
	if got := amounts.Find("[aria-hidden=true]").Text(); got != "••••••••••" {
		t.Errorf("seen: %q, want dots", got)
	}
}

func TestAHiddenFigureIsNotAnUnknownOne(t *testing.T) {
	_, doc := render(t, hidden{views.AccountCard(sampleClock, accountStates()["available unknown"])})
	if got := doc.Find(".figure-main .money").Text(); got != "Not given by the bank" {
		t.Errorf("available reads %q, want that the bank did not say it", got)
	}
}
