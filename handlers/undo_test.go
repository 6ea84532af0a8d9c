package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// undo presses the button of the notice that says what was just done.
func undo(t *testing.T, b *site.Browser, done site.Page) site.Page {
	t.Helper()
	form := done.Find(".notice-good form")
	to, ok := form.Attr("action")
	if !ok {
		t.Fatalf("%s offers no way back: %q", done.Path, done.TextOf(".notice-good"))
	}
	fields := url.Values{}
	for _, f := range form.Find("input").EachIter() {
		fields.Set(f.AttrOr("name", ""), f.AttrOr("value", ""))
	}
	return b.Post(to, fields)
}

func TestStaffTakeBackWhatTheyDid(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Efe Oghenekaro")
	link := staff.Invite(id)
	made, err := s.Store.LinksByCustomer(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	revoke := "/customers/" + id + "/invitations/" + made[0].ID + "/revoke"
	revoked := staff.Post(revoke, nil)
	revoked.WantText("#notice", "The link is cancelled.")
	s.Browser().Get(link).WantStatus(http.StatusGone)
	undo(t, staff, revoked).WantText("#notice", "The link works again.")
	s.Browser().Get(link).WantStatus(http.StatusOK)

	revoked = staff.Post(revoke, nil)
	colleague := s.SignedInAs(store.RoleAdmin)
	if p := colleague.Post(strings.Replace(revoke, "revoke", "restore", 1), nil); p.Status != http.StatusConflict {
		t.Errorf("a colleague takes back what they did not do: %d", p.Status)
	}
	s.Advance(store.UndoFor + time.Second)
	undo(t, staff, revoked).WantStatus(http.StatusConflict)
	s.Browser().Get(link).WantStatus(http.StatusGone)

	staff.Post("/customers/"+id+"/contacted", nil)
	before, _ := s.Store.CustomerByID(t.Context(), id)
	s.Advance(time.Hour)
	staff = s.SignedIn()
	undo(t, staff, staff.Post("/customers/"+id+"/contacted", nil)).WantText("#notice", "no longer noted")
	if after, _ := s.Store.CustomerByID(t.Context(), id); !after.ContactedAt.Equal(before.ContactedAt) {
		t.Errorf("they were last spoken to at %v, want %v", after.ContactedAt, before.ContactedAt)
	}

	linked, _ := s.Link(staff, "Amina Bello", "Amina123")
	account := s.Accounts(linked)["0123456789"].ID
	set := func(amount string) site.Page {
		return staff.Post("/accounts/"+account+"/threshold", url.Values{"threshold": {amount}})
	}
	threshold := func() string { return staff.Get("/accounts/" + account).TextOf("#threshold .details") }
	undo(t, staff, set("50,000"))
	if said := threshold(); said != "" {
		t.Errorf("the first threshold is there still: %q", said)
	}
	set("50,000")
	undo(t, staff, set("60,000"))
	if said := threshold(); !strings.Contains(said, "₦50,000.00") {
		t.Errorf("the threshold is %q, want the one before", said)
	}
	undo(t, staff, staff.Post("/accounts/"+account+"/threshold/clear", nil))
	if said := threshold(); !strings.Contains(said, "₦50,000.00") {
		t.Errorf("the threshold is %q, want the one that was removed", said)
	}
	hidden := staff.Post("/amounts", url.Values{"amounts": {"hidden"}, "next": {"/today"}})
	hidden.WantStatus(http.StatusOK)
	if html, _ := set("70,000").Html(); strings.Contains(html, "50000") {
		t.Error("the way back shows an amount while amounts are hidden")
	}
}

func TestARejectedLinkThatIsTakenBackWaitsForStaffAgain(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer, review := s.Doubtful(staff, "Tunde Bakare", "Bola123")
	refused := staff.Post(review+"/refuse", url.Values{"reason": {"Another person."}})
	refused.WantText("#notice", "The link is rejected")
	if p := staff.Get("/reviews"); strings.Contains(p.TextOf("main"), "Tunde Bakare") {
		t.Fatal("what was rejected waits")
	}
	undo(t, staff, refused).WantText("#notice", "waits here for your decision")
	s.Eventually("it waits again", func() bool { return strings.Contains(staff.Get("/reviews").TextOf("main"), "Tunde Bakare") })
	staff.Get("/customers/" + id).WantStatus(http.StatusOK)
	approved := staff.Post(review+"/approve", url.Values{"reason": {"It is their old name."}})
	approved.WantText("#notice", "The link is approved")
	if len(s.Accounts(id)) == 0 || customer == nil {
		t.Error("nothing was linked by approving it")
	}
}

func TestWhatCannotBeUndoneSaysSoBeforeItsButtonIsThere(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.Post("/keys", url.Values{"name": {"Core banking"}, "balances:read": {"on"}}).WantStatus(http.StatusOK)
	staff.Post("/endpoints", url.Values{"url": {"https://127.0.0.1:9/x"}}).WantStatus(http.StatusOK)
	id := staff.AddCustomer("Amina Bello")
	s.Exec(`UPDATE customers SET password_hash = 'x', password_set_at = 1 WHERE id = $1`, id)
	for page, act := range map[string]string{"/keys": "/revoke", "/endpoints": "/remove", "/customers/" + id: "/password/remove"} {
		form := staff.Get(page).Find("form[action$='" + act + "']")
		if form.Length() != 1 {
			t.Fatalf("%s: %d forms for %s", page, form.Length(), act)
		}
		closed := form.Closest("details:not([open])")
		if text := closed.Text(); !strings.Contains(text, "This cannot be undone") {
			t.Errorf("%s: before %s one reads %q", page, act, text)
		}
	}
}
