package handlers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// hooked is what a program of the business was sent.
type hooked struct {
	header http.Header
	body   []byte
}

// hears is a program of the business, which answers with a status.
func hears(t *testing.T, status int) (address string, took <-chan hooked) {
	t.Helper()
	all := make(chan hooked, 1000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		w.WriteHeader(status)
		if err == nil {
			all <- hooked{r.Header.Clone(), body}
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL, all
}

// awaits waits until a page says something.
func awaits(s *site.Site, b *site.Browser, path, selector, text string) {
	s.T.Helper()
	s.Eventually(path+" says "+text, func() bool { return strings.Contains(b.Get(path).TextOf(selector), text) })
}

func TestAnOwnerAddsAnEndpointSeesItsSecretOnceAndSendsATest(t *testing.T) {
	s := site.New(t)
	address, took := hears(t, http.StatusOK)
	staff := s.SignedIn()
	made := staff.Post("/endpoints", url.Values{"url": {address}, "balance.changed": {"on"}})
	made.WantStatus(http.StatusOK)
	secret := made.TextOf("#secret")
	if !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("the secret is %q", secret)
	}
	colleague := s.SignedInAs(store.RoleOwner)
	colleague.Get(made.Path).WantStatus(http.StatusGone)
	list := colleague.Get("/endpoints")
	list.WantText("tbody tr", address)
	list.WantText("tbody tr", "balance.changed")
	list.WantText("tbody tr td[data-label=State]", "Enabled")
	if strings.Contains(list.TextOf("body"), secret) {
		t.Error("the list shows the secret")
	}
	colleague.Post(made.Path+"/test", nil).WantStatus(http.StatusOK)
	one := sitetest.Receive(t, took, "the test")
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := hook.VerifyIgnoringTimestamp(one.body, one.header); err != nil {
		t.Errorf("%s: %v", one.body, err)
	}
	awaits(s, colleague, "/deliveries", "tbody tr", "Arrived")
	colleague.Post(made.Path+"/secret", nil).WantStatus(http.StatusOK)
	colleague.Post(made.Path+"/disable", nil).WantText("tbody tr td[data-label=State]", "Disabled")
	colleague.Post(made.Path+"/remove", nil).WantText(".empty", "No endpoints yet")
	for _, act := range []store.Action{store.ActEndpointMade, store.ActEndpointTested, store.ActSecretChanged, store.ActEndpointDisabled, store.ActEndpointRemoved} {
		if n := s.Acted(act); n != 1 {
			t.Errorf("%q is in the audit log %d times", act, n)
		}
	}
}

func TestAnEndpointThatIsNowhereToBeReachedIsNotAdded(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	for _, address := range []string{"", "http://host.example", "https://10.0.0.1", "nonsense"} {
		p := staff.Post("/endpoints", url.Values{"url": {address}})
		p.WantStatus(http.StatusUnprocessableEntity)
		p.WantText("#url-error", "Enter a public address")
	}
	if all, err := s.Store.Endpoints(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("there are %v, %v", all, err)
	}
}

func TestStaffFindWhatWasSentAndSendItAgain(t *testing.T) {
	s := site.New(t)
	address, took := hears(t, http.StatusOK)
	e, err := s.Store.AddEndpoint(t.Context(), store.Program, store.Endpoint{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	staff := s.SignedIn()
	customer, _ := s.Link(staff, "Efe Oghenekaro", "Efe123")
	first := sitetest.Receive(t, took, "what happened")
	awaits(s, staff, "/deliveries?customer="+customer+"&state=succeeded&endpoint="+e.ID+"&type=account.linked", "tbody tr", "account.linked")
	staff.Get("/deliveries?customer=Efe&type=customer.erased").WantText(".empty", "Nothing like that was sent")
	again := staff.Get("/deliveries")
	again.WantText("tbody tr", "Arrived")
	var d []store.Delivery
	if d, err = s.Store.Deliveries(t.Context(), store.DeliveryQuery{Limit: 100}); err != nil {
		t.Fatal(err)
	}
	sent := slices.IndexFunc(d, func(d store.Delivery) bool { return "msg_"+d.Notice.ID == first.header.Get("webhook-id") })
	for len(took) > 0 {
		<-took
	}
	staff.Post("/deliveries/"+d[sent].ID+"/replay", nil).WantStatus(http.StatusOK)
	for {
		if one := sitetest.Receive(t, took, "it again"); one.header.Get("webhook-id") == first.header.Get("webhook-id") {
			break
		}
	}
	if n := s.Acted(store.ActEventsResent); n != 1 {
		t.Errorf("it is in the audit log %d times", n)
	}
}

func TestStaffAreToldWhenAnEndpointWasDisabledByItself(t *testing.T) {
	s := site.New(t)
	address, _ := hears(t, http.StatusGone)
	e, err := s.Store.AddEndpoint(t.Context(), store.Program, store.Endpoint{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.TestEndpoint(t.Context(), store.Program, e.ID); err != nil {
		t.Fatal(err)
	}
	staff := s.SignedIn()
	awaits(s, staff, "/", "body", "the webhook endpoint "+address+" was disabled")
	staff.Post("/endpoints/"+e.ID+"/remove", nil)
	if strings.Contains(staff.Get("/").TextOf("body"), "the webhook endpoint") {
		t.Error("an owner has seen to it, and it still stands there")
	}
}

func TestStaffSeeWhatADisabledEndpointWasNeverSent(t *testing.T) {
	s := site.New(t)
	e, err := s.Store.AddEndpoint(t.Context(), store.Program, store.Endpoint{URL: "https://host.example/hooks"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.DisableEndpoint(t.Context(), store.Program, e.ID); err != nil {
		t.Fatal(err)
	}
	s.Link(s.SignedIn(), "Efe Oghenekaro", "Efe123")
	runs(s, 33, store.Retention{Notices: 30})
	staff := s.SignedIn()
	for _, path := range []string{"/endpoints", "/deliveries", "/deliveries?endpoint=" + e.ID} {
		staff.Get(path).WantText("main", "events were never sent there, and are not kept any more")
	}
	staff.Post("/endpoints/"+e.ID+"/enable", nil)
	staff.Get("/endpoints").WantText("tbody tr", "The program has to read everything anew.")
}
