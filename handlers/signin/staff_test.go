package signin_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

var welcomeLink = regexp.MustCompile(`/welcome/[\w-]{20,}`)

// inviteStaff invites as an owner does and returns the link's path.
func inviteStaff(b *site.Browser, email string, role store.Role) string {
	b.T.Helper()
	p := b.Post("/staff", url.Values{"email": {email}, "role": {string(role)}})
	p.WantStatus(http.StatusOK)
	link := welcomeLink.FindString(p.TextOf("#link"))
	if link == "" {
		b.T.Fatal("the page shows no link")
	}
	return link
}

// memberID is the id of a member of staff.
func memberID(s *site.Site, email string) string {
	s.T.Helper()
	m, err := s.Store.StaffByEmail(s.T.Context(), email)
	if err != nil {
		s.T.Fatal(err)
	}
	return m.ID
}

const colleagueEmail, colleaguePassword = "colleague@lender.example", "seven green bottles"

func TestAColleagueIsInvitedAndChoosesTheirPassword(t *testing.T) {
	s := site.New(t)
	owner := s.SignedIn()
	link := inviteStaff(owner, "Colleague@Lender.example", store.RoleViewer)
	b := s.Browser()
	b.Get(link).WantText(".lead", colleagueEmail)
	for _, weak := range []string{"short", "password1234", "colleague@lender.example", "Lender Ltd 2026", "aaaaaaaaaaaa", strings.Repeat("ab", 200)} {
		p := b.Post(link, url.Values{"password": {weak}})
		p.WantStatus(http.StatusUnprocessableEntity)
		if p.TextOf("#password-error") == "" {
			t.Errorf("%q is refused without a word", weak)
		}
	}
	if p := b.Password(colleagueEmail, ""); p.Status != http.StatusUnauthorized {
		t.Errorf("signing in before a password is chosen: %d", p.Status)
	}
	p := b.Post(link, url.Values{"password": {colleaguePassword}})
	if p.WantStatus(http.StatusOK); p.Path != "/" {
		t.Fatalf("after choosing at %s, want signed in", p.Path)
	}
	b.Post(link, url.Values{"password": {"another password"}}).WantStatus(http.StatusGone)
	b.Password(colleagueEmail, colleaguePassword).WantStatus(http.StatusOK)
	b.Get("/staff").WantStatus(http.StatusForbidden)
	owner.Get("/staff").WantText("tbody", colleagueEmail)
	owner.Post("/staff/"+memberID(s, colleagueEmail)+"/name", url.Values{"name": {"Bola Ade"}}).WantText("tbody", "Bola Ade")
	b.Get("/customers").WantText(".who", "Bola Ade")
	owner.Post("/staff", url.Values{"email": {colleagueEmail}, "role": {"admin"}}).WantText("#email-error", "already")
	owner.Post("/staff", url.Values{"email": {"x@lender.example"}, "role": {"emperor"}}).WantText("#email-error", "Choose a role.")
}

func TestADemotedOrDisabledColleagueIsOutAtOnce(t *testing.T) {
	s := site.New(t)
	owner := s.SignedIn()
	for name, act := range map[string]struct{ path, role string }{
		"demoted": {"/role", "viewer"}, "disabled": {"/disable", ""}, "signed out": {"/sessions/end", ""}, "without second factor": {"/second-factor/remove", ""},
	} {
		email := strings.ReplaceAll(name, " ", "") + "@lender.example"
		if _, err := s.Store.AddStaff(t.Context(), store.Program, store.Staff{Email: email, PasswordHash: site.CheapCost.Hash(site.StaffPassword), Role: store.RoleAdmin}); err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		b.Password(email, site.StaffPassword).WantStatus(http.StatusOK)
		b.Get("/inbox").WantStatus(http.StatusOK)
		p := owner.Post("/staff/"+memberID(s, email)+act.path, url.Values{"role": {act.role}})
		if p.WantStatus(http.StatusOK); p.Path != "/staff" {
			t.Errorf("%s: the owner is at %s", name, p.Path)
		}
		if p := b.Get("/inbox"); p.Path != "/login" {
			t.Errorf("%s: the next request leads to %s", name, p.Path)
		}
		want := http.StatusOK
		if act.path == "/disable" {
			want = http.StatusUnauthorized
		}
		if p := b.Password(email, site.StaffPassword); p.Status != want {
			t.Errorf("%s: signing in again gives %d, want %d", name, p.Status, want)
		}
		if p := b.Get("/inbox"); act.path == "/role" && p.Status != http.StatusForbidden {
			t.Errorf("with the new role: %d, want 403", p.Status)
		}
	}
	p := owner.Post("/staff/"+memberID(s, site.StaffEmail)+"/role", url.Values{"role": {"viewer"}})
	p.WantStatus(http.StatusConflict)
	p.WantText("h1", "You can't do this to your own account")
}

