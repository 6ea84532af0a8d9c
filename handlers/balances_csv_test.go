package handlers_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// csvOf are the rows of a file by the names of their columns.
func csvOf(b *site.Browser, path string) (rows []map[string]string) {
	b.T.Helper()
	resp, text := b.Download("GET", path)
	if resp.StatusCode != http.StatusOK {
		b.T.Fatalf("%s is answered %d", path, resp.StatusCode)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		b.T.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func TestTheBalancesOfAllAccountsAreAFileNowAndOfADay(t *testing.T) {
	s := site.New(t, "TIME_ZONE=Africa/Lagos")
	staff := s.SignedIn()
	staff.CustomerWith("Nobody Linked", "", "L-0")
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.HeardAll()
	zone := s.Settings.Location
	day := s.Clock().In(zone).AddDate(0, 0, -2)
	noonOf := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone)
	s.Said(a, s.Clock().Sub(noonOf), 90000001, store.Minor(-123456))
	s.Advance(time.Minute)
	s.Said(a, 0, 50000, store.Amount{})
	line := func(path string) map[string]string {
		t.Helper()
		rows := csvOf(staff, path)
		for _, row := range rows {
			if row["Account"] == store.Reference(a.ID) {
				return row
			}
		}
		t.Fatalf("%s has no line of the account: %v", path, rows)
		return nil
	}
	now := line("/balances.csv")
	for column, want := range map[string]string{
		"Customer": "Amina Bello", "Bank": "Zenith Bank", "Number": "••••1442", "Currency": "NGN", "Balance": "500.00",
		"Ledger": "500.00", "Basis": "ledger", "As of kind": "stated", "State": "linked", "Day": "",
	} {
		if now[column] != want {
			t.Errorf("%s = %q, want %q", column, now[column], want)
		}
	}
	if now["Available as of"] == now["As of"] || now["Checked"] == "" {
		t.Errorf("the available balance is older than the newest answer: %v", now)
	}
	then := line("/balances.csv?day=" + noonOf.Format(time.DateOnly))
	for column, want := range map[string]string{
		"Available": "-1234.56", "Balance": "900000.01", "As of": noonOf.Format(time.RFC3339), "Checked": "",
		"Available as of": noonOf.Format(time.RFC3339), "Day": noonOf.Format(time.DateOnly),
	} {
		if then[column] != want {
			t.Errorf("at the end of the day %s = %q, want %q", column, then[column], want)
		}
	}
	before := line("/balances.csv?day=" + noonOf.AddDate(0, -2, 0).Format(time.DateOnly))
	if before["Balance"]+before["Basis"]+before["As of"] != "" || before["Customer"] != "Amina Bello" {
		t.Errorf("before anything was known: %v", before)
	}
	if rows := csvOf(staff, "/balances.csv?filter=never_linked"); len(rows) != 0 {
		t.Errorf("of who never linked there are %v", rows)
	}
	if rows := csvOf(staff, "/balances.csv?q=amina"); len(rows) != len(s.Accounts(id)) {
		t.Errorf("of one customer there are %d lines, want %d", len(rows), len(s.Accounts(id)))
	}
	for _, wrong := range []string{"x", "2026-02-30", s.Clock().In(zone).AddDate(0, 0, 1).Format(time.DateOnly)} {
		staff.Get("/balances.csv?day=" + wrong).WantStatus(http.StatusUnprocessableEntity)
	}
	form := staff.Get("/customers?filter=linked&q=amina").Find("form[action='/balances.csv']")
	if form.Find("input[name=filter]").AttrOr("value", "") != "linked" || form.Find("input[name=q]").AttrOr("value", "") != "amina" {
		t.Error("the form forgets how the list is filtered")
	}
	details := s.Acts(store.AuditQuery{Action: store.ActListExported})
	if got := details[len(details)-1].Detail; got != "balances" {
		t.Errorf("the audit log says %q of the first file", got)
	}
}
