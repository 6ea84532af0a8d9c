package worker

import (
	"context"
	"net/http"
	"slices"
	"time"

	"balancelink/okra"
	"balancelink/okra/provider"
	"balancelink/store"
)

// poll looks for the answer.
func (w *Worker) poll(ctx context.Context, r store.Refresh, a store.Account) error {
	if ok, next, pause := w.Okra.Ready(priority(r)); !ok {
		return w.Store.HoldRefresh(ctx, r.ID, earlier(next, r.DeadlineAt), held(pause))
	}
	answer, err := w.look(ctx, r, a)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil && (passing(err) || r.ProviderRecord != "" && promised(err)):
		return w.Store.PostponeRefresh(ctx, r.ID, w.nextPoll(r, err), fault(err), err.Error())
	case err != nil:
		return w.endPolled(ctx, r, w.ending(err))
	case r.Kind == store.KindRefresh && behind(r, a, answer):
		return w.lookAgain(ctx, r, a, answer)
	case answer.Running, r.Kind == store.KindRefresh && early(r, a, answer) && !w.settled(r, answer):
		return w.Store.PostponeRefresh(ctx, r.ID, w.nextPoll(r, nil), "", "")
	case r.Kind == store.KindCheck:
		return w.endPolled(ctx, r, checked(answer))
	}
	return w.endPolled(ctx, r, w.answered(ctx, r, a, answer))
}

func (w *Worker) endPolled(ctx context.Context, r store.Refresh, e store.Ending) error {
	e.Polled = true
	return w.Store.EndRefresh(ctx, r, e)
}

// look asks for the answer to a question. Where the provider named no job, or
// says no more than that the balance changed, it asks for the saved balance.
func (w *Worker) look(ctx context.Context, r store.Refresh, a store.Account) (okra.Answer, error) {
	answer := okra.Answer{Checked: r.StaleAnswers > 0, Changed: r.StaleAnswers > 0}
	if r.ProviderRecord != "" && r.StaleAnswers == 0 {
		var err error
		answer, err = w.Okra.Poll(ctx, okra.Job{Record: r.ProviderRecord, Method: method(r)})
		if err != nil || r.Kind == store.KindCheck || answer.Running || len(answer.Balances) > 0 {
			return answer, err
		}
	}
	saved, err := w.Okra.BalanceByAccount(ctx, a.ProviderID)
	answer.Balances = saved
	return answer, err
}

// repeats is how often the figure is asked for again when the provider says
// that it changed and gives the one from before.
const repeats = 2

// lookAgain puts such an answer off, and in the end takes the figure for what it
// is: one from before, with its own date.
func (w *Worker) lookAgain(ctx context.Context, r store.Refresh, a store.Account, answer okra.Answer) error {
	next := w.Now().Add(4 * w.PollEvery)
	if r.StaleAnswers < repeats && next.Before(r.DeadlineAt) {
		return w.Store.RepeatPoll(ctx, r.ID, next, "The provider says that the balance changed, and gives the figure from before.")
	}
	e := w.answered(ctx, r, a, answer)
	e.Changed = e.Balance != nil
	return w.endPolled(ctx, r, e)
}

// passing says whether the next poll may fare better.
func passing(err error) bool {
	switch provider.KindOf(err) {
	case provider.KindUnreachable, provider.KindBadAnswer, provider.KindRateLimited, provider.KindBusy:
		return true
	}
	return false
}

// promised says that the provider does not know the answer that it has promised:
// not yet.
func promised(err error) bool {
	e := asError(err)
	return e != nil && (e.Kind == provider.KindNoRecord || e.Kind == provider.KindBadRequest && e.Status == http.StatusNotFound)
}

// nextPoll is when to look again, at the deadline at the latest.
func (w *Worker) nextPoll(r store.Refresh, err error) time.Time {
	pause := min(w.PollEvery<<min(r.Polls/10, 3), max(w.PollEvery, 30*time.Second)) // the longer it takes the less often
	if e := asError(err); e != nil && e.RetryAfter > pause {
		pause = e.RetryAfter
	}
	return earlier(w.Now().Add(pause), r.DeadlineAt)
}

// behind says that the provider speaks of a change and gives the figure from
// before the question.
func behind(r store.Refresh, a store.Account, answer okra.Answer) bool {
	return answer.Changed && before(r, a, answer)
}

// early says that an answer is from before the question. That can be where the
// saved balance stands in for the answer: the provider named no job, or after a
// crash only the account's own record is known, under which that balance lies
// until the bank has answered.
func early(r store.Refresh, a store.Account, answer okra.Answer) bool {
	return (r.ProviderRecord == "" || r.ProviderRecord == a.ProviderRecord) && before(r, a, answer)
}

// settled says that an answer from before the question is the answer to it: it is
// of the very job that the provider named, and that is done, or half of its time
// is over.
func (w *Worker) settled(r store.Refresh, answer okra.Answer) bool {
	named := r.ProviderRecord != "" && r.ProviderMethod != ""
	return named && (answer.Completed || !w.Now().Before(r.AskedAt.Add(r.DeadlineAt.Sub(r.AskedAt)/2)))
}

// before says that an answer has nothing newer than what we have. Both times are
// the provider's: its clock may be behind ours. Only where we have none of its
// times ours has to do.
func before(r store.Refresh, a store.Account, answer okra.Answer) bool {
	return slices.ContainsFunc(answer.Balances, func(b okra.Balance) bool {
		if b.Account != a.ProviderID || b.LastUpdated.IsZero() {
			return false
		}
		if a.AsOfStated {
			return !b.LastUpdated.After(a.AsOf)
		}
		return b.LastUpdated.Before(r.AskedAt)
	})
}
