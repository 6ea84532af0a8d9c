package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
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
