package browser_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// hostile are texts that become more than text wherever something is not escaped.
var hostile = strings.Split(strings.TrimSpace(`
<script>alert(1)</script>
</script><script>alert(1)</script>
<ScRiPt>alert(1)</sCrIpT>
<script src=//evil.example/x.js></script>
<script/x>alert(1)</script>
<img src=x onerror=alert(1)>
<img src=x onerror="alert(1)"
<img/src/onerror=alert(1)>
"><img src=x onerror=alert(1)>
'><img src=x onerror=alert(1)>
"><script>alert(1)</script>
" autofocus onfocus=alert(1) x="
' autofocus onfocus=alert(1) x='
" onmouseover="alert(1)
<svg onload=alert(1)>
<svg/onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><a href="javascript:alert(1)"><text>x</text></a></svg>
<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>
<body onload=alert(1)>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data="javascript:alert(1)"></object>
<embed src="javascript:alert(1)">
<details open ontoggle=alert(1)>
<input autofocus onfocus=alert(1)>
<video><source onerror=alert(1)></video>
<audio src=x onerror=alert(1)>
<marquee onstart=alert(1)>x</marquee>
<a href="javascript:alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<form action="javascript:alert(1)"><button>x</button></form>
<button formaction="javascript:alert(1)">x</button>
<base href="//evil.example/">
<meta http-equiv="refresh" content="0;url=//evil.example/">
<link rel=stylesheet href=//evil.example/x.css>
<style>*{background:url(//evil.example/x)}</style>
<div style="background:url(javascript:alert(1))">x</div>
<template><script>alert(1)</script></template>
<textarea></textarea><script>alert(1)</script>
</textarea><script>alert(1)</script>
</title><script>alert(1)</script>
</style><script>alert(1)</script>
</noscript><script>alert(1)</script>
--><script>alert(1)</script>
<!--<script>alert(1)//-->
<![CDATA[<script>alert(1)</script>]]>
javascript:alert(1)
data:text/html,<script>alert(1)</script>
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
<div hx-get="/logout" hx-trigger="load">x</div>
<div hx-on:click="alert(1)" hx-vals="js:{x:alert(1)}">x</div>
<div id="refresh" role="status">x</div>
{{constructor.constructor('alert(1)')()}}
${alert(1)}
';alert(1)//
";alert(1)//
`+"`;alert(1)//"+`
＜script＞alert(1)＜/script＞
`), "\n")

// A dialog would hold the page up for ever, and whatever the policy stops is a
// complaint in the console: both fail the test.
func TestWhateverIsTypedOrToldStaysTextOnEveryPage(t *testing.T) {
	s := site.New(t)
	var ids []string
	s.Offline(func() {
		for i, text := range hostile {
			ids = append(ids, tell(s, i, text))
		}
	})
	staff := newChromium(t, s).staff()
	pages := []hostilePage{}
	for i, id := range ids {
		pages = append(pages,
			hostilePage{"/customers/" + id, "h1", hostile[i]},
			hostilePage{"/accounts/" + s.Accounts(id)[fmt.Sprintf("%010d", i)].ID, "main", "holder " + hostile[i]})
	}
	staff.wantTexts(pages)
	for _, path := range []string{"/", "/customers", "/refreshes", "/inbox"} {
		staff.open(path)
		staff.wantNothingAlive(path)
	}
	events, err := s.Store.Events(t.Context(), "", "", 15)
	if err != nil || len(events) == 0 {
		t.Fatalf("events = %d, %v", len(events), err)
	}
	pages = pages[:0]
	for _, e := range events {
		pages = append(pages, hostilePage{"/inbox/" + e.ID, "main", e.Method})
	}
	staff.wantTexts(pages)
}

// hostilePage is a page on which elements hold a text.
type hostilePage struct{ Path, Selector, Text string }

