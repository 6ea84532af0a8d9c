package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrUnlinked says that an account is no longer linked, or no longer shared by its
// owner, or that its history goes on in another, and it cannot be asked.
var ErrUnlinked = errors.New("store: the account is not linked any more")

// CoolDownError says that an account was asked a moment ago.
type CoolDownError struct{ Until time.Time }

// Error implements error.
func (e *CoolDownError) Error() string {
	return fmt.Sprintf("store: asked a moment ago, again from %s", e.Until.Format(time.RFC3339))
}

// Refresh is one request to the bank: for the balance, or only whether it changed.
type Refresh struct {
	ID        string
	AccountID string
	Kind      RefreshKind
	Trigger   string // "staff", "customer", "api", "schedule", "funds_check" or "link"
	StaffID   string // empty unless staff asked
	State     RefreshState
	// how to look for the answer, as the provider's adapter wrote it; empty: what it wrote got lost
	Ticket          string
	Polls           int
	CreatedAt       time.Time
	AskedAt         time.Time
	NextAt          time.Time
	DeadlineAt      time.Time
	EndedAt         time.Time // zero: still open
	FigureBefore    Amount
	AvailableBefore Amount
	FigureAfter     Amount
	AvailableAfter  Amount
	Changed         bool // a check's answer
	LastChecked     time.Time
	LastFetched     time.Time
	RetryAt         time.Time // when the provider limits us or is paused: not before
	Tries           int       // of the question, when nothing of it could leave
	Held            bool      // while open: it waits for its turn at the provider, until NextAt
	StaleAnswers    int       // that spoke of a change and still gave the figure from before
	Untold          bool      // the webhook was waited for that says how the question ended
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

// RefreshState says how far a refresh has come, or how it ended: which state
// follows which, by what is done. A dot is where nothing changes; the outcomes
// are last, and nothing changes one.
//
//	               queued       asked        waiting      failed
//	MarkAsked      asked        .            .            .
//	UnaskRefresh   .            queued       .            .
//	AskAgain       .            queued       .            .
//	HoldRefresh    .            .            .            .
//	AwaitRefresh   waiting      waiting      .            .
//	Postpone       .            .            .            .
//	AwaitWord      .            .            .            .
//	RepeatPoll     .            .            .            .
//	EndRefresh     timed_out    timed_out    timed_out    .
//	with news      unchanged    unchanged    unchanged    .
//	a webhook      .            unchanged    unchanged    .
//	its failure    .            .            failed       .
//	unlinking      interrupted  interrupted  interrupted  .
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

// RefreshOutcomes are the states in which a request to a bank ends.
func RefreshOutcomes() []RefreshState {
	return []RefreshState{
		RefreshChanged, RefreshUnchanged, RefreshNeedsLogin, RefreshLimited, RefreshFailed, RefreshTimedOut,
		RefreshInterrupted,
	}
}

const refreshColumns = `refreshes.id, refreshes.account_id, refreshes.kind, refreshes.trigger, refreshes.staff_id, refreshes.state,
	refreshes.ticket, refreshes.polls, refreshes.created_at, refreshes.asked_at, refreshes.next_at,
	refreshes.deadline_at, refreshes.ended_at, refreshes.ledger_before, refreshes.available_before, refreshes.ledger_after,
	refreshes.available_after, COALESCE(refreshes.balance_changed, FALSE), refreshes.last_checked, refreshes.last_fetched,
	refreshes.retry_at, refreshes.tries, refreshes.held, refreshes.stale_answers, refreshes.untold, refreshes.fault,
	refreshes.cause`

func scanRefresh(row scanner) (r Refresh, err error) {
	err = row.Scan(&r.ID, &r.AccountID, &r.Kind, &r.Trigger, &r.StaffID, &r.State, &r.Ticket, &r.Polls,
		timeOf{&r.CreatedAt}, timeOf{&r.AskedAt}, timeOf{&r.NextAt}, timeOf{&r.DeadlineAt}, timeOf{&r.EndedAt},
		&r.FigureBefore, &r.AvailableBefore, &r.FigureAfter, &r.AvailableAfter,
		&r.Changed, timeOf{&r.LastChecked}, timeOf{&r.LastFetched}, timeOf{&r.RetryAt}, &r.Tries, &r.Held,
		&r.StaleAnswers, &r.Untold, &r.Fault, &r.Cause)
	return r, err
}

// ErrNoProvider says that the provider through whom an account was linked is not
// configured: its bank cannot be asked.
var ErrNoProvider = errors.New("store: the account's provider is not configured")

// RefreshRequest is somebody's wish to ask the bank.
type RefreshRequest struct {
	AccountID string
	Scope     Scope // within which the account has to be
	Kind      RefreshKind
	Trigger   string
	StaffID   string
	KeyID     string        // of the program that asks; empty: none does
	CoolDown  time.Duration // since the last start of the same kind
	// Intervals are the least cool-downs by provider; of one that is not among them
	// nobody can be asked. nil: of each one can.
	Intervals map[string]time.Duration
	Deadline  time.Duration // we give up then
}

// StartRefresh opens a refresh, or joins the one that is open for the account. A
// refresh takes the place of an open check, which would not tell the figure.
// One that was started a moment ago answers [CoolDownError]; one without a
// consent in force [ErrNoConsent], and one of a provider that is not configured
// [ErrNoProvider].
func (s *Store) StartRefresh(ctx context.Context, q RefreshRequest) (r Refresh, joined bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		r, joined, err = tx.startRefresh(ctx, q)
		return err
	})
	return r, joined, err
}

