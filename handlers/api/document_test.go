package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/api"
	"balancelink/handlers/sitetest/site"
	"balancelink/handlers/web"
	"balancelink/store"
)

// parameter is a part of a route that stands for something.
var parameter = regexp.MustCompile(`:(\w+)`)

// operations are the routes of the API by method and path as the document writes them,
// with the scope that the document says each asks for.
func operations(t *testing.T) map[string]store.KeyScope {
	t.Helper()
	d, _ := doc(t)
	all := map[string]store.KeyScope{}
	for path, item := range d.Paths.Map() {
		for method, o := range item.Operations() {
			scope := store.KeyScope("any")
			if o.Security != nil {
				scope = "none"
				for _, s := range *o.Security {
					scope = store.KeyScope(strings.Join(s["key"], " "))
				}
			}
			all[method+" "+path] = scope
		}
	}
	return all
}

func TestAPanicIsAnsweredAsAProblem(t *testing.T) {
	served := api.New(api.Config{
		Headers: func(http.Header) { panic("it is our fault") }, Measure: func(*gin.Context) {}, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler), Refused: func(*gin.Context, string, string, int) {}, Recovering: web.Recovering,
	})
	w := httptest.NewRecorder()
	served.ServeHTTP(w, httptest.NewRequest("GET", api.Path+"/me", nil))
	if is := w.Header().Get("Content-Type"); w.Code != http.StatusInternalServerError || is != "application/problem+json" {
		t.Errorf("it is answered %d, %s: %s", w.Code, is, w.Body)
	}
}

func TestRoutesAndDocumentNameTheSame(t *testing.T) {
	documented := operations(t)
	served := api.New(api.Config{
		Headers: func(http.Header) {}, Measure: func(*gin.Context) {}, Now: time.Now, Sender: func(*gin.Context) netip.Addr { return netip.Addr{} },
		Recovering: web.Recovering,
	}).Routes()
	for _, r := range served {
		name := r.Method + " " + parameter.ReplaceAllString(strings.TrimPrefix(r.Path, api.Path), "{$1}")
		if documented[name] == "" {
			t.Errorf("%s is there and not in openapi.yaml", name)
		}
		delete(documented, name)
	}
	for name := range documented {
		t.Errorf("openapi.yaml has %s, which is not there", name)
	}
}

// somewhere is a path of the document with ids that are nobody's.
func somewhere(path string) string {
	return regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "01936a5e-0000-7000-8000-000000000001")
}

func TestEveryRouteAsksForAKeyThatWorksAndForItsScope(t *testing.T) {
	s := site.New(t)
	expired := newProgram(t, s)
	s.Advance(25 * time.Hour)
	revoked, unknown, nobody, fine := newProgram(t, s), newProgram(t, s), newProgram(t, s), newProgram(t, s)
	if err := s.Store.RevokeAPIKey(t.Context(), store.ByStaff("s"), revoked.key.ID); err != nil {
		t.Fatal(err)
	}
	unknown.whole, nobody.whole = unknown.whole+"x", ""
	for name, scope := range operations(t) {
		method, path, _ := strings.Cut(name, " ")
		path = somewhere(path)
		if scope == "none" {
			nobody.ask(method, path, nil).want(http.StatusOK)
			continue
		}
		for _, p := range []program{expired, revoked, unknown, nobody} {
			s.Advance(time.Minute) // so that no tries are too many
			got := p.wrongly().ask(method, path, nil, "Cookie", "balancelink_staff=x")
			got.refused(http.StatusUnauthorized, "unauthorized")
			if got.header.Get("Www-Authenticate") != "Bearer" || len(got.header["Set-Cookie"]) > 0 {
				t.Errorf("%s: the headers are %v", name, got.header)
			}
		}
		if got := fine.wrongly().ask(method, path, nil); got.status == http.StatusUnauthorized || got.status == http.StatusForbidden {
			t.Errorf("%s with every scope: %d", name, got.status)
		}
		if scope == "any" {
			continue
		}
		if !slices.Contains(store.KeyScopes(), scope) {
			t.Errorf("%s: the document has the scope %q, which is none", name, scope)
		}
		others := slices.DeleteFunc(store.KeyScopes(), func(one store.KeyScope) bool { return one == scope })
		newProgram(t, s, others...).wrongly().ask(method, path, nil).refused(http.StatusForbidden, "scope_missing")
	}
}

func TestTheDocumentHasEveryFilterOfTheList(t *testing.T) {
	d, _ := doc(t)
	var documented []store.Filter
	for _, value := range d.Paths.Value("/customers").Get.Parameters.GetByInAndName("query", "filter").Schema.Value.Enum {
		documented = append(documented, store.Filter(value.(string)))
	}
	known := store.Filters()
	slices.Sort(documented)
	slices.Sort(known)
	if !slices.Equal(documented, known) {
		t.Errorf("the document has the filters %v, the list %v", documented, known)
	}
}

func TestTheCodesOfTheDocumentAreThoseOfTheProgram(t *testing.T) {
	d, _ := doc(t)
	var documented []string
	for _, code := range d.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum {
		documented = append(documented, code.(string))
	}
	known := api.Codes()
	slices.Sort(documented)
	slices.Sort(known)
	if !slices.Equal(documented, known) {
		t.Errorf("the document has the codes %v, the program %v", documented, known)
	}
}
