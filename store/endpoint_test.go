package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/limits"
)

// endpoint is a new endpoint that is sent those types; none: everything.
func (d *db) endpoint(types ...store.NoticeType) store.Endpoint {
	d.t.Helper()
	return must(d.AddEndpoint(d.t.Context(), store.ByStaff("s"), store.Endpoint{URL: "https://host.example/hook", Types: types}))
}

// due takes up what happened and returns what is to be sent now, as types.
func (d *db) due(e store.Endpoint) (all []store.Delivery, types []string) {
	d.t.Helper()
	d.ok(d.TakeUp(d.t.Context(), e.ID))
	all = must(d.DueDeliveries(d.t.Context(), e.ID, 1000))
	for _, one := range all {
		types = append(types, string(one.Notice.Type))
	}
	return all, types
}

func (d *db) tried(one store.Delivery, t store.Tried) store.DisabledFor {
	d.t.Helper()
	return must(d.EndDeliveries(d.t.Context(), must(d.EndpointByID(d.t.Context(), one.EndpointID)), []store.Sent{{Delivery: one, Tried: t}}))
}

func TestAnEndpointIsSentWhatHappensFromThenOnOfItsTypes(t *testing.T) {
	d := newDB(t)
	all, some := d.endpoint(), d.endpoint(store.NoticeBalance)
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 1, store.Amount{}))
	late := d.endpoint()
	d.save(said(a.ID, noon.Add(time.Second), 2, store.Amount{}))
	d.ok(d.TestEndpoint(t.Context(), store.ByStaff("s"), some.ID))
	for _, row := range []struct {
		e    store.Endpoint
		want []string
	}{
		{all, []string{"account.linked", "balance.changed", "balance.changed"}},
		{some, []string{"balance.changed", "balance.changed", "endpoint.test"}},
		{late, []string{"balance.changed"}},
	} {
		if _, got := d.due(row.e); !slices.Equal(got, row.want) {
			t.Errorf("it is sent %v, want %v", got, row.want)
		}
	}
	list, _ := d.due(all)
	d.tried(list[0], store.Tried{Status: 204})
	d.tried(list[1], store.Tried{Error: "unreachable", NextTryAt: noon.Add(5 * time.Second)})
	if _, got := d.due(all); len(got) != 1 {
		t.Errorf("with one that arrived and one that waits it is sent %v", got)
	}
	d.advance(5 * time.Second)
	if again, _ := d.due(all); len(again) != 2 || again[1].Tries != 1 && again[0].Tries != 1 {
		t.Errorf("five seconds later it is sent %+v", again)
	}
}

func TestHowItStandsWithEndpointsAndSinceWhenOneWaits(t *testing.T) {
	d := newDB(t)
	if got := must(d.Endpointed(t.Context())); got != (store.Endpointed{}) {
		t.Errorf("without any it is %+v", got)
	}
	e, off := d.endpoint(), d.endpoint()
	must(d.DisableEndpoint(t.Context(), store.ByStaff("s"), off.ID))
	d.linked("Amina")
	d.advance(time.Hour)
	want := store.Endpointed{Enabled: 1, Disabled: 1, Oldest: noon}
	if got := must(d.Endpointed(t.Context())); got != want {
		t.Errorf("before it was taken up it is %+v, want %+v", got, want)
	}
	list, _ := d.due(e)
	if d.tried(list[0], store.Tried{Status: 500, Error: "status", NextTryAt: d.clock()}); must(d.Waiting(t.Context())).Outgoing != 1 {
		t.Error("it does not wait")
	}
	want.Failing = 1
	if got := must(d.Endpointed(t.Context())); got != want {
		t.Errorf("after a try that failed it is %+v, want %+v", got, want)
	}
	list, _ = d.due(e)
	d.tried(list[0], store.Tried{Status: 200})
	want.Failing, want.Oldest = 0, time.Time{}
	if got := must(d.Endpointed(t.Context())); got != want {
		t.Errorf("once it arrived it is %+v, want %+v", got, want)
	}
}

func TestOfWhatWasErasedNothingIsSentAndTheTombstoneIs(t *testing.T) {
	d := newDB(t)
	e := d.endpoint()
	a := d.linked("Amina")
	list, _ := d.due(e)
	d.ok(d.Erase(t.Context(), store.Program, a.CustomerID, "asked"))
	if _, got := d.due(e); !slices.Equal(got, []string{"customer.erased"}) {
		t.Errorf("it is sent %v", got)
	}
	d.tried(list[0], store.Tried{Status: 200}) // which was under way
}

