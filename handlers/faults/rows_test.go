package faults_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers/sitetest/fault"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// ending is how a refresh or a check has to end. The zero one: the fault cannot
// meet it.
type ending struct {
	state store.RefreshState
	fault string
	words string        // on the customer's and on the staff's page
	cause string        // on the staff's page only
	moves bool          // there is another balance or another as-of time
	again time.Duration // may be tried again after that; 0: does not matter
}

// confirming is what has to become of a claimed link.
type confirming struct {
	state store.AttemptState
	words string // on the customer's page
	cause string // on the staff's page
}

// class is what the faults of one kind lead to. A question is POST
// balance/refresh or /check, an answer is GET callback.
type class struct {
	confirm          confirming
	question, answer ending
	checkQuestion    *ending // nil: as question
	checkAnswer      *ending // nil: as answer
}

type faultRow struct {
	id, name string
	hazard
	class
	confirmAt string // the path of the confirmation that is at fault; empty: the record's
	brief     bool   // like the row before it: met at one place only
}

var none = &ending{}

func retried(cause string) confirming {
	words := "It takes longer than usual: the bank link service does not answer"
	if cause == "bad answer" {
		words = "an answer from the bank link service that we cannot read"
	}
	return confirming{store.AttemptClaimed, words, cause}
}

// paused is a link that is not confirmed for the customer's safety.
func paused(cause string) confirming {
	return confirming{store.AttemptClaimed, "Linking is paused for your safety", cause}
}

func endsFailed(fault, words, cause string) ending {
	return ending{state: store.RefreshFailed, fault: fault, words: words, cause: cause}
}

func gaveUp(cause string) ending {
	return ending{state: store.RefreshTimedOut, words: "and gave up. The old balance stays", cause: "No answer before the deadline." + cause}
}

var (
	news       = ending{state: store.RefreshChanged, words: "New from Zenith Bank", moves: true}
	noNews     = ending{state: store.RefreshUnchanged, words: "the balance has not changed"}
	notOurs    = endsFailed("mismatch", "We could not confirm that the answer is about this account", "The answer")
	cannotRead = endsFailed("bad_answer", "We got an unreadable answer. The old balance stays.", "bad answer")
	cannotTell = endsFailed("mismatch", "We could not confirm", "does not say whether the balance changed")

	down = class{ // an answer that says no, or nothing that left
		confirm:  retried("unreachable"),
		question: endsFailed("unreachable", "can't be reached. The last balance stays.", "unreachable"),
		answer:   gaveUp(" Last: okra: callback: unreachable"),
	}
	lost = class{ // the question may have arrived: it is not sent again
		confirm:  retried("unreachable"),
		question: gaveUp(" Last: okra: callback: unreachable"),
		answer:   gaveUp(" Last: okra: callback: unreachable"),
	}
	untrusted = class{
		confirm:  paused("untrusted"),
		question: endsFailed("untrusted", "Refreshing is paused for your safety", "untrusted"),
		answer:   endsFailed("untrusted", "Refreshing is paused for your safety", "untrusted"),
	}
	unreadable = class{
		confirm:  retried("bad answer"),
		question: cannotRead,
		answer:   endsFailed("bad_answer", "We got an unreadable answer. The old balance stays.", "No answer before the deadline. Last: okra: callback: bad answer"),
	}
	refused = class{
		confirm:  paused("refused"),
		question: endsFailed("refused", "Refreshing is off for now. The last balance stays", "refused"),
		answer:   endsFailed("refused", "Refreshing is off for now. The last balance stays", "refused"),
	}
	badRequest = class{
		confirm:  confirming{store.AttemptFailed, "The provider does not know this record. Nothing was linked.", "does not know this record"},
		question: endsFailed("bad_request", "We can't refresh this account. The last balance stays", "bad request"),
		answer:   endsFailed("bad_request", "We can't refresh this account. The last balance stays", "bad request"),
	}
	noRecord = class{
		confirm:  badRequest.confirm,
		question: endsFailed("no_record", "We can't refresh this account. The last balance stays", "NO_RECORD_ID"),
		answer:   gaveUp(" Last: okra: callback: not yet"), // a record that was promised may yet come
	}
	needsLogin = class{
		confirm:  retried("needs login"),
		question: ending{state: store.RefreshNeedsLogin, words: "to sign in again", cause: "EXPIRED"},
		answer:   ending{state: store.RefreshNeedsLogin, words: "to sign in again", cause: "EXPIRED"},
	}
	busy = class{
		confirm:  retried("busy"),
		question: endsFailed("busy", "Zenith Bank is busy. The old balance stays.", "busy"),
		answer:   gaveUp(" Last: okra: callback: busy"),
	}
	// onlyAnswers are the classes of faults that only the answer can have.
	mismatch = class{answer: notOurs, checkAnswer: none}
	lateBad  = class{answer: unreadable.answer, checkAnswer: none}
	noFigure = class{answer: endsFailed("bad_answer", "We got an unreadable answer. The old balance stays.", "The ledger balance cannot be read"), checkAnswer: none}
	undated  = class{answer: news, checkAnswer: none} // the figure can be read, and says not of when it is
	goesOn   = class{question: news, checkQuestion: none}
)

