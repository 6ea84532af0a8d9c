package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

// notes has others know what is on the board, as the instance of that name.
func (d *db) notes(instance string) {
	d.t.Helper()
	d.ok(d.NoteWork(d.t.Context(), instance))
}

// elsewhere is what is under way as a third instance hears of it.
func (d *db) elsewhere() []store.Work {
	d.t.Helper()
	return must(d.WorkElsewhere(d.t.Context(), "third"))
}

func TestOtherInstancesKnowHowFarLongWorkIsUntilItIsOver(t *testing.T) {
	d := newDB(t)
	other := d.beside('k')
	w := d.Board().Begin(progress.Importing, 1)
	w.IsFor("somebody")
	w.Step("", progress.Customers, 1000)
	d.advance(5 * time.Second)
	w.Add(200)
	d.notes("first")
	want := []store.Work{{Instance: "first", State: progress.State{
		ID: d.Board().UnderWay()[0].ID, Name: progress.Importing, For: "somebody", Began: noon, Number: 1, Steps: 1, Unit: progress.Customers,
		Done: 200, Of: 1000, Left: 20 * time.Second,
	}}}
	if diff := cmp.Diff(want, other.elsewhere()); diff != "" {
		t.Errorf("under way is (-want +got)\n%s", diff)
	}
	if own := must(other.WorkElsewhere(t.Context(), "first")); len(own) > 0 {
		t.Errorf("elsewhere is what the instance does itself: %+v", own)
	}
	d.advance(2 * time.Second)
	want[0].Left = 18 * time.Second
	if diff := cmp.Diff(want, other.elsewhere()); diff != "" {
		t.Errorf("two seconds later it is (-want +got)\n%s", diff)
	}
	w.Add(500)
	d.notes("first")
	if under := other.elsewhere(); len(under) != 1 || under[0].Done != 700 {
		t.Errorf("further on it is %+v", under)
	}
	w.End()
	d.notes("first")
	if under := other.elsewhere(); len(under) > 0 {
		t.Errorf("in the end it is %+v", under)
	}
}

func TestOfWhatIsQuickTheDatabaseIsToldNothing(t *testing.T) {
	d := newDB(t)
	w := d.Board().Begin(progress.Balancing, 1)
	d.advance(2*time.Second - time.Millisecond)
	d.ok(d.Close()) // who asks it anything fails
	d.notes("first")
	w.End()
	d.advance(time.Hour)
	d.notes("first")
	d.Board().Begin(progress.Balancing, 1)
	d.advance(2 * time.Second)
	if err := d.NoteWork(t.Context(), "first"); err == nil {
		t.Error("of what is not quick it is not told either")
	}
}

func TestTheWorkOfAnInstanceThatIsGoneIsShownNoMore(t *testing.T) {
	d := newDB(t)
	other := d.beside('k')
	d.Board().Begin(progress.Auditing, 1)
	d.advance(2 * time.Second)
	d.notes("killed")
	d.advance(store.LeaseFor - time.Millisecond)
	if under := other.elsewhere(); len(under) != 1 {
		t.Errorf("it may yet say something, and under way is %+v", under)
	}
	d.advance(time.Millisecond)
	if under := other.elsewhere(); len(under) > 0 {
		t.Errorf("of who was killed it is said that %+v", under)
	}
	d.notes("stopped")
	d.ok(d.Leave(t.Context(), "stopped"))
	if under := other.elsewhere(); len(under) > 0 {
		t.Errorf("of who was stopped it is said that %+v", under)
	}
	d.advance(2 * time.Hour)
	w := other.Board().Begin(progress.Auditing, 1)
	d.advance(2 * time.Second)
	other.notes("other")
	w.End()
	other.notes("other")
	left := 0
	d.ok(storetest.Database(t, d.path).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM works`).Scan(&left))
	if left > 0 {
		t.Errorf("%d rows of who was killed stay for ever", left)
	}
}

func TestHowFarAChangeIsOthersKnowWhileItIsMade(t *testing.T) {
	if !storetest.OnPostgres() {
		t.Skip("a file has one instance, and no change beside another: TEST_DATABASE=postgres")
	}
	d := newDB(t)
	other := d.beside('k')
	d.Board().Begin(progress.Importing, 1)
	d.advance(2 * time.Second)
	release := d.HoldWriter(t)
	var waiting sync.WaitGroup
	var ended atomic.Int32
	for range 10 {
		waiting.Go(func() {
			d.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina"})
			ended.Add(1)
		})
	}
	defer waiting.Wait()
	defer release()
	d.time.Await(t, "changes wait on all connections", func() string { return fmt.Sprint(d.InUse()) }, func() bool { return d.InUse() >= 4 })
	d.notes("first")
	if ended.Load() > 0 {
		t.Error("it has waited until others gave up")
	}
	if under := other.elsewhere(); len(under) != 1 {
		t.Errorf("under way is %+v", under)
	}
}