func TestTheFirstOwnerIsMadeByTheLinkOfTheLatestStart(t *testing.T) {
	s := site.New(t, append(site.RealProvider, "ADMIN_EMAIL=", "ADMIN_PASSWORD=")...)
	link := func() string {
		t.Helper()
		l, err := signin.SetupLink(t.Context(), s.Store, s.URL)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	first := link()
	s.Restart()
	second := link()
	b := s.Browser()
	b.Get(first).WantStatus(http.StatusGone)
	b.Get(second).WantText("h1", "Set up balancelink")
	p := b.Post(second, url.Values{"email": {"nobody"}, "password": {"x"}})
	p.WantStatus(http.StatusUnprocessableEntity)
	p.WantText("#email-error", "Enter an e-mail address")
	s.Advance(29 * time.Minute)
	b.Post(second, url.Values{"email": {site.StaffEmail}, "password": {site.StaffPassword}}).WantStatus(http.StatusOK)
	b.Post(second, url.Values{"email": {"x@evil.example"}, "password": {site.StaffPassword}}).WantStatus(http.StatusGone)
	if again := link(); again != "" {
		t.Errorf("there is an owner, and yet the link %q", again)
	}
	b.Password(site.StaffEmail, site.StaffPassword).WantText("h1", "Set up your second factor")
}

func TestASetUpLinkEndsAfterHalfAnHour(t *testing.T) {
	s := site.New(t, append(site.RealProvider, "ADMIN_EMAIL=", "ADMIN_PASSWORD=")...)
	link, err := signin.SetupLink(t.Context(), s.Store, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(30*time.Minute + time.Second)
	s.Browser().Get(link).WantStatus(http.StatusGone)
}

func TestWhatMattersAsksForThePasswordAgain(t *testing.T) {
	s := site.New(t)
	b := s.SignedIn()
	s.Advance(4 * time.Minute)
	inviteStaff(b, colleagueEmail, store.RoleViewer)
	s.Advance(2 * time.Minute)
	disable := "/staff/" + memberID(s, colleagueEmail) + "/disable"
	p := b.Post(disable, nil)
	if p.WantStatus(http.StatusOK); p.Path != "/confirm" {
		t.Fatalf("five minutes later at %s, want to be asked again", p.Path)
	}
	p.WantText(".lead", "you press the button again")
	if m, err := s.Store.StaffByEmail(t.Context(), colleagueEmail); err != nil || !m.DisabledAt.IsZero() {
		t.Error("it was done before the password was given")
	}
	before, next := b.Cookie(site.StaffCookie), p.Find("input[name=next]").AttrOr("value", "")
	b.Post("/confirm", url.Values{"proof": {"not the password"}, "next": {next}}).WantText("#proof-error", "Wrong password.")
	p = b.Post("/confirm", url.Values{"proof": {site.StaffPassword}, "next": {next}})
	if p.WantStatus(http.StatusOK); p.Path != "/staff" {
		t.Errorf("after the password at %s, want /staff", p.Path)
	}
	if b.Cookie(site.StaffCookie) == before {
		t.Error("the token is that of before")
	}
	b.Post(disable, nil).WantText("tbody", "Disabled")

	s.Advance(6 * time.Minute)
	p = b.Get("/profile/second-factor")
	if p.Path != "/confirm" || p.Find("input[name=next]").AttrOr("value", "") != "/profile/second-factor" {
		t.Errorf("a page that matters is shown at %s", p.Path)
	}
	fragment := b.Do("POST", "/accounts/x/reveal", nil, http.Header{"Hx-Request": {"true"}, "Hx-Current-Url": {s.URL + "/customers/y"}})
	fragment.WantStatus(http.StatusForbidden)
	if to := fragment.Find("#notice a").AttrOr("href", ""); to != "/confirm?again=1&next=%2Fcustomers%2Fy" {
		t.Errorf("a fragment leads to %q", to)
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	s := site.New(t)
	b, other := s.SignedIn(), s.SignedIn()
	before := b.Cookie(site.StaffCookie)
	change := func(current, chosen string) site.Page {
		return b.Post("/profile/password", url.Values{"current": {current}, "new": {chosen}})
	}
	change("not the password", colleaguePassword).WantText("#current-error", "not your current password")
	change(site.StaffPassword, "short").WantText("#new-error", "at least 12")
	p := change(site.StaffPassword, colleaguePassword)
	p.WantStatus(http.StatusOK)
	p.WantText("#notice", "Your password is changed.")
	if b.Cookie(site.StaffCookie) == before || s.With(site.StaffCookie, before).Get("/customers").Path != "/login" {
		t.Error("the token of before is still good")
	}
	if p := other.Get("/customers"); p.Path != "/login" {
		t.Errorf("another session of before leads to %s", p.Path)
	}
	s.Browser().Password(site.StaffEmail, site.StaffPassword).WantStatus(http.StatusUnauthorized)
	s.Browser().Password(site.StaffEmail, colleaguePassword).WantStatus(http.StatusOK)
}

func TestOnesOwnSessionsAreListedAndEnded(t *testing.T) {
	s := site.New(t)
	b := s.SignedIn()
	phone := s.Browser()
	phone.Do("POST", "/login", strings.NewReader(url.Values{"email": {site.StaffEmail}, "password": {site.StaffPassword}}.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {"Mozilla/5.0 (Android 15; Mobile; rv:141.0) Gecko/141.0 Firefox/141.0"},
	}).WantStatus(http.StatusOK)
	third := s.SignedIn()
	p := b.Get("/profile")
	p.WantText("tbody", "Firefox on Android")
	p.WantText("tbody", "127.0.0.0/24")
	if n := p.Find("tbody tr").Length(); n != 3 {
		t.Errorf("%d sessions, want 3", n)
	}
	row := p.Find("tbody tr").FilterFunction(func(_ int, r *goquery.Selection) bool { return strings.Contains(r.Text(), "Firefox") })
	b.Post("/profile/sessions/end", url.Values{"session": {row.Find("input[name=session]").AttrOr("value", "")}}).WantStatus(http.StatusOK)
	if phone.Get("/customers").Path != "/login" || third.Get("/customers").Path != "/customers" {
		t.Error("not exactly the named session was ended")
	}
	b.Post("/profile/sessions/end", nil).WantStatus(http.StatusOK)
	if third.Get("/customers").Path != "/login" || b.Get("/customers").Path != "/customers" {
		t.Error("not exactly the other sessions were ended")
	}
	if h := b.Still().Post("/logout", nil).Header.Get("Clear-Site-Data"); h != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data = %q", h)
	}
}

func TestTheRightPasswordDuringTheDelayIsNotTaken(t *testing.T) {
	s := site.New(t)
	b := s.Browser()
	for _, email := range []string{site.StaffEmail, "nobody@lender.example"} {
		var texts []string
		for range 6 {
			p := b.Password(email, "not the password")
			texts = append(texts, p.TextOf("#email-error"))
		}
		if texts[4] != "Wrong e-mail or password." || texts[5] != "Too many wrong tries. Try again in 1 second." {
			t.Errorf("%s: answers %q", email, texts)
		}
	}
	p := b.Password(site.StaffEmail, site.StaffPassword)
	if p.WantStatus(http.StatusTooManyRequests); p.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After = %q, want 1", p.Header.Get("Retry-After"))
	}
	s.Restart()
	b.Password(site.StaffEmail, site.StaffPassword).WantStatus(http.StatusTooManyRequests)
	s.Advance(2 * time.Second)
	b.Password(site.StaffEmail, site.StaffPassword).WantStatus(http.StatusOK)
}
