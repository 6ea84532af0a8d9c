package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/limits"
)

// hooked is a request that an endpoint was sent.
type hooked struct {
	header http.Header
	body   []byte
}

// receiver is a system of the business to which is sent what happens.
func receiver(t *testing.T) (url string, took <-chan hooked) {
	t.Helper()
	all := make(chan hooked, 1000)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			all <- hooked{r.Header.Clone(), body}
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL, all
}

func TestWhatHappensIsSentAsTheDocumentHasItAndHoldsUnderTheSecret(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	url, took := receiver(t)
	made := p.ask("POST", "/webhook-endpoints", fields{"url": url + "/hooks", "amounts": true}, "Idempotency-Key", "1").want(http.StatusCreated)
	e := made.object()
	again := p.ask("POST", "/webhook-endpoints", fields{"url": url + "/hooks", "amounts": true}, "Idempotency-Key", "1").want(http.StatusCreated)
	if again.object()["secret"] != e["secret"] || again.object()["id"] != e["id"] {
		t.Errorf("repeated: %s", again.body)
	}
	hook, err := standardwebhooks.NewWebhook(e["secret"].(string))
	if err != nil {
		t.Fatal(err)
	}
	customer, a := linked(s)
	s.Said(a, 0, 140000075, store.Minor(99))
	seen := map[string]bool{}
	for !seen["balance.changed 140000075"] {
		one := sitetest.Receive(t, took, "the balance")
		if err := hook.VerifyIgnoringTimestamp(one.body, one.header); err != nil {
			t.Errorf("%s: %v", one.body, err)
		}
		event := holdsPayload(t, one.body)
		if "msg_"+event["id"].(string) != one.header.Get("Webhook-Id") || data(event, "customer") != customer {
			t.Errorf("%s came as %v", one.body, one.header)
		}
		name := event["type"].(string)
		if strings.Contains(string(one.body), "140000075") {
			name += " 140000075"
		}
		seen[name] = true
	}
	if got := p.ask("GET", "/webhook-endpoints/"+e["id"].(string), nil).want(http.StatusOK).object(); got["secret"] != nil || got["state"] != "enabled" {
		t.Errorf("looked at: %v", got)
	}
	if acts := s.Acts(store.AuditQuery{Actor: store.ByKey(p.key.ID), Action: store.ActEndpointMade}); len(acts) != 1 {
		t.Errorf("the audit log has %d endpoints of the program", len(acts))
	}
}

func TestAProgramSeesTriesChangesAndRemovesEndpoints(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	url, took := receiver(t)
	e := p.ask("POST", "/webhook-endpoints", fields{"url": url, "types": []string{"customer.erased"}}, "Idempotency-Key", "1").want(http.StatusCreated).object()
	path := "/webhook-endpoints/" + e["id"].(string)
	p.ask("POST", path+"/test", nil, "Idempotency-Key", "2").want(http.StatusAccepted)
	first := holdsPayload(t, sitetest.Receive(t, took, "the test").body)
	if first["type"] != "endpoint.test" || data(first, "endpoint") != e["id"] {
		t.Errorf("it was sent %v", first)
	}
	var delivery map[string]any
	s.Eventually("it has arrived", func() bool {
		all := p.ask("GET", path+"/deliveries?state=succeeded", nil).want(http.StatusOK).object()["data"].([]any)
		if len(all) == 1 {
			delivery = all[0].(map[string]any)
		}
		return len(all) == 1
	})
	p.ask("POST", "/deliveries/"+delivery["id"].(string)+"/replay", nil, "Idempotency-Key", "3").want(http.StatusAccepted)
	if again := holdsPayload(t, sitetest.Receive(t, took, "it again").body); again["id"] != first["id"] {
		t.Errorf("sent again it is %v", again)
	}
	p.ask("POST", path+"/replay?since=0", nil, "Idempotency-Key", "4").want(http.StatusAccepted)
	sitetest.Receive(t, took, "all of it again")
	p.ask("POST", path+"/replay?since=1", nil, "Idempotency-Key", "4").refused(http.StatusUnprocessableEntity, "idempotency_key_reused")

	rotated := p.ask("POST", path+"/rotate", nil, "Idempotency-Key", "5").want(http.StatusOK).object()
	if rotated["secret"] == nil || rotated["secret"] == e["secret"] {
		t.Errorf("rotated: %v", rotated)
	}
	off := p.ask("PUT", path, fields{"url": url + "/other", "enabled": false}).want(http.StatusOK).object()
	if off["state"] != "disabled" || off["disabled_reason"] != "asked" || off["url"] != url+"/other" || len(off["types"].([]any)) != 0 {
		t.Errorf("disabled: %v", off)
	}
	p.ask("POST", path+"/test", nil, "Idempotency-Key", "6").refused(http.StatusConflict, "endpoint_disabled")
	if on := p.ask("PUT", path, fields{"url": url, "enabled": true, "since": 0}).want(http.StatusOK).object(); on["state"] != "enabled" {
		t.Errorf("enabled: %v", on)
	}
	sitetest.Receive(t, took, "what happened since the beginning")
	if all := p.ask("GET", "/webhook-endpoints", nil).want(http.StatusOK).object()["data"].([]any); len(all) != 1 {
		t.Errorf("there are %v", all)
	}
	p.ask("DELETE", path, nil).want(http.StatusNoContent)
	p.ask("GET", path, nil).refused(http.StatusNotFound, "not_found")
	p.ask("DELETE", path, nil).refused(http.StatusNotFound, "not_found")
}