func limited(again time.Duration) class {
	return class{
		confirm:  retried("rate limited"),
		question: ending{state: store.RefreshLimited, words: "Please try again after", cause: "rate limited", again: again},
		answer:   gaveUp(" Last: okra: callback: rate limited"),
	}
}

const otherID = "5f0000000000000000000bad"

// said edits every balance of an answer.
func said(name string, edit func(o map[string]any)) hazard {
	return hazard{fault: okrasim.Edits(name, "ledger_balance", edit)}
}

func ledger(raw string) hazard {
	return said("ledger "+raw, func(o map[string]any) { o["ledger_balance"] = okrasim.Raw(raw) })
}

func updated(text string) hazard {
	return said("as of "+text, func(o map[string]any) { o["last_updated"] = text })
}

func started(name string, edit func(o map[string]any)) hazard {
	return hazard{fault: okrasim.Edits(name, "callback_url", edit)}
}

func answers(name, body string) hazard {
	return hazard{fault: okrasim.Answers(name, http.StatusOK, body)}
}

func replaces(name, old, with string) hazard {
	return hazard{fault: okrasim.Rewrites(name, func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(old), []byte(with))
	})}
}

func redirects(code int, location string) hazard {
	headers := []string{}
	if location != "" {
		headers = append(headers, "Location", location)
	}
	return hazard{fault: okrasim.Refuses(code, headers...)}
}

func dials(timeout time.Duration, to string) hazard {
	return hazard{dialing: &atomic.Bool{}, dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if to == "" {
			to = addr
		}
		return (&net.Dialer{Timeout: timeout}).DialContext(ctx, network, to)
	}}
}

// shortly is a fault of the connection that the client waits out.
func shortly(wire func(net.Conn)) hazard {
	return hazard{wire: wire, patience: 400 * time.Millisecond, dialing: &atomic.Bool{}}
}

