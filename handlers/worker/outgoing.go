package worker

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
	"balancelink/store"
	"balancelink/store/limits"
)

// Outgoing is how programs of the business are told what happens.
type Outgoing struct {
	HTTP *http.Client // reaches endpoints and follows no redirect; nil: nothing is sent
	// Payload is what is sent of something that happened, with the amounts of a balance or
	// without.
	Payload func(n store.Notice, amounts bool) ([]byte, error)
	// Tried hears of each try how it went: in a word why it failed, or "ok"; nil: nobody does.
	Tried func(result string)
}

// SendFor is how long an endpoint may take to answer.
const SendFor = 15 * time.Second

// How many deliveries are under way at once: to one endpoint, and over all, which is as many
// to each. None waits for one that hangs, nor for several.
const (
	sendingToOne  = 4
	sendingAtOnce = sendingToOne * limits.Endpoints
)

// How much is sent before it is noted how that went: so many to an endpoint, and for so
// long. To note each by itself costs more than to send it; what a kill keeps from being
// noted arrives twice, with the same id.
const (
	sentTogether = 64
	noteAfter    = time.Second
)

// pauses are those between one try of a delivery and the next: more than three days.
var pauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
	20 * time.Hour, 24 * time.Hour,
}

const (
	longestWait = 24 * time.Hour // that an endpoint may ask for
	slowFor     = time.Minute    // nothing is sent to one that is overwhelmed and does not say for how long
)

// sendOut returns the step that sends what happened to those who want it. Nothing waits
// for an answer.
func (w *Worker) sendOut(wg *sync.WaitGroup) func(context.Context) error {
	sending := newPool(wg, sendingAtOnce)
	return func(ctx context.Context) error {
		if w.Outgoing.HTTP == nil {
			return nil
		}
		endpoints, err := w.Store.Endpoints(ctx)
		for _, e := range endpoints {
			if e.State == store.EndpointEnabled && !w.slowed(e) {
				err = errors.Join(err, w.sendTo(ctx, e, sending))
			}
		}
		return errors.Join(err, w.trimDeliveries(ctx))
	}
}

// slowed says whether an endpoint has asked to be sent nothing now. What is far away was
// asked for before the clock was set back.
func (w *Worker) slowed(e store.Endpoint) bool {
	wait := e.SlowUntil.Sub(w.Now())
	return wait > 0 && wait <= longestWait
}

// sendTo has what is due sent to an endpoint, in as many lanes as may be under way at once.
// Whoever hangs holds up one lane: the others go on with what is left.
func (w *Worker) sendTo(ctx context.Context, e store.Endpoint, sending *pool) error {
	round := sending.round()
	untaken, err := w.Store.Untaken(ctx, e)
	if err == nil && untaken {
		err = w.Store.TakeUp(ctx, e.ID)
	}
	if err != nil {
		return fmt.Errorf("taking up what happened for endpoint %s: %w", e.ID, err)
	}
	lane := "lane " + e.ID
	if sending.under(lane) == sendingToOne {
		return nil
	}
	due, err := w.Store.DueDeliveries(ctx, e.ID, sentTogether+sending.under(e.ID))
	if err != nil {
		return err
	}
	key := func(d store.Delivery) string { return e.ID + " " + d.ID }
	due = slices.DeleteFunc(due, func(d store.Delivery) bool { return !round.take(key(d)) })
	if len(due) == 0 {
		return nil
	}
	noted := func(d store.Delivery) { sending.free(key(d)) }
	queue := make(chan store.Delivery, len(due))
	for _, d := range due {
		queue <- d
	}
	close(queue)
	var lanes sync.WaitGroup
	for i := range sendingToOne {
		lanes.Add(1)
		if !round.start(fmt.Sprint(lane, " ", i), func() {
			defer lanes.Done()
			w.sendSome(ctx, e, queue, noted)
		}, func() { w.wake(sendLoop) }) {
			lanes.Done()
		}
	}
	sending.wg.Go(func() {
		lanes.Wait()
		for d := range queue { // for which there was no time
			noted(d)
		}
		w.wake(sendLoop)
	})
	return nil
}

// sendSome sends some of what is in a queue, each once, and notes how that went. It ends with
// the first that fails. What the end of the program cuts short stays due: it may arrive
// twice, with the same id.
func (w *Worker) sendSome(
	ctx context.Context, e store.Endpoint, queue <-chan store.Delivery, noted func(store.Delivery),
) {
	var sent []store.Sent
	for begun := time.Now(); time.Since(begun) < noteAfter; {
		d, more := <-queue
		if !more {
			break
		}
		defer noted(d)
		t := w.send(ctx, e, d)
		if ctx.Err() != nil {
			break
		}
		if w.Outgoing.Tried != nil {
			w.Outgoing.Tried(cmp.Or(t.Error, triedOK))
		}
		sent = append(sent, store.Sent{Delivery: d, Tried: t})
		if t.Error != "" {
			break
		}
	}
	if len(sent) == 0 {
		return
	}
	disabled, err := w.Store.EndDeliveries(context.WithoutCancel(ctx), e, sent)
	if err != nil {
		w.Logger.Error("noting what was sent", "endpoint", e.ID, "err", err)
	}
	if disabled != "" {
		w.Logger.Warn("a webhook endpoint was disabled", "endpoint", e.ID, "why", string(disabled))
	}
}

