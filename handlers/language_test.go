package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"balancelink/store"
	"balancelink/views"
)

// reading asks as a browser does whose person wants those languages.
func reading(b *browser, path string, header ...string) page {
	b.t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return b.do("GET", path, nil, h)
}

// speak chooses a language as the form in the footer does.
func speak(b *browser, code string) {
	b.t.Helper()
	b.post("/language", url.Values{"language": {code}, "next": {"/login"}}).wantStatus(http.StatusOK)
}

func TestThePageTheChoiceTheBrowserAndTheSettingDecideOnTheLanguage(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		set, chosen, wanted, page string
		want                      string
	}{
		"nothing said":                        {want: "en"},
		"the setting":                         {set: "fr", want: "fr"},
		"the browser":                         {wanted: "fr-SN,fr;q=0.9,en;q=0.5", want: "fr"},
		"the browser against the setting":     {set: "fr", wanted: "en-NG", want: "en"},
		"the browser wants none that we have": {set: "fr", wanted: "pl, cs;q=0.5", want: "fr"},
		"a header that is none":               {wanted: ";;q=,*-*-*", want: "en"},
		"the choice":                          {chosen: "fr", wanted: "en", want: "fr"},
		"a choice that there is not":          {chosen: "tlh", wanted: "fr", want: "fr"},
		"the page that asks":                  {chosen: "fr", page: "en", want: "en"},
		"a page that cannot be ours":          {chosen: "fr", page: "de", want: "fr"},
	} {
		t.Run(name, func(t *testing.T) {
			set := "en"
			if row.set != "" {
				set = row.set
			}
			b := newSite(t, "DEFAULT_LANGUAGE="+set).browser()
			if row.chosen != "" {
				speak(b, row.chosen)
			}
			p := reading(b, "/login", "Accept-Language", row.wanted, "Page-Language", row.page)
			if got := p.Find("html").AttrOr("lang", ""); got != row.want {
				t.Errorf("the page is %s, want %s", got, row.want)
			}
			if got, want := p.text("main h1"), views.Say(views.In(t.Context(), row.want), "Sign in"); got != want {
				t.Errorf("heading = %q, want %q", got, want)
			}
		})
	}
}

