package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestACustomerIsCorrectedAndTheAuditLogSaysInWhatOnly(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Belo")
	p := staff.Get(staff.Get("/customers/"+id).Find("main a[href$='/edit']").AttrOr("href", "/nowhere"))
	if got := p.Find("#customer-name").AttrOr("value", ""); got != "Amina Belo" {
		t.Errorf("the form has the name %q", got)
	}
	form := url.Values{
		"name": {" Amina Bello "}, "reference": {"LN-1"}, "email": {"amina@example.com"}, "phone": {"0803 100 1001"},
		"language": {"fr"}, "note": {"Rings back after five.\r\nHer sister answers too."},
	}
	p = staff.Post("/customers/"+id+"/edit", form)
	p.WantStatus(http.StatusOK)
	p.WantText("h1", "Amina Bello")
	for _, want := range []string{"LN-1", "amina@example.com", "+234 803 100 1001", "Français", "Her sister answers too."} {
		p.WantText("main", want)
	}
	if got := p.Find("a[href^=tel]").AttrOr("href", ""); got != "tel:+2348031001001" {
		t.Errorf("the phone leads to %s", got)
	}
	p = staff.Get("/customers/" + id + "/edit")
	for field, want := range map[string]string{"name": "Amina Bello", "phone": "+234 803 100 1001"} {
		if got := p.Find("#customer-"+field).AttrOr("value", ""); got != want {
			t.Errorf("%s = %q in the form, want %q", field, got, want)
		}
	}
	if got := p.Find("#customer-language option[selected]").AttrOr("value", "-") + p.Find("#customer-note").Text(); got != "frRings back after five.\nHer sister answers too." {
		t.Errorf("language and note are %q in the form", got)
	}
	staff.Post("/customers/"+id+"/edit", form).WantStatus(http.StatusOK) // which changes nothing
	form.Set("phone", "")
	staff.Post("/customers/"+id+"/edit", form).WantStatus(http.StatusOK)
	var said []string
	for _, act := range s.Acts(store.AuditQuery{Action: store.ActCustomerCorrected}) {
		said = append(said, act.Detail)
	}
	if got := strings.Join(said, "; "); got != "phone; name, reference, e-mail, phone, language, note" {
		t.Errorf("the audit log says %q", got)
	}
	if got := listed(staff, "/customers?q=bello+amina"); len(got) != 1 {
		t.Errorf("found by the new name: %q", got)
	}
}

func TestAWrongCorrectionComesBackWithWhatWasTyped(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.Post("/customers", url.Values{"name": {"Bola"}, "reference": {"LN-1"}}).WantStatus(http.StatusOK)
	id := staff.AddCustomer("Amina Bello")
	for field, value := range map[string]string{
		"name": "\u200b\u3164", "reference": "LN-1", "email": "a@b@c", "phone": "12", "language": "xx", "note": strings.Repeat("x", 1001),
	} {
		form := url.Values{"name": {"Amina B"}, "reference": {"LN-2"}, "email": {"a@example.com"}, "phone": {"0803 100 1001"}, "language": {"fr"}, "note": {"Two\nlines"}}
		form.Set(field, value)
		p := staff.Post("/customers/"+id+"/edit", form)
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("h1", "Amina Bello")
		if p.Find("#customer-"+field+"-error").Length() != 1 || p.Find(".error").Length() != 1 || p.Find("#problems[autofocus] a").AttrOr("href", "") != "#customer-"+field {
			t.Errorf("%s: errors %q, the summary %q", field, p.TextOf(".error"), p.TextOf("#problems"))
		}
		for _, kept := range []string{"reference", "email", "phone"} {
			if got := p.Find("#customer-"+kept).AttrOr("value", ""); got != form.Get(kept) {
				t.Errorf("%s wrong: %s = %q, want %q kept", field, kept, got, form.Get(kept))
			}
		}
		if got := p.Find("#customer-note").Text(); got != form.Get("note") {
			t.Errorf("%s wrong: the note is %.20q, want it kept", field, got)
		}
	}
	if cu, err := s.Store.CustomerByID(t.Context(), id); err != nil || cu.Name != "Amina Bello" || cu.Note != "" || cu.Email != "" {
		t.Errorf("something was stored: %+v, %v", cu, err)
	}
	staff.Get("/customers/019a0000-0000-7000-8000-000000000000/edit").WantStatus(http.StatusNotFound)
}

func TestEqualNamesAreTold(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.AddCustomer("Éric Bello")
	p := staff.Post("/customers", url.Values{"name": {"BELLO eric"}})
	p.WantText(".note", "There is another customer of that name.")
	if got := listed(staff, p.Find(".note a").AttrOr("href", "")); len(got) != 2 {
		t.Errorf("it leads to %q", got)
	}
	staff.Post("/customers", url.Values{"name": {"Bello, Éric"}}).WantText(".note", "There are 2 other customers of that name.")
	if p := staff.Get("/customers/" + staff.AddCustomer("Éric Bello Jr")); p.Find(".note").Length() != 0 {
		t.Error("another name is told to be the same")
	}
}

