package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

const tenYears = 3652 * 24 * time.Hour

// run lets the program run for so long, with the hourly work of the worker.
func (d *db) run(keep store.Retention, hours int) {
	d.t.Helper()
	for range hours {
		d.ok(d.CountDay(d.t.Context()))
		if _, err := d.Purge(d.t.Context(), keep); err != nil {
			d.t.Fatal(err)
		}
		d.advance(time.Hour)
	}
}

// hear is a webhook that is received now and applied, with nothing to show for it.
func (d *db) hear(key string) (id string) {
	d.t.Helper()
	r, err := d.ReceiveEvent(event(key), does(store.Outcome{Result: store.EventIgnored}))
	if d.ok(err); r.Repeat {
		d.t.Fatalf("%s came before", key)
	}
	return d.Texts(d.t, `SELECT id FROM events WHERE dedup_key = $1`, key)[0]
}

func (d *db) hasPayload(id string) bool {
	d.t.Helper()
	return !must(d.EventByID(d.t.Context(), id)).BodyDropped()
}

func TestAPayloadGoesAfterItsDaysAndTheRestOfTheEventStays(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Payloads: 30}
	d.run(keep, 1)
	id := d.hear("payload canary")
	before := must(d.EventByID(t.Context(), id))
	d.run(keep, 30*24)
	if !d.hasPayload(id) {
		t.Fatal("it went too early")
	}
	d.run(keep, 48)
	e := must(d.EventByID(t.Context(), id))
	if !e.BodyDropped() || e.Headers != "" || e.RemovedAt.IsZero() {
		t.Fatalf("after 32 days: %q, %q, removed at %v", e.Body, e.Headers, e.RemovedAt)
	}
	before.Headers, before.Body, before.RemovedAt = e.Headers, e.Body, e.RemovedAt
	if fmt.Sprint(e) != fmt.Sprint(before) {
		t.Errorf("the event is %+v, was %+v", e, before)
	}
	if r := must(d.ReceiveEvent(event("payload canary"), nil)); !r.Repeat {
		t.Error("a repeat is taken for something new")
	}
	if err := d.ReplayEvent(t.Context(), store.Program, id); !errors.Is(err, store.ErrNoPayload) {
		t.Errorf("replaying it: %v", err)
	}
	if n := d.Number(t, `SELECT number FROM purges WHERE what = 'payloads of webhooks'`); n != 1 {
		t.Errorf("%d are counted, want 1", n)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = $1 AND detail = 'payloads of webhooks: 1'`, store.ActPurged); n != 1 {
		t.Errorf("%d acts, want 1", n)
	}
}

func TestWhatStillWaitsKeepsItsPayload(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Payloads: 1}
	d.run(keep, 1)
	waits := d.hear("unmatched")
	d.ok(d.apply(waits, store.Outcome{Result: store.EventUnmatched}))
	must(d.ReceiveEvent(event("received"), nil))
	a := d.attempt(d.customer("Amina"))
	d.report(a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "r", Body: `{"report":"canary"}`})
	ended := d.attempt(d.customer("Bola"))
	d.report(ended.Nonce, store.Report{State: store.AttemptClosed, Body: `{"report":"canary"}`})
	d.run(keep, 5*24)
	if n := d.Number(t, `SELECT COUNT(*) FROM events WHERE body <> '{}'`); n != 2 {
		t.Errorf("%d payloads, want 2", n)
	}
	if left := d.Texts(t, `SELECT id FROM link_attempts WHERE report <> ''`); len(left) != 1 || left[0] != a.ID {
		t.Errorf("reports are left of %v, want %s only", left, a.ID)
	}
	d.ok(d.EndAttempt(t.Context(), d.state(a).Claim(), store.AttemptFailed, ""))
	d.run(keep, 1)
	if d.contains(`"report":"canary"`) {
		t.Error("the report lies in the database's files")
	}
}

// TestABalanceThatIsShownOrEvidenceStays has accounts whose figures come from
// balances of any age, and holds what pages show of them against before.
func TestABalanceThatIsShownOrEvidenceStays(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Balances: 3}
	d.run(keep, 1)
	busy, quiet, asked := d.linked("Amina"), d.linked("Bola"), d.linked("Chidi")
	d.save(said(quiet.ID, d.clock(), 5, store.Minor(4))) // the last that is available
	for range 10 {
		d.advance(time.Minute)
		d.save(said(busy.ID, d.clock(), d.clock().Unix(), store.Minor(1)))
		d.save(said(quiet.ID, d.clock(), d.clock().Unix(), store.Amount{}))
		d.save(said(asked.ID, d.clock(), d.clock().Unix(), store.Minor(2)))
	}
	check := must(d.AskFunds(t.Context(), store.FundsCheck{AccountID: asked.ID, Amount: 1, FreshFor: time.Hour}))
	evidence := d.history(asked.ID)[0]
	for _, available := range []int64{3, 4} {
		d.advance(time.Minute)
		d.save(said(asked.ID, d.clock(), 7, store.Minor(available)))
	}
	var shown []store.Account
	for _, a := range []store.Account{busy, quiet, asked} {
		shown = append(shown, d.account(a.ID))
	}
	d.run(keep, 6*24)
	for _, want := range shown {
		if got := d.account(want.ID); got != want {
			t.Errorf("the account is %+v, was %+v", got, want)
		}
		d.Refold(t, want.ID)
		got := d.account(want.ID)
		if got.CheckedAt = want.CheckedAt; got != want {
			t.Errorf("folded from what is left the account is %+v, was %+v", got, want)
		}
	}
	for id, want := range map[string]int{busy.ID: 1, quiet.ID: 2, asked.ID: 2} {
		if got := len(d.history(id)); got != want {
			t.Errorf("%d observations are left, want %d", got, want)
		}
	}
	if left := d.history(asked.ID); left[1].ID != evidence.ID {
		t.Error("what the funds check went by is gone")
	}
	if got := must(d.FundsCheckByID(t.Context(), check.ID)); got.Answer != store.FundsYes || got.Available != store.Minor(2) {
		t.Errorf("the check is %+v", got)
	}
	// Between the evidence and the latest something is missing: nobody may read
	// that the old figure stood until then.
	points := must(d.PointsByAccount(t.Context(), store.Whole(), asked.ID, time.Time{}))
	page := must(d.History(t.Context(), store.HistoryQuery{Scope: store.Whole(), AccountID: asked.ID, Limit: 10}))
	if len(points) != 1 || len(page.Rows) != 1 || page.Older != nil {
		t.Errorf("the history has %d points and %d rows, want the latest alone", len(points), len(page.Rows))
	}
	if from := must(d.HistoryFrom(t.Context(), store.Whole(), asked.ID)); !from.Before(points[0].At) || from.IsZero() {
		t.Errorf("it begins after %v", from)
	}
	if n := d.Number(t, `SELECT SUM(number) FROM purges WHERE what = 'balances'`); n != 9+9+10 {
		t.Errorf("%d are counted, want 28", n)
	}
}

func TestTheLatestRefreshAndWhatAFundsCheckWaitedForStay(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Refreshes: 3}
	d.run(keep, 1)
	a := d.linked("Amina")
	var ids []string
	for i := range 4 {
		r := d.start(wish(a.ID))
		if i == 1 {
			must(d.AskFunds(t.Context(), store.FundsCheck{AccountID: a.ID, Amount: 1, RefreshID: r.ID}))
		}
		d.ok(d.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshFailed, Cause: "cause canary"}))
		ids = append(ids, r.ID)
		d.advance(time.Hour)
	}
	d.run(keep, 6*24)
	left := d.Texts(t, `SELECT id FROM refreshes ORDER BY id`)
	if len(left) != 2 || left[0] != ids[1] || left[1] != ids[3] {
		t.Errorf("left are %v of %v, want the second and the last", left, ids)
	}
}

func TestWhatCannotBeRemovedHoldsUpNothingOfAnotherKind(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Balances: 1, Refreshes: 1}
	d.run(keep, 1)
	a := d.linked("Amina")
	d.save(said(a.ID, d.clock(), 5, store.Minor(4)))
	for range 3 {
		r := d.start(wish(a.ID))
		d.ok(d.EndRefresh(t.Context(), r, store.Ending{State: store.RefreshUnchanged}))
		d.advance(2 * time.Minute)
	}
	d.save(said(a.ID, d.clock(), 6, store.Minor(5)))
	d.Exec(t, `CREATE TABLE holds (id TEXT REFERENCES balances (id))`)
	d.Exec(t, `INSERT INTO holds SELECT id FROM balances`)
	failed := false
	for range 4 * 24 {
		d.ok(d.CountDay(t.Context()))
		_, err := d.Purge(t.Context(), keep)
		failed = failed || err != nil
		d.advance(time.Hour)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM refreshes`); !failed || n != 1 {
		t.Errorf("%d requests are left, want the latest; balances could be removed: %v", n, !failed)
	}
}