func (tx *tx) startRefresh(ctx context.Context, q RefreshRequest) (r Refresh, joined bool, err error) {
	a, err := findAccount(ctx, tx, q.Scope, q.AccountID)
	if err != nil {
		return r, joined, err
	}
	if a.standsAlone() != nil || a.Status == AccountUnshared {
		return r, false, ErrUnlinked
	}
	if _, ok := q.Intervals[a.Provider]; !ok && q.Intervals != nil {
		return r, false, ErrNoProvider
	}
	r, err = one(
		ctx, tx, scanRefresh, `SELECT `+refreshColumns+` FROM refreshes WHERE account_id = $1 AND ended_at IS NULL`,
		q.AccountID,
	)
	check := err == nil && r.Kind == KindCheck && q.Kind == KindRefresh
	if joined = err == nil && !check; joined || !check && !errors.Is(err, ErrNotFound) {
		return r, joined, err
	}
	if holds, err := tx.consent.holds(ctx, tx, a.CustomerID, a.Provider, tx.now); err != nil || !holds {
		return r, false, cmp.Or(err, ErrNoConsent)
	}
	q.CoolDown = max(q.CoolDown, q.Intervals[a.Provider])
	if err := tx.coolDown(ctx, q); err != nil {
		return r, joined, err
	}
	if check {
		if err := tx.endRefresh(
			ctx, r, Ending{State: RefreshInterrupted, Cause: "The balance itself was asked for instead."},
		); err != nil {
			return r, joined, err
		}
	}
	r = q.open(a, tx.now)
	return r, false, tx.insertRefresh(ctx, q, r, a.CustomerID)
}

// FreshestRefresh is [Store.StartRefresh] for what is to be answered by what it brings.
// It returns the id; within the cool-down that of the last one, whose answer is as new as
// can be had.
func (s *Store) FreshestRefresh(ctx context.Context, q RefreshRequest) (id string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		id, err = tx.freshest(ctx, q)
		return err
	})
	return id, err
}

func (tx *tx) freshest(ctx context.Context, q RefreshRequest) (string, error) {
	r, _, err := tx.startRefresh(ctx, q)
	var tooSoon *CoolDownError
	if !errors.As(err, &tooSoon) {
		return r.ID, err
	}
	return one(ctx, tx, scanText, `
		SELECT id
		FROM refreshes
		WHERE account_id = $1 AND kind = $2
		ORDER BY created_at DESC
		LIMIT 1`, q.AccountID, q.Kind)
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
		FigureBefore: a.Figure, AvailableBefore: a.Available,
	}
}