func TestACorrectedNameIsComparedAgainWithWhatWaits(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _, review := s.Doubtful(staff, "Bolo Akinola", "Bola123")
	staff.Get(review).WantText("main", "The name on the account does not match the customer's.")
	staff.Post("/customers/"+id+"/edit", url.Values{"name": {"Bola Adeyemi"}}).WantStatus(http.StatusOK)
	p := staff.Get(review)
	p.WantText("h1", "Is this account Bola Adeyemi’s?")
	p.WantText(".notice", "The customer's name was corrected, and fits the holder's now.")
	p.WantText(".title-row .badge", "Same name")
	if n := len(s.Accounts(id)); n != 0 {
		t.Errorf("%d accounts were bound: to decide is for whoever may", n)
	}
	staff.Post("/customers/"+id+"/edit", url.Values{"name": {"Bola Adeyemo"}}).WantStatus(http.StatusOK)
	staff.Get(review).WantText(".notice", "like the customer's, not the same")
	staff.Post("/customers/"+id+"/edit", url.Values{"name": {"Bola Adeyemi"}}).WantStatus(http.StatusOK)
	staff.Post(review+"/approve", url.Values{"reason": {"It was a typo of ours."}}).WantStatus(http.StatusOK)
	if n := len(s.Accounts(id)); n != 1 {
		t.Errorf("%d accounts after approval, want 1", n)
	}
}

func TestWhatAColleagueHasChangedIsNotUndoneByAPageThatStoodOpen(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Belo")
	s.Exec(`UPDATE customers SET asked_link_at = 1`)
	edit := "/customers/" + id + "/edit"
	opened := func() url.Values {
		p := staff.Get(edit)
		form := url.Values{"kind": {"person"}, "note": {p.Find("#customer-note").Text()}}
		for _, f := range []string{"name", "reference", "email", "phone", "drawn"} {
			form.Set(f, p.Find("[name="+f+"]").AttrOr("value", "?"))
		}
		return form
	}
	is := func() string { return s.TextsOf(`SELECT name || ', ' || phone || ', ' || note FROM customers`)[0] }

	mine, theirs := opened(), opened()
	theirs.Set("phone", "0803 100 1001")
	theirs.Set("note", "Rings back.")
	staff.Post(edit, theirs).WantStatus(http.StatusOK)
	mine.Set("name", "Amina Bello")
	staff.Post(edit, mine).WantStatus(http.StatusOK)
	if got := is(); got != "Amina Bello, +2348031001001, Rings back." {
		t.Errorf("after two corrections of different fields the customer is %q", got)
	}

	mine, theirs = opened(), opened()
	theirs.Set("note", "She pays on Friday.")
	staff.Post(edit, theirs).WantStatus(http.StatusOK)
	mine.Set("note", "Wrong number?")
	p := staff.Post(edit, mine)
	p.WantStatus(http.StatusUnprocessableEntity)
	p.WantText("#customer-note-error", "She pays on Friday.")
	p.WantText("#customer-note", "Wrong number?")
	if got := is(); got != "Amina Bello, +2348031001001, She pays on Friday." {
		t.Errorf("the customer is %q", got)
	}
	mine.Set("drawn", p.Find("[name=drawn]").AttrOr("value", "?"))
	staff.Post(edit, mine).WantStatus(http.StatusOK) // they have seen it
	if got := is(); got != "Amina Bello, +2348031001001, Wrong number?" {
		t.Errorf("the customer is %q", got)
	}

	row := staff.Get("/today").Find("form[action$='/note']")
	note := url.Values{"note": {"Moved to Jos."}, "drawn": {row.Find("[name=drawn]").AttrOr("value", "?")}}
	theirs = opened()
	theirs.Set("note", "Her son answers.")
	staff.Post(edit, theirs).WantStatus(http.StatusOK)
	p = staff.Post("/customers/"+id+"/note", note)
	p.WantStatus(http.StatusUnprocessableEntity)
	p.WantText("#customer-note-error", "Her son answers.")
	p.WantText("#customer-note", "Moved to Jos.")
}

// Without our script an impatient finger sends a form as often as it presses.
func TestACustomerWhoseFormIsSentTwiceIsAddedOnce(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	once, _ := staff.Get("/customers").Find("form[action='/customers'] input[name=once]").Attr("value")
	if other, _ := staff.Get("/customers").Find("form[action='/customers'] input[name=once]").Attr("value"); once == "" || once == other {
		t.Fatalf("two forms hold %q and %q", once, other)
	}
	form := url.Values{"once": {once}, "name": {"Ngozi Okafor"}, "phone": {"0803 555 0101"}}
	first := staff.Post("/customers", form)
	again := staff.Post("/customers", form)
	if first.Path != again.Path || again.Status != http.StatusOK {
		t.Errorf("sent twice the form leads to %s and %s (%d)", first.Path, again.Path, again.Status)
	}
	form.Set("reference", "LN-9") // whoever goes back to the form and types another
	form.Set("name", "Ngozi Eze")
	if other := staff.Post("/customers", form); other.Path == first.Path || other.Status != http.StatusOK {
		t.Errorf("another one led to %s (%d)", other.Path, other.Status)
	}
	form.Set("name", "")
	if kept, _ := staff.Post("/customers", form).Find("input[name=once]").Attr("value"); kept != once {
		t.Errorf("a form with something wrong holds %q then, want %q", kept, once)
	}
	if got := listed(staff, "/customers"); !slices.Equal(got, []string{"Ngozi Eze", "Ngozi Okafor"}) {
		t.Errorf("added are %q", got)
	}
	if n := s.Acted(store.ActCustomerAdded); n != 2 {
		t.Errorf("%d are written down as added", n)
	}
}
