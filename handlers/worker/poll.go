package worker

import (
	"context"
	"fmt"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// poll looks for the answer.
func (w *Worker) poll(ctx context.Context, r store.Refresh, a store.Account) error {
	p := w.Providers.Of(a.Provider)
	if ok, next, pause := p.Ready(priority(r)); !ok {
		return w.Store.HoldRefresh(ctx, r.ID, earlier(next, r.DeadlineAt), held(pause))
	}
	answer, err := p.Look(ctx, refOf(a), provider.Looking{
		Question: provider.Question(r.Kind), Ticket: r.Ticket, AskedAt: r.AskedAt,
		Behind: r.StaleAnswers > 0, Untold: r.Untold,
	})
	switch {
	case ctx.Err() != nil:
		return nil
	case unexplained(p, r, a, err):
		next := earlier(w.Now().Add(explainedWithin), r.DeadlineAt)
		return w.Store.AwaitWord(ctx, r.ID, next, fault(err), err.Error())
	case err != nil && a.Status == store.AccountNeedsLogin && provider.KindOf(err) == provider.KindFetchFailed:
		return w.endPolled(ctx, r, store.Ending{State: store.RefreshNeedsLogin, Cause: err.Error()})
	case err != nil && passing(err):
		return w.Store.PostponeRefresh(ctx, r.ID, w.nextPoll(r, err), fault(err), err.Error())
	case err != nil:
		return w.endPolled(ctx, r, w.ending(err))
	case answer.Ended:
		next := earlier(w.Now().Add(explainedWithin), r.DeadlineAt)
		return w.Store.AwaitWord(
			ctx, r.ID, next, "", "The provider is done with the question, and has not said how it went.",
		)
	case r.Kind == store.KindRefresh && behind(r, a, answer):
		return w.lookAgain(ctx, r, a, answer)
	case answer.Running, r.Kind == store.KindRefresh && w.early(r, a, answer):
		return w.Store.PostponeRefresh(ctx, r.ID, w.nextPoll(r, nil), "", "")
	}
	e := w.outcome(ctx, r, a, answer)
	if e.Balance != nil && e.Balance.AsOfKind == store.AsOfUnknown {
		return w.waitOn(ctx, r, e)
	}
	return w.endPolled(ctx, r, e)
}

// waitOn keeps the provider's saved copy and goes on waiting: the copy is no answer.
func (w *Worker) waitOn(ctx context.Context, r store.Refresh, e store.Ending) error {
	if err := w.Store.SaveBalance(ctx, *e.Balance); err != nil {
		return fmt.Errorf("saving the copy that came in place of an answer: %w", err)
	}
	return w.Store.PostponeRefresh(ctx, r.ID, w.nextPoll(r, nil), e.Fault, e.Cause)
}

func (w *Worker) endPolled(ctx context.Context, r store.Refresh, e store.Ending) error {
	e.Polled = true
	return w.Store.EndRefresh(ctx, r, e)
}

// repeats is how often the figure is asked for again when the provider says
// that it changed and gives the one from before.
const repeats = 2

// lookAgain puts such an answer off, and in the end takes the figure for what it
// is: one from before, with its own date.
func (w *Worker) lookAgain(ctx context.Context, r store.Refresh, a store.Account, answer provider.Answer) error {
	next := w.Now().Add(4 * w.PollEvery)
	if r.StaleAnswers < repeats && next.Before(r.DeadlineAt) {
		return w.Store.RepeatPoll(
			ctx, r.ID, next, "The provider says that the balance changed, and gives the figure from before.",
		)
	}
	e := w.answered(ctx, r, a, answer)
	e.Changed = e.Balance != nil
	return w.endPolled(ctx, r, e)
}

// explainedWithin is how long the webhook may take that says how a question ended. One
// that comes sooner is taken up at once.
const explainedWithin = 5 * time.Second

// unexplained says that the bank gave no answer, and that the provider may still tell
// why: that is waited for once.
func unexplained(p provider.Provider, r store.Refresh, a store.Account, err error) bool {
	return provider.KindOf(err) == provider.KindFetchFailed && p.Traits().Explains &&
		a.Status != store.AccountNeedsLogin && !r.Untold
}

// passing says whether the next poll may fare better.
func passing(err error) bool {
	switch provider.KindOf(err) {
	case provider.KindUnreachable, provider.KindBadAnswer, provider.KindRateLimited, provider.KindBusy,
		provider.KindNotYet:
		return true
	}
	return false
}

// nextPoll is when to look again, at the deadline at the latest.
func (w *Worker) nextPoll(r store.Refresh, err error) time.Time {
	pause := min(
		w.PollEvery<<min(r.Polls/10, 3), max(w.PollEvery, 30*time.Second),
	) // the longer it takes the less often
	if e := provider.AsError(err); e != nil && e.RetryAfter > pause {
		pause = e.RetryAfter
	}
	return earlier(w.Now().Add(pause), r.DeadlineAt)
}

// behind says that the provider speaks of a change and gives the figure from
// before the question.
func behind(r store.Refresh, a store.Account, answer provider.Answer) bool {
	return answer.Changed && before(r, a, answer)
}

// early says that an answer may be from before the question and has nothing newer
// than what we have. What lies where the answer will be is taken for it once half
// of the time is over; what is merely saved never is.
func (w *Worker) early(r store.Refresh, a store.Account, answer provider.Answer) bool {
	switch answer.Proof {
	case provider.ProofNone:
		return before(r, a, answer)
	case provider.ProofPlace:
		return before(r, a, answer) && w.Now().Before(r.AskedAt.Add(r.DeadlineAt.Sub(r.AskedAt)/2))
	}
	return false
}

// before says that an answer has nothing newer than what we have. Both times are
// the provider's: its clock may be behind ours. Only where we have none of its
// times ours has to do.
func before(r store.Refresh, a store.Account, answer provider.Answer) bool {
	switch b := answer.Balance; {
	case b == nil || b.AsOf.IsZero() || b.AsOfKind == provider.AsOfUnknown:
		return false
	case a.AsOfKind == store.AsOfStated:
		return !b.AsOf.After(a.AsOf)
	default:
		return b.AsOf.Before(r.AskedAt)
	}
}