func TestTheFooterSwitchesTheLanguageAndLeadsBack(t *testing.T) {
	s := newSite(t)
	_, customer := s.link(s.signedIn(), "Amina Bello", "Amina123")
	here := customer.get("/me/consents?x=1")
	form := here.Find(".footer form")
	next, _ := form.Find("input[name=next]").Attr("value")
	button := form.Find("button[name=language]")
	if got := strings.TrimSpace(button.Text()); got != "Français" || button.AttrOr("lang", "") != "fr" || next != "/me/consents?x=1" {
		t.Fatalf("the footer offers %q and leads back to %q", got, next)
	}
	p := customer.post(form.AttrOr("action", ""), url.Values{"language": {button.AttrOr("value", "")}, "next": {next}})
	p.wantStatus(http.StatusOK)
	if p.Path != "/me/consents" || p.Find("html").AttrOr("lang", "") != "fr" {
		t.Errorf("after switching at %s in %s", p.Path, p.Find("html").AttrOr("lang", ""))
	}
	p.wantText("h1", "Votre consentement et vos données")
	p.wantText(".footer button[name=language][value=en]", "English")

	still := s.browser().still()
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, ""} {
		if got := still.post("/language", url.Values{"language": {"fr"}, "next": {next}}).Header.Get("Location"); got != "/" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
	cookie := still.post("/language", url.Values{"language": {"fr"}}).Header.Get("Set-Cookie")
	for _, want := range []string{"balancelink_language=fr", "Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
}

// onlyEnglish are the texts of the catalogue that a French page must not show:
// whole ones, and for those with parts what they look like.
func onlyEnglish(t testing.TB) (whole map[string]bool, shapes []*regexp.Regexp) {
	t.Helper()
	data, err := os.ReadFile("../views/locale/fr.json")
	if err != nil {
		t.Fatal(err)
	}
	french := map[string]any{}
	if err := json.Unmarshal(data, &french); err != nil {
		t.Fatal(err)
	}
	whole = map[string]bool{}
	verb := regexp.MustCompile(`%[sd]`)
	for key, text := range french {
		if !strings.Contains(key, "%") {
			whole[key] = text != key
		} else if len(strings.Fields(verb.ReplaceAllString(key, ""))) > 2 {
			shapes = append(shapes, regexp.MustCompile("^"+verb.ReplaceAllString(regexp.QuoteMeta(key), ".+")+"$"))
		}
	}
	return whole, shapes
}

// wantFrench fails for every text or spoken attribute that is English.
func wantFrench(p page) {
	p.t.Helper()
	p.wantStatus(http.StatusOK)
	whole, shapes := onlyEnglish(p.t)
	check := func(text string) {
		text = strings.Join(strings.Fields(text), " ")
		if whole[text] {
			p.t.Errorf("%s says %q in English", p.Path, text)
		}
		for _, shape := range shapes {
			if shape.MatchString(text) {
				p.t.Errorf("%s says %q in English", p.Path, text)
			}
		}
	}
	p.Find("body *:not(code):not(pre):not(script):not([lang])").Each(func(_ int, e *goquery.Selection) {
		for _, attr := range []string{"aria-label", "title", "placeholder", "alt", "data-label", "data-copied"} {
			check(e.AttrOr(attr, ""))
		}
		for n := e.Nodes[0].FirstChild; n != nil; n = n.NextSibling {
			if n.Type == html.TextNode {
				check(n.Data)
			}
		}
	})
	check(strings.TrimSuffix(p.Find("title").Text(), " · Lender Ltd"))
}

func TestFrenchPagesHaveNoEnglish(t *testing.T) {
	s := newSite(t, "DEFAULT_LANGUAGE=fr")
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina123")
	account := s.accounts(id)["0123456789"].ID
	wantFrench(staff.post("/accounts/"+account+"/refresh", nil))
	wantFrench(staff.post("/accounts/"+account+"/funds-checks", url.Values{"amount": {"50 000,50"}}))
	for _, path := range []string{
		"/me", "/me/accounts/" + account, "/me/accounts/" + account + "?below=1+000,50", "/me/accounts/" + account + "/unlink", "/me/consents",
		"/me/consent", "/me/withdraw", "/me/password", "/me/login", "/goodbye", "/withdrawn", "/me/unlinked",
	} {
		wantFrench(customer.get(path))
	}
	wantFrench(s.browser().get(staff.invite(id)))
	wantFrench(staff.post("/inbox/test", nil))
	event := s.events()[0].ID
	for _, path := range []string{
		"/", "/customers", "/customers?q=nobody", "/customers/" + id, "/customers/" + id + "/erase", "/customers/" + id + "/withdraw",
		"/accounts/" + account, "/accounts/" + account + "/funds-checks", "/refreshes", "/refreshes?filter=failed", "/inbox", "/inbox?result=rejected",
		"/inbox/" + event, "/status", "/audit", "/audit?action=signed+out", "/staff", "/profile", "/profile/second-factor", "/reviews",
	} {
		wantFrench(staff.get(path))
	}
	if p := s.browser().get("/nothing"); p.text("h1") != "Page introuvable" {
		t.Errorf("an error page says %q", p.text("h1"))
	}
}

func TestAFragmentSpeaksTheLanguageOfThePageThatAsksForIt(t *testing.T) {
	s := newSite(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.signedIn()
	r, _ := watchedRefresh(s, staff)
	from := func(code string) page {
		return reading(staff, "/refreshes/"+r.ID, "HX-Request", "true", "Page-Language", code)
	}
	speak(staff, "fr")
	from("").wantText(".progress", "Nous interrogeons")
	from("en").wantText(".progress", "Asking")
	speak(staff, "en")
	from("fr").wantText(".progress", "Nous interrogeons")
	from("fr").wantText("#announce", "Nous interrogeons")
}

func TestConsentIsGivenInTheLanguageThatWasRead(t *testing.T) {
	s := newSite(t)
	id, customer := s.link(s.signedIn(), "Amina Bello", "Amina123")
	speak(customer, "fr")
	version, _ := customer.get("/me/consent").Find("input[name=consent]").Attr("value")
	if want := views.CurrentConsent(false).Version + ".fr"; version != want {
		t.Fatalf("a French page asks for %q, want %q", version, want)
	}
	customer.post("/me/consent", url.Values{"consent": {version}}).wantStatus(http.StatusOK)
	given, err := s.Store.ConsentsByCustomer(t.Context(), store.OfCustomer(id))
	if err != nil || given[0].Version != version {
		t.Fatalf("kept: %v, %v", given, err)
	}
	speak(customer, "en")
	p := customer.get("/me/consents/" + given[0].ID)
	p.wantText(".asked[lang=fr]", "Les noms et les numéros des comptes")
	p.wantText("dl", "Given")
	if p := customer.post("/me/attempts", nil); p.Path == "/me/consent" {
		t.Error("who agreed in French is asked again in English")
	}
}

func TestFilesStayEnglishWhateverThePagesSpeak(t *testing.T) {
	s := newSite(t, "DEFAULT_LANGUAGE=fr")
	staff := s.signedIn()
	id, customer := s.link(staff, "Amina Bello", "Amina123")
	account := s.accounts(id)["0123456789"].ID
	if csv := customer.get("/me/accounts/" + account + "/history.csv").Text(); !strings.Contains(csv, "As of,") || strings.Contains(csv, "Solde") {
		t.Errorf("the history's file: %s", csv)
	}
	if csv := staff.post("/audit/export", nil).Text(); !strings.Contains(csv, "Row,Time,Actor") || !strings.Contains(csv, "The program") || strings.Contains(csv, "Le programme") {
		t.Errorf("the log's file: %s", csv)
	}
}
