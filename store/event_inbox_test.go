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
				r, err := d.ReceiveEvent(event(fmt.Sprint("k", i%keys)), nil)
				if err != nil {
					t.Error(err)
				}
				if !r.Repeat {
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
		if r, err := d.ReceiveEvent(e, nil); err != nil || r.Repeat {
			t.Errorf("%s: repeat %v, %v", e.Env, r.Repeat, err)
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
	d.RefuseEvent(t, "bad")
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
	if _, err := d.ReceiveEvent(event("late"), nil); err == nil {
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
	_, err := d.ReceiveEvent(about(a, "k"), nil)
	d.ok(err)
	e := must(d.EventsToApply(t.Context(), "okra", 1))[0]
	o := said(a.ID, noon, 5, store.Minor(4))
	o.Currency = "USD"
	if err := d.apply(e.ID, store.Outcome{Result: store.EventApplied, Balance: &o}); !errors.Is(err, store.ErrCurrencyChanged) {
		t.Fatalf("err = %v, want ErrCurrencyChanged", err)
	}
	if got := must(d.EventByID(t.Context(), e.ID)); got.Result != store.EventReceived {
		t.Errorf("result = %s, want it to be received still", got.Result)
	}
	o.Currency = "NGN"
	for range 2 {
		d.ok(d.apply(e.ID, store.Outcome{Result: store.EventApplied, CustomerID: a.CustomerID, Balance: &o}))
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

// about is an event that names an account.
func about(a store.Account, key string) store.Event {
	e := event(key)
	e.ProviderAccount = a.ProviderID
	return e
}

func TestWhatRowsCanTellOfAnEventIsDoneWithItsReceipt(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	o := said("", noon, 5, store.Minor(4))
	decide := func(target store.EventTarget) (store.Outcome, bool) {
		want := store.EventTarget{AccountID: a.ID, CustomerID: a.CustomerID, Status: store.AccountLinked, ProviderCustomer: "pc", Currency: "NGN", Consented: true}
		if target != want {
			t.Errorf("target = %+v, want %+v", target, want)
		}
		return store.Outcome{Result: store.EventApplied, CustomerID: target.CustomerID, Balance: &o}, true
	}
	for i, want := range []store.Receipt{{}, {Repeat: true}} {
		got, err := d.ReceiveEvent(about(a, "k"), decide)
		if d.ok(err); got != want {
			t.Errorf("delivery %d: %+v, want %+v", i, got, want)
		}
	}
	e := must(d.Events(t.Context(), store.EventApplied, "", 10))
	if len(e) != 1 || e[0].Deliveries != 2 || e[0].CustomerName != "Amina" || e[0].AppliedAt.IsZero() {
		t.Errorf("events = %+v, want one applied, delivered twice", e)
	}
	if got := d.history(a.ID); len(got) != 1 || got[0].EventID != e[0].ID {
		t.Errorf("balances = %+v, want the event's one", got)
	}
	if got := d.account(a.ID); got.Figure != store.Minor(5) {
		t.Errorf("ledger = %v, want 5", got.Figure)
	}
}

func TestADeliveryWhoseEffectFailsIsStoredAndLeftToTheWorker(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	o := said("", noon, 5, store.Minor(4))
	o.Currency = "USD"
	for name, decide := range map[string]store.Decide{
		"an outcome that cannot be": does(store.Outcome{Result: store.EventApplied, Balance: &o}),
		"no decision":               func(store.EventTarget) (store.Outcome, bool) { return store.Outcome{}, false },
	} {
		got, err := d.ReceiveEvent(about(a, name), decide)
		if d.ok(err); got != (store.Receipt{Left: true}) {
			t.Errorf("%s: %+v, want it left", name, got)
		}
	}
	if n := len(must(d.EventsToApply(t.Context(), "okra", 10))); n != 2 || len(d.history(a.ID)) != 0 {
		t.Errorf("%d events to apply and %d balances, want 2 and none", n, len(d.history(a.ID)))
	}
}

func TestTheInboxIsPagedNewestFirst(t *testing.T) {
	d := newDB(t)
	for i := range 7 {
		_, err := d.ReceiveEvent(event(fmt.Sprint(i)), nil)
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
	_, err := d.ReceiveEvent(event("k"), nil)
	d.ok(err)
	all, err := d.Events(t.Context(), "", "", 10)
	d.ok(err)
	d.ok(d.apply(all[0].ID, store.Outcome{Result: store.EventUnmatched}))
	n, err := d.AgeUnmatched(t.Context(), 1)
	d.ok(err)
	again, err := d.AgeUnmatched(t.Context(), 1) // within the same hour
	d.ok(err)
	if n+again != 0 {
		t.Errorf("dropped %d that are not old enough", n+again)
	}
	d.advance(time.Hour)
	n, err = d.AgeUnmatched(t.Context(), 1)
	d.ok(err)
	e, err := d.EventByID(t.Context(), all[0].ID)
	d.ok(err)
	if n != 1 || !e.BodyDropped() || e.Result != store.EventIgnored || e.Reason == "" {
		t.Errorf("dropped %d; event = %+v", n, e)
	}
}