func faultRows(t *testing.T, f *faultSite) []faultRow {
	t.Helper()
	ca, stranger := fault.NewAuthority(t), fault.NewAuthority(t)
	f.roots.AddCert(ca.Cert)
	old := ca.Config(t, "127.0.0.1", time.Hour)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	certificate := func(c *tls.Config) hazard { return hazard{secure: true, wire: fault.Shows(c)} }
	elsewhere := f.canary.URL + "/v2/callback?record=" + otherID + "&method=BALANCE"
	rows := []faultRow{
		{id: "U1", name: "no such name", hazard: dials(5*time.Second, "nothing.invalid:80"), class: down},
		{id: "U2", name: "connection refused", hazard: hazard{refuse: true}, class: down},
		{id: "U2", name: "reset before a word", hazard: hazard{wire: fault.Resets}, class: lost},
		{id: "U3", name: "connecting hangs", hazard: dials(time.Nanosecond, ""), class: down},
		{id: "U4", name: "unknown authority", hazard: certificate(stranger.Config(t, "127.0.0.1", time.Hour)), class: untrusted},
		{id: "U4", name: "certificate expired", brief: true, hazard: certificate(ca.Config(t, "127.0.0.1", -time.Hour)), class: untrusted},
		{id: "U4", name: "certificate of another host", brief: true, hazard: certificate(ca.Config(t, "192.0.2.1", time.Hour)), class: untrusted},
		{id: "U4", name: "TLS 1.1", brief: true, hazard: certificate(old), class: untrusted},
		{id: "U4", name: "no TLS at all", brief: true, hazard: hazard{secure: true, wire: fault.Says("HTTP/1.1 400 Bad Request\r\n\r\n")}, class: untrusted},
		{id: "U5", name: "handshake broken off", hazard: hazard{secure: true, wire: fault.HangsUp}, class: down},
		{id: "U6", name: "no first byte", hazard: shortly(fault.Hangs), class: lost},
		{id: "U7", name: "body drips", hazard: shortly(fault.Drips), class: lost},
		{id: "U8", name: "ends in mid-body", hazard: hazard{wire: fault.Says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"status\":")}, class: lost},
		{id: "U8", name: "not HTTP", brief: true, hazard: hazard{wire: fault.Says("hello\r\n\r\n")}, class: lost},
		{id: "U9", name: "empty body", hazard: answers("empty", ""), class: unreadable},
		{id: "U10", name: "web page", hazard: hazard{fault: okrasim.WebPage()}, class: untrusted},
		{id: "U11", name: "half a document", hazard: answers("half", `{"status":"success",`), class: unreadable},
		{id: "U11", name: "NUL", brief: true, hazard: replaces("NUL", `"status":"success"`, "\"status\":\"success\",\"x\":\"\\u0000\""), class: unreadable},
		{id: "U11", name: "bad UTF-8", brief: true, hazard: replaces("bad UTF-8", `"status":"success"`, "\"status\":\"success\",\"x\":\"\xff\""), class: unreadable},
		{id: "U11", name: "byte order mark", brief: true, hazard: replaces("BOM", `{"`, "\ufeff{\""), class: unreadable},
		{id: "U11", name: "not JSON by its type", brief: true, hazard: hazard{fault: okrasim.Answers("text", 200, "OK", "Content-Type", "text/plain")}, class: unreadable},
		{id: "U12", name: "array", hazard: answers("array", `[{"status":"success"}]`), class: unreadable},
		{id: "U12", name: "string", brief: true, hazard: answers("string", `"success"`), class: unreadable},
		{id: "U12", name: "null data", brief: true, hazard: answers("null data", `{"status":"success","data":null}`), class: unreadable},
		{id: "U12", name: "data a list", brief: true, hazard: answers("list", `{"status":"success","data":[]}`), class: unreadable},
		{id: "U14", name: "a gigabyte", hazard: hazard{fault: okrasim.Huge()}, class: unreadable},
		{id: "U14", name: "gzip bomb", brief: true, hazard: hazard{fault: okrasim.Bomb()}, class: unreadable},
		{id: "U15", name: "null", hazard: ledger("null"), class: class{answer: endsFailed("mismatch", "We could not confirm", "no ledger balance"), checkAnswer: none}},
		{id: "U15", name: "empty text", hazard: ledger(`""`), class: class{answer: endsFailed("mismatch", "We could not confirm", "no ledger balance"), checkAnswer: none}},
		{id: "U15", name: "overdraft", hazard: ledger("-15.5"), class: class{answer: news, checkAnswer: none}},
		{id: "U16", name: "key twice", hazard: replaces("twice", `"status":"success"`, `"status":"success","status":"success"`), class: unreadable},
		{id: "U16", name: "balance and BALANCE", hazard: replaces("case", `"balance":`, `"BALANCE":1,"balance":`), class: lateBad},
		{id: "U17", name: "available missing", hazard: hazard{scenario: okrasim.AvailableMissing}, class: class{answer: news, checkAnswer: &noNews}},
		{id: "U18", name: "other currency", hazard: said("USD", func(o map[string]any) { o["currency"] = "USD" }), class: mismatch},
		{id: "U19", name: "other account", hazard: said("account", func(o map[string]any) { o["account"] = otherID }), class: mismatch},
		{id: "U19", name: "other customer", hazard: said("customer", func(o map[string]any) { o["customer"] = otherID }), class: mismatch},
		{id: "U19", name: "other owner", hazard: said("owner", func(o map[string]any) { o["owner"] = otherID }), class: mismatch},
		{id: "U19", name: "other environment", hazard: said("env", func(o map[string]any) { o["env"] = "production" }), class: mismatch},
		{id: "U19", name: "other job", hazard: hazard{fault: okrasim.Edits("record", "balances", func(o map[string]any) { o["record"] = otherID })}, class: lateBad},
		{id: "U26", name: "never ready", hazard: answers("never", `{"status":"success","data":{"status":{"process":{"running":true,"completed":false}}}}`), class: class{answer: gaveUp("")}},
		{id: "U27", name: "no callback_url", hazard: started("none", func(o map[string]any) { delete(o, "callback_url") }), class: goesOn},
		{id: "U27", name: "undefined", hazard: hazard{scenario: okrasim.UndefinedURL}, class: goesOn},
		{id: "U27", name: "other host", hazard: started("canary", func(o map[string]any) { o["callback_url"] = elsewhere }), class: goesOn},
		{id: "U27", name: "relative", hazard: started("relative", func(o map[string]any) { o["callback_url"] = "/v2/callback" }), class: goesOn},
		{id: "U27", name: "record in callback_url only", hazard: started("only", func(o map[string]any) { delete(o, "record"); delete(o, "method") }), class: goesOn},
		{id: "U27", name: "no record at all", hazard: started("neither", func(o map[string]any) { delete(o, "record"); o["callback_url"] = "undefined" }), class: class{question: news, checkQuestion: &cannotRead}},
		{id: "U28", name: "balance_changed alone, figure by account", hazard: hazard{fault: okrasim.Edits("changed alone", "balances", func(o map[string]any) {
			delete(o, "balance")
			delete(o, "balances")
			o["balance_changed"] = true
		})}, class: class{answer: news, checkAnswer: none}},
		{id: "U28", name: "balance_changed alone, figure from before", hazard: hazard{scenario: okrasim.OldFigure},
			class: class{answer: ending{state: store.RefreshUnchanged, words: "says the balance has changed, but does not give the new figure yet"}, checkAnswer: none}},
		{id: "U28", name: "balance_changed alone, to a check", hazard: answers("changed alone", `{"status":"success","data":{"balance_changed":true}}`),
			class: class{checkAnswer: &ending{state: store.RefreshChanged, words: "says the balance has changed. Refresh to see the new figure."}}},
		{id: "U28", name: "old figures, old date", hazard: updated("2020-01-01T00:00:00Z"), class: class{answer: noNews, checkAnswer: none}},
		{id: "U29", name: "in the future", hazard: updated("2199-01-01T00:00:00.000Z"), class: class{answer: news, checkAnswer: none}},
		{id: "U29", name: "JavaScript date, older", hazard: updated("Fri Jan 01 2021 21:25:05 GMT-0500"), class: class{answer: noNews, checkAnswer: none}},
		{id: "U29", name: "no zone", hazard: updated("2026-11-03T12:00:00"), class: undated},
		{id: "U29", name: "garbage", hazard: updated("yesterday"), class: undated},
		{id: "U30", name: "flapping", hazard: hazard{fault: okrasim.InTurn("flapping", okrasim.Refuses(500), okrasim.Refuses(429, "Retry-After", "2"), okrasim.Answers("half", 200, "{"), okrasim.Fault{})},
			class: class{answer: news, checkAnswer: &noNews}},
		{id: "U31", name: "HTTP/2 RST_STREAM after headers", hazard: hazard{h2: true, fault: okrasim.Breaks()}, class: class{
			confirm: lost.confirm, question: gaveUp(""), answer: lost.answer, checkQuestion: &cannotTell}},

		{id: "U19", name: "link of another environment", hazard: recorded("env", "production"), class: class{confirm: toReview("environment")}},
		{id: "U19", name: "link of another owner", hazard: recorded("owner", otherID), class: class{confirm: toReview("another company")}},
		{id: "U19", name: "another record", hazard: recorded("_id", otherID), class: class{confirm: retried("bad answer")}},
		{id: "U19", name: "accounts of another customer", hazard: hazard{fault: okrasim.Edits("customer", "nuban", func(o map[string]any) { o["customer"] = otherID })},
			class: class{confirm: retried("bad answer")}, confirmAt: "accounts/getByCustomer"},
		{id: "U15", name: "too large, at a link", hazard: ledger("1e400"),
			class: class{confirm: confirming{store.AttemptLinked, "Your bank is connected", ""}}, confirmAt: "balance/getByCustomer"},
		{id: "U18", name: "other currency, at a link", hazard: said("USD", func(o map[string]any) { o["currency"] = "USD" }),
			class: class{confirm: confirming{store.AttemptLinked, "Your bank is connected", ""}}, confirmAt: "balance/getByCustomer"},
	}
	for _, raw := range []string{"1e400", "1.005", "9223372036854775808", "92233720368547758.08", `"12,50"`, "{}", "true"} {
		rows = append(rows, faultRow{id: "U15", name: "amount " + raw, hazard: ledger(raw), class: noFigure})
	}
	rows = append(rows, faultRow{id: "U15", name: "amount NaN", hazard: ledger("NaN"), class: lateBad}) // no JSON
	for kind, c := range map[string]class{
		"RATE_LIMIT": limited(time.Minute), "NO_RECORD_ID": noRecord, "SUSPENDED": refused, "PLAN": refused, "EXPIRED": needsLogin,
		"QUEUE_FAILED": busy, "DUPLICATED_QUEUE": busy, "MAX_RETRY": busy, "SOMETHING_NEW": unreadable,
	} {
		rows = append(rows, faultRow{id: "U13", name: kind, brief: !slices.Contains([]string{"RATE_LIMIT", "NO_RECORD_ID", "SUSPENDED", "EXPIRED", "QUEUE_FAILED"}, kind), hazard: hazard{fault: okrasim.Fails(kind)}, class: c})
	}
	rows = append(rows,
		faultRow{id: "U13", name: "status false", brief: true, hazard: answers("false", `{"status":false,"data":{}}`), class: unreadable},
		faultRow{id: "U13", name: "bank error 1003", hazard: answers("1003", `{"type":"error","error":true,"status":false,"code":1003}`), class: class{
			confirm:  retried("fetch failed"),
			question: endsFailed("fetch_failed", "Zenith Bank did not give the balance. The old balance stays.", "1003"),
			answer:   endsFailed("fetch_failed", "Zenith Bank did not give the balance. The old balance stays.", "1003"),
		}})
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{elsewhere, strings.Replace(elsewhere, "http://", "https://", 1)} {
			rows = append(rows, faultRow{id: "U20", name: fmt.Sprintf("%d to %.5s canary", code, to), brief: code != 302, hazard: redirects(code, to), class: untrusted})
		}
	}
	for name, to := range map[string]string{"a loop": "http://" + f.plain.Addr + "/v2/callback", "nowhere": "", "nonsense": "http://[", "itself": "callback"} {
		rows = append(rows, faultRow{id: "U20", name: "302 to " + name, brief: true, hazard: redirects(302, to), class: untrusted})
	}
	for code, c := range map[int]class{
		400: badRequest, 404: badRequest, 422: badRequest, 401: refused, 403: refused, 402: refused, 500: down, 502: down, 503: down, 504: down,
	} {
		id := map[bool]string{true: "U21"}[code < 500]
		switch {
		case code == 401 || code == 403:
			id = "U22"
		case code == 402:
			id = "U23"
		case code >= 500:
			id = "U25"
		}
		rows = append(rows, faultRow{id: id, name: fmt.Sprint(code), brief: !slices.Contains([]int{400, 401, 402, 503}, code), hazard: hazard{fault: okrasim.Refuses(code)}, class: c})
	}
	for after, again := range map[string]time.Duration{
		"": time.Minute, "60": time.Minute, "-5": time.Second, "315360000": time.Hour, "soon": time.Minute,
		"Thu, 01 Jan 2099 00:02:00 GMT": time.Hour, "Thu, 01 Jan 1998 00:02:00 GMT": time.Second,
	} {
		rows = append(rows, faultRow{id: "U24", name: "Retry-After " + after, brief: after != "60", hazard: hazard{fault: okrasim.Refuses(429, "Retry-After", after)}, class: limited(again)})
	}
	slices.SortFunc(rows, func(a, b faultRow) int { return strings.Compare(a.id+a.name, b.id+b.name) })
	return rows
}

func recorded(key string, value any) hazard {
	return hazard{fault: okrasim.Edits("record's "+key, "billable_products", func(o map[string]any) { o[key] = value })}
}

func toReview(cause string) confirming {
	return confirming{store.AttemptNeedsReview, "has to check something first", cause}
}
