package worker

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"balancelink/handlers/sitetest"
	"balancelink/okra/provider/wire"
	"balancelink/store"
	"balancelink/store/limits"
)

// host is a system of the business that is sent what happens.
type host struct {
	URL    string
	answer func(http.ResponseWriter, *http.Request)

	mu   sync.Mutex
	took []taken
}

// taken is a request that a host was sent.
type taken struct {
	header http.Header
	body   []byte
}

func (t taken) id() string { return t.header.Get("webhook-id") }

// newHost is a host that takes everything.
func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		h.mu.Lock()
		h.took = append(h.took, taken{r.Header.Clone(), body})
		h.mu.Unlock()
		h.answer(w, r)
	}))
	t.Cleanup(srv.Close)
	h.URL = srv.URL
	return h
}

func (h *host) all() []taken {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.took)
}

// answers has everything answered so.
func (h *host) answers(status int, header ...string) {
	h.answer = func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}
}

// newSender is a bench whose worker sends to this machine.
func newSender(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.Outgoing = Outgoing{
		HTTP: wire.NewOutwardClient(netip.Addr.IsLoopback),
		Payload: func(n store.Notice, amounts bool) ([]byte, error) {
			return fmt.Appendf(nil, `{"seq":%d,"type":%q,"figure":%d,"amounts":%v}`, n.Seq, n.Type, n.Figure.Minor, amounts), nil
		},
	}
	return b
}

// endpoint adds a host as an endpoint.
func (b *bench) endpoint(h *host) store.Endpoint {
	b.t.Helper()
	e, err := b.Store.AddEndpoint(b.t.Context(), store.ByStaff("s"), store.Endpoint{URL: h.URL})
	b.ok(err)
	return e
}

// test sends an endpoint a test.
func (b *bench) test(e store.Endpoint) {
	b.t.Helper()
	b.ok(b.Store.TestEndpoint(b.t.Context(), store.ByStaff("s"), e.ID))
}

// sendDue sends everything that is due now, each once.
func (b *bench) sendDue() {
	b.t.Helper()
	var wg sync.WaitGroup
	step := b.sendOut(&wg)
	for again := true; again; {
		select {
		case <-b.wakes[sendLoop]:
		default:
		}
		b.ok(step(b.t.Context()))
		wg.Wait()
		again = len(b.wakes[sendLoop]) > 0
	}
}

func (b *bench) state(e store.Endpoint) store.Endpoint {
	b.t.Helper()
	e, err := b.Store.EndpointByID(b.t.Context(), e.ID)
	b.ok(err)
	return e
}

// deliveries are those of an endpoint, the first first.
func (b *bench) deliveries(e store.Endpoint) []store.Delivery {
	b.t.Helper()
	all, err := b.Store.Deliveries(b.t.Context(), store.DeliveryQuery{EndpointID: e.ID, Limit: 100})
	b.ok(err)
	slices.Reverse(all)
	return all
}

// holds says whether a secret verifies what was taken.
func (t taken) holds(secret string) bool {
	hook, err := standardwebhooks.NewWebhook(secret)
	return err == nil && hook.VerifyIgnoringTimestamp(t.body, t.header) == nil
}

func TestOutgoingIsSignedAtTheTimeOfTheTryAndHasTheSameIDAtEach(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	a := b.linked("Amina456")
	h.answers(http.StatusInternalServerError)
	b.sendDue()
	b.advance(6 * time.Second)
	h.answers(http.StatusOK)
	b.sendDue()
	times := map[string]int{}
	for i, one := range h.all() {
		times[one.id()]++
		if at := one.header.Get("webhook-timestamp"); i == len(h.all())-1 && at != strconv.FormatInt(b.clock().Unix(), 10) {
			t.Errorf("the timestamp is %s at %d", at, b.clock().Unix())
		}
		if !one.holds(e.Secret) || one.holds("whsec_c2VjcmV0") || one.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s with %v does not hold under its secret, or does under another", one.body, one.header)
		}
	}
	if len(times) == 0 || len(h.all()) != 2*len(times) {
		t.Errorf("%d requests came of %d events, want two each", len(h.all()), len(times))
	}
	for _, d := range b.deliveries(e) {
		if times["msg_"+d.Notice.ID] != 2 || d.State != store.DeliverySucceeded || d.Tries != 2 || d.Status != http.StatusOK || d.Error != "" || d.Notice.CustomerID != a.CustomerID {
			t.Errorf("%+v came %d times", d, times["msg_"+d.Notice.ID])
		}
	}
	before := len(h.all())
	b.advance(100 * time.Hour)
	if b.sendDue(); len(h.all()) != before {
		t.Error("what has arrived is sent again")
	}
}

