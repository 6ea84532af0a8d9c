package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
)

// parallelRefreshes is how many refreshes talk to the provider at once, so
// that one slow answer does not hold up the others.
const parallelRefreshes = 4

// driveRefreshes returns the step that moves every due refresh on, each in a
// goroutine of its own and never two for the same.
func (w *Worker) driveRefreshes(wg *sync.WaitGroup) func(context.Context) error {
	driving := newPool(wg, parallelRefreshes)
	return func(ctx context.Context) error {
		begun := errors.Join(w.fetchFirst(ctx), w.beginFunds(ctx)) // what does not begin holds up nothing that has
		round := driving.round()
		due, err := w.Store.DueRefreshes(ctx, 50)
		if err != nil {
			return errors.Join(begun, err)
		}
		for _, r := range due {
			round.start(r.ID, func() {
				if err := w.driveIfDue(ctx, r); err != nil && ctx.Err() == nil {
					w.Logger.Error("driving refresh", "refresh", r.ID, "err", err)
				}
			}, nil)
		}
		return begun
	}
}

// firstComesWithin is how long the first balance may take that comes by itself: Mono
// speaks of up to ten minutes ("Integration guide" for partners), and a question costs.
const firstComesWithin = 12 * time.Minute

// fetchFirst asks the bank for the balance of accounts that came without one.
func (w *Worker) fetchFirst(ctx context.Context) error {
	var accounts []store.Account
	for _, p := range w.Providers {
		due, err := w.Store.AccountsToFetch(ctx, p.Name(), 20)
		if err != nil {
			return err
		}
		for _, a := range due {
			if !p.Traits().Brings || !lately(a.LinkedAt, w.Now(), firstComesWithin) {
				accounts = append(accounts, a)
			}
		}
	}
	return eachOf(ctx, len(accounts), func(i int) error {
		id := accounts[i].ID
		_, _, err := w.Store.StartRefresh(ctx, store.RefreshRequest{
			Scope: store.Whole(), AccountID: id, Kind: store.KindRefresh, Trigger: "link", Deadline: w.Deadline,
		})
		if err != nil && !refusedToStart(err) {
			return fmt.Errorf("asking for the first balance of account %s: %w", id, err)
		}
		return nil
	})
}

// refusedToStart says that nobody may ask about an account now: it was unlinked,
// or the consent has ended, or somebody has asked just now.
func refusedToStart(err error) bool {
	var tooSoon *store.CoolDownError
	return errors.As(err, &tooSoon) || errors.Is(err, store.ErrUnlinked) || errors.Is(err, store.ErrNoConsent)
}

// driveIfDue drives a refresh unless it was moved on between being listed and
// being taken: a stale row would ask the bank a second time.
func (w *Worker) driveIfDue(ctx context.Context, listed store.Refresh) error {
	r, err := w.Store.RefreshByID(ctx, listed.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return fmt.Errorf("reading refresh again: %w", err)
	}
	if !r.Open() || r.State != listed.State || !r.NextAt.Equal(listed.NextAt) {
		return nil
	}
	return w.drive(ctx, r)
}

// drive moves one refresh to its next state.
func (w *Worker) drive(ctx context.Context, r store.Refresh) error {
	a, err := w.Store.AccountByID(ctx, r.AccountID)
	if err != nil {
		return fmt.Errorf("reading account of refresh: %w", err)
	}
	consented, err := w.Store.HasConsent(ctx, a.CustomerID, a.Provider)
	if err != nil {
		return fmt.Errorf("reading consent for refresh: %w", err)
	}
	switch {
	case !consented:
		return w.Store.EndRefresh(
			ctx, r,
			store.Ending{State: store.RefreshInterrupted, Cause: "The customer's consent is not in force any more."},
		)
	case r.CreatedAt.After(w.Now().Add(store.ClockSlack)):
		r.Cause = "The clock was set back."
		return w.giveUp(ctx, r)
	case !w.Now().Before(r.DeadlineAt):
		return w.giveUp(ctx, r)
	case r.State == store.RefreshQueued:
		return w.ask(ctx, r, a)
	case r.State == store.RefreshAsked:
		return w.lost(ctx, r, w.Providers.Of(a.Provider)) // the program ended between asking and hearing the answer
	default:
		return w.poll(ctx, r, a)
	}
}

