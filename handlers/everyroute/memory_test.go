package everyroute_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store/limits"
	"balancelink/store/storetest"
)

// remembered are all maps that outlive a request, and what bounds each: a way to
// drive it with long and distinct keys, which returns what has it, and the fields
// that lead to it from there; or a reason why nobody outside chooses the keys.
var remembered = map[string]struct {
	drive func(t *testing.T, p *principals) (holder any)
	at    string
	why   string
}{
	"handlers/web/Polls.until":          {drive: drivePolls, at: "until"},
	"store/limits/Limiter.buckets":      {drive: driveSenders, at: "hooks.guard.strikes.buckets"},
	"handlers/web/refusals.seen":        {drive: driveRefusals, at: "refused.seen"},
	"handlers/hook/guard.rejected":      {drive: driveGuard, at: "hooks.guard.rejected"},
	"handlers/web/downloads.running":    {drive: driveDownloads, at: "downloads.running"},
	"handlers/signin/failures.counts":   {drive: driveSignIns, at: "signin.failed.counts"},
	"handlers/imports.taking":           {why: "our staff, while a file of theirs is taken in"},
	"handlers/web/Site.pages":           {why: "the routes"},
	"handlers/web/Config.Bodies":        {why: "the routes"},
	"handlers/worker/lookups.last":      {why: "ids of linked accounts, no more than limits.Lookups"},
	"handlers/worker/missed.searched":   {why: "the providers that are configured"},
	"handlers/worker/missed.strange":    {why: "records that a provider lists, no more than limits.Lookups"},
	"handlers/worker/Config.DailyCalls": {why: "the settings"},
	"handlers/acts/Bank.Intervals":      {why: "the providers that are configured"},
	"store/RefreshRequest.Intervals":    {why: "the providers that are configured"},
	"store/chainCheck.noted":            {why: "of one check of the audit log: the heads that were named to it"},
	"handlers/worker/pool.busy":         {why: "what is under way: one for a refresh, an event or a customer, and only as many as are read at once"},
	"handlers/worker/round.before":      {why: "the same, for as long as a look at the rows takes"},
	"handlers/listen/gate.from":         {why: "addresses of fixed size, no more than limits.Connections"},
	"okra/provider/wire/Request.Header": {why: "of one call"},
	"okra/provider/wire/Object":         {why: "of one payload"},
	"okra/provider/wire/Unreadable":     {why: "of one payload"},
	"store/content.rows":                {why: "our tables"},
	"store/prepared.own":                {why: "queries of the program's own, within a transaction"},
	"store/Store.noted":                 {why: "what is under way: work of the program's own that takes long"},
	"store/statements.known":            {why: "queries of the program's own"},
	"static/file.packed":                {why: "our files"},
	"static/set.urls":                   {why: "our files"},
	"store/erasedList.latest":           {why: "one for each kind of one-way act and whom it is about"},
	"store/vault.Staff":                 {why: "our staff, as the audit log of before knew them"},
	"static/set.files":                  {why: "our files"},
}

const flood = 12_000

func long(i int) string { return strings.Repeat("x", 2000) + fmt.Sprint(i) }

func drivePolls(_ *testing.T, p *principals) any {
	polls := web.NewPolls(p.store.Writes, p.time.Now)
	for i := range flood {
		req := &http.Request{Header: http.Header{"Cookie": {"a=" + long(i)}}}
		polls.Remember(&gin.Context{Request: req}, "/refreshes/"+long(i))
	}
	return polls
}

func driveSenders(t *testing.T, p *principals) any {
	for i := range flood {
		from := netip.AddrFrom16([16]byte{0x20, 0x01, 5: byte(i >> 16), 6: byte(i >> 8), 7: byte(i)})
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/okra", nil)
		req.RemoteAddr = netip.AddrPortFrom(from, 1000).String()
		req.Header.Set("Authorization", "Bearer wrong")
		p.server.ServeHTTP(discard{http.Header{}}, req)
	}
	return p.server
}

