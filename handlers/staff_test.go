package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"balancelink/handlers/signin"
	"balancelink/store"
)

var welcomeLink = regexp.MustCompile(`/welcome/[\w-]{20,}`)

// inviteStaff invites as an owner does and returns the link's path.
func inviteStaff(b *browser, email string, role store.Role) string {
	b.t.Helper()
	p := b.post("/staff", url.Values{"email": {email}, "role": {string(role)}})
	p.wantStatus(http.StatusOK)
	link := welcomeLink.FindString(p.text("#link"))
	if link == "" {
		b.t.Fatal("the page shows no link")
	}
	return link
}

// memberID is the id of a member of staff.
func memberID(s *site, email string) string {
	s.t.Helper()
	m, err := s.Store.StaffByEmail(s.t.Context(), email)
	if err != nil {
		s.t.Fatal(err)
	}
	return m.ID
}

const colleagueEmail, colleaguePassword = "colleague@lender.example", "seven green bottles"

func TestAColleagueIsInvitedAndChoosesTheirPassword(t *testing.T) {
	s := newSite(t)
	owner := s.signedIn()
	link := inviteStaff(owner, "Colleague@Lender.example", store.RoleViewer)
	b := s.browser()
	b.get(link).wantText(".lead", colleagueEmail)
	for _, weak := range []string{"short", "password1234", "colleague@lender.example", "Lender Ltd 2026", "aaaaaaaaaaaa", strings.Repeat("ab", 200)} {
		p := b.post(link, url.Values{"password": {weak}})
		p.wantStatus(http.StatusUnprocessableEntity)
		if p.text("#password-error") == "" {
			t.Errorf("%q is refused without a word", weak)
		}
	}
	if p := b.password(colleagueEmail, ""); p.Status != http.StatusUnauthorized {
		t.Errorf("signing in before a password is chosen: %d", p.Status)
	}
	p := b.post(link, url.Values{"password": {colleaguePassword}})
	if p.wantStatus(http.StatusOK); p.Path != "/login" {
		t.Fatalf("after choosing at %s", p.Path)
	}
	p.wantText("#main", "Your password is set")
	b.post(link, url.Values{"password": {"another password"}}).wantStatus(http.StatusGone)
	b.password(colleagueEmail, colleaguePassword).wantStatus(http.StatusOK)
	b.get("/staff").wantStatus(http.StatusForbidden)
	owner.get("/staff").wantText("tbody", colleagueEmail)
	owner.post("/staff", url.Values{"email": {colleagueEmail}, "role": {"admin"}}).wantText("#email-error", "already")
	owner.post("/staff", url.Values{"email": {"x@lender.example"}, "role": {"emperor"}}).wantText("#email-error", "Choose a role.")
}

func TestADemotedOrDisabledColleagueIsOutAtOnce(t *testing.T) {
	s := newSite(t)
	owner := s.signedIn()
	for name, act := range map[string]struct{ path, role string }{
		"demoted": {"/role", "viewer"}, "disabled": {"/disable", ""}, "signed out": {"/sessions/end", ""}, "without second factor": {"/second-factor/remove", ""},
	} {
		email := strings.ReplaceAll(name, " ", "") + "@lender.example"
		if _, err := s.Store.AddStaff(t.Context(), store.Program, store.Staff{Email: email, PasswordHash: cheapCost.Hash(staffPassword), Role: store.RoleAdmin}); err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		b.password(email, staffPassword).wantStatus(http.StatusOK)
		b.get("/inbox").wantStatus(http.StatusOK)
		p := owner.post("/staff/"+memberID(s, email)+act.path, url.Values{"role": {act.role}})
		if p.wantStatus(http.StatusOK); p.Path != "/staff" {
			t.Errorf("%s: the owner is at %s", name, p.Path)
		}
		if p := b.get("/inbox"); p.Path != "/login" {
			t.Errorf("%s: the next request leads to %s", name, p.Path)
		}
		want := http.StatusOK
		if act.path == "/disable" {
			want = http.StatusUnauthorized
		}
		if p := b.password(email, staffPassword); p.Status != want {
			t.Errorf("%s: signing in again gives %d, want %d", name, p.Status, want)
		}
		if p := b.get("/inbox"); act.path == "/role" && p.Status != http.StatusForbidden {
			t.Errorf("with the new role: %d, want 403", p.Status)
		}
	}
	p := owner.post("/staff/"+memberID(s, staffEmail)+"/role", url.Values{"role": {"viewer"}})
	p.wantStatus(http.StatusConflict)
	p.wantText("h1", "You can't do this to your own account")
}

