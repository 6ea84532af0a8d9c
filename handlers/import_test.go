package handlers_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/views"
)

// sendsFile sends a file of customers as a browser does.
func sendsFile(b *site.Browser, content string) site.Page {
	b.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "customers.csv")
	if err == nil {
		_, err = file.Write([]byte(content))
	}
	for _, err := range []error{err, form.WriteField(views.DrawnForField, b.ForWhom()), form.Close()} {
		if err != nil {
			b.T.Fatal(err)
		}
	}
	return b.Do("POST", "/customers/import", &body, http.Header{"Content-Type": {form.FormDataContentType()}})
}

// takesIn presses the button, and looks until it is over.
func takesIn(s *site.Site, b *site.Browser) site.Page {
	b.T.Helper()
	p := b.Post("/customers/import/take", nil)
	p.WantStatus(http.StatusOK)
	s.Eventually("the file is taken in", func() bool {
		p = b.Get("/customers/import")
		return p.Find("#import[hx-get]").Length() == 0
	})
	return p
}

// counts are what the page says, by its words.
func counts(p site.Page) string {
	var all []string
	for _, row := range p.Find("#import > dl > div").EachIter() {
		all = append(all, row.Find("dt").Text()+" "+row.Find("dd").Text())
	}
	return strings.Join(all, "; ")
}

func TestAFileOfCustomersIsShownThenTakenInAndRepeatedWithoutHarm(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.CustomerWith("Amina Bello", "amina@example.com", "L-1")
	p := staff.Get("/customers")
	if p.Find("a[href='/customers/import']").Length() != 1 {
		t.Error("the list does not lead to the page")
	}
	staff.Get("/customers/import").WantText("h1", "Customers from a file")
	const file = "\ufeffReference;Name;E-mail;Phone;Branch\r\n" +
		"L-1;Amina Bello;;0803 100 1001;Ikeja\r\nL-2;=Bola;;;Yaba\r\nL-3;Chidi;chidi at example;12;\r\nL-4;;;;\r\n"
	p = sendsFile(staff, file)
	p.WantStatus(http.StatusOK)
	want := "To be added 1; To be changed 1; As they are 0; Left out: something is wrong with the row 2; Columns that are not read Branch"
	if got := counts(p); got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
	p.WantText("tbody", "4Chidi L-3E-mail: Enter an e-mail address")
	p.WantText("tbody", "Phone: Enter one whole telephone number")
	p.WantText("tbody", "5— L-4Name: Enter the customer's name.")
	p.WantText("tbody", "Amina Bello L-1Phone")
	if n := len(listed(staff, "/customers")); n != 1 {
		t.Errorf("before anybody said yes there are %d customers", n)
	}
	p = takesIn(s, staff)
	if got := counts(p); !strings.HasPrefix(got, "Were added 1; Were changed 1; As they are 0") {
		t.Errorf("it ended with %q", got)
	}
	p = staff.Get("/customers?q=amina")
	p = staff.Get(p.Find("tbody th a").AttrOr("href", ""))
	p.WantText("main", "amina@example.com") // the empty field left it
	p.WantText("main", "+234 803 100 1001")
	p = sendsFile(staff, file)
	if got := counts(p); !strings.HasPrefix(got, "To be added 0; To be changed 0; As they are 2") || p.Find("form[action$='/take']").Length() > 0 {
		t.Errorf("sent again it says %q", got)
	}
	if got := s.Acts(store.AuditQuery{Action: store.ActCustomersImported}); len(got) != 1 || got[0].Detail != "1 added, 1 changed, 0 unchanged" {
		t.Errorf("the audit log has %+v", got)
	}
}

func TestAFileThatCannotBeReadSaysWhyAndNothingIsHeld(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for content, want := range map[string]string{
		"PK\x03\x04":                          "This is a workbook.",
		"Name,Phone\r\nAmina,":                "“Reference” and “Name” have to be among them.",
		"Name,Reference\r\nZo\xeb,L-1":        "The letters of this file cannot be read.",
		"Name,Reference\r\n\"Amina,L-1":       "In line 2 a quotation mark is where none can be.",
		"Name,Reference,Ref\r\nAmina,L-1,L-1": "The column “Ref” is there twice",
		"Name,Reference\r\n":                  "There is no customer in this file.",
	} {
		staff.Get("/customers/import")
		p := sendsFile(staff, content)
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("#import-file-error", want)
	}
	if staff.Get("/customers/import").Find("#import").Length() > 0 {
		t.Error("a file is held")
	}
}

func TestAFileIsForgottenWhenItIsDroppedWhenSomebodyIsErasedAndInTime(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	held := func() bool { return staff.Get("/customers/import").Find("#import").Length() > 0 }
	id := staff.CustomerWith("Bola Ade", "", "L-9")
	for name, forget := range map[string]func(){
		"dropped": func() { staff.Post("/customers/import/drop", nil).WantStatus(http.StatusOK) },
		"erased": func() {
			staff.Get("/customers/" + id + "/erase")
			staff.Post("/customers/"+id+"/erase", url.Values{"confirm": {"L-9"}, "reason": {views.EraseReasons()[0]}}).WantStatus(http.StatusOK)
		},
		"too old": func() { s.Advance(limits.ImportHeld + time.Minute) },
	} {
		staff.Get("/customers/import")
		sendsFile(staff, "Name,Reference\r\nAmina,L-1\r\n").WantStatus(http.StatusOK)
		if !held() {
			t.Fatalf("%s: no file is held", name)
		}
		if forget(); held() {
			t.Errorf("%s: it is held still", name)
		}
		staff = s.SignedIn()
	}
}

