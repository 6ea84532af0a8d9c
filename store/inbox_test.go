package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"balancelink/store"
)

func event(key string) store.Event {
	return store.Event{Provider: "okra", Env: "simulated", DedupKey: key, Method: "BALANCE", Headers: "{}", Body: []byte(`{"k":"` + key + `"}`)}
}

func TestParallelSendersLoseNothingAndDuplicatesAreCounted(t *testing.T) {
	const senders, keys, times = 8, 25, 3
	d := newDB(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	first := 0
	for range senders {
		wg.Go(func() {
			for i := range keys * times {
				repeat, err := d.ReceiveEvent(t.Context(), event(fmt.Sprint("k", i%keys)))
				if err != nil {
					t.Error(err)
				}
				if !repeat {
					mu.Lock()
					first++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if first != keys {
		t.Errorf("%d deliveries were called the first of their event, want %d", first, keys)
	}
	all, err := d.Events(t.Context(), "", "", 1000)
	if d.ok(err); len(all) != keys {
		t.Fatalf("%d events, want %d", len(all), keys)
	}
	for _, e := range all {
		if e.Deliveries != senders*times {
			t.Errorf("%s came %d times, want %d", e.DedupKey, e.Deliveries, senders*times)
		}
	}
}

func TestTheSameKeyInAnotherEnvironmentIsAnotherEvent(t *testing.T) {
	d := newDB(t)
	other := event("k")
	other.Env = "production"
	for _, e := range []store.Event{event("k"), other} {
		if repeat, err := d.ReceiveEvent(t.Context(), e); err != nil || repeat {
			t.Errorf("%s: repeat %v, %v", e.Env, repeat, err)
		}
	}
}

// send delivers events while the writer is busy, so that they wait together,
// and returns each one's error.
func (d *db) send(meanwhile func(), keys ...string) []error {
	d.t.Helper()
	release := d.HoldWriter(d.t)
	var answers []func() error
	for _, key := range keys {
		answers = append(answers, d.Deliver(event(key)))
	}
	meanwhile()
	release()
	var errs []error
	for _, answer := range answers {
		errs = append(errs, answer())
	}
	return errs
}

func TestADeliveryThatCannotBeStoredRefusesNoneOfItsNeighbours(t *testing.T) {
	d := newDB(t)
	d.Exec(t, `CREATE TRIGGER bad BEFORE INSERT ON events WHEN NEW.dedup_key = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END`)
	keys := []string{"a", "b", "bad", "c", "c"}
	for i, err := range d.send(func() {}, keys...) {
		if bad := keys[i] == "bad"; bad != (err != nil) {
			t.Errorf("%s: err = %v", keys[i], err)
		}
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM events`); n != 3 {
		t.Errorf("%d events stored, want 3", n)
	}
	if n := d.Number(t, `SELECT deliveries FROM events WHERE dedup_key = 'c'`); n != 2 {
		t.Errorf("c came %d times, want 2: a failed batch counts nothing", n)
	}
}

func TestClosingAnswersEverybodyWhoIsSending(t *testing.T) {
	d := newDB(t)
	closed := make(chan error, 1)
	errs := d.send(func() { go func() { closed <- d.Close() }() }, "a", "b", "c", "d", "e", "f")
	d.ok(<-closed)
	for i, err := range errs {
		if err != nil {
			t.Errorf("sender %d, who came before the end, was refused: %v", i, err)
		}
	}
	if _, err := d.ReceiveEvent(t.Context(), event("late")); err == nil {
		t.Error("a delivery after the end was accepted")
	}
	d.ok(d.Close()) // twice does no harm
	d.reopen()
	if n := d.Number(t, `SELECT COUNT(*) FROM events`); n != 6 {
		t.Errorf("%d of 6 acknowledged events are there", n)
	}
}

func TestAnEventIsAppliedOrNothingOfItIs(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	_, err := d.ReceiveEvent(t.Context(), event("k"))
	d.ok(err)
	e := must(d.EventsToApply(t.Context(), 1))[0]
	o := said(a.ID, noon, 5, store.Minor(4))
	o.Currency = "USD"
	if err := d.ApplyEvent(t.Context(), e.ID, store.Effect{Result: store.EventApplied, Balance: &o}); !errors.Is(err, store.ErrCurrencyChanged) {
		t.Fatalf("err = %v, want ErrCurrencyChanged", err)
	}
	if got := must(d.EventByID(t.Context(), e.ID)); got.Result != store.EventReceived {
		t.Errorf("result = %s, want it to be received still", got.Result)
	}
	o.Currency = "NGN"
	for range 2 {
		d.ok(d.ApplyEvent(t.Context(), e.ID, store.Effect{Result: store.EventApplied, CustomerID: a.CustomerID, Balance: &o}))
		d.ok(d.ReplayEvent(t.Context(), store.Program, e.ID))
	}
	if n := len(d.history(a.ID)); n != 1 {
		t.Errorf("%d balances after applying twice, want 1", n)
	}
	if got := must(d.EventByID(t.Context(), e.ID)); got.Result != store.EventReceived || got.CustomerName != "Amina" {
		t.Errorf("replayed event is %s of %q", got.Result, got.CustomerName)
	}
	if err := d.ReplayEvent(t.Context(), store.Program, "nothing"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("replaying nothing: %v, want ErrNotFound", err)
	}
}

func TestTheInboxIsPagedNewestFirst(t *testing.T) {
	d := newDB(t)
	for i := range 7 {
		_, err := d.ReceiveEvent(t.Context(), event(fmt.Sprint(i)))
		d.ok(err)
	}
	got, before := "", ""
	for {
		page := must(d.Events(t.Context(), store.EventReceived, before, 3))
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			got += e.DedupKey
		}
		before = page[len(page)-1].ID
	}
	if got != "6543210" {
		t.Errorf("pages hold %s, want 6543210", got)
	}
	if n := len(must(d.Events(t.Context(), store.EventFailed, "", 3))); n != 0 {
		t.Errorf("%d failed events, want none", n)
	}
}

func TestThePayloadOfAnEventThatNobodyClaimsIsDroppedInTheEnd(t *testing.T) {
	d := newDB(t)
	_, err := d.ReceiveEvent(t.Context(), event("k"))
	d.ok(err)
	all, err := d.Events(t.Context(), "", "", 10)
	d.ok(err)
	d.ok(d.ApplyEvent(t.Context(), all[0].ID, store.Effect{Result: store.EventUnmatched}))
	n, err := d.DropUnmatched(t.Context(), all[0].ReceivedAt)
	d.ok(err)
	if n != 0 {
		t.Errorf("dropped %d that are not old enough", n)
	}
	n, err = d.DropUnmatched(t.Context(), all[0].ReceivedAt.Add(time.Second))
	d.ok(err)
	e, err := d.EventByID(t.Context(), all[0].ID)
	d.ok(err)
	if n != 1 || !e.BodyDropped() || e.Result != store.EventIgnored || e.Reason == "" {
		t.Errorf("dropped %d; event = %+v", n, e)
	}
}
