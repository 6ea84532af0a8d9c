package handlers_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestTheAuditPageShowsWhatIsFiltered(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	amina, bola := staff.AddCustomer("Amina Bello"), staff.AddCustomer("Bola Ade")
	for _, id := range []string{amina, bola} {
		staff.Get("/customers/" + id).WantStatus(http.StatusOK)
	}
	p := staff.Get("/audit")
	p.WantText("tbody tr:first-child", "Looked at the customer's balances")
	p.WantText("tbody tr:first-child td[data-label=Customer] a", "Bola Ade")
	p.WantText(".chain", "In order")
	for query, want := range map[string]int{
		"customer=" + amina:                       2,
		"customer=bola+ade":                       2,
		"action=customer+added":                   2,
		"action=customer+added&customer=" + amina: 1,
		"actor=provider":                          0,
		"to=2020-01-01":                           0,
		"from=2020-01-01&action=signed+in":        1,
	} {
		if got := staff.Get("/audit?" + query).Find("tbody tr").Length(); got != want {
			t.Errorf("%s shows %d rows, want %d", query, got, want)
		}
	}
	for query, want := range map[string]string{"customer=nobody": "No customer has this name", "from=yesterday": "Enter a date such as"} {
		p := staff.Get("/audit?" + query)
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText(".error", want)
	}
}

func TestTheAuditPageIsReadPageByPage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for i := range 120 {
		if err := s.Store.Record(t.Context(), store.Act{Actor: store.Program, Action: store.ActPasswordSet, Subject: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	rows, next := 0, "/audit?action=password+set"
	for pages := 0; next != ""; pages++ {
		p := staff.Get(next)
		p.WantStatus(http.StatusOK)
		rows += p.Find("tbody tr").Length()
		next = p.Find("a[rel=next]").AttrOr("href", "")
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
	}
	if rows != 120 {
		t.Errorf("%d rows on all pages, want 120", rows)
	}
}

func TestTheAuditLogIsExportedAsItIsFilteredAndThatIsRecorded(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer(`=HYPERLINK("http://x","y")`)
	staff.AddCustomer("Bola Ade")
	p := staff.Post("/audit/export", url.Values{"action": {"customer added"}, "customer": {id}})
	p.WantStatus(http.StatusOK)
	all, err := csv.NewReader(strings.NewReader(p.Text())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[1][4] != "customer added" || all[1][5] != `'=HYPERLINK("http://x","y")` {
		t.Errorf("the file holds %q, want the one row of the customer, whose name is no formula", all)
	}
	exports := s.Acts(store.AuditQuery{Action: store.ActAuditExported})
	if len(exports) != 1 || exports[0].Customer != id || !strings.Contains(exports[0].Detail, "action=customer+added") {
		t.Errorf("recorded: %+v", exports)
	}
	viewer := s.SignedInAs(store.RoleViewer)
	viewer.Post("/audit/export", nil).WantStatus(http.StatusForbidden)
	if n := viewer.Get("/").Find("a[href='/audit']").Length(); n != 0 {
		t.Error("a viewer is led to the audit log, which they may not read")
	}
}

func TestABalanceThatWasChangedByHandIsToldToStaffOnEveryPage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	staff.Get("/status").WantText("#database + dl", "All match what the bank sent")
	s.HeardAll()
	s.Exec(`UPDATE accounts SET ledger = ledger * 10`)
	staff.Get("/status").WantText("#database + dl", "2 rows contradict each other")
	for _, path := range []string{"/", "/customers", "/customers/" + id} {
		staff.Get(path).WantText(".notice-bad", "Do not decide by the balances here: 2 rows")
	}
	if said := customer.Get("/me").TextOf("main"); strings.Contains(said, "contradict") {
		t.Errorf("the customer is told: %s", said)
	}
	for _, a := range s.Accounts(id) {
		s.Ended(staff, a)
	}
	staff.Get("/status").WantText("#database + dl", "All match what the bank sent")
	if said := staff.Get("/").TextOf(".notice-bad:not([hidden])"); said != "" {
		t.Errorf("after a refresh of both the overview says %q", said)
	}
}

func TestARowThatWasChangedByHandIsNamedOnThePage(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for _, name := range []string{"Amina", "Bola", "Chidi"} {
		staff.AddCustomer(name)
	}
	s.Exec(`UPDATE audit SET actor = 'program' WHERE seq = 3`)
	p := staff.Post("/audit/check", nil)
	p.WantStatus(http.StatusOK)
	p.WantText(".chain .badge", "Broken at row 3")
	staff.Get("/").WantText(".notice-bad", "The audit log is broken")
	if checks := s.Acts(store.AuditQuery{Action: store.ActAuditChecked}); len(checks) != 1 || checks[0].Detail != "broken at row 3" {
		t.Errorf("recorded: %+v", checks)
	}
}