func TestAnEndpointWhereNothingArrivesForDaysIsDisabledAndGoesOnWhereItStopped(t *testing.T) {
	d := newDB(t)
	e := d.endpoint()
	a := d.linked("Amina")
	fails := func() store.DisabledFor {
		t.Helper()
		list, _ := d.due(e)
		if len(list) == 0 {
			t.Fatal("nothing is due")
		}
		return d.tried(list[0], store.Tried{Status: 500, Error: "status", NextTryAt: d.clock()})
	}
	for i := range 30 { // often, and not for days
		if why := fails(); why != "" {
			t.Fatalf("after %d tries it is disabled: %s", i, why)
		}
	}
	d.advance(5*aDay - time.Second)
	if why := fails(); why != "" {
		t.Fatalf("too early: %s", why)
	}
	d.advance(time.Second)
	if why := fails(); why != store.DisabledFailing {
		t.Fatalf("after five days it is %q", why)
	}
	d.save(said(a.ID, noon, 1, store.Amount{}))
	if now := must(d.EndpointByID(t.Context(), e.ID)); now.State != store.EndpointDisabled || now.Why != store.DisabledFailing || !now.DisabledAt.Equal(d.clock()) {
		t.Errorf("it is %+v", now)
	}
	if err := d.TestEndpoint(t.Context(), store.ByStaff("s"), e.ID); !errors.Is(err, store.ErrDisabled) {
		t.Errorf("a test: %v", err)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = $1 AND actor = 'program'`, store.ActEndpointDisabled); n != 1 {
		t.Errorf("%d acts say so, want 1", n)
	}
	must(d.EnableEndpoint(t.Context(), store.ByStaff("s"), e.ID))
	if _, got := d.due(e); !slices.Equal(got, []string{"account.linked", "balance.changed"}) {
		t.Errorf("enabled, it is sent %v", got)
	}
	if now := must(d.EndpointByID(t.Context(), e.ID)); now.Failures != 0 || !now.FailingSince.IsZero() {
		t.Errorf("enabled, it is %+v", now)
	}
}

func TestASuccessEndsTheCountOfFailures(t *testing.T) {
	d := newDB(t)
	e := d.endpoint()
	d.linked("Amina")
	for range 30 {
		list, _ := d.due(e)
		d.tried(list[0], store.Tried{Error: "unreachable", NextTryAt: d.clock()})
	}
	list, _ := d.due(e)
	d.tried(list[0], store.Tried{Status: 200})
	d.linked("Bola")
	d.advance(6 * aDay)
	list, _ = d.due(e)
	if why := d.tried(list[0], store.Tried{Error: "unreachable"}); why != "" {
		t.Errorf("it is disabled: %s", why)
	}
}

func TestAnEndpointThatIsGoneIsDisabledAtOnce(t *testing.T) {
	d := newDB(t)
	e := d.endpoint()
	d.linked("Amina")
	list, _ := d.due(e)
	if why := d.tried(list[0], store.Tried{Status: 410, Error: "gone", Gone: true}); why != store.DisabledGone {
		t.Errorf("it is %q", why)
	}
}

func TestWhatHappenedIsSentAgainSinceANumberOrOneByOne(t *testing.T) {
	d := newDB(t)
	e := d.endpoint()
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 1, store.Amount{}))
	list, _ := d.due(e)
	for _, one := range list {
		d.tried(one, store.Tried{Status: 200})
	}
	d.ok(d.ReplaySince(t.Context(), store.ByKey("k"), e.ID, 1))
	if again, _ := d.due(e); len(again) != 1 || again[0].ID != list[1].ID || again[0].Tries != 0 {
		t.Errorf("since 1 it is sent %+v", again)
	}
	d.ok(d.ReplayDelivery(t.Context(), store.ByKey("k"), list[0].ID))
	if _, got := d.due(e); len(got) != 2 {
		t.Errorf("and one by itself: %v", got)
	}
	only := must(d.Deliveries(t.Context(), store.DeliveryQuery{EndpointID: e.ID, Type: store.NoticeLinked, CustomerID: a.CustomerID, State: store.DeliveryWaiting, Limit: 5}))
	if len(only) != 1 || only[0].ID != list[0].ID {
		t.Errorf("found %+v", only)
	}
	if none := must(d.Deliveries(t.Context(), store.DeliveryQuery{State: store.DeliveryFailed, Limit: 5})); len(none) != 0 {
		t.Errorf("failed are %+v", none)
	}
}

func TestWhatIsAskedForAgainWhileItIsSentIsSentAgain(t *testing.T) {
	d := newDB(t)
	e := d.endpoint()
	d.linked("Amina")
	asked := map[string]func(store.Delivery) error{
		"by itself": func(under store.Delivery) error { return d.ReplayDelivery(t.Context(), store.ByKey("k"), under.ID) },
		"with all":  func(store.Delivery) error { return d.ReplaySince(t.Context(), store.ByKey("k"), e.ID, 0) },
	}
	for name, again := range asked {
		list, _ := d.due(e)
		d.ok(again(list[0]))
		d.tried(list[0], store.Tried{Status: 200})
		waits, _ := d.due(e)
		if len(waits) != 1 || waits[0].Tries != 0 {
			t.Fatalf("asked for %s while it was sent there waits %+v", name, waits)
		}
	}
}

func TestSecretsOfEndpointsLieSealedAndBothCountForADay(t *testing.T) {
	d := newDB(t)
	e := d.endpoint()
	changed := must(d.ChangeSecret(t.Context(), store.ByStaff("s"), e.ID))
	for _, secret := range []string{e.Secret, changed.Secret} {
		if !strings.HasPrefix(secret, "whsec_") || d.contains(strings.TrimPrefix(secret, "whsec_")) {
			t.Errorf("%q is none, or lies in clear", secret)
		}
	}
	now := must(d.EndpointByID(t.Context(), e.ID))
	if got := now.Secrets(d.clock().Add(aDay - 1)); !slices.Equal(got, []string{changed.Secret, e.Secret}) {
		t.Errorf("within a day %q count", got)
	}
	if got := now.Secrets(d.clock().Add(aDay)); !slices.Equal(got, []string{changed.Secret}) {
		t.Errorf("after it %q count", got)
	}
}

func TestThereAreOnlySoManyEndpointsAndOfWhatWaits(t *testing.T) {
	d := newDB(t)
	for range limits.Endpoints {
		d.endpoint()
	}
	if _, err := d.AddEndpoint(t.Context(), store.Program, store.Endpoint{}); !errors.Is(err, store.ErrManyEndpoints) {
		t.Errorf("one more: %v", err)
	}
	e := must(d.Endpoints(t.Context()))[0]
	for i := range limits.DeliveriesWaiting + 5 {
		d.Exec(t, `INSERT INTO outbox (seq, id, type, at) VALUES ($1, $2, 'account.linked', 0)`, i+1, fmt.Sprint(i))
	}
	d.Exec(t, `UPDATE outbox_head SET seq = $1`, limits.DeliveriesWaiting+5)
	var waiting []store.Delivery
	for range 20 {
		waiting, _ = d.due(e)
	}
	if len(waiting) != limits.DeliveriesWaiting {
		t.Errorf("%d wait, want %d", len(waiting), limits.DeliveriesWaiting)
	}
	d.Exec(t, `UPDATE deliveries SET state = 'succeeded'`)
	d.due(e)
	d.Exec(t, `UPDATE deliveries SET state = 'succeeded'`)
	d.ok(d.TrimDeliveries(t.Context()))
	if n := d.Number(t, `SELECT COUNT(*) FROM deliveries WHERE seq > 5`); n != limits.DeliveriesKept || n != d.Number(t, `SELECT COUNT(*) FROM deliveries`) {
		t.Errorf("%d are kept, want %d", n, limits.DeliveriesKept)
	}
	d.ok(d.RemoveEndpoint(t.Context(), store.ByStaff("s"), e.ID))
	if n := d.Number(t, `SELECT COUNT(*) FROM deliveries`); n != 0 {
		t.Errorf("removed, %d are left", n)
	}
}

func TestHowMuchAnEndpointWasNeverSentIsKnown(t *testing.T) {
	d := newDB(t)
	keep := store.Retention{Notices: 4}
	d.run(keep, 1)
	all, some, on := d.endpoint(), d.endpoint(store.NoticeBalance), d.endpoint()
	a := d.linked("Amina")
	d.due(all) // which takes up the first, and is never sent it
	d.save(said(a.ID, noon, 1, store.Amount{}))
	d.ok(d.TestEndpoint(t.Context(), store.ByStaff("s"), some.ID))
	list, _ := d.due(on)
	for _, one := range list {
		d.tried(one, store.Tried{Status: 200})
	}
	d.ok(d.ReplaySince(t.Context(), store.ByStaff("s"), on.ID, 0))
	for _, off := range []store.Endpoint{all, some} {
		must(d.DisableEndpoint(t.Context(), store.ByStaff("s"), off.ID))
	}
	d.run(keep, 7*24)
	for name, row := range map[string]struct {
		e      store.Endpoint
		missed int
		last   int64
	}{
		"everything, of which one waited":      {all, 2, 2},
		"balances alone, and its own test":     {some, 1, 2},
		"one that was sent it and asked again": {on, 0, 0},
	} {
		got := must(d.EndpointByID(t.Context(), row.e.ID))
		if got.Missed != row.missed || got.MissedSeq != row.last || got.MissedAt.IsZero() != (row.missed == 0) {
			t.Errorf("%s: it missed %d, the last %d at %v; want %d, %d", name, got.Missed, got.MissedSeq, got.MissedAt, row.missed, row.last)
		}
	}
	if e := must(d.EnableEndpoint(t.Context(), store.ByStaff("s"), all.ID)); e.Missed != 2 {
		t.Errorf("enabled again it missed %d", e.Missed)
	}
}
