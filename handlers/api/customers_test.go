package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

type fields map[string]any

func TestACustomerIsMadeAndChangedByTheBusinessOwnReference(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	path := "/customers/ref:LN%2F10%2001"
	made := p.ask("PUT", path, fields{"name": "Amina Bello", "phone": "0803 100 1001"}).want(http.StatusCreated).object()
	if made["reference"] != "LN/10 01" || made["phone"] != "+2348031001001" || made["email"] != nil {
		t.Errorf("made: %v", made)
	}
	changed := p.ask("PUT", path, fields{"name": "Amina Ade", "reference": "LN/10 01"}).want(http.StatusOK).object()
	if changed["id"] != made["id"] || changed["name"] != "Amina Ade" || changed["phone"] != nil {
		t.Errorf("changed: %v", changed)
	}
	for _, row := range []struct{ kind, want string }{{"", "person"}, {"business", "business"}, {"", "business"}} {
		body := fields{"name": "Amina Ade", "reference": "LN/10 01"}
		if row.kind != "" {
			body["kind"] = row.kind
		}
		for _, path := range []string{path, "/customers/" + made["id"].(string)} {
			if got := p.ask("PUT", path, body).want(http.StatusOK).object(); got["kind"] != row.want {
				t.Errorf("%s with the kind %q: %v", path, row.kind, got)
			}
		}
	}
	for _, path := range []string{path, "/customers/" + made["id"].(string)} {
		if got := p.ask("GET", path, nil).want(http.StatusOK).object(); got["name"] != "Amina Ade" {
			t.Errorf("%s: %v", path, got)
		}
	}
	if acts := s.Acts(store.AuditQuery{Actor: store.ByKey(p.key.ID), Action: store.ActCustomerCorrected}); len(acts) != 2 {
		t.Errorf("the audit log has %d corrections of the program", len(acts))
	}
	p.ask("GET", "/customers/ref:nobody", nil).refused(http.StatusNotFound, "not_found")
}

// What an address may have as it is or escaped stands for the same either way, beside
// something that has to be escaped too.
func TestAReferenceInAnAddressIsTheOneThatWasWritten(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	for _, row := range []struct{ reference, path string }{
		{"A B/1", "A%20B%2F1"}, {"A+B/1", "A+B%2F1"}, {"A+B/1", "A%2BB%2F1"}, {"A+B", "A+B"}, {"A+B", "A%2BB"},
		{"50%", "50%25"}, {"50%/41", "50%25%2F41"}, {"%2F", "%252F"}, {"+%2B/", "+%252B%2F"},
	} {
		body := fields{"name": "Customer " + row.reference}
		status := p.ask("PUT", "/customers/ref:"+row.path, body).status
		got := p.ask("GET", "/customers/ref:"+row.path, nil).want(http.StatusOK).object()
		if status >= 300 || got["reference"] != row.reference || got["name"] != "Customer "+row.reference {
			t.Errorf("%s: %d, %v, want the reference %q", row.path, status, got, row.reference)
		}
	}
	if n := s.Count(`SELECT COUNT(*) FROM customers`); n != 7 {
		t.Errorf("%d customers, want one for each reference", n)
	}
}

func TestACursorThatWasChangedIsRefusedAndBeginsNoListAnew(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s).wrongly()
	for _, cursor := range []string{"zzz", "1", "01a22c99-743c-7993-ab73", "%7B01a22c99-743c-7993-ab73-e08b3c5547cb%7D"} {
		p.ask("GET", "/customers?after="+cursor, nil).refused(http.StatusUnprocessableEntity, "invalid")
	}
}