func TestARowThatCannotBeRemovedHoldsUpNoneBesideAndBehindIt(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Payloads: 1}
	d.run(keep, 1)
	const many = 700
	var ids []string
	for i := range many {
		ids = append(ids, d.hear(fmt.Sprint("k", i)))
	}
	held := []string{ids[3], ids[4], ids[250], ids[699]}
	d.HoldPayloads(t, held...)
	var failed error
	for range 4 * 24 {
		d.ok(d.CountDay(t.Context()))
		if _, err := d.Purge(t.Context(), keep); err != nil {
			failed = err
		}
		d.advance(time.Hour)
	}
	if left := d.Texts(t, `SELECT id FROM events WHERE headers <> '' ORDER BY id`); !slices.Equal(left, held) {
		t.Errorf("%d are left, want the %d that cannot be removed", len(left), len(held))
	}
	if failed == nil || !strings.Contains(failed.Error(), "4 cannot be removed, the first is "+held[0]) {
		t.Errorf("it is said: %v", failed)
	}
	want := store.Purged{What: store.PurgedPayloads, Number: many - len(held), Stuck: len(held)}
	if got := must(d.PurgedSince(t.Context(), noon.Add(-aDay))); len(got) != 1 || got[0].Number != want.Number || got[0].Stuck != want.Stuck {
		t.Errorf("it is known that %+v, want %+v", got, want)
	}
	d.HoldPayloads(t)
	d.run(keep, 1)
	if got := must(d.PurgedSince(t.Context(), noon.Add(-aDay))); got[0].Number != many || got[0].Stuck != 0 {
		t.Errorf("once they can be removed it is known that %+v", got)
	}
}

