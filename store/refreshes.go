package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrUnlinked says that an account is no longer linked and cannot be asked.
var ErrUnlinked = errors.New("store: the account is not linked any more")

// CoolDownError says that an account was asked a moment ago.
type CoolDownError struct{ Until time.Time }

// Error implements error.
func (e *CoolDownError) Error() string {
	return fmt.Sprintf("store: asked a moment ago, again from %s", e.Until.Format(time.RFC3339))
}

// Refresh is one request to the bank: for the balance, or only whether it changed.
type Refresh struct {
	ID              string
	AccountID       string
	Kind            RefreshKind
	Trigger         string // "staff", "customer", "schedule" or "link"
	StaffID         string // empty unless staff asked
	State           RefreshState
	ProviderRecord  string // of the provider's job, once it was asked
	ProviderMethod  string
	Polls           int
	CreatedAt       time.Time
	AskedAt         time.Time
	NextAt          time.Time
	DeadlineAt      time.Time
	EndedAt         time.Time // zero: still open
	LedgerBefore    Amount
	AvailableBefore Amount
	LedgerAfter     Amount
	AvailableAfter  Amount
	Changed         bool // a check's answer
	LastChecked     time.Time
	LastFetched     time.Time
	RetryAt         time.Time // when the provider limits us or is paused: not before
	Tries           int       // of the question, when nothing of it could leave
	Fault           string    // why it failed, in one word; empty: it did not
	Cause           string    // for staff
}

// Open says that there is no outcome yet.
func (r Refresh) Open() bool { return r.EndedAt.IsZero() }

// RefreshKind is what the bank is asked.
type RefreshKind string

// The two questions.
const (
	KindRefresh RefreshKind = "refresh"
	KindCheck   RefreshKind = "check"
)

// RefreshState says how far a refresh has come, or how it ended.
type RefreshState string

// The states of a refresh: three while it is open, the rest are outcomes.
const (
	RefreshQueued      RefreshState = "queued"
	RefreshAsked       RefreshState = "asked" // about to be sent, or sent: after a crash nobody knows
	RefreshWaiting     RefreshState = "waiting"
	RefreshChanged     RefreshState = "changed"
	RefreshUnchanged   RefreshState = "unchanged"
	RefreshNeedsLogin  RefreshState = "needs_login"
	RefreshLimited     RefreshState = "limited"
	RefreshFailed      RefreshState = "failed"
	RefreshTimedOut    RefreshState = "timed_out"
	RefreshInterrupted RefreshState = "interrupted"
)

const refreshColumns = `id, account_id, kind, trigger, staff_id, state, provider_record, provider_method, polls,
	created_at, asked_at, next_at, deadline_at, ended_at, ledger_before, available_before, ledger_after, available_after,
	COALESCE(balance_changed, FALSE), last_checked, last_fetched, retry_at, tries, fault, cause`

func scanRefresh(row scanner) (r Refresh, err error) {
	err = row.Scan(&r.ID, &r.AccountID, &r.Kind, &r.Trigger, &r.StaffID, &r.State, &r.ProviderRecord, &r.ProviderMethod, &r.Polls,
		timeOf{&r.CreatedAt}, timeOf{&r.AskedAt}, timeOf{&r.NextAt}, timeOf{&r.DeadlineAt}, timeOf{&r.EndedAt},
		&r.LedgerBefore, &r.AvailableBefore, &r.LedgerAfter, &r.AvailableAfter,
		&r.Changed, timeOf{&r.LastChecked}, timeOf{&r.LastFetched}, timeOf{&r.RetryAt}, &r.Tries, &r.Fault, &r.Cause)
	return r, err
}

// RefreshRequest is somebody's wish to ask the bank.
type RefreshRequest struct {
	AccountID  string
	CustomerID string // whose account it has to be; empty: anybody's, for staff
	Kind       RefreshKind
	Trigger    string
	StaffID    string
	CoolDown   time.Duration // since the last start of the same kind
	Deadline   time.Duration // we give up then
}

