package worker

import (
	"context"
	"fmt"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// askTries is how often a question is tried of which nothing could leave.
const askTries = 3

// onItsWay is how long a question may take to arrive.
const onItsWay = 30 * time.Second

// ask sends the question, once: what may have left is not sent again.
func (w *Worker) ask(ctx context.Context, r store.Refresh, a store.Account) error {
	p := w.Providers.Of(a.Provider)
	if ok, next, pause := p.Ready(priority(r)); !ok {
		return w.hold(ctx, r, next, pause)
	}
	again := !r.AskedAt.IsZero()
	if interval := p.Traits().Interval; again && interval > 0 && w.over(r.AskedAt, interval-onItsWay) {
		return w.Store.AwaitRefresh(ctx, r.ID, "", w.Now().Add(w.FirstPoll)) // by now it would be another question
	}
	most := w.most(p)
	if again {
		most = 0 // what is sent again is counted already
	}
	ok, full, err := w.Store.MarkAskedWithin(ctx, r.ID, p.Name(), most)
	if err == nil && !full.IsZero() {
		return w.Store.EndRefresh(ctx, r, store.Ending{
			State: store.RefreshLimited, RetryAt: full, Cause: "The questions of this day are used up.",
		})
	}
	if err != nil || !ok {
		return err
	}
	asked, err := p.Ask(ctx, refOf(a), provider.Question(r.Kind))
	e := provider.AsError(err)
	switch {
	case ctx.Err() != nil:
		return nil // shutting down: resumed as asked after the start
	case err == nil && asked.Answer != nil:
		return w.Store.EndRefresh(ctx, r, w.outcome(ctx, r, a, *asked.Answer))
	case err == nil:
		return w.Store.AwaitRefresh(ctx, r.ID, asked.Ticket, w.Now().Add(w.FirstPoll))
	case e != nil && e.NotSent && e.Kind == provider.KindRateLimited:
		return w.askAgain(ctx, r, max(e.RetryAfter, time.Second), err.Error(), false)
	case e != nil && e.NotSent && e.Kind == provider.KindUnreachable && r.Tries+1 < askTries:
		return w.askAgain(ctx, r, backoff(r.Tries), err.Error(), false)
	case e != nil && !e.NotSent && e.Kind == provider.KindUnreachable && e.Status == 0:
		return w.lost(ctx, r, p) // it may have arrived although no answer came
	}
	return w.Store.EndRefresh(ctx, r, w.ending(err))
}

// most is how many questions may be sent in 24 hours to a provider who charges for
// them; 0: any number.
func (w *Worker) most(p provider.Provider) int {
	if !p.Traits().Costs {
		return 0
	}
	return w.DailyCalls[p.Name()]
}

// lost is what becomes of a question of which it is not known whether it arrived:
// it is sent again only where that is the same question to the provider.
func (w *Worker) lost(ctx context.Context, r store.Refresh, p provider.Provider) error {
	if p.Traits().Joins {
		return w.askAgain(ctx, r, backoff(r.Tries), "It is not known whether the question arrived.", true)
	}
	return w.Store.AwaitRefresh(ctx, r.ID, "", w.Now().Add(w.FirstPoll))
}

// askAgain lets a question be sent again after a pause. It counts as asked if it may
// have arrived, this time or before.
func (w *Worker) askAgain(ctx context.Context, r store.Refresh, pause time.Duration, cause string, sent bool) error {
	again := w.Store.UnaskRefresh
	if sent || !r.AskedAt.IsZero() {
		again = w.Store.AskAgain
	}
	return again(ctx, r.ID, earlier(w.Now().Add(pause), r.DeadlineAt), cause)
}

// priority is the place of a refresh in the line for the provider.
func priority(r store.Refresh) provider.Priority {
	switch {
	case r.Trigger == "schedule":
		return provider.ForSchedule
	case r.Kind == store.KindCheck:
		return provider.ForCheck
	}
	return provider.ForRefresh
}

// hold is what becomes of a question whose turn has not come: while calls are
// limited it waits in line; while they are paused it ends, for nobody knows for
// how long.
func (w *Worker) hold(ctx context.Context, r store.Refresh, next time.Time, pause provider.Pause) error {
	switch pause.Kind {
	case "", provider.KindRateLimited, provider.KindAbsent:
		if next.Before(r.DeadlineAt) {
			return w.Store.HoldRefresh(ctx, r.ID, next, held(pause))
		}
		return w.Store.EndRefresh(ctx, r, store.Ending{State: store.RefreshLimited, RetryAt: next, Cause: held(pause)})
	}
	return w.Store.EndRefresh(ctx, r, store.Ending{
		State: store.RefreshFailed, RetryAt: next, Cause: held(pause),
		Fault: fault(&provider.Error{Kind: pause.Kind}),
	})
}

// held says why a call is not made now.
func held(pause provider.Pause) string {
	if pause.Kind == "" {
		return "The calls of this minute are used up."
	}
	return fmt.Sprintf("Calls to the provider are paused: %s.", pause.Kind)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
