package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// stepOf is the last step of a customer's newest link, as the customer's page has it.
func stepOf(staff *site.Browser, customerID string) string {
	staff.T.Helper()
	p := staff.Get("/customers/" + customerID)
	return strings.Join(strings.Fields(p.Find("#links-made tr").Eq(1).Find("[aria-current]").Text()), " ")
}

const phoneBrowser = "Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Mobile Safari/537.36"

// What fetches a link without anybody looking at it opens nothing: neither by GET nor HEAD,
// nor by running the page's script, when it says what it is.
func TestThePreviewOfAMessageDoesNotCountAsOpened(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	link := staff.Invite(id)
	says := func(agent string) http.Header { return site.WithFormHeader(http.Header{"User-Agent": {agent}}) }
	for _, agent := range []string{
		"WhatsApp/2.23.20.0 A", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
		"TelegramBot (like TwitterBot)", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", phoneBrowser,
	} {
		b := s.Browser()
		b.Do("HEAD", link, nil, says(agent))
		b.Do("GET", link, nil, says(agent)).WantStatus(http.StatusOK)
		if agent == phoneBrowser {
			break
		}
		b.Do("POST", link+"/opened", nil, says(agent)).WantStatus(http.StatusNoContent)
		if got := stepOf(staff, id); got != "" {
			t.Fatalf("after %s the link is %q", agent, got)
		}
	}
	b := s.Browser()
	b.Do("GET", link, nil, says(phoneBrowser))
	b.Do("POST", link+"/opened", nil, says(phoneBrowser)).WantStatus(http.StatusNoContent)
	if got := stepOf(staff, id); !strings.HasPrefix(got, "Link opened ") {
		t.Errorf("after somebody has opened it the link is %q", got)
	}
	b.Post("/connect/unknown/opened", nil).WantStatus(http.StatusNoContent)
}

func TestALinkSaysWhereItStopped(t *testing.T) {
	s := site.New(t)
	for name, row := range map[string]struct {
		does func(b *site.Browser, customerID, link string)
		code bool
		want string
	}{
		"a wrong code": {func(b *site.Browser, _, link string) {
			version, _ := b.Get(link).Find("input[name=consent]").Attr("value")
			b.Post(link+"/attempts", url.Values{"consent": {version}, "code": {"000000"}})
		}, true, "Stopped at the code"},
		"nothing agreed to": {func(b *site.Browser, _, link string) {
			b.Get(link)
			b.Post(link+"/attempts", nil).WantStatus(http.StatusUnprocessableEntity)
		}, false, "Link opened"},
		"the window failed": {func(b *site.Browser, _, link string) {
			b.PostJSON("/connect/attempts/"+b.Consent(link)+"/error", `{"error":"The bank is away."}`)
		}, false, "Failed"},
		"the window was left open": {func(b *site.Browser, _, link string) {
			b.Consent(link)
			s.Advance(31 * time.Minute)
		}, false, "The bank window expired"},
		"revoked": {func(_ *site.Browser, customerID, _ string) {
			made, err := s.Store.NewestLinks(t.Context(), customerID)
			if err == nil {
				err = s.Store.RevokeInvitation(t.Context(), store.Program, customerID, made[customerID].ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, false, "Revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			staff := s.SignedIn()
			id := staff.AddCustomer("Amina Bello")
			form := url.Values{}
			if row.code {
				form.Set("code", "on")
			}
			p := staff.Post("/customers/"+id+"/invitations", form)
			row.does(s.Browser(), id, strings.TrimPrefix(p.TextOf("#link"), s.Settings.PublicURL))
			if got := stepOf(s.SignedIn(), id); !strings.HasPrefix(got, row.want) {
				t.Errorf("it says %q, want %q", got, row.want)
			}
		})
	}
}

// A page that stays open asks by itself: that is no use of a session.
func TestAnOpenPageThatFollowsALinkKeepsNobodySignedIn(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer("Amina Bello")
	staff.Invite(id)
	poll, _ := staff.Get("/customers/" + id).Find("#links-made").Attr("hx-get")
	if poll == "" {
		t.Fatal("the page does not follow the link")
	}
	before := s.TextsOf(`SELECT last_seen_at FROM sessions`)
	s.Advance(10 * time.Minute)
	staff.HTMX("GET", poll).WantStatus(http.StatusOK)
	if after := s.TextsOf(`SELECT last_seen_at FROM sessions`); strings.Join(after, " ") != strings.Join(before, " ") {
		t.Errorf("the session was last used %v, want %v", after, before)
	}
	staff.Get("/customers/" + id)
	if after := s.TextsOf(`SELECT last_seen_at FROM sessions`); strings.Join(after, " ") == strings.Join(before, " ") {
		t.Error("a look at the page is no use of the session either")
	}
}
