package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/handlers"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views"
)

func TestBalancesAreShownAlthoughTheLookCannotBeWrittenDown(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	s.Eventually("a webhook is there", func() bool { return len(s.Events()) > 0 })
	// What a full disk does to the statement, without a disk of its own.
	s.Exec(`
		UPDATE customers SET viewed_at = NULL;
		CREATE TRIGGER full_log BEFORE INSERT ON audit
		BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END;
		CREATE TRIGGER full_disk BEFORE UPDATE OF viewed_at ON customers
		BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`)
	if err := s.Store.MarkViewed(t.Context(), id); err == nil {
		t.Fatal("the look was written down: this proves nothing")
	}
	var account store.Account
	for _, account = range s.Accounts(id) {
		break
	}
	for path, b := range map[string]*site.Browser{"/me": customer, "/customers/" + id: staff, "/accounts/" + account.ID: staff, "/me/accounts/" + account.ID: customer} {
		p := b.Get(path)
		p.WantStatus(http.StatusOK)
		if p.Find("article.account .figures").Length() == 0 {
			t.Errorf("%s shows no balance", path)
		}
	}
	for _, path := range []string{"/", "/customers", "/refreshes", "/inbox", "/audit", "/reviews", "/customers/" + id + "/funds-checks", "/inbox/" + s.Events()[0].ID} {
		staff.Get(path).WantStatus(http.StatusOK)
	}
}

func TestEveryActionHasASentence(t *testing.T) {
	for _, a := range store.Actions() {
		if views.ActionWords(t.Context(), string(a)) == string(a) {
			t.Errorf("%q has no sentence in views/audit.go", a)
		}
	}
}

func TestWhoLooksAtWhoseBalancesIsOneRowAnHour(t *testing.T) {
	s := site.New(t)
	staff, other := s.SignedIn(), s.SignedInAs(store.RoleViewer)
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	var account store.Account
	for _, account = range s.Accounts(id) {
		break
	}
	look := func(b *site.Browser) {
		b.Get("/customers/" + id).WantStatus(http.StatusOK)
		b.Get("/accounts/" + account.ID).WantStatus(http.StatusOK)
	}
	for range 2 {
		look(staff)
		look(other)
		customer.Get("/me").WantStatus(http.StatusOK)
	}
	if n := len(s.Acts(store.AuditQuery{Action: store.ActBalancesSeen, Customer: id})); n != 2 {
		t.Errorf("%d rows, want one for each of the two members of staff", n)
	}
	if err := handlers.RecordSettings(t.Context(), s.Store, s.Settings); err != nil {
		t.Fatal(err)
	}
	s.Restart()
	if err := handlers.RecordSettings(t.Context(), s.Store, s.Settings); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Acts(store.AuditQuery{Action: store.ActSettingsChanged})); n != 1 {
		t.Errorf("%d rows of the settings, which did not change", n)
	}
}
