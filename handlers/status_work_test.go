package handlers_test

import (
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store/progress"
)

func TestTheStatusPageShowsWhatIsUnderWayAndIsFollowedUntilItIsOver(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Eventually("the checks of the start are over", func() bool { return len(s.Store.Board().UnderWay()) == 0 })
	p := staff.Get("/status")
	p.WantText("#work", "Nothing that takes long is under way.")
	if p.Find("[hx-get]").Length() > 0 {
		t.Error("the page asks again while nothing is under way")
	}
	w := s.Store.Board().Begin(progress.Copying, 7)
	defer w.End()
	w.Step(progress.TheFile, progress.Bytes, 2_000_000)
	w.Step(progress.TheRows, progress.Entries, 4000)
	w.Add(1500)
	for name, p := range map[string]site.Page{"the page": staff.Get("/status"), "what follows": staff.HTMX("GET", "/status")} {
		p.WantText("#work dt", "Backup")
		p.WantText("#work dd", "Step 2 of 7: comparing rows and indexes")
		p.WantText("#work dd", "1,500 of about 4,000")
		if bar := p.Find("#work progress"); bar.AttrOr("max", "") != "4000" || bar.AttrOr("value", "") != "1500" {
			t.Errorf("%s: the bar is not 1500 of 4000", name)
		}
		if p.Find("#work[hx-get='/status']").Length() != 1 {
			t.Errorf("%s does not ask again", name)
		}
		if whole := p.Find("h1").Length() == 1; whole != (name == "the page") {
			t.Errorf("%s is the whole page: %v", name, whole)
		}
	}
	w.End()
	p = staff.HTMX("GET", "/status")
	p.WantText("#work", "Nothing that takes long is under way.")
	if p.Find("#work a[href='/status']").Length() != 1 || p.Find("[hx-get]").Length() > 0 {
		t.Errorf("what follows in the end is %s", strings.TrimSpace(p.Text()))
	}
}
