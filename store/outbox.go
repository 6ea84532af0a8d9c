package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Notice is something that happened, as programs of the business are told of it. It is
// written in the transaction of the act itself.
type Notice struct {
	Seq        int64 // 1, 2, 3, … in the order in which they were committed
	ID         string
	Type       NoticeType
	At         time.Time
	CustomerID string // empty: it is about nobody
	Reference  string // the business's own of the customer, as it is now
	AccountID  string // empty: it is about none
	Subject    string // id of what else it is about: see the types
	State      string // that is new with it; empty: none is

	// The balance that a [NoticeBalance] is about, as it was then.
	Figure    Amount
	Available Amount
	Currency  string
	Basis     Basis
	AsOf      time.Time // of the figure; zero: nobody knows
	// Of the available one, which may be older, and of which Unstated is [Account.Unstated].
	AvailableAsOf time.Time
	Unstated      string
}

// NoticeType says what happened.
type NoticeType string

// The types, with what their subject is.
const (
	NoticeLinked      NoticeType = "account.linked"       // the personal link, if it was by one
	NoticeUnlinked    NoticeType = "account.unlinked"     // none; state: unlinked, or unshared
	NoticeNeedsLogin  NoticeType = "account.needs_login"  // none
	NoticeReconnected NoticeType = "account.reconnected"  // the personal link, if it was by one
	NoticeDoubted     NoticeType = "link.needs_review"    // the personal link, if it was by one
	NoticeLinkFailed  NoticeType = "link.failed"          // likewise; state: failed, or refused
	NoticeBalance     NoticeType = "balance.changed"      // none
	NoticeFellBelow   NoticeType = "threshold.fell_below" // none
	NoticeRoseAbove   NoticeType = "threshold.rose_above" // none
	NoticeRefresh     NoticeType = "refresh.ended"        // the refresh; state: how it ended
	NoticeFunds       NoticeType = "funds_check.answered" // the check; state: the answer
	NoticeWithdrawn   NoticeType = "consent.withdrawn"    // none
	NoticeErased      NoticeType = "customer.erased"      // none
	NoticeTest        NoticeType = "endpoint.test"        // the endpoint, which alone is told
)

// NoticeTypes are all types, in the order in which they are offered.
func NoticeTypes() []NoticeType {
	return []NoticeType{
		NoticeLinked, NoticeUnlinked, NoticeNeedsLogin, NoticeReconnected, NoticeDoubted, NoticeLinkFailed,
		NoticeBalance, NoticeFellBelow, NoticeRoseAbove, NoticeRefresh, NoticeFunds, NoticeWithdrawn, NoticeErased,
		NoticeTest,
	}
}

// tell notes something that happened, unless nobody would hear of it, and queues what
// people are told of it.
func (tx *tx) tell(ctx context.Context, n Notice) error {
	if err := tx.mail(ctx, n); err != nil {
		return err
	}
	if heard, err := tx.isHeard(ctx); err != nil || !heard {
		return err
	}
	n.ID, n.At = newID(), tx.now
	tx.told = append(tx.told, n)
	return nil
}

// isHeard says whether anybody hears of what has happened. If not, it is noted that it is missing.
func (tx *tx) isHeard(ctx context.Context) (bool, error) {
	heard, err := tx.hasListeners(ctx)
	tx.unheard = tx.unheard || err == nil && !heard
	return heard, err
}

// hasListeners says whether anybody would hear of what happens. It is looked at once a
// transaction.
func (tx *tx) hasListeners(ctx context.Context) (bool, error) {
	if tx.listeners == nil {
		var some bool
		err := tx.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM endpoints) OR EXISTS (
				SELECT 1
				FROM api_keys
				WHERE scopes LIKE '%`+string(ReadEvents)+`%' AND revoked_at IS NULL AND expires_at > $1)`,
			unixMS(tx.now)).Scan(&some)
		if err != nil {
			return false, err
		}
		tx.listeners = &some
	}
	return *tx.listeners, nil
}

// keepTold writes down what happened, all of a transaction at once. Where nobody hears of it a
// number stands for all until somebody does: whoever reads on from before is told.
func (tx *tx) keepTold(ctx context.Context) error {
	if tx.unheard {
		tx.leave(`UPDATE outbox_head SET seq = seq + 1, gone = seq + 1 WHERE gone < seq`)
	}
	if len(tx.told) == 0 {
		return nil
	}
	var last int64
	err := tx.QueryRowContext(
		ctx, `UPDATE outbox_head SET seq = seq + $1 RETURNING seq`, len(tx.told),
	).Scan(&last)
	if err != nil {
		return err
	}
	for i, n := range tx.told {
		tx.leave(`
			INSERT INTO outbox (seq, id, type, at, customer_id, account_id, subject, state, figure, available, currency, basis, as_of,
				available_as_of, unstated)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			last-int64(len(tx.told)-1-i), n.ID, n.Type, unixMS(n.At), n.CustomerID, n.AccountID,
			n.Subject, n.State, n.Figure, n.Available, n.Currency, n.Basis, unixMS(n.AsOf),
			unixMS(n.AvailableAsOf), n.Unstated)
	}
	return nil
}

