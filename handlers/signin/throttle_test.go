package signin_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/storetest"
)

// installation is a server at which people sign in, by a clock that others share.
type installation struct {
	t      testing.TB
	time   *sitetest.Clock
	path   string
	store  *store.Store
	server *handlers.Server
}

func newInstallation(t testing.TB, clock *sitetest.Clock) *installation {
	t.Helper()
	d := &installation{t: t, time: clock, path: filepath.Join(storetest.Folder(t), "test.db")}
	d.start()
	return d
}

func (d *installation) start() {
	d.t.Helper()
	set, err := settings.Load(nil, []string{"SESSION_KEY=0123456789abcdef0123456789abcdef"}, io.Discard)
	if err != nil {
		d.t.Fatal(err)
	}
	d.store = storetest.Open(d.t, d.path, d.time.Now)
	d.server, err = handlers.New(handlers.Config{Settings: set, Upstreams: site.Okra(d.t, set, nil), Store: d.store, Logger: site.Quiet, Now: d.time.Now, PasswordCost: site.CheapCost})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *installation) restart() {
	d.t.Helper()
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.start()
}

// knows makes a member of staff and a customer with that login.
func (d *installation) knows(login string) {
	d.t.Helper()
	ctx, hash := d.t.Context(), site.CheapCost.Hash(site.StaffPassword)
	_, err := d.store.AddStaff(ctx, store.Program, store.Staff{Email: login, PasswordHash: hash, Role: store.RoleOwner})
	if err != nil {
		d.t.Fatal(err)
	}
	d.customer(store.Customer{Name: "Amina", Email: login})
}

