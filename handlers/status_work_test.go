package handlers_test

import (
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/progress"
)

func TestTheStatusPageShowsWhatIsUnderWayAndIsFollowedUntilItIsOver(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	rests(s)
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
	s.Advance(2 * time.Second)
	s.Note()
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
	s.Note()
	p = staff.HTMX("GET", "/status")
	p.WantText("#work", "Nothing that takes long is under way.")
	if p.Find("#work a[href='/status']").Length() != 1 || p.Find("[hx-get]").Length() > 0 {
		t.Errorf("what follows in the end is %s", strings.TrimSpace(p.Text()))
	}
}

// rests waits until the checks of the start are over.
func rests(s *site.Site) {
	s.T.Helper()
	s.Eventually("the checks of the start are over", func() bool { return len(s.Store.Board().UnderWay()) == 0 })
}

// atAnother is that the one instance of two which nobody asks is at some work, for somebody
// alone or for nobody.
func atAnother(s *site.Site, name progress.Name, whose string) (id string) {
	s.T.Helper()
	rests(s)
	id = s.Store.NewInstance("").ID
	w := s.Store.Board().Begin(name, 1)
	w.IsFor(whose)
	w.Step("", progress.Customers, 4000)
	w.Add(1500)
	s.Advance(2 * time.Second)
	if err := s.Store.NoteWork(s.T.Context(), id); err != nil {
		s.T.Fatal(err)
	}
	w.End() // on the board of whoever is asked
	return id
}

func TestTheStatusPageShowsWhatIsUnderWayAtAnotherInstanceAndAtWhich(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := atAnother(s, progress.Importing, "")
	for name, p := range map[string]site.Page{"the page": staff.Get("/status"), "what follows": staff.HTMX("GET", "/status")} {
		p.WantText("#work dt", "Customers from a file")
		p.WantText("#work dd", "1,500 of about 4,000")
		p.WantText("#work dd", "by the instance "+store.Reference(id))
		if p.Find("#work dt").Length() != 1 || p.Find("#work[hx-get='/status']").Length() != 1 {
			t.Errorf("%s shows %q, or does not ask again", name, p.TextOf("#work"))
		}
	}
	s.Advance(store.LeaseFor)
	staff.Get("/status").WantText("#work", "Nothing that takes long is under way.")
}

func TestWhoSentAFileSeesHowFarItIsAtAnotherInstance(t *testing.T) {
	s := site.New(t)
	staff, colleague := s.SignedIn(), s.SignedInAs(store.RoleOfficer)
	sendsFile(staff, "Reference,Name\nL-1,Amina Bello\n")
	sendsFile(colleague, "Reference,Name\nL-2,Bola Ade\n")
	m, err := s.Store.StaffByEmail(t.Context(), site.StaffEmail)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.TakeFile(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	atAnother(s, progress.Importing, m.ID)
	staff.Get("/customers/import").WantText("#import dd", "1,500 of about 4,000")
	if said := colleague.Get("/customers/import").TextOf("#import"); strings.Contains(said, "1,500") {
		t.Errorf("who sent another file sees %q", said)
	}
}
