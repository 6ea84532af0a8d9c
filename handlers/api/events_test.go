package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// holdsPayload holds what a webhook tells against the document, which has it by type.
func holdsPayload(t testing.TB, payload []byte) (event map[string]any) {
	t.Helper()
	d, _ := doc(t)
	if err := json.Unmarshal(payload, &event); err != nil {
		t.Fatalf("%s: %v", payload, err)
	}
	item := d.Webhooks[fmt.Sprint(event["type"])]
	if item == nil {
		t.Fatalf("the document has no webhook %v", event["type"])
	}
	schema := item.Post.RequestBody.Value.Content["application/json"].Schema.Value
	if err := schema.VisitJSON(event, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("%s is not as the document has it: %v", payload, err)
	}
	return event
}

// events are what a program is told has happened after a number, and where to read on.
func (p program) events(query string) (all []map[string]any, next string) {
	p.t.Helper()
	page := p.ask("GET", "/events?"+query, nil).want(http.StatusOK)
	var read struct {
		Data []json.RawMessage
		Next string
	}
	if err := json.NewDecoder(bytes.NewReader(page.body)).Decode(&read); err != nil {
		p.t.Fatal(err)
	}
	for _, payload := range read.Data {
		all = append(all, holdsPayload(p.t, payload))
	}
	return all, read.Next
}

func data(event map[string]any, field string) any { return event["data"].(map[string]any)[field] }

func TestTheDocumentHasAWebhookOfEachTypeOfEvent(t *testing.T) {
	d, _ := doc(t)
	var documented, known []string
	for name := range d.Webhooks {
		documented = append(documented, name)
	}
	for _, kind := range store.NoticeTypes() {
		known = append(known, string(kind))
	}
	slices.Sort(documented)
	slices.Sort(known)
	if !slices.Equal(documented, known) {
		t.Errorf("the document has %v, the program %v", documented, known)
	}
}

func TestAProgramReadsWhatHappenedAndReadsOn(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	customer, a := linked(s)
	s.Said(a, -time.Second, 140000075, store.Minor(99))
	all, next := p.events("type=balance.changed&type=account.linked")
	var kinds []string
	for _, e := range all {
		kinds = append(kinds, e["type"].(string))
		if data(e, "customer") != customer {
			t.Errorf("it is about %v, want %s", data(e, "customer"), customer)
		}
	}
	if !slices.Contains(kinds, "account.linked") || kinds[len(kinds)-1] != "balance.changed" {
		t.Fatalf("it was told %v", kinds)
	}
	last := data(all[len(all)-1], "balance").(map[string]any)
	if figure := last["figure"].(map[string]any); figure["minor"] != 140000075.0 || data(all[len(all)-1], "account") != a.ID {
		t.Errorf("the last is %v", all[len(all)-1])
	}
	if last["as_of"] == nil || last["available_as_of"] != last["as_of"] || last["available_reason"] != nil {
		t.Errorf("the bank's own word is told as %v", last)
	}
	if none, same := p.events("after=" + next); len(none) != 0 || same != next {
		t.Errorf("beyond there is %v, %s", none, same)
	}
	s.Said(a, -2*time.Second, 1, store.Amount{})
	if more, _ := p.events("after=" + next); len(more) != 1 {
		t.Errorf("since then there is %v", more)
	} else if b := data(more[0], "balance").(map[string]any); b["available_reason"] != "not_stated" || b["available_as_of"] == b["as_of"] {
		t.Errorf("what is available since before is told as %v", b)
	}
	blind := newProgram(t, s, store.ReadEvents)
	if all, _ := blind.events("type=balance.changed"); len(all) == 0 || data(all[0], "balance") != nil {
		t.Errorf("who may not see balances is told %v", all)
	}
	for _, query := range []string{"after=-1", "after=x", "type=nonsense", "limit=0"} {
		p.wrongly().ask("GET", "/events?"+query, nil).refused(http.StatusUnprocessableEntity, "invalid")
	}
}

func TestOfACustomerWhoWasErasedOnlyThatIsTold(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	customer, _ := linked(s)
	if err := s.Store.Erase(t.Context(), store.Program, customer, "asked"); err != nil {
		t.Fatal(err)
	}
	all, _ := p.events("")
	if len(all) != 1 || all[0]["type"] != "customer.erased" || data(all[0], "customer") != customer || strings.Contains(fmt.Sprint(all), "Efe") {
		t.Errorf("it is told %v", all)
	}
}

func TestWhoWasAwayForLongerThanEventsAreKeptIsToldToReadEverythingAnew(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	e := p.ask("POST", "/webhook-endpoints", fields{"url": "https://host.example/hooks"}, "Idempotency-Key", "1").want(http.StatusCreated).object()
	linked(s)
	all, seen := p.events("")
	for range 33 {
		s.Advance(24 * time.Hour)
		if err := s.Store.CountDay(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Store.Purge(t.Context(), store.Retention{Notices: 30}); err != nil {
			t.Fatal(err)
		}
	}
	p = newProgram(t, s)
	for query, want := range map[string]string{"after=0": seen, "after=1": seen} {
		if got := p.ask("GET", "/events?"+query, nil).refused(http.StatusGone, "events_gone"); got["next"] != want || got["field"] != "after" {
			t.Errorf("%s, of %d events: %v, want to go on after %s", query, len(all), got, want)
		}
	}
	for _, query := range []string{"", "after=" + seen} {
		if left, next := p.events(query); len(left) != 0 || next != seen {
			t.Errorf("with %q: %v, next %s", query, left, next)
		}
	}
	path := "/webhook-endpoints/" + e["id"].(string)
	if got := p.ask("POST", path+"/replay?since=0", nil, "Idempotency-Key", "2").refused(http.StatusGone, "events_gone"); got["next"] != seen || got["field"] != "since" {
		t.Errorf("a replay: %v", got)
	}
	if m, _ := p.ask("GET", path, nil).want(http.StatusOK).object()["missed"].(map[string]any); fmt.Sprintf("%v %v", m["events"], m["last_seq"]) != fmt.Sprintf("%d %s", len(all), seen) {
		t.Errorf("an endpoint where nothing arrived missed %v, want %d up to %s", m, len(all), seen)
	}
	p.ask("PUT", path, fields{"url": "https://host.example/hooks", "enabled": false}).want(http.StatusOK)
	p.ask("PUT", path, fields{"url": "https://host.example/hooks", "enabled": true, "since": 0}).refused(http.StatusGone, "events_gone")
	p.ask("POST", path+"/replay?since="+seen, nil, "Idempotency-Key", "3").want(http.StatusAccepted)
}

func TestWhatHappenedAfterWhatDidNotHappenYetCannotBeSentAgain(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	e := p.ask("POST", "/webhook-endpoints", fields{"url": "https://host.example/hooks"}, "Idempotency-Key", "1").want(http.StatusCreated).object()
	linked(s)
	_, seen := p.events("")
	path := "/webhook-endpoints/" + e["id"].(string) + "/replay?since="
	p.ask("POST", path+seen, nil, "Idempotency-Key", "2").want(http.StatusAccepted)
	if got := p.ask("POST", path+seen+"0", nil, "Idempotency-Key", "3").refused(http.StatusUnprocessableEntity, "invalid"); got["field"] != "since" {
		t.Errorf("it is refused as %v", got)
	}
}
