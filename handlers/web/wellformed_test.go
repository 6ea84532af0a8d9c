package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"balancelink/handlers/sitetest/site"
)

func TestHeadersThatAreNoTextAreKeptAsText(t *testing.T) {
	s := site.New(t)
	for _, name := range []string{"User-Agent", "X-Request-Id", "X-Forwarded-For", "Accept-Language", "Referer"} {
		header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + s.Settings.OkraWebhookToken.Reveal()}, name: {"a\xffb"}}
		s.Browser().Do("POST", "/webhooks/okra", strings.NewReader(`{"method":"TEST","status":"is_success","id":"`+name+`"}`), header).WantStatus(http.StatusOK)
	}
	b := s.Browser()
	b.Do("POST", "/login", strings.NewReader(url.Values{"email": {site.StaffEmail}, "password": {site.StaffPassword}}.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {"Firefox\xff\xc3"}, "X-Forwarded-For": {"\xff"}, "Accept-Language": {"\xff"},
	}).WantStatus(http.StatusOK)
	b.Get("/profile").WantStatus(http.StatusOK)
	found := 0
	for _, query := range []string{`SELECT headers FROM events`, `SELECT data FROM sessions`} {
		for _, text := range s.TextsOf(query) {
			found++
			if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
				t.Errorf("%s: kept %q", query, text)
			}
		}
	}
	if found < 6 {
		t.Fatalf("only %d rows", found)
	}
}
