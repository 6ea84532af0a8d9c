package store

import (
	"context"
	"errors"
	"time"
)

// MarkAsked notes that the question is about to leave: after a crash it is
// not sent a second time. It reports false when somebody has asked already or
// the refresh has ended. A question that is sent again ([Store.AskAgain]) is of
// when it was sent first.
func (s *Store) MarkAsked(ctx context.Context, id string) (ok bool, err error) {
	ok, _, err = s.MarkAskedWithin(ctx, id, "", 0)
	return ok, err
}

// MarkAskedWithin is [Store.MarkAsked] for a provider to whom at most so many
// questions may be sent in 24 hours; 0: any number. Where they are used up it marks
// nothing and says until when.
func (s *Store) MarkAskedWithin(
	ctx context.Context, id, provider string, most int,
) (ok bool, full time.Time, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		ok, full = false, time.Time{}
		if most > 0 {
			const day = 24 * time.Hour
			n, oldest, err := askedSince(ctx, tx, provider, tx.now.Add(-day), tx.now)
			if err != nil {
				return err
			}
			if n >= most {
				full = oldest.Add(day)
				return nil
			}
		}
		ok, err = tx.changes(ctx, `
			UPDATE refreshes
			SET state = 'asked', asked_at = COALESCE(asked_at, $2), held = FALSE
			WHERE id = $1 AND state = 'queued' AND ended_at IS NULL`, id, unixMS(tx.now))
		return err
	})
	return ok, full, err
}

// AwaitRefresh keeps how to look for the answer, and when.
func (s *Store) AwaitRefresh(ctx context.Context, id, ticket string, nextAt time.Time) error {
	return s.exec(ctx, `
		UPDATE refreshes
		SET state = 'waiting', ticket = $2, next_at = $3, held = FALSE
		WHERE id = $1 AND ended_at IS NULL`, id, ticket, unixMS(nextAt))
}

// PostponeRefresh counts a poll without an answer, says when to look again, and
// why there was none: in one word, as [Ending] has it, and in the operator's words.
func (s *Store) PostponeRefresh(ctx context.Context, id string, nextAt time.Time, fault, cause string) error {
	return s.exec(ctx, `
		UPDATE refreshes
		SET polls = polls + 1, next_at = $2, fault = $3, cause = $4, held = FALSE
		WHERE id = $1 AND ended_at IS NULL`, id, unixMS(nextAt), fault, cause)
}

// AwaitWord is [Store.PostponeRefresh] after the provider was done with the question:
// until then a webhook may say how it went.
func (s *Store) AwaitWord(ctx context.Context, id string, until time.Time, fault, cause string) error {
	return s.exec(ctx, `
		UPDATE refreshes
		SET polls = polls + 1, untold = TRUE, next_at = $2, fault = $3, cause = $4, held = FALSE
		WHERE id = $1 AND ended_at IS NULL`, id, unixMS(until), fault, cause)
}

// RepeatPoll is [Store.PostponeRefresh] after an answer that spoke of a change
// and still gave the figure from before.
func (s *Store) RepeatPoll(ctx context.Context, id string, nextAt time.Time, cause string) error {
	return s.exec(ctx, `
		UPDATE refreshes
		SET polls = polls + 1, stale_answers = stale_answers + 1, next_at = $2, cause = $3, held = FALSE
		WHERE id = $1 AND ended_at IS NULL`, id, unixMS(nextAt), cause)
}

// HoldRefresh lets a refresh wait for its turn until then, without counting a poll.
func (s *Store) HoldRefresh(ctx context.Context, id string, nextAt time.Time, cause string) error {
	return s.exec(ctx, `
		UPDATE refreshes
		SET next_at = $2, cause = $3, held = TRUE
		WHERE id = $1 AND ended_at IS NULL`, id, unixMS(nextAt), cause)
}

// UnaskRefresh takes back that a question left: nothing of it could be sent,
// and it may be asked again then.
func (s *Store) UnaskRefresh(ctx context.Context, id string, nextAt time.Time, cause string) error {
	return s.exec(ctx, `
		UPDATE refreshes
		SET state = 'queued', asked_at = NULL, tries = tries + 1, next_at = $2, cause = $3, held = FALSE
		WHERE id = $1 AND state = 'asked' AND ended_at IS NULL`, id, unixMS(nextAt), cause)
}

// AskAgain lets a question be sent again then, of which it is not known whether it
// arrived.
func (s *Store) AskAgain(ctx context.Context, id string, nextAt time.Time, cause string) error {
	return s.exec(ctx, `
		UPDATE refreshes
		SET state = 'queued', tries = tries + 1, next_at = $2, cause = $3, held = FALSE
		WHERE id = $1 AND state = 'asked' AND ended_at IS NULL`, id, unixMS(nextAt), cause)
}

// Ending is how a refresh ends.
type Ending struct {
	State       RefreshState // ignored when Balance is set: then it is changed or unchanged
	Balance     *Balance     // a saved copy of no known time is saved and ends nothing: State does
	Polled      bool         // the ending came with a poll: count it
	Changed     bool         // a check's answer
	LastChecked time.Time
	LastFetched time.Time
	RetryAt     time.Time
	Fault       string
	Cause       string
	Unshared    bool // the account is not shared with us any more
}