func (tx *tx) insertRefresh(ctx context.Context, q RefreshRequest, r Refresh, customerID string) error {
	err := tx.exec(ctx, `
		INSERT INTO refreshes (id, account_id, kind, trigger, staff_id, state, provider_record, provider_method, polls,
			created_at, next_at, deadline_at, ledger_before, available_before, tries, fault, cause)
		VALUES ($1, $2, $3, $4, $5, $6, '', '', 0, $7, $7, $8, $9, $10, 0, '', '')`,
		r.ID, r.AccountID, r.Kind, r.Trigger, r.StaffID, r.State, unixMS(r.CreatedAt), unixMS(r.DeadlineAt),
		r.FigureBefore, r.AvailableBefore)
	if err != nil {
		return err
	}
	act := Act{Actor: Program, Action: ActRefreshStarted, Customer: customerID, Subject: r.ID}
	switch {
	case q.StaffID != "":
		act.Actor = ByStaff(q.StaffID)
	case q.KeyID != "":
		act.Actor = ByKey(q.KeyID)
	case !q.Scope.whole:
		act.Actor = q.Scope.Actor()
	}
	if r.Kind == KindCheck {
		act.Action = ActCheckStarted
	}
	return tx.audit(ctx, act)
}

// RefreshByID returns one refresh.
func (s *Store) RefreshByID(ctx context.Context, id string) (Refresh, error) {
	return one(ctx, s.read, scanRefresh, `SELECT `+refreshColumns+` FROM refreshes WHERE id = $1`, id)
}

// RefreshesByID returns those of some refreshes that are kept, by their ids.
func (s *Store) RefreshesByID(ctx context.Context, ids []string) (map[string]Refresh, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := collect(ctx, s.read, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes
		WHERE id IN (`+marks(1, len(ids))+`)`, anys(ids)...)
	by := map[string]Refresh{}
	for _, r := range found {
		by[r.ID] = r
	}
	return by, err
}

// RefreshesByAccount returns the refresh log of an account within a scope, newest first.
func (s *Store) RefreshesByAccount(ctx context.Context, scope Scope, accountID string, limit int) ([]Refresh, error) {
	since, err := scope.since(ctx, s.read)
	if err != nil {
		return nil, err
	}
	return collect(ctx, s.read, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes
		WHERE account_id = `+theAccount+` AND created_at >= $5
		ORDER BY id DESC
		LIMIT $6`, scope.args(accountID, since, limit)...)
}

// AskedSince counts the questions that were sent to a provider since then, and says
// when the oldest of them was.
func (s *Store) AskedSince(ctx context.Context, provider string, since time.Time) (n int, oldest time.Time, err error) {
	return askedSince(ctx, s.read, provider, since, s.now())
}

func askedSince(
	ctx context.Context, q querier, provider string, since, now time.Time,
) (n int, oldest time.Time, err error) {
	// Those that a clock gone wrong left far in the future count for nothing.
	err = q.QueryRowContext(ctx, `
		SELECT COUNT(*), MIN(refreshes.asked_at)
		FROM refreshes CROSS JOIN accounts
		WHERE refreshes.asked_at > $1 AND refreshes.asked_at <= $2
			AND accounts.id = refreshes.account_id AND accounts.provider = $3`,
		unixMS(since), unixMS(now.Add(24*time.Hour)), provider).Scan(&n, timeOf{&oldest})
	return n, oldest, err
}

// ScheduledSince counts the refreshes that the schedule has started since then.
func (s *Store) ScheduledSince(ctx context.Context, since time.Time) (n int, err error) {
	// Those that a clock gone wrong left far in the future count for nothing.
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(*)
		FROM refreshes
		WHERE trigger = 'schedule' AND created_at >= $1 AND created_at <= $2`, unixMS(since),
		unixMS(s.now().Add(24*time.Hour))).Scan(&n)
	return n, err
}

// DueRefreshes returns open refreshes that the worker has to look at. One that
// began in the future is due too: the clock was set back, and it could stay open
// for as long as that. So is one whose customer's consent is not in force any more.
func (s *Store) DueRefreshes(ctx context.Context, limit int) ([]Refresh, error) {
	return collect(ctx, s.read, scanRefresh, `
		SELECT `+refreshColumns+`
		FROM refreshes JOIN accounts ON accounts.id = refreshes.account_id JOIN customers ON customers.id = accounts.customer_id
		WHERE ended_at IS NULL AND (next_at <= $1 OR refreshes.created_at > $2 OR NOT `+s.consent.inForce("$1", "accounts.provider")+`)
		ORDER BY next_at
		LIMIT $3`, unixMS(s.now()), unixMS(s.now().Add(ClockSlack)), limit)
}
