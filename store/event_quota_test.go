package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/limits"
	"balancelink/store/storetest"
)

func TestWhatIsNotStoredUsesNoQuotaUp(t *testing.T) {
	d := newDB(t)
	d.ok(d.Close())
	d.Store = storetest.OpenWith(t, d.path, store.Options{Now: d.clock, Rehearse: true, Keys: storetest.Keys(t, 'k')})
	before, claimed, e := d.Unclaimed(), d.ClaimedLeft(), store.Event{Provider: "okra", Env: "simulated", DedupKey: "1", Headers: "{}", Body: []byte(`{}`)}
	must(d.ReceiveEvent(e, nil))
	if after := d.Unclaimed(); before.Events-after.Events != 1 || before.Bytes-after.Bytes != int64(len(e.Body)) {
		t.Errorf("of one webhook, made twice, the quota goes from %+v to %+v", before, after)
	}
	if after := d.ClaimedLeft(); after != claimed {
		t.Errorf("of nobody's webhook the quota of customers goes from %d to %d", claimed, after)
	}
}

func TestWebhooksThatBelongToNobodyHaveAQuota(t *testing.T) {
	d := newDB(t)
	account := d.linked("Amina")
	window := d.attempt(d.customer("Bola"))
	nobodys := func(store.EventTarget) (store.Outcome, bool) {
		return store.Outcome{Result: store.EventUnmatched}, true
	}
	hers := func(store.EventTarget) (store.Outcome, bool) {
		return store.Outcome{Result: store.EventApplied, CustomerID: account.CustomerID}, true
	}
	body := []byte(`{"long":"` + strings.Repeat("x", 1<<20) + `"}`)
	event := func(key string) store.Event {
		return store.Event{Provider: "okra", Env: "simulated", DedupKey: key, Headers: "{}", Body: body}
	}
	if d.Unclaimed().Low() {
		t.Error("the quota is low before anything came")
	}
	taken := 0
	for ; taken < 2*limits.UnclaimedBytes/len(body); taken++ {
		_, err := d.ReceiveEvent(event(fmt.Sprint(taken)), nobodys)
		if errors.Is(err, store.ErrQuota) {
			break
		}
		d.ok(err)
	}
	if size := taken * len(body); size > limits.UnclaimedBytes || size < limits.UnclaimedBytes/2 {
		t.Errorf("%d bytes were taken, want up to %d", size, limits.UnclaimedBytes)
	}
	if left := d.Unclaimed(); !left.Low() || left.Refused != 1 {
		t.Errorf("what is left is %+v", left)
	}
	if r := must(d.ReceiveEvent(event("0"), nobodys)); !r.Repeat {
		t.Error("an event that is there is not counted")
	}
	must(d.ReceiveEvent(event("hers"), hers))
	named := event("of a window of ours")
	named.AttemptNonce = window.Nonce
	must(d.ReceiveEvent(named, nil))
	named.DedupKey, named.AttemptNonce = "of no window", store.NewSecret()
	if _, err := d.ReceiveEvent(named, nil); !errors.Is(err, store.ErrQuota) {
		t.Errorf("one that names no window of ours: %v", err)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM events`); n != taken+2 {
		t.Errorf("%d events are stored, want %d", n, taken+2)
	}
	d.advance(24 * time.Hour)
	must(d.ReceiveEvent(named, nobodys))
}

func TestBeyondItsQuotaWhatBelongsToSomebodyIsAppliedWithoutItsPayload(t *testing.T) {
	d := newDB(t)
	account := d.linked("Amina")
	hers := func(store.EventTarget) (store.Outcome, bool) {
		return store.Outcome{Result: store.EventApplied, CustomerID: account.CustomerID}, true
	}
	d.UseUpPayloads()
	must(d.ReceiveEvent(store.Event{Provider: "okra", Env: "simulated", DedupKey: "1", Headers: "{}", Body: []byte(`{"pay":"load"}`)}, hers))
	e := must(d.Events(t.Context(), store.EventApplied, "", 1))
	if len(e) != 1 || !e[0].BodyDropped() || e[0].CustomerID != account.CustomerID {
		t.Errorf("stored is %+v", e)
	}
}
