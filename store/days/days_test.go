package days_test

import (
	"archive/zip"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/store/days"
	"balancelink/store/storetest"
)

// zones are all zones of the tz database that comes with Go.
func zones(t *testing.T) (all []*time.Location) {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, f := range file.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		zone, err := time.LoadLocation(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, zone)
	}
	if len(all) < 400 {
		t.Fatalf("%d zones", len(all))
	}
	return all
}

func TestInEveryZoneEachMomentBelongsToOneDayAndTheDaysFollowEachOther(t *testing.T) {
	t.Parallel()
	first, last := time.Date(1840, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	all := zones(t)
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, zone := range all[:storetest.Often(len(all))] {
		moments := []time.Time{}
		for range 40 {
			moments = append(moments, time.Unix(first+rand.Int64N(last-first), rand.Int64N(1e9)).In(zone))
		}
		for at, n := time.Unix(first, 0).In(zone), 0; n < 400; n++ { // about every change of the clock
			_, change := at.ZoneBounds()
			if change.IsZero() || change.Unix() > last || !change.After(at) {
				break
			}
			for _, by := range []time.Duration{-25 * time.Hour, -time.Hour, -1, 0, 1, 59 * time.Minute, 25 * time.Hour} {
				moments = append(moments, change.Add(by))
			}
			at = change
		}
		for _, at := range moments {
			start, next := days.Start(at), days.Next(at)
			if start.After(at) || !next.After(at) {
				t.Fatalf("%v: its day is from %v to %v", at, start, next)
			}
			if !days.Start(next).Equal(next) || !days.Next(start).Equal(next) || !days.Next(next.Add(-1)).Equal(next) || !days.Start(next.Add(-1)).Equal(start) {
				t.Fatalf("%v: the moments of the day from %v to %v belong to several days", at, start, next)
			}
			if start.Add(-1).Format(time.DateOnly) >= start.Format(time.DateOnly) {
				t.Fatalf("%v: %v is not the first moment of its date", at, start)
			}
			if by := rand.IntN(60) - 30; days.Shift(at, by).After(at) != (by > 0) {
				t.Fatalf("%v: %d days from it is %v", at, by, days.Shift(at, by))
			}
		}
	}
}

func TestADayBeginsAtItsFirstMoment(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ zone, date, begins, lasts string }{
		{"Africa/Lagos", "2026-11-03", "2026-11-03T00:00:00+01:00", "24h0m0s"},
		{"Europe/Paris", "2026-10-25", "2026-10-25T00:00:00+02:00", "25h0m0s"},
		{"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00", "23h0m0s"}, // there is no midnight
		{"America/Santiago", "2026-04-04", "2026-04-04T00:00:00-03:00", "25h0m0s"},
		{"Atlantic/Azores", "2027-03-28", "2027-03-28T01:00:00+00:00", "23h0m0s"},
		{"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00", "25h0m0s"}, // midnight comes twice
		{"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00", "23h0m0s"},
		{"Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00", "23h0m0s"},
		{"America/Asuncion", "2023-10-01", "2023-10-01T01:00:00-03:00", "23h0m0s"},
		{"America/St_Johns", "2006-10-29", "2006-10-29T00:00:00-02:30", "25h0m0s"}, // back to the day before for an hour, at 00:01
		{"Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00", "24h0m0s"},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", "24h0m0s"}, // was left out
	} {
		zone, err := time.LoadLocation(row.zone)
		if err != nil {
			t.Fatal(err)
		}
		date, err := time.Parse(time.DateOnly, row.date)
		if err != nil {
			t.Fatal(err)
		}
		begins := days.On(date.Year(), date.Month(), date.Day(), zone)
		if got := begins.Format("2006-01-02T15:04:05-07:00"); got != row.begins {
			t.Errorf("%s in %s begins at %s, want %s", row.date, row.zone, got, row.begins)
		}
		if got := days.Next(begins).Sub(begins).String(); got != row.lasts {
			t.Errorf("%s in %s lasts for %s, want %s", row.date, row.zone, got, row.lasts)
		}
	}
}