func TestOutgoingIsTriedTenTimesInThreeDays(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	b.test(e)
	h.answers(http.StatusInternalServerError)
	for i := range 10 {
		if b.sendDue(); len(h.all()) != i+1 {
			t.Fatalf("after %d pauses it was tried %d times", i, len(h.all()))
		}
		d := b.deliveries(e)[0]
		if i == 9 {
			if d.State != store.DeliveryFailed || !d.NextTryAt.IsZero() || d.Status != 500 || d.Error != "status" {
				t.Errorf("at the end it is %+v", d)
			}
			break
		}
		pause := d.NextTryAt.Sub(b.clock())
		if want := pauses[i]; pause < want*9/10-time.Millisecond || pause > want*11/10 {
			t.Errorf("pause %d is %v, want about %v", i+1, pause, want)
		}
		b.advance(pause - time.Millisecond)
		if b.sendDue(); len(h.all()) != i+1 {
			t.Fatalf("try %d came too early", i+2)
		}
		b.advance(time.Millisecond)
	}
	b.advance(1000 * time.Hour)
	if b.sendDue(); len(h.all()) != 10 {
		t.Errorf("in the end it was tried %d times", len(h.all()))
	}
}

func TestOutgoingHearsWhatAnEndpointAsksFor(t *testing.T) {
	for name, row := range map[string]struct {
		status int
		after  string
		quiet  time.Duration // for which nothing at all is sent
		next   time.Duration // until the same is tried again; 0: its own pause
	}{
		"too many":                     {429, "", time.Minute, 0},
		"too many, for two hours":      {429, "7200", 2 * time.Hour, 2 * time.Hour},
		"too many, for two days":       {429, "172800", 24 * time.Hour, 24 * time.Hour},
		"a gateway":                    {502, "", time.Minute, 0},
		"a gateway's time":             {504, "", time.Minute, 0},
		"unavailable, for ten minutes": {503, "600", 10 * time.Minute, 10 * time.Minute},
		"an error, for ten minutes":    {500, "600", 0, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			b, h := newSender(t), newHost(t)
			e := b.endpoint(h)
			b.test(e)
			h.answers(row.status, "Retry-After", row.after)
			b.sendDue()
			if next := b.deliveries(e)[0].NextTryAt.Sub(b.clock()); row.next > 0 && next != row.next || row.next == 0 && next > 6*time.Second {
				t.Errorf("it is tried again after %v, want %v", next, row.next)
			}
			h.answers(http.StatusOK)
			b.test(e)
			if row.quiet > 0 {
				b.advance(row.quiet - time.Millisecond)
				if b.sendDue(); len(h.all()) != 1 {
					t.Errorf("another was sent too early")
				}
				b.advance(time.Millisecond)
			}
			if b.sendDue(); len(h.all()) < 2 {
				t.Errorf("%v later nothing is sent", row.quiet)
			}
		})
	}
}

func TestAnEndpointThatIsMovedBeginsAnew(t *testing.T) {
	b, old, moved := newSender(t), newHost(t), newHost(t)
	e := b.endpoint(old)
	b.test(e)
	old.answers(http.StatusTooManyRequests, "Retry-After", "80000")
	b.sendDue()
	e.URL = moved.URL
	e, err := b.Store.PutEndpoint(t.Context(), store.ByStaff("s"), e, nil, nil)
	b.ok(err)
	if !e.FailingSince.IsZero() || !b.state(e).FailingSince.IsZero() || b.state(e).Failures != 0 {
		t.Errorf("it is said to fail: %+v", b.state(e))
	}
	if b.sendDue(); len(moved.all()) != 1 {
		t.Errorf("%d came at the new address, want what waits at once", len(moved.all()))
	}
}