func TestAFileOfWhichSomebodyChangedACustomerMeanwhileIsShownAnew(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.Get("/customers/import")
	sendsFile(staff, "Name,Reference\r\nAmina,L-1\r\nBola,L-2\r\n").WantStatus(http.StatusOK)
	s.SignedIn().CustomerWith("Chidi", "", "L-2")
	p := takesIn(s, staff)
	p.WantText("#import", "Nothing was done: somebody has just changed one of these customers.")
	if got := counts(p); !strings.HasPrefix(got, "To be added 1; To be changed 1") || len(listed(staff, "/customers")) != 1 {
		t.Errorf("the page says %q of %v", got, listed(staff, "/customers"))
	}
	if got := counts(takesIn(s, staff)); !strings.HasPrefix(got, "Were added 1; Were changed 1") {
		t.Errorf("then it ends with %q", got)
	}
}

func TestWhatAFileLeavesEmptyStaysAsSomebodyHasChangedItMeanwhile(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.CustomerWith("Amina Bello", "old@example.com", "L-1")
	sendsFile(staff, "Name,Reference,E-mail\r\nAmina B. Bello,L-1,\r\n").WantStatus(http.StatusOK)
	s.SignedIn().Post("/customers/"+id+"/edit", url.Values{
		"name": {"Amina Bello"}, "reference": {"L-1"}, "email": {"new@example.com"}, "kind": {"person"},
	}).WantStatus(http.StatusOK)

	p := takesIn(s, staff)
	p.WantText("#import", "Nothing was done: somebody has just changed one of these customers.")
	if text := p.TextOf("#import"); strings.Contains(text, "E-mail") {
		t.Errorf("the address is to be changed, of which the file says nothing: %s", text)
	}
	takesIn(s, staff)
	if got := s.TextsOf(`SELECT name || ' ' || email FROM customers`); !slices.Equal(got, []string{"Amina B. Bello new@example.com"}) {
		t.Errorf("the customer is %q", got)
	}
}

func TestLinksForAllOfAFileAreOneFileThatNoSpreadsheetCalculates(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	s.Link(staff, "Amina Bello", "Amina456")
	s.Exec(`UPDATE customers SET reference = $1`, "L-1")
	staff.Get("/customers/import")
	sendsFile(staff, "Name,Reference,Phone,Language\r\nAmina Bello,L-1,,\r\n=cmd()|Bola,L-2,0803 100 1001,fr\r\nChidi,L-3,,\r\n")
	takesIn(s, staff)
	links := func(form url.Values) [][]string {
		t.Helper()
		p := staff.Post("/customers/import/links", form)
		p.WantStatus(http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Text(), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	rows := links(url.Values{"code": {"on"}})
	if got := fmt.Sprint(rows[0]); len(rows) != 3 || got != "[Name Telephone Message Link Code]" {
		t.Fatalf("%d rows, the first %s", len(rows), got)
	}
	if r := rows[1]; r[0] != "'=cmd()|Bola" || r[1] != "+2348031001001" || !strings.Contains(r[2], r[3]) || !strings.HasPrefix(r[2], "Bonjour") || len(r[4]) != 6 {
		t.Errorf("a row is %q", r)
	}
	if r := rows[2]; r[0] != "Chidi" || r[1] != "" || !strings.HasPrefix(r[2], "Hello Chidi") {
		t.Errorf("a row is %q", r)
	}
	old, _ := strings.CutPrefix(rows[2][3], s.URL)
	s.Browser().Get(old).WantStatus(http.StatusOK)
	if again := links(nil); len(again) != 1 {
		t.Errorf("who has a link that works gets another: %v", again)
	}
	if anew := links(url.Values{"renew": {"on"}}); len(anew) != 3 || len(anew[1]) != 4 {
		t.Errorf("asked for, there are %v", anew)
	}
	s.Browser().Get(old).WantStatus(http.StatusGone)
	if got := s.Acts(store.AuditQuery{Action: store.ActLinksTaken}); len(got) != 3 {
		t.Errorf("the audit log has %d lines of it, want 3", len(got))
	}
}

func TestAThousandCustomersFitIntoOneFile(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	var file strings.Builder
	file.WriteString("Reference;Name;E-mail;Phone\r\n")
	for i := range 1000 {
		fmt.Fprintf(&file, "L-%d;Customer of that number %d;customer%d@lender-of-money.example;+234803%07d\r\n", i, i, i, 1_000_000+i)
	}
	staff.Get("/customers/import")
	p := sendsFile(staff, file.String())
	p.WantText("#import", "To be added1,000")
	takesIn(s, staff).WantText("#import", "Were added1,000")
}