// wantTexts fails if any of the texts has become more than text on its page: all
// are read by the browser, and every seventh is opened.
func (b *tab) wantTexts(pages []hostilePage) {
	b.t.Helper()
	list, err := json.Marshal(pages)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, complaint := range eval[[]string](b, fmt.Sprintf(`(async () => {
		const read = (path) => new Promise((resolve) => {
			const answer = new XMLHttpRequest()
			answer.open("GET", path)
			answer.responseType = "document"
			answer.onloadend = () => resolve(answer)
			answer.send()
		})
		const complaints = []
		for (const { Path, Selector, Text } of %s) {
			const answer = await read(Path)
			const page = answer.response
			const holds = [...page.querySelectorAll(Selector)].some((e) => e.textContent.includes(Text))
			const alive = (%s)(page)
			if (answer.status !== 200 || !holds || alive) complaints.push([Path, answer.status, Text, holds ? "" : "is not there", alive].join(" "))
		}
		return complaints
	})()`, list, alive), chromedp.EvalAwaitPromise) {
		b.t.Error(complaint)
	}
	for i, p := range pages {
		if i%7 == 0 {
			b.open(p.Path)
			b.wantText(p.Selector, p.Text)
		}
	}
}

// tell puts a text into everything that people and the provider tell us of a
// customer, and returns the customer's id.
func tell(s *site.Site, i int, text string) string {
	s.T.Helper()
	ctx := s.T.Context()
	must := func(err error) {
		s.T.Helper()
		if err != nil {
			s.T.Fatal(err)
		}
	}
	cu, err := s.Store.AddCustomer(ctx, store.Program, store.Customer{Name: text, Reference: fmt.Sprint(i, " ", text), Email: text, Phone: text})
	must(err)
	co, err := s.Store.AddConsent(ctx, store.Consent{CustomerID: cu.ID, Version: "2026-11", Scope: "auth,balance"})
	must(err)
	a, err := s.Store.StartAttempt(ctx, store.Attempt{CustomerID: cu.ID, ConsentID: co.ID, Provider: "okra", Env: "simulated"}, time.Hour)
	must(err)
	record := fmt.Sprintf("5f%022x", i)
	_, err = s.Store.ReportAttempt(ctx, a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: record, BankName: text})
	must(err)
	must(s.Store.FinishLink(ctx, a.ID, store.Link{
		ProviderRecord: record, Bank: store.Bank{ID: record, Name: "bank " + text, Slug: text},
		Accounts: []store.LinkedAccount{{ProviderID: "account of " + record, Name: "holder " + text, NUBAN: fmt.Sprintf("%010d", i), Type: text, Currency: "NGN"}},
	}))
	b, err := s.Store.StartAttempt(ctx, store.Attempt{CustomerID: cu.ID, ConsentID: co.ID, Provider: "okra", Env: "simulated"}, time.Hour)
	must(err)
	_, err = s.Store.ReportAttempt(ctx, b.Nonce, store.Report{State: store.AttemptFailed, Reason: text, BankName: text})
	must(err)
	_, err = s.Store.ReceiveEvent(store.Event{
		Provider: "okra", Env: "simulated", DedupKey: record, Method: text, Code: text, Headers: "{}", Body: []byte(`{"method":` + quote(text) + `,"note":"alert"}`),
	}, func(store.EventTarget) (store.Outcome, bool) {
		return store.Outcome{Result: store.EventUnmatched, Reason: text}, true
	})
	must(err)
	return cu.ID
}

// wantText waits until the elements hold the text as it is, and fails if any of
// it has become more than text.
func (b *tab) wantText(selector, text string) {
	b.t.Helper()
	b.wait(selector+" holding "+text, fmt.Sprintf(`[...document.querySelectorAll(%s)].some((e) => e.textContent.includes(%s))`, quote(selector), quote(text)))
	b.wantNothingAlive(text)
}

// alive is a JavaScript function: what in a page does more than stand there.
const alive = `((page) => [...page.querySelectorAll("*")].filter((e) =>
		(e.matches("script") && !e.src.startsWith(location.origin) && e.type !== "application/json") ||
		e.matches("iframe, object, embed, base, style, marquee, math, [src^='//'], [href^='javascript:'], [href^='//'], link[href*='evil'], meta[content*='evil']") ||
		[...e.attributes].some((a) => a.name.startsWith("on"))).map((e) => e.outerHTML).join(" "))`

func (b *tab) wantNothingAlive(what string) {
	b.t.Helper()
	if got := eval[string](b, alive+"(document)"); got != "" {
		b.t.Errorf("%s: alive on the page: %s", what, got)
	}
}
