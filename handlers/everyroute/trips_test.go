package everyroute_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"balancelink/handlers"
	"balancelink/store"
	"balancelink/store/storetest"
)

// mostTrips is how often a page may wait for the database. Each time costs what the network
// between the two takes.
const mostTrips = 6

// moreTrips are the pages that wait more often, with why.
var moreTrips = map[string]struct {
	most int64
	why  string
}{
	"GET /status":                      {18, "a small database is looked at whole each time, for what contradicts itself"},
	"GET /audit":                       {14, "a small log is verified each time, a part after the other"},
	"GET /balances.csv":                {7, "is a file, and each taking of it is written down"},
	"GET /accounts/:id/history.csv":    {8, "is a file, and each taking of it is written down"},
	"GET /me/accounts/:id/history.csv": {10, "is a file, and each taking of it is written down"},
}

func TestNoPageWaitsForTheDatabaseMoreThanSixTimes(t *testing.T) {
	if !storetest.OnPostgres() {
		t.Skip("a database in the program's own process is no trip away")
	}
	var trips *storetest.Trips
	path := filepath.Join(storetest.Folder(t), "test.db")
	p := principalsOf(t, path, func(now func() time.Time) (s *store.Store) {
		s, trips = storetest.OpenFar(t, path, now)
		return s
	}, func(*handlers.Server) {}) // which does nothing that nobody asks for
	c := p.newCell(t)
	p.looked = c
	for _, r := range p.server.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		route, most := r.Method+" "+r.Path, int64(0)
		for _, name := range []string{"nobody", "self", "link", "finder", "owner", "admin", "officer", "viewer", "auditor"} {
			most = max(most, c.trips(trips, route, name))
		}
		more, excused := moreTrips[route]
		t.Logf("%3d %s", most, route)
		if most > max(mostTrips, more.most) || excused && most <= mostTrips {
			t.Errorf("%s waits %d times, want %d", route, most, max(mostTrips, more.most))
		}
	}
}

// trips is how often a page waits that was opened before, of which the database knows the
// statements.
func (c *cell) trips(made *storetest.Trips, route, name string) int64 {
	c.t.Helper()
	first := c.asked(route, name)
	var took []int64
	for range 20 { // on each connection once for the first time
		req, before := first.Clone(c.t.Context()), made.Made()
		c.server.ServeHTTP(httptest.NewRecorder(), req)
		took = append(took, made.Made()-before)
		if len(took) > 3 && slices.Min(took) <= mostTrips {
			break
		}
	}
	return slices.Min(took)
}