// untold drops what was noted of a customer.
func (tx *tx) untold(customerID string) {
	tx.told = slices.DeleteFunc(tx.told, func(n Notice) bool { return n.CustomerID == customerID })
}

// figuresOf are an account's figures, as a notice tells them. One that goes on in
// another has none. No time is told of a saved copy, of which nobody knows one.
func (tx *tx) figuresOf(ctx context.Context, accountID string) (Notice, error) {
	return one(ctx, tx, func(row scanner) (n Notice, err error) {
		var a Account
		err = row.Scan(&a.CustomerID, &a.ID, &a.Figure, &a.Available, &a.Currency, &a.Basis, timeOf{&a.AsOf},
			&a.AsOfKind, timeOf{&a.AvailableAsOf}, &a.AvailableWorkedOut, timeOf{&a.OutdatedAsOf})
		n = Notice{
			CustomerID: a.CustomerID, AccountID: a.ID, Figure: a.Figure, Available: a.Available, Currency: a.Currency,
			Basis: a.Basis, Unstated: a.Unstated(),
		}
		if a.Dated() {
			n.AsOf, n.AvailableAsOf = a.AsOf, a.AvailableAsOf
		}
		return n, err
	}, `
		SELECT customer_id, id, ledger, available, currency, basis, as_of, as_of_kind, available_as_of, available_worked_out,
			outdated_as_of
		FROM accounts
		WHERE id = $1 AND `+notContinued, accountID)
}

// tellBalance tells that a figure of an account is not what it was.
func (tx *tx) tellBalance(ctx context.Context, was touched) error {
	if heard, err := tx.isHeard(ctx); err != nil || !heard {
		return err
	}
	n, err := tx.figuresOf(ctx, was.accountID)
	if gone(err) || err == nil && n.Figure == was.figure && n.Available == was.available {
		return nil
	}
	if err != nil {
		return err
	}
	n.Type = NoticeBalance
	return tx.tell(ctx, n)
}

// tellLinked tells that an account was linked, or signed in to again.
func (tx *tx) tellLinked(ctx context.Context, a Attempt, accountID string, was AccountStatus) error {
	n := Notice{
		Type: NoticeLinked, CustomerID: a.CustomerID, AccountID: accountID, Subject: a.InvitationID,
		State: string(AccountLinked),
	}
	if was == AccountNeedsLogin {
		n.Type = NoticeReconnected
	}
	return tx.tell(ctx, n)
}

// tellStatus tells that an account of a customer's is in another state.
func (tx *tx) tellStatus(ctx context.Context, customerID, accountID string, is AccountStatus) error {
	kind := map[AccountStatus]NoticeType{
		AccountLinked: NoticeReconnected, AccountNeedsLogin: NoticeNeedsLogin, AccountUnlinked: NoticeUnlinked,
		AccountUnshared: NoticeUnlinked,
	}[is]
	return tx.tell(ctx, Notice{Type: kind, CustomerID: customerID, AccountID: accountID, State: string(is)})
}

const noticeColumns = `outbox.seq, outbox.id, outbox.type, outbox.at, outbox.customer_id,
	COALESCE((SELECT reference FROM customers WHERE customers.id = outbox.customer_id), ''),
	outbox.account_id, outbox.subject, outbox.state, outbox.figure, outbox.available, outbox.currency, outbox.basis, outbox.as_of,
	outbox.available_as_of, outbox.unstated`

func scanNotice(row scanner) (n Notice, err error) {
	err = row.Scan(&n.Seq, &n.ID, &n.Type, timeOf{&n.At}, &n.CustomerID, &n.Reference, &n.AccountID, &n.Subject,
		&n.State, &n.Figure, &n.Available, &n.Currency, &n.Basis, timeOf{&n.AsOf}, timeOf{&n.AvailableAsOf},
		&n.Unstated)
	return n, err
}

// noticesLooked is how many notices are looked at for one page of those of some types.
const noticesLooked = 5000

// FromOldest is before everything that is kept.
const FromOldest int64 = -1

// MissingError says that what happened after a number is not all kept any more. Whoever reads
// on after Upto misses nothing more.
type MissingError struct{ Upto int64 }

