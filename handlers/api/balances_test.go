package api_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestWhatAnAccountHeldIsReadPageByPageAsJSONAndAsCSV(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	_, a := linked(s)
	s.HeardAll()
	s.Advance(time.Hour)
	for i := range 5 {
		s.Said(a, time.Duration(i)*time.Minute, int64(100+i), store.Minor(int64(-i)))
	}
	path := "/accounts/" + a.ID + "/balances"
	from, to := s.Clock().Add(-200*time.Second), s.Clock().Add(-30*time.Second)
	query := "?limit=2&from=" + url.QueryEscape(from.Format(time.RFC3339Nano)) + "&to=" + url.QueryEscape(to.Format(time.RFC3339Nano))
	var figures []string
	for next := path + query; next != ""; {
		page := p.ask("GET", next, nil).want(http.StatusOK).object()
		for _, row := range page["data"].([]any) {
			o := row.(map[string]any)
			figures = append(figures, o["figure"].(map[string]any)["minor"].(interface{ String() string }).String())
		}
		next = ""
		if after, more := page["next"].(string); more {
			next = path + query + "&after=" + after
		}
	}
	if got := strings.Join(figures, " "); got != "101 102 103" {
		t.Errorf("from three minutes ago to half a minute ago it held %s", got)
	}
	var decimals []string
	for next := path + query; next != ""; {
		got := p.ask("GET", next, nil, "Accept", "text/csv").want(http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(got.body), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			decimals = append(decimals, row[3])
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(got.header.Get("Link"), "</api/v1"), ">")
	}
	if got := strings.Join(decimals, " "); got != "-0.01 -0.02 -0.03" {
		t.Errorf("the CSV has the available balances %s", got)
	}
	if got := p.ask("GET", path, nil, "Accept", "text/csv;q=0.1, application/json"); !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
		t.Errorf("who would rather have JSON gets %s", got.header.Get("Content-Type"))
	}
	for _, query := range []string{"?from=yesterday", "?after=zzz", "?after=" + a.ID[1:]} {
		p.wrongly().ask("GET", path+query, nil).refused(http.StatusUnprocessableEntity, "invalid")
	}
	p.ask("GET", somewhere("/accounts/{account}/balances"), nil).refused(http.StatusNotFound, "not_found")
}

func TestAProgramSeesHowACustomerIsLinkedAndWhatBecameOfTheirLinks(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	p.ask("PUT", "/customers/ref:LN-1", fields{"name": "Amina Bello"}).want(http.StatusCreated)
	links := func() map[string]any {
		t.Helper()
		return p.ask("GET", "/customers/ref:LN-1/links", nil).want(http.StatusOK).object()
	}
	if got := links(); got["link_status"] != "not_linked" || len(got["data"].([]any)) != 0 {
		t.Errorf("before any link: %v", got)
	}
	made := p.ask("POST", "/customers/ref:LN-1/links", fields{}, "Idempotency-Key", "1").want(http.StatusCreated).object()
	if got := links(); got["link_status"] != "invited" || got["data"].([]any)[0].(map[string]any)["state"] != "open" {
		t.Errorf("with a link: %v", got)
	}
	p.ask("DELETE", "/links/"+made["id"].(string), nil).want(http.StatusNoContent)
	if got := links(); got["link_status"] != "not_linked" || got["data"].([]any)[0].(map[string]any)["state"] != "revoked" {
		t.Errorf("once it is revoked: %v", got)
	}
}

func TestAProgramFindsNobodyLinkedWhoSharesNoAccountAnyMore(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	s.Exec(`UPDATE accounts SET status = 'unshared' WHERE customer_id = $1`, id)
	s.Exec(`UPDATE invitations SET expires_at = created_at`)
	if is := p.ask("GET", "/customers/"+id+"/links", nil).want(http.StatusOK).object()["link_status"]; is != "not_linked" {
		t.Errorf("the customer is %v", is)
	}
	if n := len(p.ask("GET", "/customers?filter=linked", nil).want(http.StatusOK).object()["data"].([]any)); n != 0 {
		t.Errorf("%d are linked", n)
	}
}
