package everyroute_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store/storetest"
)

// A changing request is looked at only when it says that a page of ours sent
// it, or when it speaks for nobody.
func TestEveryUnsafeRouteWantsToKnowWhichPageSentIt(t *testing.T) {
	p := newPrincipals(t)
	own := "http://example.com" // the host of httptest's requests
	refused := map[string]http.Header{
		"neither header":         {},
		"cross-site":             {"Sec-Fetch-Site": {"cross-site"}},
		"a sibling's page":       {"Sec-Fetch-Site": {"same-site"}},
		"cross-site, our origin": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {own}},
		"another origin":         {"Origin": {"http://evil.example"}},
		"no origin":              {"Origin": {"null"}},
		"our host as a prefix":   {"Origin": {own + ".evil.example"}},
		"another site's page":    {"Referer": {"http://evil.example/?" + own}},
		"a page of no site":      {"Referer": {"example.com"}},
		"no origin, our page":    {"Origin": {"null"}, "Referer": {own + "/me"}},
	}
	taken := map[string]http.Header{
		"our page":         {"Sec-Fetch-Site": {"same-origin"}},
		"typed in":         {"Sec-Fetch-Site": {"none"}},
		"an older browser": {"Origin": {own}},
		"one older still":  {"Referer": {own + "/me?next=http://evil.example"}},
	}
	var unsafe int
	for _, r := range p.server.Routes() {
		if r.Method == http.MethodGet || r.Path == "/webhooks/okra" {
			continue
		}
		unsafe++
		as := "owner"
		if strings.HasPrefix(r.Path, "/me/") {
			as = "self"
		}
		c := p.newCell(t)
		staff, customer := c.signIns.Staff(t, c.staff["owner"]), c.signIns.Customer(t, c.customer)
		for name, header := range refused {
			if status := c.sendAs(as, r.Method+" "+r.Path, header, staff, customer); status != http.StatusForbidden {
				t.Errorf("%s %s, %s: %d, want 403", r.Method, r.Path, name, status)
			}
		}
		for name, header := range taken {
			// Some of these sign out: each gets cookies of its own.
			staff, customer := c.signIns.Staff(t, c.staff["owner"]), c.signIns.Customer(t, c.customer)
			if status := c.sendAs(as, r.Method+" "+r.Path, header, staff, customer); status == http.StatusForbidden {
				t.Errorf("%s %s, %s: 403", r.Method, r.Path, name)
			}
		}
	}
	if unsafe < 20 {
		t.Errorf("only %d unsafe routes were looked at", unsafe)
	}
	if status := p.newCell(t).sendAs("nobody", "POST /webhooks/okra", http.Header{"Authorization": {"Bearer simulated-webhook-token"}}); status == http.StatusForbidden {
		t.Error("the provider, which has no cookie, is refused")
	}
}

// sendAs sends the route's request, from a page that was drawn for a principal,
// with those cookies and returns the status.
func (c *cell) sendAs(as, route string, header http.Header, cookies ...*http.Cookie) int {
	c.t.Helper()
	method, _, _ := strings.Cut(route, " ")
	req := httptest.NewRequestWithContext(c.t.Context(), method, c.path(route), c.form(as, nil))
	maps.Copy(site.WithFormHeader(req.Header), header)
	for _, cookie := range cookies {
		req.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, req)
	return w.Code
}

// noted are the columns in which it stands that somebody looked.
var noted = []string{"sessions.last_seen_at", "customers.viewed_at", "customers.seen_at"}

// digest is what a database holds, by table, but for what is noted.
func digest(t *testing.T, path string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	digests := map[string]string{}
	for _, table := range storetest.Texts(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`) {
		columns := slices.DeleteFunc(storetest.Texts(t, db, `SELECT name FROM pragma_table_info('`+table+`')`), func(c string) bool {
			return slices.Contains(noted, table+"."+c)
		})
		row := "quote(" + strings.Join(columns, ") || ',' || quote(") + ")"
		all := storetest.Texts(t, db, "SELECT "+row+" FROM "+table+" ORDER BY 1")
		digests[table] = fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(all, "\n"))))
	}
	return digests
}

// written says whether looking at a page is an act of its own: who took data
// out, and who looked at what of customers, is written down.
func written(route string) bool {
	return strings.HasSuffix(route, ".csv") || unnoted["GET "+route] == ""
}

// A page that is looked at notes that it was, and when the session was last
// used; nothing else may change, but for the row by which /readyz sees whether
// something can be written, and what a look at the provider's hosts has found.
func TestLookingAtAPageChangesNothing(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	staff := c.signIns.Staff(t, c.staff["owner"])
	customer := c.signIns.Customer(t, c.customer)
	for _, r := range p.server.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		before := digest(t, p.path)
		for range 2 {
			c.sendAs("nobody", "GET "+r.Path, http.Header{}, staff, customer)
		}
		after := digest(t, p.path)
		for _, table := range slices.Sorted(maps.Keys(after)) {
			if strings.HasPrefix(table, "audit") && written(r.Path) || table == "readiness" && r.Path == "/readyz" || table == "trust" {
				continue
			}
			if before[table] != after[table] {
				t.Errorf("GET %s changes the table %s", r.Path, table)
			}
		}
	}
}