func TestWhatTheAddressBeforeSaysIsNotHeldAgainstTheOneAfter(t *testing.T) {
	for name, answer := range map[string]int{"gone": http.StatusGone, "too many": http.StatusTooManyRequests} {
		t.Run(name, func(t *testing.T) {
			b, old, moved := newSender(t), newHost(t), newHost(t)
			e := b.endpoint(old)
			b.test(e)
			old.answer = func(w http.ResponseWriter, _ *http.Request) {
				to := e
				to.URL = moved.URL
				if _, err := b.Store.PutEndpoint(context.Background(), store.ByStaff("s"), to, nil, nil); err != nil {
					t.Error(err)
				}
				w.Header().Set("Retry-After", "80000")
				w.WriteHeader(answer)
			}
			b.sendDue()
			b.sendDue()
			if now := b.state(e); now.State != store.EndpointEnabled || now.Failures != 0 || len(moved.all()) != 1 {
				t.Errorf("%d came at the new address, which is %s with %d failures", len(moved.all()), now.State, now.Failures)
			}
		})
	}
}

// A host that lets only so many in answers others at the same time.
func TestForHowLongAnEndpointAsksToWaitNoOtherAnswerShortens(t *testing.T) {
	for name, other := range map[string]int{"taken": http.StatusOK, "too many, and does not say for how long": http.StatusTooManyRequests} {
		t.Run(name, func(t *testing.T) {
			b := newSender(t)
			e := b.endpoint(&host{URL: "http://127.0.0.1:1"})
			b.test(e)
			b.test(e)
			b.ok(b.Store.TakeUp(t.Context(), e.ID))
			all := b.deliveries(e)
			header := http.Header{"Retry-After": {"7200"}}
			for i, resp := range []*http.Response{{StatusCode: 429, Header: header}, {StatusCode: other, Header: http.Header{}}} {
				_, err := b.Store.EndDeliveries(t.Context(), e, []store.Sent{{Delivery: all[i], Tried: b.judge(all[i], resp)}})
				b.ok(err)
			}
			if until := b.state(e).SlowUntil.Sub(b.clock()); until != 2*time.Hour {
				t.Errorf("it is sent something in %v, want two hours", until)
			}
		})
	}
}

func TestOutgoingFollowsNobodyAndReadsNoAnswer(t *testing.T) {
	b, h, elsewhere := newSender(t), newHost(t), newHost(t)
	e := b.endpoint(h)
	b.test(e)
	for _, status := range []int{301, 302, 303, 307, 308, 304} {
		h.answers(status, "Location", elsewhere.URL)
		b.sendDue()
		if d := b.deliveries(e)[0]; d.State != store.DeliveryWaiting || d.Error != "redirect" || d.Status != status {
			t.Errorf("answered %d it is %+v", status, d)
		}
		b.advance(b.deliveries(e)[0].NextTryAt.Sub(b.clock()))
	}
	if len(elsewhere.all()) > 0 {
		t.Error("it was followed")
	}
}

func TestOutgoingIsNotSentWhereItMayNot(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	b.Outgoing.HTTP = wire.NewOutwardClient(wire.Public)
	b.test(e)
	b.sendDue()
	if d := b.deliveries(e)[0]; d.Error != "untrusted" || d.State != store.DeliveryWaiting || len(h.all()) > 0 {
		t.Errorf("it is %+v, and %d came", d, len(h.all()))
	}
}

func TestOutgoingToNobodyAndToWhoIsSlowFails(t *testing.T) {
	b, h := newSender(t), newHost(t)
	nobody := b.endpoint(&host{URL: "http://127.0.0.1:1"})
	e := b.endpoint(h)
	b.test(nobody)
	b.sendDue()
	if d := b.deliveries(nobody)[0]; d.Error != "unreachable" {
		t.Errorf("to nobody it is %+v", d)
	}

	goOn := make(chan struct{})
	defer close(goOn)
	h.answer = func(http.ResponseWriter, *http.Request) { <-goOn }
	b.Outgoing.HTTP.Timeout = 50 * time.Millisecond
	b.test(e)
	b.sendDue()
	if d := b.deliveries(e)[0]; d.Error != "slow" || d.Status != 0 {
		t.Errorf("to who is slow it is %+v", d)
	}
}