func TestTheFirstOwnerIsMadeByTheLinkOfTheLatestStart(t *testing.T) {
	s := newSite(t, append(realProvider, "ADMIN_EMAIL=", "ADMIN_PASSWORD=")...)
	link := func() string {
		t.Helper()
		l, err := signin.SetupLink(t.Context(), s.Store, s.URL)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	first := link()
	s.restart()
	second := link()
	b := s.browser()
	b.get(first).wantStatus(http.StatusGone)
	b.get(second).wantText("h1", "Set up balancelink")
	p := b.post(second, url.Values{"email": {"nobody"}, "password": {"x"}})
	p.wantStatus(http.StatusUnprocessableEntity)
	p.wantText("#email-error", "Enter an e-mail address")
	s.advance(29 * time.Minute)
	b.post(second, url.Values{"email": {staffEmail}, "password": {staffPassword}}).wantStatus(http.StatusOK)
	b.post(second, url.Values{"email": {"x@evil.example"}, "password": {staffPassword}}).wantStatus(http.StatusGone)
	if again := link(); again != "" {
		t.Errorf("there is an owner, and yet the link %q", again)
	}
	b.password(staffEmail, staffPassword).wantText("h1", "Set up your second factor")
}

func TestASetUpLinkEndsAfterHalfAnHour(t *testing.T) {
	s := newSite(t, append(realProvider, "ADMIN_EMAIL=", "ADMIN_PASSWORD=")...)
	link, err := signin.SetupLink(t.Context(), s.Store, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.advance(30*time.Minute + time.Second)
	s.browser().get(link).wantStatus(http.StatusGone)
}

func TestWhatMattersAsksForThePasswordAgain(t *testing.T) {
	s := newSite(t)
	b := s.signedIn()
	s.advance(4 * time.Minute)
	inviteStaff(b, colleagueEmail, store.RoleViewer)
	s.advance(2 * time.Minute)
	disable := "/staff/" + memberID(s, colleagueEmail) + "/disable"
	p := b.post(disable, nil)
	if p.wantStatus(http.StatusOK); p.Path != "/confirm" {
		t.Fatalf("five minutes later at %s, want to be asked again", p.Path)
	}
	p.wantText(".lead", "you press the button again")
	if m, err := s.Store.StaffByEmail(t.Context(), colleagueEmail); err != nil || !m.DisabledAt.IsZero() {
		t.Error("it was done before the password was given")
	}
	before, next := b.cookie(staffCookie), p.Find("input[name=next]").AttrOr("value", "")
	b.post("/confirm", url.Values{"proof": {"not the password"}, "next": {next}}).wantText("#confirm-error", "Wrong password.")
	p = b.post("/confirm", url.Values{"proof": {staffPassword}, "next": {next}})
	if p.wantStatus(http.StatusOK); p.Path != "/staff" {
		t.Errorf("after the password at %s, want /staff", p.Path)
	}
	if b.cookie(staffCookie) == before {
		t.Error("the token is that of before")
	}
	b.post(disable, nil).wantText("tbody", "disabled")

	s.advance(6 * time.Minute)
	p = b.get("/profile/second-factor")
	if p.Path != "/confirm" || p.Find("input[name=next]").AttrOr("value", "") != "/profile/second-factor" {
		t.Errorf("a page that matters is shown at %s", p.Path)
	}
	fragment := b.do("POST", "/accounts/x/reveal", nil, http.Header{"Hx-Request": {"true"}, "Hx-Current-Url": {s.URL + "/customers/y"}})
	fragment.wantStatus(http.StatusForbidden)
	if to := fragment.Find("#notice a").AttrOr("href", ""); to != "/confirm?again=1&next=%2Fcustomers%2Fy" {
		t.Errorf("a fragment leads to %q", to)
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	s := newSite(t)
	b, other := s.signedIn(), s.signedIn()
	before := b.cookie(staffCookie)
	change := func(current, chosen string) page {
		return b.post("/profile/password", url.Values{"current": {current}, "new": {chosen}})
	}
	change("not the password", colleaguePassword).wantText("#current-error", "not your present password")
	change(staffPassword, "short").wantText("#new-error", "at least 12")
	p := change(staffPassword, colleaguePassword)
	p.wantStatus(http.StatusOK)
	p.wantText("#notice", "Your password is changed.")
	if b.cookie(staffCookie) == before || s.with(staffCookie, before).get("/customers").Path != "/login" {
		t.Error("the token of before is still good")
	}
	if p := other.get("/customers"); p.Path != "/login" {
		t.Errorf("another session of before leads to %s", p.Path)
	}
	s.browser().password(staffEmail, staffPassword).wantStatus(http.StatusUnauthorized)
	s.browser().password(staffEmail, colleaguePassword).wantStatus(http.StatusOK)
}

func TestOnesOwnSessionsAreListedAndEnded(t *testing.T) {
	s := newSite(t)
	b := s.signedIn()
	phone := s.browser()
	phone.do("POST", "/login", strings.NewReader(url.Values{"email": {staffEmail}, "password": {staffPassword}}.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {"Mozilla/5.0 (Android 15; Mobile; rv:141.0) Gecko/141.0 Firefox/141.0"},
	}).wantStatus(http.StatusOK)
	third := s.signedIn()
	p := b.get("/profile")
	p.wantText("tbody", "Firefox on Android")
	p.wantText("tbody", "127.0.0.0/24")
	if n := p.Find("tbody tr").Length(); n != 3 {
		t.Errorf("%d sessions, want 3", n)
	}
	row := p.Find("tbody tr").FilterFunction(func(_ int, r *goquery.Selection) bool { return strings.Contains(r.Text(), "Firefox") })
	b.post("/profile/sessions/end", url.Values{"session": {row.Find("input[name=session]").AttrOr("value", "")}}).wantStatus(http.StatusOK)
	if phone.get("/customers").Path != "/login" || third.get("/customers").Path != "/customers" {
		t.Error("not exactly the named session was ended")
	}
	b.post("/profile/sessions/end", nil).wantStatus(http.StatusOK)
	if third.get("/customers").Path != "/login" || b.get("/customers").Path != "/customers" {
		t.Error("not exactly the other sessions were ended")
	}
	if h := b.still().post("/logout", nil).Header.Get("Clear-Site-Data"); h != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data = %q", h)
	}
}

func TestTheRightPasswordDuringTheDelayIsNotTaken(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	for _, email := range []string{staffEmail, "nobody@lender.example"} {
		var texts []string
		for range 6 {
			p := b.password(email, "not the password")
			texts = append(texts, p.text("#login-error"))
		}
		if texts[4] != "Wrong e-mail or password." || texts[5] != "Too many wrong tries. Try again in 1 second." {
			t.Errorf("%s: answers %q", email, texts)
		}
	}
	p := b.password(staffEmail, staffPassword)
	if p.wantStatus(http.StatusTooManyRequests); p.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After = %q, want 1", p.Header.Get("Retry-After"))
	}
	s.restart()
	b.password(staffEmail, staffPassword).wantStatus(http.StatusTooManyRequests)
	s.advance(2 * time.Second)
	b.password(staffEmail, staffPassword).wantStatus(http.StatusOK)
}

func TestWhatARoleDoesNotAllowIsNotOffered(t *testing.T) {
	s := newSite(t)
	id, _ := s.link(s.signedIn(), "Amina Bello", "Amina123")
	for role, offered := range map[store.Role]map[string]bool{
		store.RoleOwner:   {"a[href='/staff']": true, "a[href='/inbox']": true, "form[action$='/invitations']": true, "form[action$='/reveal']": true, "form[action$='/refresh']": true},
		store.RoleAdmin:   {"a[href='/staff']": false, "a[href='/inbox']": true, "form[action$='/invitations']": true, "form[action$='/reveal']": true, "form[action$='/refresh']": true},
		store.RoleViewer:  {"a[href='/staff']": false, "a[href='/inbox']": false, "form[action$='/invitations']": false, "form[action$='/reveal']": false, "form[action$='/refresh']": true},
		store.RoleAuditor: {"a[href='/staff']": false, "a[href='/inbox']": true, "form[action$='/invitations']": false, "form[action$='/reveal']": false, "form[action$='/refresh']": false},
	} {
		b := s.signedInAs(role)
		p := b.get("/customers/" + id)
		p.wantStatus(http.StatusOK)
		for selector, want := range offered {
			if got := p.Find(selector).Length() > 0; got != want {
				t.Errorf("%s: %s is there = %v, want %v", role, selector, got, want)
			}
		}
		if !strings.Contains(p.text(".number"), "••••") || strings.Contains(p.Text(), "0123456789") {
			t.Errorf("%s: an account number is not masked", role)
		}
	}
}

// Whatever is done to a colleague is done by another: a new route, too.
func TestNobodyDoesToThemselvesWhatIsForColleagues(t *testing.T) {
	p := newPrincipals(t)
	owner := p.staff["owner"]
	p.newCell(t).ok(p.store.SetSecondFactor(t.Context(), owner, "", "SEED", 0, nil))
	n := 0
	for _, r := range p.server.Routes(t) {
		if !strings.HasPrefix(r.Path, "/staff/:id") {
			continue
		}
		n++
		for name, age := range map[string]time.Duration{"just signed in": 0, "signed in a while ago": 10 * time.Minute} {
			cookie := p.server.StaffCookie(t, owner)
			p.time.Advance(age)
			req := httptest.NewRequestWithContext(t.Context(), r.Method, strings.Replace(r.Path, ":id", owner, 1), strings.NewReader(drawnFor(store.ByStaff(owner), url.Values{"role": {"viewer"}}).Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			req.AddCookie(cookie)
			w := httptest.NewRecorder()
			p.server.ServeHTTP(w, req)
			if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Ask another owner") {
				t.Errorf("%s %s of oneself, %s: %d, want 409 and a sentence", r.Method, r.Path, name, w.Code)
			}
		}
	}
	m, err := p.store.StaffByID(t.Context(), owner)
	if n < 6 || err != nil || !m.SecondFactor || m.Role != store.RoleOwner || !m.DisabledAt.IsZero() {
		t.Errorf("after %d routes: %+v, %v", n, m, err)
	}
}
