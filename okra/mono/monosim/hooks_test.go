package monosim

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestALinkIsHeardOf(t *testing.T) {
	heard := make(chan string, 10)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- r.Header.Get("mono-webhook-secret") + " " + string(body)
	}))
	defer app.Close()
	s := New(Config{WebhookURL: app.URL, WebhookSecret: "s3cret", BankDelay: 1})
	defer s.Close()
	shared, err := s.Link("0243118806", "ref-1")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if text := <-heard; !strings.HasPrefix(text, "s3cret {") || !strings.Contains(text, shared.Account) || !strings.Contains(text, `"ref":"ref-1"`) {
			t.Errorf("heard %s", text)
		}
	}
}
