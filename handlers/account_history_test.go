package handlers_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/store"
)

const day = 24 * time.Hour

func TestTheHistoryShowsEveryBalanceOfTheRange(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	for i := range 120 {
		s.said(a, time.Duration(i+1)*6*time.Hour, int64(1000000+i*100), store.Minor(int64(500000-i)))
	}
	for path, b := range map[string]*browser{"/accounts/" + a.ID: staff, "/me/accounts/" + a.ID: customer} {
		p := b.get(path + "?range=all")
		p.wantStatus(http.StatusOK)
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
			p = b.get(next)
			p.wantStatus(http.StatusOK)
		}
		all, err := s.Store.BalancesByAccount(t.Context(), a.ID, 1000)
		if err != nil || seen != len(all) {
			t.Errorf("%s: %d balances seen of %d, %v", path, seen, len(all), err)
		}
		p = b.get(path + "?range=7d")
		if n := p.Find("#history tbody tr").Length(); n < 24 || n > 30 {
			t.Errorf("%s: %d balances in 7 days, want some 27", path, n)
		}
		p.wantText("#history tbody tr:last-child td[data-label=Available] .change", "+₦0.01")
		p.wantText("#history tbody tr:last-child td[data-label=Ledger] .change", "−₦1.00")
		if p.Find(`#history nav a[aria-current=page]`).Text() != "7 days" {
			t.Errorf("%s does not say which range it is", path)
		}
	}
}

func TestARangeWithoutBalancesNamesTheOneBefore(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, _ := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	staff.get("/accounts/"+a.ID).wantText("#history", "The chart appears after the next balance")
	s.said(a, 0, 777700, store.Minor(123400))
	s.advance(20 * day)
	staff = s.signedIn() // the old session has ended
	p := staff.get("/accounts/" + a.ID + "?range=7d")
	p.wantText("#history", "No balance was received in the last 7 days. The one before is of")
	p.wantText("#history", "available ₦1,234.00, ledger ₦7,777.00")
	if p.Find(".plot").Length() != 0 || p.Find("#history table").Length() != 0 {
		t.Error("there is a drawing or a table of nothing")
	}
	p = staff.get("/accounts/" + a.ID + "?range=30d")
	if p.Find(".lines .tail").Length() != 2 {
		t.Error("an old balance is drawn as if it still stood")
	}
	staff.get("/accounts/"+a.ID+"?range=nonsense&before=nonsense").wantText("#history nav a[aria-current=page]", "30 days")
}

func TestDaysBelowAFigureAreCounted(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina456")
	a := s.accounts(id)["2230011442"]
	s.said(a, 8*day, 0, store.Minor(4000000))
	s.said(a, 5*day, 0, store.Minor(9000000))
	s.said(a, 0, 0, store.Minor(9000000))
	path := "/accounts/" + a.ID + "?below=%E2%82%A650,000&range=30d"
	staff.get(path).wantText(".below strong", "Below ₦50,000.00 on 4 days, of 9 days on which the available balance is known. Of 21 days it is not.")
	customer.get("/me"+path).wantText(".below strong", "on 4 days")
	for typed, want := range map[string]string{"50.000": "at most 2 digits", "-5": "minus", "abc": "such as 50,000"} {
		p := staff.get("/accounts/" + a.ID + "?below=" + typed)
		p.wantStatus(http.StatusUnprocessableEntity)
		p.wantText("#below-error", want)
		if got := p.Find("#below").AttrOr("value", ""); got != typed {
			t.Errorf("typed %q, kept %q", typed, got)
		}
	}
}

func TestTheCSVOfAHistoryHoldsTheRangeAndIsWrittenDown(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina456")
	_, mallory := s.link(staff, "Bola Adeyemi", "Bola123")
	a := s.accounts(id)["2230011442"]
	s.said(a, 0, -123456, store.Amount{})
	s.said(a, 60*day, 5, store.Minor(5))
	for path, b := range map[string]*browser{"/accounts/" + a.ID: staff, "/me/accounts/" + a.ID: customer} {
		href, ok := b.get(path).Find("#history a[download]").Attr("href")
		if !ok {
			t.Fatalf("%s offers no file", path)
		}
		p := b.get(href)
		p.wantStatus(http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(p.Text())).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v; want the header and the two of 30 days", len(rows), err)
		}
		if got := strings.Join(rows[1][1:7], "|"); got != "yes|NGN||no|-1234.56|webhook" {
			t.Errorf("row = %s", got)
		}
		rows, err = csv.NewReader(strings.NewReader(b.get(path + "/history.csv?range=all").Text())).ReadAll()
		if err != nil || len(rows) != 4 {
			t.Errorf("%d rows of all time, %v; want 4", len(rows), err)
		}
	}
	mallory.get("/me/accounts/" + a.ID + "/history.csv").wantStatus(http.StatusNotFound)
	viewer := s.signedInAs(store.RoleViewer)
	viewer.get("/accounts/" + a.ID + "/history.csv").wantStatus(http.StatusForbidden)
	if viewer.get("/accounts/"+a.ID).Find("#history a[download]").Length() != 0 {
		t.Error("a file is offered to whom it is refused")
	}
}