func TestNothingGoesWhereTheSettingIsNever(t *testing.T) {
	d := newDB(t)
	d.run(store.Retention{}, 1)
	id := d.hear("k")
	d.run(store.Retention{}, 40*24)
	if !d.hasPayload(id) {
		t.Error("it went")
	}
}

func TestARunIsOneActHoweverManyTransactions(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Payloads: 1}
	d.run(keep, 1)
	const many = 700
	for i := range many {
		d.hear(fmt.Sprint("k", i))
	}
	d.run(keep, 4*24)
	if n := d.Number(t, `SELECT SUM(number) FROM purges`); n != many {
		t.Errorf("%d are counted, want %d", n, many)
	}
	if got := d.Texts(t, `SELECT detail FROM audit WHERE action = $1`, store.ActPurged); len(got) != 1 || !strings.HasSuffix(got[0], "300 and more") {
		t.Errorf("acts: %q, want one", got)
	}
}

func TestRemovingMuchSaysHowFarItIs(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Payloads: 1}
	d.run(keep, 1)
	const many = 700
	for i := range many {
		d.hear(fmt.Sprint("k", i))
	}
	d.run(store.Retention{}, 4*24)
	release := d.HoldWriter(t)
	over := make(chan error)
	go func() {
		_, err := d.Purge(t.Context(), keep)
		over <- err
	}()
	under := func() []progress.State { return d.Board().UnderWay() }
	d.time.Await(t, "it is said that payloads are removed", func() string { return fmt.Sprint(under()) },
		func() bool { return len(under()) == 1 && under()[0].Of > 0 })
	if s := under()[0]; s.Name != progress.Purging || s.Done != 0 || s.Of != many {
		t.Errorf("under way is %+v, want 0 of %d", s, many)
	}
	release()
	d.ok(<-over)
	if left := under(); len(left) > 0 {
		t.Errorf("in the end %+v is under way", left)
	}
}