func TestABodyThatReadersUnderstandDifferentlyIsRefused(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s).wrongly()
	_, a := linked(s)
	for path, body := range map[string]string{
		"/customers": `{"name":"Amina","name":"Bola"}`, "/customers?": `{"name":"Amina","NAME":"Bola"}`,
		"/accounts/" + a.ID + "/funds-checks": `{"amount":{"minor":1,"currency":"NGN","minor":900}}`,
	} {
		p.ask("POST", path, json.RawMessage(body), "Idempotency-Key", path).refused(http.StatusUnprocessableEntity, "malformed")
	}
	for _, body := range []string{`{"name":"Am\ud800ina"}`, `{"name":"Am\u0000ina"}`, `{"name":"Amina","\udc00":1}`} {
		p.ask("POST", "/customers", body, "Idempotency-Key", body).refused(http.StatusUnprocessableEntity, "malformed")
		p.ask("PUT", "/customers/ref:LN-1", body).refused(http.StatusUnprocessableEntity, "malformed")
	}
	p.ask("POST", "/customers", json.RawMessage(`{"name":"name \ud83d\ude00","reference":"reference"}`), "Idempotency-Key", "fine").want(http.StatusCreated)
}

func TestOneReferenceIsOneCustomerHoweverItIsSent(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	first := p.ask("PUT", "/customers/ref:LN-7", fields{"name": " Amina Ade\u200b "}).want(http.StatusCreated).object()
	if first["name"] != "Amina Ade" {
		t.Errorf("kept as %q", first["name"])
	}
	for _, path := range []string{"/customers/ref:%20LN-7", "/customers/ref:LN-7%20%E2%80%8B", "/customers/ref:LN-%E2%80%8B7", "/customers/ref:LN%C2%AD-7"} {
		if got := p.ask("PUT", path, fields{"name": "Amina Ade", "reference": "LN-7 "}).want(http.StatusOK).object(); got["id"] != first["id"] {
			t.Errorf("%s is %v, want %v", path, got["id"], first["id"])
		}
		if got := p.ask("GET", path, nil).want(http.StatusOK).object(); got["id"] != first["id"] {
			t.Errorf("%s is %v, want %v", path, got["id"], first["id"])
		}
	}
	p.ask("POST", "/customers", fields{"name": "Another", "reference": "\tLN-7 "}, "Idempotency-Key", "1").refused(http.StatusConflict, "reference_taken")
	if found := p.ask("GET", "/customers?reference=LN-7%20", nil).want(http.StatusOK).object()["data"].([]any); len(found) != 1 {
		t.Errorf("found %v", found)
	}
}

func TestAPostThatIsRepeatedActsOnce(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	amina := fields{"name": "Amina Bello", "reference": "LN-1"}
	first := p.ask("POST", "/customers", amina, "Idempotency-Key", "1").want(http.StatusCreated)
	again := p.ask("POST", "/customers", amina, "Idempotency-Key", "1").want(http.StatusCreated)
	if string(first.body) != string(again.body) || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("repeated: %s, %v", again.body, again.header)
	}
	p.ask("POST", "/customers", fields{"name": "Bola"}, "Idempotency-Key", "1").refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	taken := p.ask("POST", "/customers", amina, "Idempotency-Key", "2").refused(http.StatusConflict, "reference_taken")
	if taken["id"] != first.object()["id"] {
		t.Errorf("whose it is: %v", taken)
	}
	for _, wrong := range []string{"", strings.Repeat("x", 256)} {
		p.wrongly().ask("POST", "/customers", amina, "Idempotency-Key", wrong).refused(http.StatusBadRequest, "idempotency_key_missing")
	}
}

func TestWhatIsWrongWithACustomerIsSaidByField(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s).wrongly()
	for field, body := range map[string]any{
		"name": fields{"name": ""}, "email": fields{"name": "A", "email": "nonsense"}, "phone": fields{"name": "A", "phone": "12"},
		"language": fields{"name": "A", "language": "xx"}, "kind": fields{"name": "A", "kind": "robot"}, "reference": fields{"name": "A", "reference": "\u200b"},
	} {
		got := p.ask("POST", "/customers", body, "Idempotency-Key", field).refused(http.StatusUnprocessableEntity, "invalid")
		if got["field"] != field {
			t.Errorf("%v: %v", body, got)
		}
	}
	for _, body := range []string{`{"name":"A","nuban":"1"}`, `{"name":"A"}{}`, `{`, "{\"name\":\"\xff\"}"} {
		p.ask("POST", "/customers", body, "Idempotency-Key", "x").refused(http.StatusUnprocessableEntity, "malformed")
	}
	p.ask("POST", "/customers", `{"name":7}`, "Idempotency-Key", "x").refused(http.StatusUnprocessableEntity, "invalid")
	p.ask("POST", "/customers", `{"name":"A"}`, "Idempotency-Key", "x", "Content-Type", "text/plain").refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
	p.ask("POST", "/customers", fields{"name": "A", "email": "ada@bü_cher.example"}, "Idempotency-Key", "no domain").refused(http.StatusUnprocessableEntity, "invalid")
	p.ask("POST", "/customers", fields{"name": "A", "email": "ada@bücher.example"}, "Idempotency-Key", "a domain").want(http.StatusCreated)
	p.ask("PUT", "/customers/ref:A", fields{"name": "A", "reference": "B"}).refused(http.StatusUnprocessableEntity, "invalid")
}