// giveUp ends a refresh at its deadline: as one that got no answer, or none that
// could be read. A late answer is still welcome by webhook.
func (w *Worker) giveUp(ctx context.Context, r store.Refresh) error {
	switch {
	case r.AskedAt.IsZero() && r.Held: // others were before it
		return w.Store.EndRefresh(ctx, r, store.Ending{
			State: store.RefreshLimited, RetryAt: w.Now().Add(time.Minute),
			Cause: "The bank was never asked. " + r.Cause,
		})
	case r.AskedAt.IsZero():
		cause := "The bank was never asked: the program was not running."
		if r.Cause != "" { // it was, and nobody took the question
			cause = "The bank was never asked. Last: " + r.Cause
		}
		return w.Store.EndRefresh(ctx, r, store.Ending{State: store.RefreshInterrupted, Cause: cause})
	}
	cause := "No answer before the deadline."
	if r.Cause != "" {
		cause += " Last: " + r.Cause
	}
	if r.Fault == faultBadAnswer {
		return w.Store.EndRefresh(ctx, r, unreadable(cause))
	}
	return w.Store.EndRefresh(ctx, r, store.Ending{State: store.RefreshTimedOut, Cause: cause})
}

// outcome is the ending that an answer makes.
func (w *Worker) outcome(ctx context.Context, r store.Refresh, a store.Account, answer provider.Answer) store.Ending {
	if r.Kind == store.KindCheck {
		return checked(answer)
	}
	return w.answered(ctx, r, a, answer)
}

// checked is the ending that a check's answer makes.
func checked(answer provider.Answer) store.Ending {
	if answer.Fault != nil {
		return faulty(answer.Fault)
	}
	e := store.Ending{
		State: store.RefreshUnchanged, Changed: answer.Changed, LastChecked: answer.LastChecked,
		LastFetched: answer.LastFetched,
	}
	if answer.Changed {
		e.State = store.RefreshChanged
	}
	return e
}

// answered is the ending that a balance makes, if it is the balance of this account.
// A saved copy of no known time is no answer: where nothing else can come, it fails.
func (w *Worker) answered(ctx context.Context, r store.Refresh, a store.Account, answer provider.Answer) store.Ending {
	b := answer.Balance
	switch {
	case b == nil && answer.Fault != nil:
		return faulty(answer.Fault)
	case b == nil:
		return mismatch("The answer carries no balance.")
	case b.Unreadable != "":
		return unreadable(unread(*b))
	case !b.Figure.Known && b.Basis == provider.BasisLedger:
		return mismatch("The answer carries no ledger balance.")
	case !b.Figure.Known:
		return mismatch("The answer carries no balance.")
	case b.Unshared:
		e := mismatch("The answer says that the account is not shared with us any more.")
		e.Unshared = true
		return e
	case b.Currency == "":
		return mismatch("The answer does not say in which currency its balance is.")
	case b.Currency != a.Currency:
		return mismatch("The answer is in another currency than the account.")
	case answer.Fault != nil:
		return faulty(answer.Fault)
	}
	source := store.SourceRefresh
	if r.Trigger == "schedule" {
		source = store.SourceSchedule
	}
	o := balanceRow(a.ID, source, *b)
	w.workOutAvailable(ctx, a, &o)
	if o.AsOfKind == store.AsOfUnknown {
		return store.Ending{
			State: store.RefreshFailed, Balance: &o, Fault: faultFetchFailed,
			Cause: "The provider gave the copy that it has saved, and no answer of the bank.",
		}
	}
	return store.Ending{Balance: &o}
}

// faulty is the ending that an answer makes which the provider's adapter cannot
// vouch for.
func faulty(e *provider.Error) store.Ending {
	return store.Ending{State: store.RefreshFailed, Fault: fault(e), Cause: e.Reason()}
}

func mismatch(cause string) store.Ending {
	return faulty(&provider.Error{Kind: provider.KindMismatch, Err: errors.New(cause)})
}

// unreadable is the ending that an answer makes which is about this account and
// cannot be read.
func unreadable(cause string) store.Ending {
	return faulty(&provider.Error{Kind: provider.KindBadAnswer, Err: errors.New(cause)})
}

// ending is what an error of the provider means for the refresh.
func (w *Worker) ending(err error) store.Ending {
	switch provider.KindOf(err) {
	case provider.KindNeedsLogin:
		return store.Ending{State: store.RefreshNeedsLogin, Cause: err.Error()}
	case provider.KindRateLimited:
		e := store.Ending{State: store.RefreshLimited, Cause: err.Error()}
		if limit := provider.AsError(err); limit != nil && limit.RetryAfter > 0 {
			e.RetryAt = w.Now().Add(limit.RetryAfter)
		}
		return e
	}
	return store.Ending{State: store.RefreshFailed, Fault: fault(err), Cause: err.Error()}
}

// faultFetchFailed is the fault of a question to which no answer of the bank came.
var faultFetchFailed = fault(&provider.Error{Kind: provider.KindFetchFailed})

// faultBadAnswer is the fault of an answer that cannot be read.
var faultBadAnswer = fault(&provider.Error{Kind: provider.KindBadAnswer})

// fault is why a refresh failed, in the word that the pages explain.
func fault(err error) string {
	return strings.ReplaceAll(string(provider.KindOf(err)), " ", "_")
}