func TestAnEndpointThatIsGoneIsSentNothingMore(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	b.test(e)
	h.answers(http.StatusGone)
	b.sendDue()
	if now := b.state(e); now.State != store.EndpointDisabled || now.Why != store.DisabledGone {
		t.Errorf("it is %+v", now)
	}
	h.answers(http.StatusOK)
	b.linked("Amina456")
	b.advance(time.Hour)
	if b.sendDue(); len(h.all()) != 1 {
		t.Errorf("disabled it was sent %d", len(h.all()))
	}
	_, err := b.Store.EnableEndpoint(t.Context(), store.ByStaff("s"), e.ID)
	b.ok(err)
	b.sendDue()
	if types := b.types(h.all()[1:]); !slices.Contains(types, "account.linked") || !slices.Contains(types, "endpoint.test") {
		t.Errorf("enabled again it was sent %v", types)
	}
}

// types are what deliveries that were taken tell.
func (b *bench) types(took []taken) (all []string) {
	b.t.Helper()
	notices, _, _, err := b.Store.Notices(b.t.Context(), 0, nil, 1000)
	b.ok(err)
	for _, one := range took {
		for _, n := range notices {
			if "msg_"+n.ID == one.id() {
				all = append(all, string(n.Type))
			}
		}
	}
	return all
}

func TestAnEndpointThatFailsForFiveDaysIsDisabled(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	h.answers(http.StatusInternalServerError)
	begun := b.clock()
	for b.state(e).State == store.EndpointEnabled {
		if b.clock().Sub(begun) > 6*24*time.Hour {
			t.Fatal("after six days it is enabled still")
		}
		if b.clock().Sub(begun)%(12*time.Hour) == 0 {
			b.test(e)
		}
		b.sendDue()
		b.advance(time.Hour)
	}
	if since := b.clock().Sub(begun); since < 5*24*time.Hour || b.state(e).Failures < 20 {
		t.Errorf("after %v and %d failures it is disabled", since, b.state(e).Failures)
	}
}

func TestAfterASecretWasChangedBothHoldForADay(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	changed, err := b.Store.ChangeSecret(t.Context(), store.ByStaff("s"), e.ID)
	b.ok(err)
	b.test(e)
	b.sendDue()
	b.advance(24 * time.Hour)
	b.test(e)
	b.sendDue()
	first, second := h.all()[0], h.all()[1]
	if !first.holds(e.Secret) || !first.holds(changed.Secret) {
		t.Errorf("within a day it is signed %s", first.header.Get("webhook-signature"))
	}
	if second.holds(e.Secret) || !second.holds(changed.Secret) {
		t.Errorf("after a day it is signed %s", second.header.Get("webhook-signature"))
	}
}

func TestWhatIsSentAgainHasItsID(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	b.test(e)
	b.sendDue()
	b.ok(b.Store.ReplayDelivery(t.Context(), store.ByStaff("s"), b.deliveries(e)[0].ID))
	b.sendDue()
	b.ok(b.Store.ReplaySince(t.Context(), store.ByStaff("s"), e.ID, 0))
	b.sendDue()
	all := h.all()
	if len(all) != 3 || all[0].id() != all[1].id() || all[0].id() != all[2].id() {
		t.Errorf("%d came", len(all))
	}
}

func TestSoManyAreSentAtOnceAndWhoHangsHoldsUpNobodyElse(t *testing.T) {
	b, hanging, fine := newSender(t), newHost(t), newHost(t)
	goOn := make(chan struct{})
	var under, most atomic.Int32
	hanging.answer = func(http.ResponseWriter, *http.Request) {
		if n := under.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-goOn
		under.Add(-1)
	}
	slow, quick := b.endpoint(hanging), b.endpoint(fine)
	for range 10 {
		b.test(slow)
		b.test(quick)
	}
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { b.loop(ctx, sendLoop, b.sendOut(&wg)) })
	sitetest.Await(t, "the other gets all of its own", func() string { return fmt.Sprint(len(fine.all())) }, func() bool { return len(fine.all()) == 10 && under.Load() == sendingToOne })
	close(goOn)
	sitetest.Await(t, "who hung gets them too", func() string { return fmt.Sprint(len(hanging.all())) }, func() bool { return len(hanging.all()) == 10 })
	end()
	wg.Wait()
	if most.Load() != sendingToOne {
		t.Errorf("%d were under way to one at once, want %d", most.Load(), sendingToOne)
	}
}

