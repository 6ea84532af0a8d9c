package handlers_test

import (
	"net/http"
	"testing"
)

func TestBalancesAreShownAlthoughTheLookCannotBeWrittenDown(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina456")
	// What a full disk does to the statement, without a disk of its own.
	s.exec(`
		UPDATE customers SET viewed_at = NULL;
		CREATE TRIGGER full_disk BEFORE UPDATE OF viewed_at ON customers
		BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`)
	if err := s.Store.MarkViewed(t.Context(), id); err == nil {
		t.Fatal("the look was written down: this proves nothing")
	}
	for path, b := range map[string]*browser{"/me": customer, "/customers/" + id: staff} {
		p := b.get(path)
		p.wantStatus(http.StatusOK)
		if p.Find("article.account .figures").Length() == 0 {
			t.Errorf("%s shows no balance", path)
		}
	}
}