// StartRefresh opens a refresh, or joins the one that is open for the account.
// One that was started a moment ago answers [CoolDownError].
func (s *Store) StartRefresh(ctx context.Context, q RefreshRequest) (r Refresh, joined bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		a, err := findAccount(ctx, tx, q.CustomerID, q.AccountID)
		if err != nil {
			return err
		}
		if a.Status == AccountUnlinked {
			return ErrUnlinked
		}
		r, err = one(ctx, tx, scanRefresh, `SELECT `+refreshColumns+` FROM refreshes WHERE account_id = $1 AND ended_at IS NULL`, q.AccountID)
		if joined = err == nil; joined || !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := tx.coolDown(ctx, q); err != nil {
			return err
		}
		r = q.open(a, tx.now)
		return tx.insertRefresh(ctx, r, a)
	})
	return r, joined, err
}

func (tx *tx) coolDown(ctx context.Context, q RefreshRequest) error {
	var last time.Time
	// A start in the future comes from a clock that was set back: it binds nobody.
	err := tx.QueryRowContext(ctx, `
		SELECT created_at
		FROM refreshes
		WHERE account_id = $1 AND kind = $2 AND created_at <= $3
		ORDER BY created_at DESC
		LIMIT 1`, q.AccountID, q.Kind, unixMS(tx.now)).Scan(timeOf{&last})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if until := last.Add(q.CoolDown); err == nil && tx.now.Before(until) {
		return &CoolDownError{Until: until}
	}
	return err
}

func (q RefreshRequest) open(a Account, now time.Time) Refresh {
	return Refresh{
		ID: newID(), AccountID: a.ID, Kind: q.Kind, Trigger: q.Trigger, StaffID: q.StaffID, State: RefreshQueued,
		CreatedAt: now, NextAt: now, DeadlineAt: now.Add(q.Deadline),
		LedgerBefore: a.Ledger, AvailableBefore: a.Available,
	}
}

func (tx *tx) insertRefresh(ctx context.Context, r Refresh, a Account) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO refreshes (id, account_id, kind, trigger, staff_id, state, provider_record, provider_method, polls,
			created_at, next_at, deadline_at, ledger_before, available_before, tries, fault, cause)
		VALUES ($1, $2, $3, $4, $5, $6, '', '', 0, $7, $7, $8, $9, $10, 0, '', '')`,
		r.ID, r.AccountID, r.Kind, r.Trigger, r.StaffID, r.State, unixMS(r.CreatedAt), unixMS(r.DeadlineAt), r.LedgerBefore, r.AvailableBefore)
	if err != nil {
		return err
	}
	actor := Program
	switch {
	case r.StaffID != "":
		actor = ByStaff(r.StaffID)
	case r.Trigger == "customer":
		actor = ByCustomer(a.CustomerID)
	}
	return tx.audit(ctx, Act{Actor: actor, Action: string(r.Kind) + " started", Customer: a.CustomerID, Subject: r.ID})
}

// RefreshByID returns one refresh.
func (s *Store) RefreshByID(ctx context.Context, id string) (Refresh, error) {
	return one(ctx, s.read, scanRefresh, `SELECT `+refreshColumns+` FROM refreshes WHERE id = $1`, id)
}

// RefreshesByAccount returns an account's refresh log, newest first.
func (s *Store) RefreshesByAccount(ctx context.Context, accountID string, limit int) ([]Refresh, error) {
	return collect(ctx, s.read, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes
		WHERE account_id = $1
		ORDER BY id DESC
		LIMIT $2`, accountID, limit)
}

// ScheduledSince counts the refreshes that the schedule has started since then.
func (s *Store) ScheduledSince(ctx context.Context, since time.Time) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM refreshes WHERE trigger = 'schedule' AND created_at >= $1`, unixMS(since)).Scan(&n)
	return n, err
}

// DueRefreshes returns open refreshes that the worker has to look at.
func (s *Store) DueRefreshes(ctx context.Context, limit int) ([]Refresh, error) {
	return collect(ctx, s.read, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes
		WHERE ended_at IS NULL AND next_at <= $1
		ORDER BY next_at
		LIMIT $2`, unixMS(s.now()), limit)
}

// MarkAsked notes that the question is about to leave: after a crash it is
// not sent a second time. It reports false when the refresh has ended.
func (s *Store) MarkAsked(ctx context.Context, id string) (ok bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE refreshes
			SET state = 'asked', asked_at = $2
			WHERE id = $1 AND ended_at IS NULL`, id, unixMS(tx.now))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		ok = n == 1
		return err
	})
	return ok, err
}

// AwaitRefresh keeps the provider's job and when to look for its answer.
func (s *Store) AwaitRefresh(ctx context.Context, id, record, method string, nextAt time.Time) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE refreshes
			SET state = 'waiting', provider_record = $2, provider_method = $3, next_at = $4
			WHERE id = $1 AND ended_at IS NULL`, id, record, method, unixMS(nextAt))
		return err
	})
}

