package web_test

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

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/views"
	"balancelink/views/locale"
)

// reading asks as a browser does whose person wants those languages.
func reading(b *site.Browser, path string, header ...string) site.Page {
	b.T.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return b.Do("GET", path, nil, h)
}

// speak chooses a language as the form in the footer does.
func speak(b *site.Browser, code string) {
	b.T.Helper()
	b.Post("/language", url.Values{"language": {code}, "next": {"/login"}}).WantStatus(http.StatusOK)
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
			b := site.New(t, "DEFAULT_LANGUAGE="+set).Browser()
			if row.chosen != "" {
				speak(b, row.chosen)
			}
			p := reading(b, "/login", "Accept-Language", row.wanted, "Page-Language", row.page)
			if got := p.Find("html").AttrOr("lang", ""); got != row.want {
				t.Errorf("the page is %s, want %s", got, row.want)
			}
			if got, want := p.TextOf("main h1"), locale.Say(locale.In(t.Context(), row.want), "Sign in"); got != want {
				t.Errorf("heading = %q, want %q", got, want)
			}
		})
	}
}

func TestTheFooterSwitchesTheLanguageAndLeadsBack(t *testing.T) {
	s := site.New(t)
	_, customer := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	here := customer.Get("/me/consents?x=1")
	form := here.Find(".footer form")
	next, _ := form.Find("input[name=next]").Attr("value")
	button := form.Find("button[name=language]")
	if got := strings.TrimSpace(button.Text()); got != "Français" || button.AttrOr("lang", "") != "fr" || next != "/me/consents?x=1" {
		t.Fatalf("the footer offers %q and leads back to %q", got, next)
	}
	p := customer.Post(form.AttrOr("action", ""), url.Values{"language": {button.AttrOr("value", "")}, "next": {next}})
	p.WantStatus(http.StatusOK)
	if p.Path != "/me/consents" || p.Find("html").AttrOr("lang", "") != "fr" {
		t.Errorf("after switching at %s in %s", p.Path, p.Find("html").AttrOr("lang", ""))
	}
	p.WantText("h1", "Votre consentement et vos données")
	p.WantText(".footer button[name=language][value=en]", "English")

	still := s.Browser().Still()
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, ""} {
		if got := still.Post("/language", url.Values{"language": {"fr"}, "next": {next}}).Header.Get("Location"); got != "/" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
	cookie := still.Post("/language", url.Values{"language": {"fr"}}).Header.Get("Set-Cookie")
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
	data, err := os.ReadFile("../../views/locale/fr.json")
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
func wantFrench(p site.Page) {
	p.T.Helper()
	p.WantStatus(http.StatusOK)
	whole, shapes := onlyEnglish(p.T)
	check := func(text string) {
		text = strings.Join(strings.Fields(text), " ")
		if whole[text] {
			p.T.Errorf("%s says %q in English", p.Path, text)
		}
		for _, shape := range shapes {
			if shape.MatchString(text) {
				p.T.Errorf("%s says %q in English", p.Path, text)
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
	s := site.New(t, "DEFAULT_LANGUAGE=fr")
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	account := s.Accounts(id)["0123456789"].ID
	wantFrench(staff.Post("/accounts/"+account+"/refresh", nil))
	wantFrench(staff.Post("/accounts/"+account+"/funds-checks", url.Values{"amount": {"50 000,50"}}))
	for _, path := range []string{
		"/me", "/me/accounts/" + account, "/me/accounts/" + account + "?below=1+000,50", "/me/accounts/" + account + "/unlink", "/me/consents",
		"/me/consent", "/me/withdraw", "/me/password", "/me/login", "/goodbye", "/withdrawn", "/me/unlinked",
	} {
		wantFrench(customer.Get(path))
	}
	wantFrench(s.Browser().Get(staff.Invite(id)))
	wantFrench(staff.Post("/inbox/test", nil))
	event := s.Events()[0].ID
	for _, path := range []string{
		"/", "/customers", "/customers?q=nobody", "/customers/" + id, "/customers/" + id + "/erase", "/customers/" + id + "/withdraw",
		"/accounts/" + account, "/accounts/" + account + "/funds-checks", "/refreshes", "/refreshes?filter=failed", "/inbox", "/inbox?result=rejected",
		"/inbox/" + event, "/status", "/audit", "/audit?action=signed+out", "/staff", "/profile", "/profile/second-factor", "/reviews",
	} {
		wantFrench(staff.Get(path))
	}
	if p := s.Browser().Get("/nothing"); p.TextOf("h1") != "Page introuvable" {
		t.Errorf("an error page says %q", p.TextOf("h1"))
	}
}

func TestAFragmentSpeaksTheLanguageOfThePageThatAsksForIt(t *testing.T) {
	s := site.New(t, "REFRESH_FIRST_POLL=1h", "REFRESH_DEADLINE=2h")
	staff := s.SignedIn()
	r, _ := watchedRefresh(s, staff)
	from := func(code string) site.Page {
		return reading(staff, "/refreshes/"+r.ID, "HX-Request", "true", "Page-Language", code)
	}
	speak(staff, "fr")
	from("").WantText(".progress", "Nous interrogeons")
	from("en").WantText(".progress", "Asking")
	speak(staff, "en")
	from("fr").WantText(".progress", "Nous interrogeons")
	from("fr").WantText("#announce", "Nous interrogeons")
}

func TestConsentIsGivenInTheLanguageThatWasRead(t *testing.T) {
	s := site.New(t)
	id, customer := s.Link(s.SignedIn(), "Amina Bello", "Amina123")
	speak(customer, "fr")
	version, _ := customer.Get("/me/consent").Find("input[name=consent]").Attr("value")
	if want := views.CurrentConsent(false).Version + ".fr"; version != want {
		t.Fatalf("a French page asks for %q, want %q", version, want)
	}
	customer.Post("/me/consent", url.Values{"consent": {version}}).WantStatus(http.StatusOK)
	given, err := s.Store.ConsentsByCustomer(t.Context(), store.OfCustomer(id))
	if err != nil || given[0].Version != version {
		t.Fatalf("kept: %v, %v", given, err)
	}
	speak(customer, "en")
	p := customer.Get("/me/consents/" + given[0].ID)
	p.WantText(".asked[lang=fr]", "Les noms et les numéros des comptes")
	p.WantText("dl", "Given")
	if p := customer.Post("/me/attempts", nil); p.Path == "/me/consent" {
		t.Error("who agreed in French is asked again in English")
	}
}

func TestFilesStayEnglishWhateverThePagesSpeak(t *testing.T) {
	s := site.New(t, "DEFAULT_LANGUAGE=fr")
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	account := s.Accounts(id)["0123456789"].ID
	if csv := customer.Get("/me/accounts/" + account + "/history.csv").Text(); !strings.Contains(csv, "As of,") || strings.Contains(csv, "Solde") {
		t.Errorf("the history's file: %s", csv)
	}
	if csv := staff.Post("/audit/export", nil).Text(); !strings.Contains(csv, "Row,Time,Actor") || !strings.Contains(csv, "The program") || strings.Contains(csv, "Le programme") {
		t.Errorf("the log's file: %s", csv)
	}
}