// Why a try failed, in a word.
const (
	failedSecret      = "secret"      // ours does not open
	failedUnreachable = "unreachable" // nobody answered
	failedUntrusted   = "untrusted"   // its address is none that may be, or its certificate is not right
	failedSlow        = "slow"        // there was no answer in time
	failedRedirect    = "redirect"    // it is somewhere else, it says
	failedStatus      = "status"      // it did not take it
)

// triedOK is how a try went that succeeded.
const triedOK = "ok"

// SentWords are how a try to send a webhook, or an e-mail, may go, as [Outgoing.Tried] and
// [Mail.Tried] hear of it.
func SentWords() (webhooks, mails []string) {
	webhooks = []string{
		triedOK, failedSecret, failedUnreachable, failedUntrusted, failedSlow, failedRedirect, failedStatus,
	}
	return webhooks, []string{triedOK, MailUnreachable, MailInsecure, MailNoLogin, MailRefused, MailNoRecipient}
}

func (w *Worker) send(ctx context.Context, e store.Endpoint, d store.Delivery) store.Tried {
	fail := func(word string) store.Tried { return w.again(d, store.Tried{Error: word}, 0) }
	if e.Broken != nil {
		w.Logger.Error("signing a webhook", "err", e.Broken)
		return fail(failedSecret)
	}
	req, err := w.signed(ctx, e, d)
	if err != nil {
		w.Logger.Error("signing a webhook", "endpoint", e.ID, "err", err)
		return fail(failedSecret)
	}
	resp, err := w.Outgoing.HTTP.Do(req)
	if err != nil {
		return fail(failureOf(err))
	}
	defer resp.Body.Close()
	// What it says is nobody's to read; read to its end, the connection serves again.
	_, _ = io.CopyN(io.Discard, resp.Body, 16<<10)
	return w.judge(d, resp)
}

func failureOf(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return failedSlow
	}
	if provider.KindOf(wire.Unsent(err)) == provider.KindUntrusted {
		return failedUntrusted
	}
	return failedUnreachable
}

// signed is the request of a try, as Standard Webhooks has it: signed with every secret
// that counts, at the time of the try, under an id that is the same each time.
func (w *Worker) signed(ctx context.Context, e store.Endpoint, d store.Delivery) (*http.Request, error) {
	payload, err := w.Outgoing.Payload(d.Notice, e.Amounts)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	id, now := "msg_"+d.Notice.ID, w.Now()
	var signatures []string
	for _, secret := range e.Secrets(now) {
		hook, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, err
		}
		signature, err := hook.Sign(id, now, payload)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, signature)
	}
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", wire.UserAgent)
	return req, nil
}

// judge says what an answer means. Only 2xx is success.
func (w *Worker) judge(d store.Delivery, resp *http.Response) store.Tried {
	t := store.Tried{Status: resp.StatusCode}
	wait := wire.RetryWithin(resp.Header.Get("Retry-After"), w.Now(), longestWait)
	switch {
	case t.Status >= 200 && t.Status <= 299:
		return t
	case t.Status >= 300 && t.Status <= 399:
		t.Error = failedRedirect
	default:
		t.Error = failedStatus
	}
	switch t.Status {
	case http.StatusGone:
		t.Gone = true
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusGatewayTimeout:
		t.SlowUntil = w.Now().Add(max(wait, slowFor))
	case http.StatusServiceUnavailable:
		if wait > 0 {
			t.SlowUntil = w.Now().Add(wait)
		}
	}
	return w.again(d, t, wait)
}

// again says when a delivery is tried again: after its pause, or later where the endpoint
// asks for that; or not any more.
func (w *Worker) again(d store.Delivery, t store.Tried, wait time.Duration) store.Tried {
	if d.Tries < len(pauses) {
		pause := pauses[d.Tries]
		pause += time.Duration((rand.Float64() - 0.5) / 5 * float64(pause)) // so that not all come at once
		t.NextTryAt = w.Now().Add(max(pause, wait))
	}
	return t
}

// trimEvery is how often deliveries are forgotten that nobody has to know any more.
const trimEvery = time.Minute

func (w *Worker) trimDeliveries(ctx context.Context) error {
	if lately(w.trimmed, w.Now(), trimEvery) {
		return nil
	}
	w.trimmed = w.Now()
	return w.Store.TrimDeliveries(ctx)
}