func TestOneThatHangsKeepsNoOtherFromBeingNoted(t *testing.T) {
	b, h := newSender(t), newHost(t)
	goOn := make(chan struct{})
	var came atomic.Int32
	h.answer = func(w http.ResponseWriter, _ *http.Request) {
		if came.Add(1) == 1 {
			<-goOn
		}
		w.WriteHeader(http.StatusNoContent)
	}
	e := b.endpoint(h)
	for range 2 * sentTogether {
		b.test(e)
	}
	done := func() (n int) {
		all, err := b.Store.Deliveries(t.Context(), store.DeliveryQuery{State: store.DeliverySucceeded, Limit: 1000})
		b.ok(err)
		return len(all)
	}
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { b.loop(ctx, sendLoop, b.sendOut(&wg)) })
	sitetest.Await(t, "all others are noted", func() string { return fmt.Sprint(done()) }, func() bool { return done() == 2*sentTogether-1 })
	close(goOn)
	sitetest.Await(t, "and then the one", func() string { return fmt.Sprint(done()) }, func() bool { return done() == 2*sentTogether })
	end()
	wg.Wait()
	if n := came.Load(); n != 2*sentTogether {
		t.Errorf("%d came, want each once", n)
	}
}

func TestWhatTheEndCutsShortIsSentAgain(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	b.test(e)
	ctx, end := context.WithCancel(t.Context())
	h.answer = func(w http.ResponseWriter, r *http.Request) { end(); <-r.Context().Done() }
	var wg sync.WaitGroup
	if err := b.sendOut(&wg)(ctx); ctx.Err() == nil { // which ends within it, or after
		b.ok(err)
	}
	wg.Wait()
	if d := b.deliveries(e)[0]; d.State != store.DeliveryWaiting || d.Tries != 0 {
		t.Errorf("it is %+v", d)
	}
	b.restart()
	h.answers(http.StatusOK)
	b.sendDue()
	if all := h.all(); len(all) != 2 || all[0].id() != all[1].id() {
		t.Errorf("%d came", len(all))
	}
}

func TestAClockStepHoldsNoDeliveryUp(t *testing.T) {
	b, h := newSender(t), newHost(t)
	e := b.endpoint(h)
	b.set(tenYears)
	b.test(e)
	h.answers(429)
	b.sendDue()
	b.set(0)
	h.answers(http.StatusOK)
	b.sendDue()
	if d := b.deliveries(e)[0]; d.State != store.DeliverySucceeded {
		t.Errorf("with the clock set back it is %+v", d)
	}
}

func TestHoweverManyEndpointsHangTheOthersAreSentWhatHappens(t *testing.T) {
	b := newSender(t)
	goOn := make(chan struct{})
	var under atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hangs" {
			under.Add(1)
			<-goOn
		}
	}))
	t.Cleanup(srv.Close)
	fine := b.endpoint(&host{URL: srv.URL + "/fine"}) // the oldest, whose turn comes last
	for range limits.Endpoints - 1 {
		e := b.endpoint(&host{URL: srv.URL + "/hangs"})
		for range 2 * sendingToOne {
			b.test(e)
		}
	}
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { b.loop(ctx, sendLoop, b.sendOut(&wg)) })
	all := int32(sendingToOne * (limits.Endpoints - 1))
	sitetest.Await(t, "all others hang", func() string { return fmt.Sprint(under.Load(), " of ", all) }, func() bool { return under.Load() == all })
	b.test(fine)
	sitetest.Await(t, "this one gets its own", func() string { return fmt.Sprint(b.deliveries(fine)) }, func() bool {
		all := b.deliveries(fine)
		return len(all) == 1 && all[0].State == store.DeliverySucceeded
	})
	close(goOn)
	end()
	wg.Wait()
}
