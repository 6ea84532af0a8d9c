package everyroute_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// Whatever is done to a colleague is done by another: a new route, too.
func TestNobodyDoesToThemselvesWhatIsForColleagues(t *testing.T) {
	p := newPrincipals(t)
	owner := p.staff["owner"]
	p.newCell(t).ok(p.store.SetSecondFactor(t.Context(), owner, "", "SEED", 0, nil))
	n := 0
	for _, r := range p.server.Routes() {
		if !strings.HasPrefix(r.Path, "/staff/:id") || r.Path == "/staff/:id/name" { // which owners set of themselves too
			continue
		}
		n++
		for name, age := range map[string]time.Duration{"just signed in": 0, "signed in a while ago": 10 * time.Minute} {
			cookie := p.signIns.Staff(t, owner)
			p.time.Advance(age)
			req := httptest.NewRequestWithContext(t.Context(), r.Method, strings.Replace(r.Path, ":id", owner, 1), strings.NewReader(site.DrawnFor(store.ByStaff(owner), url.Values{"role": {"viewer"}}).Encode()))
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