// Error implements error.
func (e *MissingError) Error() string {
	return fmt.Sprintf("store: events up to %d are not kept", e.Upto)
}

// Notices returns what happened after a seq, of those types (none: of all), in order,
// and how far was looked: it is where to look next. More says that there is more beyond. After
// what nothing has yet is [ErrAhead], and after what is not followed by all that happened a
// [*MissingError]: [FromOldest] is never.
func (s *Store) Notices(
	ctx context.Context, after int64, types []NoticeType, limit int,
) (all []Notice, reached int64, more bool, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		err := canReadAfter(ctx, q, after)
		if err == nil {
			all, reached, more, err = notices(ctx, q, after, types, limit)
		}
		return err
	})
	return all, reached, more, err
}

// canReadAfter says why what happened after a number cannot be told; nil: it can, whole.
func canReadAfter(ctx context.Context, q querier, after int64) error {
	var last, missing int64
	err := q.QueryRowContext(ctx, `SELECT seq, gone FROM outbox_head`).Scan(&last, &missing)
	switch {
	case err != nil:
		return err
	case after > last:
		return ErrAhead
	case after != FromOldest && after < missing:
		return &MissingError{missing}
	}
	return nil
}

func notices(
	ctx context.Context, q querier, after int64, types []NoticeType, limit int,
) (all []Notice, reached int64, more bool, err error) {
	var last, upto int64
	err = q.QueryRowContext(ctx, `
		SELECT seq, COALESCE((SELECT outbox.seq FROM outbox WHERE outbox.seq > $1 ORDER BY outbox.seq LIMIT 1 OFFSET $2), seq)
		FROM outbox_head`, after, noticesLooked).Scan(&last, &upto)
	if err != nil {
		return nil, 0, false, err
	}
	of, args := "", []any{after, upto, limit}
	if len(types) > 0 {
		of = " AND outbox.type IN (" + marks(len(args)+1, len(types)) + ")"
		for _, t := range types {
			args = append(args, t)
		}
	}
	all, err = collect(ctx, q, scanNotice, `
		SELECT `+noticeColumns+`
		FROM outbox
		WHERE outbox.seq > $1 AND outbox.seq <= $2`+of+`
		ORDER BY outbox.seq
		LIMIT $3`, args...)
	reached = max(after, upto)
	if len(all) == limit && limit > 0 {
		reached = all[limit-1].Seq
	}
	return all, reached, reached < last, err
}

// removeNotice removes what happened from the outbox, with whom it was told. Each endpoint that
// should have been told it, and was not, has missed it for good.
func (tx *tx) removeNotice(ctx context.Context, seq string) (bool, error) {
	if err := tx.exec(ctx, `
		UPDATE endpoints
		SET missed = missed + 1, missed_at = $2,
			missed_seq = CASE WHEN missed_seq < CAST($1 AS BIGINT) THEN CAST($1 AS BIGINT) ELSE missed_seq END
		WHERE EXISTS (
			SELECT 1
			FROM deliveries
			WHERE endpoint_id = endpoints.id AND seq = CAST($1 AS BIGINT) AND state = 'waiting')
		OR cursor < CAST($1 AS BIGINT) AND EXISTS (
			SELECT 1
			FROM outbox
			WHERE seq = CAST($1 AS BIGINT) AND type <> 'endpoint.test'
			AND (endpoints.types = '' OR ' ' || endpoints.types || ' ' LIKE '% ' || type || ' %'))
		AND NOT EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = endpoints.id AND seq = CAST($1 AS BIGINT))`,
		seq, unixMS(tx.now)); err != nil {
		return false, err
	}
	if err := tx.exec(ctx, `
		UPDATE outbox_head
		SET gone = CAST($1 AS BIGINT)
		WHERE gone < CAST($1 AS BIGINT)`, seq); err != nil {
		return false, err
	}
	if err := tx.exec(ctx, `DELETE FROM deliveries WHERE seq = CAST($1 AS BIGINT)`, seq); err != nil {
		return false, err
	}
	return tx.changes(ctx, `DELETE FROM outbox WHERE seq = CAST($1 AS BIGINT)`, seq)
}

// leap leaves out more numbers than can have been given since an older copy was made:
// whoever reads on from what they know does not miss what gets those numbers now, and is told
// that something is missing, for what happened since then did not happen any more.
func (tx *tx) leap(ctx context.Context) error {
	const far = 1_000_000_000
	return tx.exec(ctx, `UPDATE outbox_head SET seq = seq + $1, gone = seq + $1 WHERE seq > 0`, far)
}