// As when a time is sent for a number: whoever went on from there would miss everything, and
// nothing would say so.
func TestNobodyGoesOnFromWhatHasNotHappened(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	url, took := receiver(t)
	e := p.ask("POST", "/webhook-endpoints", fields{"url": url}, "Idempotency-Key", "1").want(http.StatusCreated).object()
	path := "/webhook-endpoints/" + e["id"].(string)
	p.ask("POST", path+"/test", nil, "Idempotency-Key", "2").want(http.StatusAccepted)
	sitetest.Receive(t, took, "the test")
	p.ask("PUT", path, fields{"url": url, "enabled": false}).want(http.StatusOK)
	p.ask("PUT", path, fields{"url": url + "/moved", "enabled": true, "since": 2}).refused(http.StatusUnprocessableEntity, "invalid")
	if is := p.ask("GET", path, nil).want(http.StatusOK).object(); is["state"] != "disabled" || is["url"] != url {
		t.Errorf("what was refused is half done: %v", is)
	}
	p.ask("PUT", path, fields{"url": url, "enabled": true, "since": 1}).want(http.StatusOK)
	p.ask("POST", path+"/test", nil, "Idempotency-Key", "3").want(http.StatusAccepted)
	sitetest.Receive(t, took, "the other test")
	p.ask("GET", "/events?after=3", nil).refused(http.StatusUnprocessableEntity, "invalid")
	if next := p.ask("GET", "/events?after=2", nil).want(http.StatusOK).object()["next"]; next != "2" {
		t.Errorf("behind the last event it goes on at %v", next)
	}
}

func TestWhatIsNoEndpointIsRefused(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s).wrongly()
	for field, body := range map[string]fields{
		"url": {"url": "http://host.example/hooks"}, "types": {"url": "https://host.example", "types": []string{"nonsense"}},
	} {
		got := p.ask("POST", "/webhook-endpoints", body, "Idempotency-Key", field).refused(http.StatusUnprocessableEntity, "invalid")
		if got["field"] != field {
			t.Errorf("%v: %v", body, got)
		}
	}
	p.ask("POST", "/webhook-endpoints", fields{"url": "https://10.1.2.3/"}, "Idempotency-Key", "x").refused(http.StatusUnprocessableEntity, "invalid")
	blind := newProgram(t, s, store.WriteWebhooks)
	blind.ask("POST", "/webhook-endpoints", fields{"url": "https://host.example", "amounts": true}, "Idempotency-Key", "1").refused(http.StatusForbidden, "scope_missing")
	for range limits.Endpoints {
		if _, err := s.Store.AddEndpoint(t.Context(), store.Program, store.Endpoint{URL: "https://host.example"}); err != nil {
			t.Fatal(err)
		}
	}
	blind.ask("POST", "/webhook-endpoints", fields{"url": "https://host.example"}, "Idempotency-Key", "2").refused(http.StatusConflict, "too_many_endpoints")
}