// TestAClockStepPurgesNothingEarly moves the clock in every way and has things
// received before, meanwhile and after: each stays for its days of running, and
// goes soon after them.
func TestAClockStepPurgesNothingEarly(t *testing.T) {
	t.Parallel()
	const days = 5
	for name, steps := range map[string][]time.Duration{
		"an hour back":             {-time.Hour},
		"an hour ahead":            {time.Hour},
		"an hour back and right":   {-time.Hour, time.Hour},
		"ten years ahead":          {tenYears},
		"ten years ahead and back": {tenYears, -tenYears},
		"ten years back":           {-tenYears},
		"ten years back and right": {-tenYears, tenYears},
		"to and fro":               {tenYears, -tenYears, tenYears, -2 * tenYears, tenYears, -time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			keep := store.Retention{Payloads: days}
			d.run(keep, 8*24) // enough days that something could go
			received := []string{d.hear("before")}
			for i, step := range steps {
				d.advance(step)
				received = append(received, d.hear(fmt.Sprint("just after step ", i)))
				d.run(keep, 2)
				received = append(received, d.hear(fmt.Sprint("after step ", i)))
			}
			for hours := len(steps) * 2; hours < (days-1-len(steps))*24; hours++ {
				d.run(keep, 1)
			}
			for _, id := range received {
				if !d.hasPayload(id) {
					t.Errorf("%s went too early", must(d.EventByID(t.Context(), id)).DedupKey)
				}
			}
			d.run(keep, (days+6)*24)
			for _, id := range received {
				if d.hasPayload(id) {
					t.Errorf("%s is still there", must(d.EventByID(t.Context(), id)).DedupKey)
				}
			}
		})
	}
}

func TestALongStopCountsForNothing(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Payloads: 3}
	d.run(keep, 6*24)
	id := d.hear("k")
	for range 2 {
		d.ok(d.Close())
		d.advance(400 * 24 * time.Hour)
		d.reopen()
		d.run(keep, 1)
	}
	if !d.hasPayload(id) {
		t.Error("it went while the program did not run")
	}
	d.run(keep, 5*24)
	if d.hasPayload(id) {
		t.Error("it stays although the program ran for its days")
	}
}

func TestNothingGoesBeforeTheProgramHasRunForSoLong(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Payloads: 3}
	id := d.hear("from before days were counted")
	d.advance(400 * 24 * time.Hour)
	d.run(keep, 3*24-1)
	if !d.hasPayload(id) {
		t.Error("it went although the program has not run for three days")
	}
	d.run(keep, 2*24)
	if d.hasPayload(id) {
		t.Error("it stays although the program ran for its days")
	}
}

// TestWhateverTheClockDoesThingsStayForTheirDays lets chance set the clock, and
// counts the days of running itself.
func TestWhateverTheClockDoesThingsStayForTheirDays(t *testing.T) {
	t.Parallel()
	const days = 4
	for seed := range uint64(storetest.Often(10)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			d := newDB(t)
			chance := rand.New(rand.NewPCG(seed, 1))
			keep := store.Retention{Payloads: days}
			since := map[string]int{} // hours of running since it came
			jumps := map[string]int{} // ahead since then: each may count for a day
			for hour := range 40 * 24 {
				if chance.IntN(60) == 0 {
					by := []time.Duration{-time.Hour, time.Hour, tenYears, -tenYears, 90 * 24 * time.Hour}[chance.IntN(5)]
					d.advance(by)
					for id := range since {
						if by > time.Hour {
							jumps[id]++
						}
					}
				}
				if hour%7 == 0 {
					since[d.hear(fmt.Sprint(hour))] = 0
				}
				d.run(keep, 1)
				for id := range since {
					since[id]++
				}
				if hour%24 != 0 {
					continue
				}
				for id, ran := range since {
					there := d.hasPayload(id)
					if !there && ran/24+jumps[id] < days {
						t.Fatalf("gone after %d hours and %d jumps", ran, jumps[id])
					}
					if there && ran/24 > 3*days {
						t.Fatalf("there after %d hours and %d jumps", ran, jumps[id])
					}
					if !there {
						delete(since, id)
					}
				}
			}
		})
	}
}
