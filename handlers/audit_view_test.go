package handlers_test

import (
	"net/http"
	"testing"

	"balancelink/store"
)

func TestBalancesAreShownAlthoughTheLookCannotBeWrittenDown(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina456")
	s.eventually("a webhook is there", func() bool { return len(s.events()) > 0 })
	// What a full disk does to the statement, without a disk of its own.
	s.exec(`
		UPDATE customers SET viewed_at = NULL;
		CREATE TRIGGER full_log BEFORE INSERT ON audit
		BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END;
		CREATE TRIGGER full_disk BEFORE UPDATE OF viewed_at ON customers
		BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`)
	if err := s.Store.MarkViewed(t.Context(), id); err == nil {
		t.Fatal("the look was written down: this proves nothing")
	}
	var account store.Account
	for _, account = range s.accounts(id) {
		break
	}
	for path, b := range map[string]*browser{"/me": customer, "/customers/" + id: staff, "/accounts/" + account.ID: staff, "/me/accounts/" + account.ID: customer} {
		p := b.get(path)
		p.wantStatus(http.StatusOK)
		if p.Find("article.account .figures").Length() == 0 {
			t.Errorf("%s shows no balance", path)
		}
	}
	for _, path := range []string{"/", "/customers", "/refreshes", "/inbox", "/audit", "/reviews", "/customers/" + id + "/funds-checks", "/inbox/" + s.events()[0].ID} {
		staff.get(path).wantStatus(http.StatusOK)
	}
}