// EndRefresh ends an open refresh; with a balance, the balance is saved in the
// same transaction. Ending one that has ended already only saves the balance;
// one that was erased meanwhile is forgotten.
func (s *Store) EndRefresh(ctx context.Context, r Refresh, ending Ending) error {
	return s.inTx(ctx, func(tx *tx) error {
		e := ending
		if e.Balance != nil {
			err := tx.saveBalance(ctx, *e.Balance)
			if errors.Is(err, ErrUnlinked) {
				return nil // and so has the refresh ended
			}
			if err != nil {
				return err
			}
			if e.Balance.isCopy() {
				e.Balance = nil
			}
		}
		return tx.endRefresh(ctx, r, e)
	})
}

func (tx *tx) endRefresh(ctx context.Context, r Refresh, e Ending) error {
	a, err := findAccount(ctx, tx, Whole(), r.AccountID)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Balance != nil {
		e.State = RefreshUnchanged
		if a.Figure != r.FigureBefore || a.Available != r.AvailableBefore {
			e.State = RefreshChanged
		}
	}
	polls := r.Polls
	if e.Polled {
		polls++
	}
	changed, err := tx.changes(ctx, `
		UPDATE refreshes
		SET state = $2, ended_at = $3, polls = $4, ledger_after = $5, available_after = $6, balance_changed = $7,
			last_checked = $8, last_fetched = $9, retry_at = $10, fault = $11, cause = $12, held = FALSE
		WHERE id = $1 AND ended_at IS NULL`,
		r.ID, e.State, unixMS(tx.now), polls, a.Figure, a.Available, e.Changed,
		unixMS(e.LastChecked), unixMS(e.LastFetched), unixMS(e.RetryAt), e.Fault, e.Cause)
	if err != nil || !changed {
		return err // it has ended before: what came too late says nothing of the account
	}
	tx.endings = append(tx.endings, e.State)
	if err := tx.countAnswer(ctx, r, a, e.State); err != nil {
		return err
	}
	if e.Unshared {
		if err := tx.unshare(ctx, r.AccountID); err != nil {
			return err
		}
	}
	if err := tx.ended(ctx, r.AccountID); err != nil {
		return err
	}
	if err := tx.tellEnded(ctx, a.CustomerID, r, e.State); err != nil {
		return err
	}
	return tx.noteOnAccount(ctx, r, e, a)
}

// tellEnded tells that a refresh has ended. A check is nobody's but staff's.
func (tx *tx) tellEnded(ctx context.Context, customerID string, r Refresh, state RefreshState) error {
	if r.Kind != KindRefresh {
		return nil
	}
	return tx.tell(ctx, Notice{
		Type: NoticeRefresh, CustomerID: customerID, AccountID: r.AccountID, Subject: r.ID, State: string(state),
	})
}

// noteOnAccount keeps what an outcome says of the account itself, which was so. What a clock
// gone wrong had dated into the future may have come due since the account was
// last heard of: it would stand in the history as newer than what is shown.
func (tx *tx) noteOnAccount(ctx context.Context, r Refresh, e Ending, was Account) error {
	var query string
	is := was.Status
	switch e.State {
	case RefreshChanged, RefreshUnchanged:
		query = `UPDATE accounts SET checked_at = $2, status = CASE WHEN status = 'needs_login' THEN 'linked' ELSE status END WHERE id = $1`
		if is == AccountNeedsLogin {
			is = AccountLinked
		}
	case RefreshNeedsLogin:
		query = `UPDATE accounts SET checked_at = $2, status = CASE WHEN status = 'linked' THEN 'needs_login' ELSE status END WHERE id = $1`
		if is == AccountLinked {
			is = AccountNeedsLogin
		}
	default:
		return nil
	}
	if err := tx.exec(ctx, query, r.AccountID, unixMS(tx.now)); err != nil {
		return err
	}
	if is != was.Status {
		if err := tx.tellStatus(ctx, was.CustomerID, was.ID, is); err != nil {
			return err
		}
	}
	// That it changed, without the figure, is said by a check, or by a refresh
	// that the bank answered with the figure from before.
	outdated := `NULL`
	if e.Changed {
		outdated = `as_of`
	}
	if e.State != RefreshNeedsLogin && (e.Changed || r.Kind == KindRefresh) {
		if err := tx.exec(
			ctx, `UPDATE accounts SET outdated_as_of = `+outdated+` WHERE id = $1`, r.AccountID,
		); err != nil {
			return err
		}
	}
	if e.Balance != nil { // with which the account was brought up to date
		return nil
	}
	return tx.foldLatest(ctx, r.AccountID)
}

// finishOnNews ends the open refresh of an account when a balance arrives that
// is younger than the question: a webhook can be faster than our next poll. A saved
// copy of no known time is not.
func (tx *tx) finishOnNews(ctx context.Context, o Balance) error {
	if o.isCopy() {
		return nil
	}
	r, err := one(ctx, tx, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes
		WHERE account_id = $1 AND kind = 'refresh' AND ended_at IS NULL AND asked_at IS NOT NULL`, o.AccountID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || (!o.AsOf.IsZero() && o.AsOf.Before(r.AskedAt)) {
		return err
	}
	return tx.endRefresh(ctx, r, Ending{Balance: &o, Cause: "answered by " + string(o.Source)})
}

// finishUnanswered ends the open refresh of an account that looks for its answer by a
// ticket: there is none.
func (tx *tx) finishUnanswered(ctx context.Context, accountID, ticket string, e Ending) error {
	r, err := one(ctx, tx, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes
		WHERE account_id = $1 AND ticket = $2 AND ended_at IS NULL`, accountID, ticket)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.endRefresh(ctx, r, e)
}
