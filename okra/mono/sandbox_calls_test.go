package mono_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/okra/mono"
	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

type object = map[string]any

// sandbox is Mono's sandbox, or one that looks like it, and what was seen of it.
type sandbox struct {
	t      *testing.T
	client *mono.Client
	wait   func(time.Duration)

	first   signedIn
	account string   // what came of it; empty: nothing has
	linked  []string // to be unlinked
	secrets []string // that nothing printed may hold
	answers int
	limits  []string // headers that look like limits
}

var errNotLinked = errors.New("no account was linked")

// What the sandbox takes ("Sandbox guide", 2025-07-28), and an answer that was seen to do
// for other questions.
const (
	sandboxOTP    = "123456"
	sandboxAnswer = "dog"
	testEmail     = "sandbox@example.com"
)

// A reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	text   []byte
	json   object // nil: it is none
}

func (r reply) String() string {
	switch {
	case r.json != nil:
		return fmt.Sprintf("HTTP %d %s", r.status, shown(r.json))
	case len(r.text) == 0:
		return fmt.Sprintf("HTTP %d with an empty body", r.status)
	}
	return fmt.Sprintf("HTTP %d with %d bytes of %q", r.status, len(r.text), r.header.Get("Content-Type"))
}

// call asks what our client has no call for, or reads too little of.
func (s *sandbox) call(method, path string, body any, headers ...string) (reply, error) {
	base := s.client.BaseURL
	content, err := json.Marshal(body)
	if err != nil {
		return reply{}, err
	}
	if body == nil {
		content = nil
	}
	req, err := http.NewRequestWithContext(
		s.t.Context(), method, strings.TrimSuffix(base.String(), "/")+path, bytes.NewReader(content),
	)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("mono-sec-key", s.client.SecretKey.Reveal())
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := wire.NewHTTPClient(base).Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	r := reply{status: res.StatusCode, header: res.Header}
	if r.text, err = io.ReadAll(io.LimitReader(res.Body, 1<<20)); err != nil {
		return r, err
	}
	json.Unmarshal(r.text, &r.json)
	s.answers++
	for name, values := range res.Header {
		if limitLike.MatchString(name) {
			s.limits = append(s.limits, name+": "+strings.Join(values, ", "))
		}
	}
	return r, nil
}

var limitLike = regexp.MustCompile(`(?i)limit|retry`)

// ofAccount is [sandbox.call] about a linked account.
func (s *sandbox) ofAccount(method, id, rest string, headers ...string) (reply, error) {
	if id == "" {
		return reply{}, errNotLinked
	}
	return s.call(method, "/v2/accounts/"+url.PathEscape(id)+rest, nil, headers...)
}

// ready waits until the first data of an account are there.
func (s *sandbox) ready(id string) (a mono.Account, err error) {
	if id == "" {
		return a, errNotLinked
	}
	for range 60 {
		if a, err = s.client.Account(s.t.Context(), id); err != nil || a.Data != "PROCESSING" {
			return a, err
		}
		s.wait(2 * time.Second)
	}
	return a, errors.New("its data did not come within two minutes")
}

// signedIn is what came of the partners' path.
type signedIn struct {
	session, code string
	accounts      []string // numbers to choose from
	number        string   // that was chosen; empty: there was nothing to choose
}

// session opens a session at the first institution that has log-ins to give, and returns
// these: no other ever gets there.
func (s *sandbox) session(ref string) (id string, logins []any, err error) {
	r, err := s.call("GET", "/v3/institutions?scope=financial_data", nil)
	if err != nil {
		return "", nil, err
	}
	rows, _ := r.json["data"].([]any)
	for _, row := range rows[:min(len(rows), 10)] {
		bank, method := oneOf(row, "_id", "id"), oneOf(at(row, "auth_methods", "0"), "type", "_id")
		if r, err = s.call("POST", "/v2/connect/session", object{
			"institution": bank, "auth_method": method, "scope": "financial_data", "meta": object{"ref": ref},
			"customer": object{"name": "Samuel Olamide", "email": testEmail},
		}); err != nil {
			return "", nil, err
		}
		if id, _ = at(r.json, "data", "session", "id").(string); id == "" {
			continue
		}
		s.secrets = append(s.secrets, id)
		if r, err = s.call("GET", "/v2/connect/sandbox", nil, "x-session-id", id); err != nil {
			return "", nil, err
		}
		if logins, _ = at(r.json, "data", "credentials").([]any); len(logins) > 0 {
			return id, logins, nil
		}
	}
	return "", nil, fmt.Errorf("no institution of %d gives a log-in; last came %s", len(rows), r)
}