// customer adds one who has a password.
func (d *installation) customer(c store.Customer) {
	d.t.Helper()
	c, err := d.store.AddCustomer(d.t.Context(), store.Program, c)
	if err == nil {
		err = d.store.SetCustomerPassword(d.t.Context(), store.OfCustomer(c.ID), "", site.CheapCost.Hash(site.StaffPassword))
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// person tries to sign in from somewhere, with a browser or without.
type person struct {
	*installation
	from    netip.Addr
	cookies http.CookieJar // nil: a browser that keeps nothing
	drawn   string         // for whom the forms are that they send
}

func (d *installation) person(from string) *person {
	return &person{installation: d, from: netip.MustParseAddr(from)}
}

// keeps is the person with a browser that keeps cookies.
func (p *person) keeps() *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &person{installation: p.installation, from: p.from, cookies: jar, drawn: p.drawn}
}

// elsewhere is the person with the same browser on another network.
func (p *person) elsewhere(from string) *person {
	return &person{installation: p.installation, from: netip.MustParseAddr(from), cookies: p.cookies, drawn: p.drawn}
}

func (p *person) post(path string, form url.Values) *httptest.ResponseRecorder {
	p.t.Helper()
	req := httptest.NewRequestWithContext(p.t.Context(), "POST", "http://127.0.0.1:8080"+path, strings.NewReader(site.DrawnFor(p.drawn, form).Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.RemoteAddr = netip.AddrPortFrom(p.from, 1000).String()
	if p.cookies != nil {
		for _, cookie := range p.cookies.Cookies(req.URL) {
			req.AddCookie(cookie)
		}
	}
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, req)
	if p.cookies != nil {
		p.cookies.SetCookies(req.URL, w.Result().Cookies())
	}
	return w
}

var signInPaths = []string{"/login", "/me/login"}

// tries is the answer to a password at one of the sign-in pages.
func (p *person) tries(path, login, password string) *httptest.ResponseRecorder {
	p.t.Helper()
	return p.post(path, url.Values{"email": {login}, "login": {login}, "password": {password}})
}

// guesses tries wrong passwords and says how many were looked at.
func (p *person) guesses(path, login string, n int) (looked int) {
	p.t.Helper()
	for range n {
		if p.tries(path, login, "not the password").Code == http.StatusUnauthorized {
			looked++
		}
	}
	return looked
}

// answer is everything of an answer that could tell something.
func answer(w *httptest.ResponseRecorder) string {
	return fmt.Sprint(w.Code, w.Header().Get("Retry-After"), w.Header().Values("Set-Cookie"), len(w.Body.String()))
}

// amina is a customer with three logins.
var amina = store.Customer{Name: "Amina", Email: "amina@example.com", Phone: "+2348031001001", Reference: "LN-7"}

// logins are those of a customer, some of them in several forms.
func logins(c store.Customer) []string {
	home := strings.TrimPrefix(c.Phone, "+234")
	return []string{c.Email, c.Reference, "0" + home, c.Phone, "234 (0) " + home[:3] + "-" + home[3:]}
}

// typed is a login as people type it.
func typed(r *rand.Rand, login string) string {
	switch r.IntN(4) {
	case 0:
		return strings.ToUpper(login)
	case 1:
		return " " + login + " "
	}
	return login
}

// Two worlds in which the same is done, one in which everybody has an account
// and one in which nobody has.
func TestKnownAndUnknownLoginsGetTheSameAnswers(t *testing.T) {
	storetest.Long(t)
	t.Parallel()
	clock := sitetest.NewClock(time.Now())
	known, unknown := newInstallation(t, clock), newInstallation(t, clock)
	histories, refused := storetest.Often(1000), 0
	for seed := range uint64(histories) {
		r := rand.New(rand.NewPCG(seed, 0))
		path, names, networks := signInPaths[r.IntN(2)], 1+r.IntN(2), 1+r.IntN(2)
		address := func(i int) string { return fmt.Sprintf("n%d-%d@example.com", seed, i) }
		login := address
		if path == "/me/login" && r.IntN(2) == 0 { // by everything that a customer may type
			of := func(i int) store.Customer {
				return store.Customer{Name: "Amina", Email: address(i), Reference: fmt.Sprintf("LN-%d-%d", seed, i), Phone: fmt.Sprintf("+234803%05d%02d", seed, i)}
			}
			for i := range names {
				known.customer(of(i))
			}
			login = func(i int) string { all := logins(of(i)); return all[r.IntN(len(all))] }
		} else {
			for i := range names {
				known.knows(login(i))
			}
		}
		var history []string
		for range 14 {
			login := typed(r, login(r.IntN(names)))
			from := fmt.Sprintf("10.%d.%d.%d", seed%50, r.IntN(networks), r.IntN(2))
			switch step := r.IntN(100); {
			case step < 20:
				pause := time.Duration(r.Int64N(int64(time.Second) << r.IntN(13)))
				clock.Advance(pause)
				history = append(history, fmt.Sprint("pause ", pause))
				continue
			case step < 21:
				known.restart()
				unknown.restart()
				history = append(history, "restart")
				continue
			}
			a := answer(known.person(from).tries(path, login, "not the password"))
			b := answer(unknown.person(from).tries(path, login, "not the password"))
			history = append(history, fmt.Sprintf("%q from %s: %s", login, from, a))
			if strings.HasPrefix(a, "429") {
				refused++
			}
			if a != b {
				t.Fatalf("history %d at %s: who is known gets %s, who is not %s, after\n%s", seed, path, a, b, strings.Join(history, "\n"))
			}
		}
	}
	if refused < histories {
		t.Errorf("only %d guesses were delayed: the histories show nothing", refused)
	}
}

// Whoever knows all that a customer signs in with gets no more tries by that, and is not told
// that it is one customer's.
func TestGuessesAtACustomerAreSharedByAllTheirLogins(t *testing.T) {
	t.Parallel()
	d := newInstallation(t, sitetest.NewClock(time.Now()))
	d.customer(amina)
	other := store.Customer{Email: "dayo1@example.com", Phone: "+2348051001001", Reference: "LN-8"}
	stranger, elsewhere := d.person("203.0.113.7"), d.person("198.51.100.1")
	for i, login := range logins(amina) {
		is := answer(stranger.tries("/me/login", login, "not the password"))
		want := answer(elsewhere.tries("/me/login", logins(other)[i], "not the password"))
		if is != want || !strings.HasPrefix(is, "401") {
			t.Errorf("%s is answered %s, what is nobody's %s; want 401", login, is, want)
		}
	}
	for _, login := range logins(amina)[:3] {
		if w := stranger.tries("/me/login", login, site.StaffPassword); w.Code != http.StatusUnauthorized {
			t.Errorf("%s with the right password after five guesses: %d, want 401", login, w.Code)
		}
	}
	if w := elsewhere.tries("/me/login", amina.Phone, site.StaffPassword); w.Code != http.StatusSeeOther {
		t.Errorf("from elsewhere: %d", w.Code)
	}
	d.time.Advance(15 * time.Minute)
	if w := stranger.tries("/me/login", "0803 100 1001", site.StaffPassword); w.Code != http.StatusSeeOther {
		t.Errorf("a quarter of an hour later: %d", w.Code)
	}
}

func TestABrowserThatIsKnownIsKnownByAllLoginsOfACustomer(t *testing.T) {
	t.Parallel()
	d := newInstallation(t, sitetest.NewClock(time.Now()))
	d.customer(amina)
	here := d.person("192.0.2.1").keeps()
	if w := here.tries("/me/login", "0803 100 1001", site.StaffPassword); w.Code != http.StatusSeeOther {
		t.Fatalf("by the number: %d", w.Code)
	}
	here.post("/me/logout", nil)
	for i := range 30 {
		for _, login := range logins(amina) {
			d.person(fmt.Sprintf("10.%d.1.1", i)).guesses("/me/login", login, 1)
		}
	}
	if w := d.person("198.51.100.1").tries("/me/login", amina.Reference, site.StaffPassword); w.Code == http.StatusSeeOther {
		t.Error("a browser that nobody knows is let in: the flood floods nothing")
	}
	for _, login := range logins(amina) {
		if w := here.tries("/me/login", login, site.StaffPassword); w.Code != http.StatusSeeOther {
			t.Errorf("by %s in the browser of before: %d", login, w.Code)
		}
		here.post("/me/logout", nil)
	}
	looked := 0
	for _, login := range logins(amina) {
		looked += here.guesses("/me/login", login, 5)
	}
	if looked != 5 {
		t.Errorf("%d guesses at once in that browser were looked at, want 5", looked)
	}
}

// newInstallationOf is a server that knows the owner, for a test beside others.
func newInstallationOf(t *testing.T, login string) *installation {
	t.Helper()
	t.Parallel()
	d := newInstallation(t, sitetest.NewClock(time.Now()))
	d.knows(login)
	return d
}

const owner = "owner@lender.example"

func TestWhoeverGuessesKeepsNobodyElseOut(t *testing.T) {
	t.Parallel()
	for _, path := range signInPaths {
		t.Run(path, func(t *testing.T) {
			d := newInstallationOf(t, owner)
			stranger := d.person("203.0.113.7")
			for hour := range 24 {
				for range 20 {
					stranger.guesses(path, owner, 2)
					d.time.Advance(3 * time.Minute)
				}
				if w := d.person(fmt.Sprintf("198.51.%d.1", hour)).tries(path, owner, site.StaffPassword); w.Code != http.StatusSeeOther {
					t.Errorf("hour %d: the right password from elsewhere gets %d", hour, w.Code)
				}
			}
		})
	}
}

// Everybody in the world guesses: who signed in here before does not notice.
func TestWhoSignedInHereBeforeIsNotDelayedByStrangers(t *testing.T) {
	t.Parallel()
	for _, path := range signInPaths {
		t.Run(path, func(t *testing.T) {
			d := newInstallationOf(t, owner)
			d.knows("other@lender.example")
			here := d.person("192.0.2.1").keeps()
			if w := here.tries(path, owner, site.StaffPassword); w.Code != http.StatusSeeOther {
				t.Fatalf("the first time: %d", w.Code)
			}
			here.post("/logout", nil)
			here.post("/me/logout", nil)
			flood := func() {
				for i := range 30 {
					d.person(fmt.Sprintf("10.%d.1.1", i)).guesses(path, owner, 2)
				}
				d.person("192.0.2.1").guesses(path, owner, 30)
				for i := range 310 {
					d.person("192.0.2.1").guesses(path, fmt.Sprintf("n%d@lender.example", i), 1)
				}
			}
			for range 2 {
				flood()
				d.restart()
				if w := d.person("198.51.100.1").tries(path, owner, site.StaffPassword); w.Code != http.StatusTooManyRequests {
					t.Errorf("a browser that nobody knows gets %d: the flood floods nothing", w.Code)
				}
				for _, from := range []string{"192.0.2.1", "198.51.100.1"} {
					if w := here.elsewhere(from).tries(path, strings.ToUpper(owner), site.StaffPassword); w.Code != http.StatusSeeOther {
						t.Errorf("the right password in the browser of before, from %s: %d", from, w.Code)
					}
				}
				d.time.Advance(30 * 24 * time.Hour)
			}
			flood()
			if w := here.tries(path, "other@lender.example", site.StaffPassword); w.Code != http.StatusTooManyRequests {
				t.Errorf("somebody else in that browser gets %d: it is the owner's alone", w.Code)
			}
			if n := here.guesses(path, owner, 100); n != 5 {
				t.Errorf("%d guesses at once in the browser of before were looked at, want 5", n)
			}
		})
	}
}

func TestABrowserIsKnownOnlyByAWholeSignInAndOnlyAsWeWroteIt(t *testing.T) {
	d := newInstallationOf(t, owner)
	m, err := d.store.StaffByEmail(t.Context(), owner)
	if err == nil {
		err = d.store.SetSecondFactor(t.Context(), m.ID, "", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	const device = "balancelink_devices"
	named := func(w *httptest.ResponseRecorder) *http.Cookie {
		for _, c := range w.Result().Cookies() {
			if c.Name == device {
				return c
			}
		}
		return nil
	}
	b := d.person("192.0.2.1").keeps()
	if c := named(b.tries("/login", owner, "not the password")); c != nil {
		t.Error("a wrong password makes a browser known")
	}
	if c := named(b.tries("/login", owner, site.StaffPassword)); c != nil {
		t.Error("a password alone makes the browser of somebody known who has a second factor")
	}
	seed, _ := signin.ReadSeed("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	w := b.post("/login/code", url.Values{"code": {signin.TOTP(seed, d.time.Now().Unix()/30, 6)}})
	c := named(w)
	if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 || c.Path != "/" {
		t.Fatalf("after the code: %d with %v", w.Code, c)
	}
	for i := range 30 {
		d.person(fmt.Sprintf("10.%d.1.1", i)).guesses("/login", owner, 1)
	}
	with := func(value string) int {
		p := d.person("198.51.100.1").keeps()
		u, err := url.Parse("http://127.0.0.1:8080")
		if err != nil {
			t.Fatal(err)
		}
		p.cookies.SetCookies(u, []*http.Cookie{{Name: device, Value: value, Path: "/"}})
		return p.tries("/login", owner, site.StaffPassword).Code
	}
	if got := with(c.Value); got != http.StatusSeeOther {
		t.Errorf("with the cookie: %d", got)
	}
	for _, value := range []string{"", "x", c.Value[1:], c.Value + "A", strings.Repeat("A", 3000)} {
		if got := with(value); got != http.StatusTooManyRequests {
			t.Errorf("with %.20q for a cookie: %d, want 429", value, got)
		}
	}
	d.time.Advance(200 * 24 * time.Hour)
	for i := range 30 {
		d.person(fmt.Sprintf("10.%d.1.1", i)).guesses("/login", owner, 1)
	}
	if got := with(c.Value); got != http.StatusTooManyRequests {
		t.Errorf("half a year later: %d, want 429", got)
	}
}

func TestWrongPasswordsOfOneDoNotShutTheNetworkToOthers(t *testing.T) {
	t.Parallel()
	for _, path := range signInPaths {
		t.Run(path, func(t *testing.T) {
			d := newInstallationOf(t, owner)
			nat := d.person("203.0.113.7")
			nat.guesses(path, "somebody@example.com", 26)
			for i := range 200 {
				nat.guesses(path, fmt.Sprintf("n%d@example.com", i), 1)
			}
			if w := nat.tries(path, owner, site.StaffPassword); w.Code != http.StatusSeeOther {
				t.Errorf("somebody else's right password gets %d", w.Code)
			}
		})
	}
}

// Who is signed in is asked in the session: nobody else's guesses count there.
func TestStrangersDoNotDelayWhatASignedInPersonConfirms(t *testing.T) {
	d := newInstallationOf(t, owner)
	staff, customer := d.person("192.0.2.1").keeps(), d.person("192.0.2.1").keeps()
	staff.tries("/login", owner, site.StaffPassword)
	customer.tries("/me/login", owner, site.StaffPassword)
	m, err := d.store.StaffByEmail(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	cu, err := d.store.CustomerByLogin(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	staff.drawn, customer.drawn = store.ByStaff(m.ID), store.ByCustomer(cu.ID)
	for _, path := range signInPaths {
		for i := range 30 {
			d.person(fmt.Sprintf("10.%d.1.1", i)).guesses(path, owner, 2)
		}
		d.person("192.0.2.1").guesses(path, owner, 30)
	}
	if w := staff.post("/confirm", url.Values{"proof": {site.StaffPassword}, "next": {"/staff"}}); w.Header().Get("Location") != "/staff" {
		t.Errorf("the owner confirms: %d", w.Code)
	}
	next := url.Values{"current": {site.StaffPassword}, "new": {"another long pass phrase"}, "password": {"another long pass phrase"}, "again": {"another long pass phrase"}}
	if w := staff.post("/profile/password", next); w.Code != http.StatusSeeOther {
		t.Errorf("the owner's new password: %d", w.Code)
	}
	if w := customer.post("/me/password", next); w.Code != http.StatusSeeOther {
		t.Errorf("the customer's new password: %d", w.Code)
	}
	n := 0
	for range 100 {
		if staff.post("/confirm", url.Values{"proof": {"wrong"}}).Code == http.StatusUnauthorized {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d guesses at once in a session were looked at, want 5", n)
	}
}

// A new token is no way around the delay: the password that is known gives one.
func TestANewPasswordGivesNoNewTriesAtTheCode(t *testing.T) {
	d := newInstallationOf(t, owner)
	b := d.person("192.0.2.1").keeps()
	b.tries("/login", owner, site.StaffPassword)
	m, err := d.store.StaffByEmail(t.Context(), owner)
	if err == nil {
		err = d.store.SetSecondFactor(t.Context(), m.ID, "", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.drawn = store.ByStaff(m.ID)
	cookie := site.NewSignIns(t, d.server).Staff(t, m.ID)
	u, _ := url.Parse("http://127.0.0.1:8080")
	b.cookies.SetCookies(u, []*http.Cookie{cookie})
	n, password := 0, site.StaffPassword
	for i := range 50 {
		if b.post("/confirm", url.Values{"proof": {"000000"}}).Code == http.StatusUnauthorized {
			n++
		}
		next := fmt.Sprintf("another long pass phrase %c%c", 'a'+i%26, 'a'+i/26)
		if b.post("/profile/password", url.Values{"current": {password}, "new": {next}}).Code == http.StatusSeeOther {
			password = next
		}
	}
	if n != 5 {
		t.Errorf("%d codes were looked at, want 5", n)
	}
}