func driveRefusals(t *testing.T, p *principals) any {
	for i := range 300 {
		req := p.looked.asked("GET /me", "nobody")
		req.Method, req.URL.Path = long(i), "/"+long(i)
		p.server.ServeHTTP(discard{http.Header{}}, req)
	}
	return p.server.Site
}

func driveGuard(t *testing.T, p *principals) any {
	for i := range 300 {
		req := p.looked.asked("POST /webhooks/okra", "nobody")
		req.Header.Set("Authorization", "Bearer "+long(i))
		req.Header.Set("Content-Type", long(i))
		p.server.ServeHTTP(discard{http.Header{}}, req)
	}
	return p.server
}

func driveDownloads(t *testing.T, p *principals) any {
	for range 30 {
		p.server.ServeHTTP(discard{http.Header{}}, p.looked.asked("GET /me/accounts/:id/history.csv", "self"))
	}
	return p.server.Site
}

func driveSignIns(t *testing.T, p *principals) any {
	for i := range 5 { // a password costs much
		p.looked.answer(t, "POST /login", "nobody", "password=wrong&email="+long(i)+"@lender.example")
	}
	return p.server
}

// discard is an answer that nobody looks at.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

func TestWhatStrangersSendIsRememberedWithinABound(t *testing.T) {
	storetest.Long(t)
	p := newPrincipals(t)
	p.cellFor(t, http.MethodGet)
	for name, one := range remembered {
		if one.drive == nil {
			continue
		}
		entries, bytes := keys(one.drive(t, p), one.at)
		if entries > 10*limits.Senders || bytes > 64*entries {
			t.Errorf("%s keeps %d entries with keys of %d bytes", name, entries, bytes)
		}
	}
}

// keys are how many entries a map has, and how many bytes their keys are. Of a list
// on the way to it, it is that of the first.
func keys(holder any, at string) (entries, bytes int) {
	m := reflect.ValueOf(holder)
	for name := range strings.SplitSeq(at, ".") {
		if m.Kind() == reflect.Slice {
			m = m.Index(0)
		}
		m = reflect.Indirect(m).FieldByName(name)
	}
	for _, k := range m.MapKeys() {
		entries, bytes = entries+1, bytes+size(k)
	}
	return entries, bytes
}

// size is how many bytes a key takes, with its texts.
func size(v reflect.Value) int {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			n += size(v.Field(i))
		}
		return n
	}
	return int(v.Type().Size())
}

func TestEveryMapThatOutlivesARequestIsKnown(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, dir := range []string{"handlers", "handlers/web", "handlers/signin", "handlers/hook", "handlers/api", "handlers/acts", "handlers/worker", "handlers/listen", "store", "okra", "okra/provider", "okra/provider/wire", "static", "store/limits"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range mapsIn(parsed) {
				found[dir+"/"+name] = true
			}
		}
	}
	perRequest := []string{"okra/object", "okra/Unreadable", "store/Visit.Reach", "handlers/presenter.staff", "handlers/actorNames.staff", "handlers/actorNames.keys", "handlers/ofCustomer.begun"}
	for _, name := range perRequest {
		delete(found, name)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if one, ok := remembered[name]; !ok || one.drive == nil && one.why == "" {
			t.Errorf("%s is a map: say in this test what bounds it", name)
		}
	}
	for name := range remembered {
		if !found[name] {
			t.Errorf("%s is no map any more", name)
		}
	}
}

// mapsIn are the fields and types of a file that are maps.
func mapsIn(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			typ := s.(*ast.TypeSpec)
			if isMap(typ.Type) {
				names = append(names, typ.Name.Name)
			}
			if st, ok := typ.Type.(*ast.StructType); ok {
				for _, f := range st.Fields.List {
					for _, n := range f.Names {
						if isMap(f.Type) {
							names = append(names, typ.Name.Name+"."+n.Name)
						}
					}
				}
			}
		}
	}
	return names
}

func isMap(e ast.Expr) bool {
	if s, ok := e.(*ast.SelectorExpr); ok {
		pkg, _ := s.X.(*ast.Ident)
		return pkg != nil && pkg.Name == "sync" && s.Sel.Name == "Map"
	}
	_, ok := e.(*ast.MapType)
	return ok
}