// PostponeRefresh counts a poll without an answer and says when to look again.
func (s *Store) PostponeRefresh(ctx context.Context, id string, nextAt time.Time, cause string) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE refreshes
			SET polls = polls + 1, next_at = $2, cause = $3
			WHERE id = $1 AND ended_at IS NULL`, id, unixMS(nextAt), cause)
		return err
	})
}

// HoldRefresh says when to look at a refresh again, without counting a poll.
func (s *Store) HoldRefresh(ctx context.Context, id string, nextAt time.Time, cause string) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE refreshes
			SET next_at = $2, cause = $3
			WHERE id = $1 AND ended_at IS NULL`, id, unixMS(nextAt), cause)
		return err
	})
}

// UnaskRefresh takes back that a question left: nothing of it could be sent,
// and it may be asked again then.
func (s *Store) UnaskRefresh(ctx context.Context, id string, nextAt time.Time, cause string) error {
	return s.inTx(ctx, func(tx *tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE refreshes
			SET state = 'queued', asked_at = NULL, tries = tries + 1, next_at = $2, cause = $3
			WHERE id = $1 AND state = 'asked' AND ended_at IS NULL`, id, unixMS(nextAt), cause)
		return err
	})
}

// Ending is how a refresh ends.
type Ending struct {
	State       RefreshState // ignored when Balance is set: then it is changed or unchanged
	Balance     *Observation
	Polled      bool // the ending came with a poll: count it
	Changed     bool // a check's answer
	LastChecked time.Time
	LastFetched time.Time
	RetryAt     time.Time
	Fault       string
	Cause       string
}

// EndRefresh ends an open refresh; with a balance, the balance is saved in the
// same transaction. Ending one that has ended already only saves the balance.
func (s *Store) EndRefresh(ctx context.Context, r Refresh, e Ending) error {
	return s.inTx(ctx, func(tx *tx) error {
		if e.Balance != nil {
			if err := tx.saveBalance(ctx, *e.Balance); err != nil {
				return err
			}
		}
		return tx.endRefresh(ctx, r, e)
	})
}

func (tx *tx) endRefresh(ctx context.Context, r Refresh, e Ending) error {
	a, err := findAccount(ctx, tx, "", r.AccountID)
	if err != nil {
		return err
	}
	if e.Balance != nil {
		e.State = RefreshUnchanged
		if a.Ledger != r.LedgerBefore || a.Available != r.AvailableBefore {
			e.State = RefreshChanged
		}
	}
	polls := r.Polls
	if e.Polled {
		polls++
	}
	res, err := tx.ExecContext(ctx, `
		UPDATE refreshes
		SET state = $2, ended_at = $3, polls = $4, ledger_after = $5, available_after = $6, balance_changed = $7,
			last_checked = $8, last_fetched = $9, retry_at = $10, fault = $11, cause = $12
		WHERE id = $1 AND ended_at IS NULL`,
		r.ID, e.State, unixMS(tx.now), polls, a.Ledger, a.Available, e.Changed,
		unixMS(e.LastChecked), unixMS(e.LastFetched), unixMS(e.RetryAt), e.Fault, e.Cause)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err // it has ended before: what came too late says nothing of the account
	}
	return tx.noteOnAccount(ctx, r.AccountID, e.State)
}

// noteOnAccount keeps what an outcome says of the account itself.
func (tx *tx) noteOnAccount(ctx context.Context, accountID string, state RefreshState) error {
	var query string
	switch state {
	case RefreshChanged, RefreshUnchanged:
		query = `UPDATE accounts SET checked_at = $2, status = CASE WHEN status = 'needs_login' THEN 'linked' ELSE status END WHERE id = $1`
	case RefreshNeedsLogin:
		query = `UPDATE accounts SET checked_at = $2, status = CASE WHEN status = 'linked' THEN 'needs_login' ELSE status END WHERE id = $1`
	default:
		return nil
	}
	_, err := tx.ExecContext(ctx, query, accountID, unixMS(tx.now))
	return err
}

// finishOnNews ends the open refresh of an account when a balance arrives that
// is younger than the question: a webhook can be faster than our next poll.
func (tx *tx) finishOnNews(ctx context.Context, o Observation) error {
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
