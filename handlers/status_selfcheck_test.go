package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/storetest"
)

// other is another instance on a site's database, as an owner reads its pages. It does
// nothing that nobody asks for.
type other struct {
	t      *testing.T
	store  *store.Store
	server *handlers.Server
	owner  *http.Cookie
}

func newOther(t *testing.T, s *site.Site, db *store.Store) other {
	t.Helper()
	server, err := handlers.New(handlers.Config{
		Settings: s.Settings, Store: db, Upstreams: site.Okra(t, s.Settings, site.Proven(db)), Logger: site.Quiet,
		Now: s.Clock, PasswordCost: site.CheapCost,
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := db.StaffByEmail(t.Context(), site.StaffEmail)
	if err != nil {
		t.Fatal(err)
	}
	return other{t, db, server, site.NewSignIns(t, server).Staff(t, m.ID)}
}

func (o other) get(path string) site.Page {
	o.t.Helper()
	req := httptest.NewRequestWithContext(o.t.Context(), http.MethodGet, path, nil)
	req.AddCookie(o.owner)
	w := httptest.NewRecorder()
	o.server.ServeHTTP(w, req)
	page, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return site.Page{T: o.t, Status: w.Code, Path: path, Header: w.Header(), Document: page}
}

func TestWhatIsWrongIsSaidAfterAStartUntilSomebodyLooksAgainAndFindsItWell(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Link(staff, "Amina Bello", "Amina123")
	s.HeardAll()
	s.Exec(`UPDATE accounts SET ledger = ledger * 10`)
	s.Exec(`UPDATE audit SET actor = 'somebody' WHERE seq = 3`)
	staff.Get("/status").WantText("#database + dl", "2 rows contradict each other")
	staff.Get("/audit").WantText(".chain .badge", "Broken at row 3")
	s.Stop()
	s.Exec(`UPDATE accounts SET ledger = ledger / 10`)
	o := newOther(t, s, storetest.OpenWith(t, s.Database, store.Options{Now: s.Clock}))
	o.get("/").WantText(".notice-bad", "Do not decide by the balances here: 2 rows")
	o.get("/status").WantText("#database + dl", "All match what the bank sent")
	o.get("/").WantText(".notice-bad", "The audit log is broken")
}
