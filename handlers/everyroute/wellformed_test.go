package everyroute_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"balancelink/store/storetest"
)

// noText are what no text holds, as an address or form has it: a NUL, and bytes
// that are no UTF-8.
var noText = []string{"%00", "a%00b", "%ff", "a%c3", "%ed%a0%80"}

// status is what a request of whoever is let in is answered with.
func (c *cell) status(route, path, contentType, body string) int {
	c.t.Helper()
	method, _, _ := strings.Cut(route, " ")
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	cells, _ := rows(c.t.(*testing.T))
	for _, cookie := range c.cookies(whoMay(cells[route])) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, r)
	return w.Code
}

func TestNothingThatIsNoTextGetsBehindAnyRoute(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	c := p.newCell(t)
	parameter := regexp.MustCompile(`[:*][a-z]+`)
	for _, route := range p.server.Routes() {
		name := route.Method + " " + route.Path
		takesForm := route.Method == "POST" && route.Path != "/webhooks/okra" && !strings.HasPrefix(route.Path, "/connect/attempts/")
		want := func(what string, want int, path, contentType, body string) {
			t.Helper()
			if got := c.status(name, path, contentType, body); got != want {
				t.Errorf("%s with %s: %d, want %d", name, what, got, want)
			}
		}
		for _, bad := range noText {
			for _, at := range parameter.FindAllStringIndex(route.Path, -1) {
				path := parameter.ReplaceAllString(route.Path[:at[0]], "x") + bad + parameter.ReplaceAllString(route.Path[at[1]:], "x")
				want(bad+" in the path", http.StatusNotFound, path, "", "")
			}
			path := c.path(name)
			want(bad+" in the query", http.StatusUnprocessableEntity, path+"?x="+bad, "", "")
			want(bad+" in the query's name", http.StatusUnprocessableEntity, path+"?a=b&"+bad+"=x", "", "")
			if takesForm {
				want(bad+" in the form", http.StatusUnprocessableEntity, path, "application/x-www-form-urlencoded", "a=b&x="+bad)
				want(bad+" in the form's name", http.StatusUnprocessableEntity, path, "application/x-www-form-urlencoded; charset=utf-8", bad+"=x")
				value, err := url.PathUnescape(bad)
				c.ok(err)
				body, contentType := parts(t, value)
				want(bad+" in a form of parts", http.StatusUnprocessableEntity, path, contentType, body)
			}
		}
		if takesForm {
			want("half an escape", http.StatusBadRequest, c.path(name), "application/x-www-form-urlencoded", "x=%0")
		}
		if strings.HasPrefix(route.Path, "/connect/attempts/") && route.Method == "POST" {
			for _, body := range []string{"{\"record\":\"a\\u0000b\"}", "{\"record\":\"a\x00b\"}", "{\"record\":\"\xff\"}", "{\"\\u0000\":1}", "{\"record\":\"\\ud800\"}"} {
				want("a NUL in JSON", http.StatusUnprocessableEntity, c.path(name), "application/json", body)
			}
		}
	}
}

// parts is a form of one field as multipart/form-data.
func parts(t *testing.T, value string) (body, contentType string) {
	t.Helper()
	var text bytes.Buffer
	form := multipart.NewWriter(&text)
	if err := form.WriteField("x", value); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String(), form.FormDataContentType()
}
