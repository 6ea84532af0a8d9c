package monosim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/okra/mono"
	"balancelink/okra/mono/monosim"
)

// A visit is a browser without script on the pages of a link.
type visit struct {
	*world
	status   int
	header   http.Header
	page     *goquery.Document
	location string // where it was sent away to
}

// get opens an address of the pages' own origin, and goes where it is sent within it.
func (w *world) get(address string) *visit { w.t.Helper(); return w.ask("GET", address, nil) }

func (w *world) ask(method, address string, form url.Values) *visit {
	w.t.Helper()
	if !strings.HasPrefix(address, "http") {
		address = w.pages + address
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	v := &visit{world: w, status: res.StatusCode, header: res.Header, location: res.Header.Get("Location")}
	if strings.HasPrefix(v.location, "/") {
		return w.get(v.location)
	}
	if v.page, err = goquery.NewDocumentFromReader(res.Body); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// fill sends the form that has a field, with its fields set.
func (v *visit) fill(pairs ...string) *visit {
	v.t.Helper()
	form := v.page.Find("form").Has("[name=" + pairs[0] + "]")
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if form.Find("[name="+pairs[i]+"]").Length() == 0 {
			v.t.Fatalf("the page %q has no field %s", v.title(), pairs[i])
		}
		values.Set(pairs[i], pairs[i+1])
	}
	return v.ask("POST", form.AttrOr("action", ""), values)
}

// follow follows a link by its text.
func (v *visit) follow(text string) *visit {
	v.t.Helper()
	a := v.page.Find("a").FilterFunction(func(_ int, a *goquery.Selection) bool { return a.Text() == text })
	if a.Length() != 1 {
		v.t.Fatalf("the page %q has %d links %q", v.title(), a.Length(), text)
	}
	return v.get(a.AttrOr("href", ""))
}

func (v *visit) title() string { return v.page.Find("h1").Text() }

// wants fails unless the page is a step, and fit for everybody.
func (v *visit) wants(status int, title string) *visit {
	v.t.Helper()
	if v.status != status || v.title() != title {
		v.t.Errorf("the page is %d %q, want %d %q", v.status, v.title(), status, title)
	}
	if v.page.Find("html").AttrOr("lang", "") == "" || v.page.Find("h1").Length() != 1 || v.page.Find("script, [style]").Length() != 0 ||
		!strings.Contains(v.page.Find(".banner").Text(), "SIMULATED") {
		v.t.Errorf("the page %q has a fault", title)
	}
	v.page.Find("input").Each(func(_ int, in *goquery.Selection) {
		if v.page.Find("label[for="+in.AttrOr("id", "none")+"]").Length()+in.ParentsFiltered("label").Length() == 0 {
			v.t.Errorf("on %q a field %s has no label", title, in.AttrOr("name", ""))
		}
	})
	return v
}

func TestAPersonLinksOneAccountOnThePage(t *testing.T) {
	w := newWorld(t)
	v := w.get(w.open("n").String()).wants(200, "Choose your bank")
	v = v.follow("Access Bank").wants(200, "Log in to Access Bank")
	if text := v.page.Find("main").Text(); !strings.Contains(text, "user_good") || !strings.Contains(text, "ngozi.umeh") {
		t.Errorf("the page has not the log-ins of the bank: %s", text)
	}
	wrong := v.fill("username", "ngozi.umeh", "password", "x").wants(422, "Log in to Access Bank")
	if got := wrong.page.Find("#username").AttrOr("value", ""); got != "ngozi.umeh" || wrong.page.Find("[role=alert]").Length() != 1 {
		t.Errorf("after a wrong password the page has %q", got)
	}
	v = v.fill("username", "ngozi.umeh", "password", "Nsukka-4").wants(200, "Enter the code")
	v.fill("otp", "111111").wants(422, "Enter the code")
	v = v.fill("otp", "123456").wants(200, "Choose one account")
	if got := v.page.Find("input[type=radio][name=account]").Length(); got != 2 {
		t.Errorf("%d accounts to choose from, want 2", got)
	}
	v.fill("account", plain).wants(422, "Choose one account") // somebody else's
	v = v.fill("account", several)
	back, _ := url.Parse(v.location)
	if v.status != 303 || back.Host != "lender.example" || back.Query().Get("attempt") != "n" {
		t.Fatalf("sent to %d %s", v.status, v.location)
	}
	id, err := w.client.Exchange(t.Context(), back.Query().Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	w.after(delay)
	if a, err := w.client.Account(t.Context(), id); err != nil || a.NUBAN != several || a.Ref != "n" {
		t.Errorf("Account = %+v, %v", a, err)
	}
}

func TestTheTestUserOfTheDocumentsSeesEveryAccountOfABank(t *testing.T) {
	w := newWorld(t)
	for _, bank := range []string{"GTBank", "Zenith Bank", "Zenith Bank Business"} {
		v := w.get(w.open("n").String()).follow(bank).fill("username", "user_good", "password", "123456").fill("otp", "123456")
		v.wants(200, "Choose one account")
		want := 0
		for _, a := range w.Accounts() {
			if a.Bank == bank {
				want++
			}
		}
		if got := v.page.Find("input[name=account]").Length(); got != want || want == 0 {
			t.Errorf("at %s %d accounts, want %d", bank, got, want)
		}
	}
}

func TestThePageLetsItsFormsLeadBackToTheApp(t *testing.T) {
	w := newWorld(t)
	for redirect, want := range map[string]string{
		"https://lender.example/back?x=1": "form-action 'self' https://lender.example",
		"lender://back":                   "form-action 'self' lender:",
	} {
		page, err := w.client.Open(t.Context(), mono.Opening{Ref: "n", RedirectURL: redirect, Name: "A", Email: "a@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		csp := w.get(page.String()).header.Get("Content-Security-Policy")
		if !strings.HasSuffix(csp, want) || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("the page says %s, want it to end with %s", csp, want)
		}
	}
}

func TestWhoCancelsComesBackWithoutACode(t *testing.T) {
	w := newWorld(t)
	v := w.get(w.open("n").String()).follow("GTBank").fill("cancel", "")
	if want := "https://lender.example/back?attempt=n&status=cancelled&reason=widget_closed"; v.location != want {
		t.Errorf("sent to %s, want %s", v.location, want)
	}
	if told := w.hooks(); len(told) != 0 {
		t.Errorf("heard %s", names(told))
	}
	w.get(w.open("n").String()).wants(200, "Choose your bank")
}

func TestASignInAgainOpensAtTheBankAndChoosesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.linked(several)
	page, err := w.client.Open(t.Context(), mono.Opening{Ref: "again", Account: id, RedirectURL: "https://lender.example/back"})
	if err != nil {
		t.Fatal(err)
	}
	v := w.get(page.String()).wants(200, "Log in to Access Bank")
	v.fill("username", "zainab.sule", "password", "Minna-5").wants(422, "Log in to Access Bank")
	v = v.fill("username", "ngozi.umeh", "password", "Nsukka-4").wants(200, "Enter the code").fill("otp", "123456")
	if !strings.HasPrefix(v.location, "https://lender.example/back?code=code_") {
		t.Errorf("sent to %s", v.location)
	}
	w.after(delay)
	if told := w.hooks(); names(told) != "account_reauthorized account_updated" {
		t.Errorf("heard %s", names(told))
	}
}

func TestABankThatTheAppHasChosenIsAskedAtOnce(t *testing.T) {
	w := newWorld(t)
	_, _, answer := w.call("GET", "/v3/institutions?bank_code=044", nil)
	for number, want := range map[string]bool{several: true, "0712345611": false} {
		_, _, link := w.call("POST", "/v2/accounts/initiate", object{
			"scope": "auth", "redirect_url": "https://lender.example/back", "customer": object{"name": "N", "email": "n@example.com"},
			"institution":         object{"id": dig(answer["data"].([]any)[0], "_id"), "auth_method": "internet_banking", "account_number": number},
			"check_account_match": true,
		})
		v := w.get(dig(link, "data", "mono_url").(string)).wants(200, "Log in to Access Bank")
		v.fill("username", "user_good", "password", "123456").fill("otp", "123456").fill("account", several)
		w.after(delay / 4)
		w.after(delay)
		if told := w.hooks(); len(told) != 2 || dig(told[1].json, "data", "account", "account_match") != want {
			t.Errorf("asked for %s and linked %s: %s", number, several, told[len(told)-1].body)
		}
	}
}

func TestAPageRunsOut(t *testing.T) {
	w := newWorld(t)
	w.get("/ALNOSUCHPAGE").wants(404, "There is no such page")
	for _, row := range []struct {
		scenario monosim.Scenario
		life     time.Duration
	}{{"", 24 * time.Hour}, {monosim.ShortLife, 10 * time.Minute}} {
		if row.scenario != "" {
			w.NextLink(row.scenario)
		}
		page := w.open("n").String()
		w.after(row.life - time.Nanosecond)
		w.get(page).wants(200, "Choose your bank")
		w.after(time.Nanosecond)
		w.get(page).wants(410, "This page has run out")
		if _, err := w.Share(page, plain); err == nil {
			t.Error("a page that has run out links an account")
		}
	}
	page := w.open("n").String()
	if _, err := w.Share(page, plain); err != nil {
		t.Fatal(err)
	}
	w.get(page).wants(200, "Choose your bank") // a page may be used again
	w.NextLink(monosim.OneUse)
	page = w.open("n").String()
	if _, err := w.Share(page, plain); err != nil {
		t.Fatal(err)
	}
	w.get(page).wants(410, "This page has run out")
}

func TestAnOutageOfTheAddressTakesThePage(t *testing.T) {
	w := newWorld(t)
	page := w.open("n").String()
	for _, name := range []string{"sold", "window"} {
		if err := w.SetOutage(name); err != nil {
			t.Fatal(err)
		}
		if v := w.get(page); v.page.Find("form").Length() != 0 || v.page.Find("h1").Length() != 0 {
			t.Errorf("under %s the page is there", name)
		}
	}
}

func TestAnotherOriginCannotPostToAPage(t *testing.T) {
	w := newWorld(t)
	page := w.open("n").String()
	req := httptest.NewRequestWithContext(t.Context(), "POST", page+"/cancel", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	rec := httptest.NewRecorder()
	w.Pages().ServeHTTP(rec, req)
	if rec.Code != http.StatusForbidden {
		t.Errorf("it was answered %d", rec.Code)
	}
}

// Over plain http, but at this very machine, a browser says of a form only which origin its
// page has, and "null" where the page keeps that to itself.
func TestAFormOverPlainHTTPCanBePosted(t *testing.T) {
	w := newWorld(t)
	page := w.open("n").String()
	req := httptest.NewRequestWithContext(t.Context(), "GET", page, nil)
	rec := httptest.NewRecorder()
	w.Pages().ServeHTTP(rec, req)
	policy := rec.Header().Get("Referrer-Policy")
	origin := "http://" + req.Host
	if policy == "no-referrer" {
		origin = "null"
	}
	post := httptest.NewRequestWithContext(t.Context(), "POST", page+"/cancel", nil)
	post.Header.Set("Origin", origin)
	rec = httptest.NewRecorder()
	if w.Pages().ServeHTTP(rec, post); rec.Code == http.StatusForbidden {
		t.Errorf("under the policy %q it was answered %d", policy, rec.Code)
	}
}