// signIn takes the partners' path to its code: with a log-in of several accounts, if there
// is one, to the account of that number, or else to the first.
func (s *sandbox) signIn(ref, number string) (in signedIn, err error) {
	session, logins, err := s.session(ref)
	if err != nil {
		return in, err
	}
	in = signedIn{session: session, number: number}
	login := logins[max(0, slices.IndexFunc(logins, func(l any) bool { return at(l, "hasMultipleAccounts") == true }))]
	r, err := s.call("POST", "/v2/connect/login", at(login, "values"), "x-session-id", session)
	for range 5 {
		if err != nil {
			return in, err
		}
		answer := object{}
		switch fmt.Sprint(r.json["responseCode"]) {
		case "99":
			in.code, _ = at(r.json, "data", "code").(string)
			s.secrets = append(s.secrets, in.code)
			return in, nil
		case "101":
			in.choose(at(r.json, "data", "accounts"))
			s.secrets = append(s.secrets, in.accounts...)
			answer["accountNumber"] = in.number
		case "102":
			fields, _ := at(r.json, "data", "userInput", "form").([]any)
			for _, f := range fields {
				answer[oneOf(f, "name")] = sandboxAnswer
				if strings.Contains(strings.ToLower(oneOf(f, "name")), "otp") {
					answer[oneOf(f, "name")] = sandboxOTP
				}
			}
		default:
			return in, fmt.Errorf("the log-in is answered %s", r)
		}
		r, err = s.call("POST", "/v2/connect/commit", answer, "x-session-id", session)
	}
	return in, fmt.Errorf("the log-in does not end: %s", r)
}

// choose chooses the account that was wished for, or the first.
func (in *signedIn) choose(accounts any) {
	rows, _ := accounts.([]any)
	for _, row := range rows {
		in.accounts = append(in.accounts, oneOf(row, "accountNumber", "account_number"))
	}
	if !slices.Contains(in.accounts, in.number) && len(in.accounts) > 0 {
		in.number = in.accounts[0]
	}
}

// unlinkAll unlinks what was linked. What is unknown by now is unlinked.
func (s *sandbox) unlinkAll() {
	for _, id := range s.linked {
		err := s.client.Unlink(s.t.Context(), id)
		if kind := provider.KindOf(err); err != nil && kind != provider.KindNoRecord && kind != provider.KindBadRequest {
			s.t.Errorf("an account of the sandbox stays linked: %v", err)
		}
	}
}

// at is what stands under the keys, of which a number is a place in a list.
func at(v any, keys ...string) any {
	for _, key := range keys {
		switch in := v.(type) {
		case object:
			v = in[key]
		case []any:
			if v = nil; key == "0" && len(in) > 0 {
				v = in[0]
			}
		default:
			return nil
		}
	}
	return v
}

// oneOf is the first text that stands under one of the keys.
func oneOf(v any, keys ...string) string {
	for _, key := range keys {
		if text, _ := at(v, key).(string); text != "" {
			return text
		}
	}
	return ""
}

// telling are the fields whose words are printed: of all others only what they are.
var telling = []string{
	"status", "message", "data_status", "sync_status", "field", "scope", "currency", "retrieved_data", "responseCode",
	"title", "auth_method",
}

// shown is a value as JSON in which nothing is told but the words of telling fields.
func shown(v any) string {
	text, _ := json.Marshal(shape("", v))
	return string(text)
}

func shape(key string, v any) any {
	switch v := v.(type) {
	case object:
		o := object{}
		for key, inner := range v {
			o[key] = shape(key, inner)
		}
		return o
	case []any:
		if len(v) > 3 {
			return append(shape(key, v[:3]).([]any), fmt.Sprintf("and %d more", len(v)-3))
		}
		list := []any{}
		for _, inner := range v {
			list = append(list, shape(key, inner))
		}
		return list
	case string:
		if !slices.Contains(telling, key) {
			return fmt.Sprintf("text of %d", len(v))
		}
	case float64:
		if !slices.Contains(telling, key) {
			return "number"
		}
	}
	return v
}

// timesIn are the places under a value at which a time stands.
func timesIn(place string, v any) (all []string) {
	switch v := v.(type) {
	case object:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, timesIn(place+"."+key, v[key])...)
		}
	case string:
		if _, err := wire.ParseTime(v); err == nil && v != "" {
			all = []string{place}
		}
	}
	return all
}

func headersOf(r reply, names ...string) string {
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%s: %q", name, r.header.Get(name)))
	}
	return strings.Join(all, ", ")
}

var digits = regexp.MustCompile(`[0-9]{6,}`)

// masked is a text without secrets and long numbers, should a message hold any.
func (s *sandbox) masked(text string) string {
	for _, secret := range append(s.secrets, s.client.SecretKey.Reveal()) {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	return digits.ReplaceAllString(text, "[number]")
}
