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

const day = 24 * time.Hour

func TestTheHistoryShowsEveryBalanceOfTheRange(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	for i := range 120 {
		s.Said(a, time.Duration(i+1)*6*time.Hour, int64(1000000+i*100), store.Minor(int64(500000-i)))
	}
	for path, b := range map[string]*site.Browser{"/accounts/" + a.ID: staff, "/me/accounts/" + a.ID: customer} {
		p := b.Get(path + "?range=all")
		p.WantStatus(http.StatusOK)
		if p.Find(".plot title").Length() != 1 || p.Find(".plot desc").Length() != 1 || p.Find(".lines .line-available").Length() == 0 || p.Find(".lines .line-ledger").Length() == 0 {
			t.Errorf("%s has no drawing of two lines with its words", path)
		}
		seen := 0
		for {
			seen += p.Find("#history tbody tr").Length()
			next, more := p.Find("#history a[rel=next]").Attr("href")
			if !more {
				break
			}
			p = b.Get(next)
			p.WantStatus(http.StatusOK)
		}
		all, err := s.Store.BalancesByAccount(t.Context(), a.ID, 1000)
		if err != nil || seen != len(all) {
			t.Errorf("%s: %d balances seen of %d, %v", path, seen, len(all), err)
		}
		p = b.Get(path + "?range=7d")
		if n := p.Find("#history tbody tr").Length(); n < 24 || n > 30 {
			t.Errorf("%s: %d balances in 7 days, want some 27", path, n)
		}
		p.WantText("#history tbody tr:last-child td[data-label=Available] .change", "+₦0.01")
		p.WantText("#history tbody tr:last-child td[data-label=Ledger] .change", "−₦1.00")
		if p.Find(`#history nav a[aria-current=page]`).Text() != "7 days" {
			t.Errorf("%s does not say which range it is", path)
		}
	}
}

func TestARangeWithoutBalancesNamesTheOneBefore(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	staff.Get("/accounts/"+a.ID).WantText("#history", "The chart appears after the next balance")
	s.Said(a, 0, 777700, store.Minor(123400))
	s.Advance(20 * day)
	staff = s.SignedIn() // the old session has ended
	p := staff.Get("/accounts/" + a.ID + "?range=7d")
	p.WantText("#history", "No balance was received in the last 7 days. The one before is of")
	p.WantText("#history", "available ₦1,234.00, ledger ₦7,777.00")
	if p.Find(".plot").Length() != 0 || p.Find("#history table").Length() != 0 {
		t.Error("there is a drawing or a table of nothing")
	}
	p = staff.Get("/accounts/" + a.ID + "?range=30d")
	if p.Find(".lines .tail").Length() != 2 {
		t.Error("an old balance is drawn as if it still stood")
	}
	staff.Get("/accounts/"+a.ID+"?range=nonsense&before=nonsense").WantText("#history nav a[aria-current=page]", "30 days")
}

func TestDaysBelowAFigureAreCounted(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	s.Said(a, 8*day, 0, store.Minor(4000000))
	s.Said(a, 5*day, 0, store.Minor(9000000))
	s.Said(a, 0, 0, store.Minor(9000000))
	path := "/accounts/" + a.ID + "?below=%E2%82%A650,000&range=30d"
	staff.Get(path).WantText(".below strong", "Below ₦50,000.00 on 4 days, of 9 days on which the available balance is known. Of 21 days it is not.")
	customer.Get("/me"+path).WantText(".below strong", "on 4 days")
	for typed, want := range map[string]string{"50.000": "at most 2 digits", "-5": "minus", "abc": "such as 50,000"} {
		p := staff.Get("/accounts/" + a.ID + "?below=" + typed)
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("#below-error", want)
		if got := p.Find("#below").AttrOr("value", ""); got != typed {
			t.Errorf("typed %q, kept %q", typed, got)
		}
	}
}

func TestTheCSVOfAHistoryHoldsTheRangeAndIsWrittenDown(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	_, mallory := s.Link(staff, "Bola Adeyemi", "Bola123")
	a := s.Accounts(id)["2230011442"]
	s.Said(a, 0, -123456, store.Amount{})
	s.Said(a, 60*day, 5, store.Minor(5))
	for path, b := range map[string]*site.Browser{"/accounts/" + a.ID: staff, "/me/accounts/" + a.ID: customer} {
		href, ok := b.Get(path).Find("#history a[download]").Attr("href")
		if !ok {
			t.Fatalf("%s offers no file", path)
		}
		p := b.Get(href)
		p.WantStatus(http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(p.Text())).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v; want the header and the two of 30 days", len(rows), err)
		}
		if got := strings.Join(rows[1][1:7], "|"); got != "yes|NGN||no|-1234.56|webhook" {
			t.Errorf("row = %s", got)
		}
		rows, err = csv.NewReader(strings.NewReader(b.Get(path + "/history.csv?range=all").Text())).ReadAll()
		if err != nil || len(rows) != 4 {
			t.Errorf("%d rows of all time, %v; want 4", len(rows), err)
		}
	}
	mallory.Get("/me/accounts/" + a.ID + "/history.csv").WantStatus(http.StatusNotFound)
	viewer := s.SignedInAs(store.RoleViewer)
	viewer.Get("/accounts/" + a.ID + "/history.csv").WantStatus(http.StatusForbidden)
	if viewer.Get("/accounts/"+a.ID).Find("#history a[download]").Length() != 0 {
		t.Error("a file is offered to whom it is refused")
	}
}