func TestCustomersAreReadPageByPage(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	for _, name := range []string{"1", "2", "3", "4", "5"} {
		p.ask("PUT", "/customers/ref:LN-"+name, fields{"name": "Customer " + name}).want(http.StatusCreated)
	}
	var names []string
	for path := "/customers?limit=2"; path != ""; {
		page := p.ask("GET", path, nil).want(http.StatusOK).object()
		for _, row := range page["data"].([]any) {
			names = append(names, row.(map[string]any)["name"].(string))
		}
		path = ""
		if next, more := page["next"].(string); more {
			path = "/customers?limit=2&after=" + next
		}
	}
	if got := strings.Join(names, ", "); got != "Customer 5, Customer 4, Customer 3, Customer 2, Customer 1" {
		t.Errorf("read: %s", got)
	}
	if got := p.ask("GET", "/customers?reference=LN-3", nil).object()["data"].([]any); len(got) != 1 {
		t.Errorf("of one reference: %v", got)
	}
	if got := p.ask("GET", "/customers?filter=linked", nil).object()["data"].([]any); len(got) != 0 {
		t.Errorf("linked are %v", got)
	}
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "filter=nonsense"} {
		p.wrongly().ask("GET", "/customers?"+query, nil).refused(http.StatusUnprocessableEntity, "invalid")
	}
}

func TestAPersonalLinkIsMadeOnceOpensAndIsRevoked(t *testing.T) {
	s := site.New(t)
	p := newProgram(t, s)
	p.ask("PUT", "/customers/ref:LN-1", fields{"name": "Amina Bello"}).want(http.StatusCreated)
	made := p.ask("POST", "/customers/ref:LN-1/links", fields{}, "Idempotency-Key", "1").want(http.StatusCreated)
	link := made.object()
	if link["code"] != nil || link["expires_at"] != s.Clock().Add(72*time.Hour).UTC().Format("2006-01-02T15:04:05.999Z07:00") {
		t.Errorf("made: %s at %v", made.body, s.Clock())
	}
	again := p.ask("POST", "/customers/ref:LN-1/links", fields{}, "Idempotency-Key", "1").want(http.StatusCreated)
	if string(again.body) != string(made.body) {
		t.Errorf("repeated: %s, want %s", again.body, made.body)
	}
	path := strings.TrimPrefix(link["url"].(string), s.URL)
	s.Browser().Get(path).WantStatus(http.StatusOK)
	for range 2 {
		p.ask("DELETE", "/links/"+link["id"].(string), nil).want(http.StatusNoContent)
	}
	s.Browser().Get(path).WantStatus(http.StatusGone)
	if n := s.Acted(store.ActLinkRevoked); n != 1 {
		t.Errorf("it was revoked %d times", n)
	}
	coded := p.ask("POST", "/customers/ref:LN-1/links", fields{"code": true}, "Idempotency-Key", "2").want(http.StatusCreated).object()
	if code, _ := coded["code"].(string); len(code) != 6 {
		t.Errorf("with a code: %v", coded)
	}
	s.Browser().Get(strings.TrimPrefix(coded["url"].(string), s.URL)).WantText("label[for=code]", "Code")
	p.ask("POST", "/customers/ref:LN-2/links", fields{}, "Idempotency-Key", "3").refused(http.StatusNotFound, "not_found")
}
