package everyroute_test

import (
	"encoding/base32"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
	"balancelink/store/storetest"
	"balancelink/views"
)

// thief has a browser session of an owner's that has proven nothing for a while,
// and the owner's password; no code and no recovery code.
type thief struct {
	*cell
	owner   store.Staff
	cookies map[string]*http.Cookie
	rand    *rand.Rand
}

// newThief breaks into a new owner's browser.
func (p *principals) newThief(t testing.TB, r *rand.Rand) *thief {
	t.Helper()
	c := p.newCell(t)
	owner, err := p.store.AddStaff(t.Context(), store.Program, store.Staff{
		Email: "owner-of-" + c.customer + "@lender.example", PasswordHash: site.CheapCost.Hash(site.StaffPassword), Role: store.RoleOwner,
	})
	c.ok(err)
	c.ok(p.store.SetSecondFactor(t.Context(), owner.ID, "", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0, []string{"a recovery code of " + owner.ID}))
	cookie := p.signIns.Staff(t, owner.ID)
	p.time.Advance(10 * time.Minute)
	return &thief{c, owner, map[string]*http.Cookie{cookie.Name: cookie}, r}
}

// form is everything that somebody who knows the password can fill in: the only
// code is that of an app of their own.
func (f *thief) form() url.Values {
	own := []byte("01234567890123456789")
	return url.Values{
		views.DrawnForField: {store.ByStaff(f.owner.ID)},
		"email":             {f.owner.Email}, "login": {f.owner.Email}, "password": {site.StaffPassword}, "current": {site.StaffPassword}, "proof": {site.StaffPassword},
		"new": {site.StaffPassword}, "again": {site.StaffPassword}, "seed": {base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(own)},
		"code": {signin.TOTP(own, f.time.Now().Unix()/30, 6)}, "role": {"owner"}, "name": {"Amina"}, "next": {"/staff"},
	}
}

// ask sends a request as the browser would, keeps its cookies, and says whether
// it was done: neither refused nor sent to prove who it is.
func (f *thief) ask(route string) (done bool) {
	f.t.Helper()
	f.time.Advance(time.Millisecond)
	method, _, _ := strings.Cut(route, " ")
	path := f.path(route)
	if f.rand != nil && f.rand.IntN(2) == 0 {
		path = strings.Replace(path, f.member, f.owner.ID, 1)
	}
	req := httptest.NewRequestWithContext(f.t.Context(), method, path, strings.NewReader(f.form().Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, cookie := range f.cookies {
		req.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, req)
	for _, cookie := range w.Result().Cookies() {
		f.cookies[cookie.Name] = cookie
	}
	to, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	return to != "/confirm" && to != "/login" && w.Code != http.StatusConflict && w.Code != http.StatusUnauthorized
}

// guarded are the routes that want who they are to have been proven just now,
// as the router answers: one that did not want it would be no such route.
func (p *principals) guarded(t testing.TB) (all, guarded []string) {
	t.Helper()
	f := p.newThief(t, nil)
	for _, r := range p.server.Routes() {
		route := r.Method + " " + r.Path
		all = append(all, route)
		req := httptest.NewRequestWithContext(t.Context(), r.Method, f.path(route), strings.NewReader(f.form().Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		cookie := p.signIns.Staff(t, f.owner.ID)
		p.time.Advance(10 * time.Minute)
		req.AddCookie(cookie)
		w := httptest.NewRecorder()
		p.server.ServeHTTP(w, req)
		if strings.HasPrefix(w.Header().Get("Location"), "/confirm") {
			guarded = append(guarded, route)
		}
	}
	if len(guarded) < 15 {
		t.Fatalf("only %v ask who it is", guarded)
	}
	return all, guarded
}

// An old session and the password are one factor, whatever is done with them.
func TestNoTwoRequestsWithoutACodeReachWhatAsksForOne(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	all, guarded := p.guarded(t)
	for _, first := range all {
		f := p.newThief(t, nil)
		f.ask(first)
		for _, second := range guarded {
			if f.ask(second) {
				t.Errorf("%s after %s is done without a code", second, first)
			}
		}
	}
}

func TestNoWalkWithoutACodeReachesWhatAsksForOne(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	all, guarded := p.guarded(t)
	asks := map[string]bool{}
	for _, route := range guarded {
		asks[route] = true
	}
	for seed := range uint64(storetest.Often(200)) {
		r := rand.New(rand.NewPCG(seed, 0))
		f := p.newThief(t, r)
		var walk []string
		for range 12 {
			route := all[r.IntN(len(all))]
			if r.IntN(2) == 0 {
				route = guarded[r.IntN(len(guarded))]
			}
			walk = append(walk, route)
			if f.ask(route) && asks[route] {
				t.Fatalf("seed %d: the last is done without a code: %s", seed, strings.Join(walk, ", "))
			}
		}
	}
}
