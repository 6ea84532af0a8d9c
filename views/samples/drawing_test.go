package samples

import (
	"strings"
	"testing"

	"balancelink/views"
)

func TestTheDrawingIsSaidInWords(t *testing.T) {
	for name, row := range map[string]struct{ selector, want string }{
		"30 days":       {"#chart-title", "Balance from 24 Oct to 23 Nov"},
		"stale":         {".chart .note", "Gaps: the bank gave no available balance. The dashed end is the last known balance, of 14 Nov, 11:05. It may have changed since."},
		"one":           {".drawing > p", "The chart appears after the next balance."},
		"none in range": {".drawing > p", "No balance was received in the last 7 days. The one before is of 11:05: available ₦244,850.75, ledger ₦248,350.75."},
		"none before":   {".drawing > p", "No balance was received in the last 30 days."},
		"below":         {".below strong", "Below ₦50,000.00 on 12 days, of 28 days on which the available balance is known. Of 2 days it is not."},
		"below never":   {".below strong", "Never below ₦0.00, of 30 days on which the available balance is known."},
	} {
		_, doc := render(t, historyGallery(t.Context())["history/"+slug(name)])
		if got := words(doc.Find(row.selector).Text()); got != row.want {
			t.Errorf("%s: %s says %q, want %q", name, row.selector, got, row.want)
		}
		if drawn := doc.Find(".plot").Length(); (drawn == 0) != (row.selector == ".drawing > p") {
			t.Errorf("%s: %d drawings", name, drawn)
		}
	}
}

func TestOnlyAnOldBalanceIsDrawnDashedToNow(t *testing.T) {
	for name, want := range map[string]int{"30 days": 0, "stale": 2} {
		_, doc := render(t, historyGallery(t.Context())["history/"+slug(name)])
		if got := doc.Find(".lines .tail").Length(); got != want {
			t.Errorf("%s: %d dashed ends, want %d", name, got, want)
		}
	}
}

func TestASmallDrawingSaysWhichFigureItShows(t *testing.T) {
	a := accountStates()["plain"]
	_, doc := render(t, views.AccountCard(sampleClock, a))
	if got := words(doc.Find(".spark p").Text()); !strings.HasPrefix(got, "Last 30 days. Available: ₦") {
		t.Errorf("spark = %q", got)
	}
	for i := range a.Recent.Points {
		a.Recent.Points[i].Available = views.Money{}
	}
	_, doc = render(t, views.AccountCard(sampleClock, a))
	if got := words(doc.Find(".spark p").Text()); !strings.HasPrefix(got, "Last 30 days. Ledger: ₦") || doc.Find(".spark .line-ledger").Length() == 0 {
		t.Errorf("without an available balance spark = %q", got)
	}
	a.Recent.Points = a.Recent.Points[:1]
	if _, doc = render(t, views.AccountCard(sampleClock, a)); doc.Find(".spark").Length() != 0 {
		t.Error("one balance is drawn")
	}
}
