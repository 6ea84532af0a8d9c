package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// Act is one entry of the audit log: who did what to whom.
type Act struct {
	Actor    string // "staff:ID", "customer:ID", "visit:ID", "key:ID", or one of the actors that are no person
	Action   Action
	Customer string // the customer it concerns; empty: none
	Subject  string // id of what was acted on
	Detail   string // a few words more, for the page: no secret and nothing personal
}

// ByStaff, ByCustomer and the constants name actors.
func ByStaff(id string) string { return "staff:" + id }

// staffID is the id of an actor who is a member of staff; empty: they are none.
func staffID(actor string) string {
	id, is := strings.CutPrefix(actor, ByStaff(""))
	if !is {
		return ""
	}
	return id
}

// ByCustomer names a customer as the actor, who has signed in.
func ByCustomer(id string) string { return "customer:" + id }

// ByVisit names a visit as the actor: whoever came by a personal link.
func ByVisit(id string) string { return "visit:" + id }

// ByKey names a program as the actor, by the key of the API that it showed.
func ByKey(id string) string { return "key:" + id }

// Actors that are no person, or none that is known.
const (
	Provider = "provider"
	Program  = "program"
	Nobody   = "nobody" // somebody who is not signed in
)

// audit writes an act in the transaction of the act itself, at the end of the
// chain. This is the only place that adds to the log.
func (tx *tx) audit(ctx context.Context, a Act) error {
	if tx.vault == nil {
		return errNoKey
	}
	row := auditRow{Act: a, At: tx.now.UnixMilli()}
	if a.Actor != Provider { // who does nothing to anybody of the staff
		err := tx.QueryRowContext(ctx, `
			SELECT COALESCE((SELECT email FROM staff WHERE id = $1), ''), COALESCE((SELECT email FROM staff WHERE id = $2), '')`,
			staffID(a.Actor), a.Subject).Scan(&row.ActorEmail, &row.SubjectEmail)
		if err != nil {
			return err
		}
	}
	if tx.lane != nil { // its place is known when all lanes are through
		tx.acts = append(tx.acts, row)
		return nil
	}
	return tx.chain(ctx, row)
}

// chain puts acts at the end of the chain. They are written at the end of the transaction.
func (tx *tx) chain(ctx context.Context, rows ...auditRow) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.findHead(ctx); err != nil {
		return err
	}
	for _, r := range rows {
		r.Seq = tx.head.Seq + 1
		r.Hash = tx.vault.hash(r, tx.head.Hash)
		tx.head.Seq, tx.head.Hash = r.Seq, r.Hash
		tx.leave(`
			INSERT INTO audit (seq, at, actor, action, customer_id, subject, detail, hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			r.Seq, r.At, r.Actor, r.Action, r.Customer, r.Subject, r.Detail, r.Hash)
	}
	tx.recorded = true
	return nil
}

// findHead finds where the chain ends, once.
func (tx *tx) findHead(ctx context.Context) error {
	if tx.head != nil {
		return nil
	}
	h, err := readHead(ctx, tx, tx.vault)
	if err != nil {
		return err
	}
	tx.head = &h
	return nil
}

// keepHead leaves it to be written where the chain ends, if it is longer.
func (tx *tx) keepHead() {
	if tx.recorded {
		tx.leave(setHead, tx.head.columns(tx.vault)...)
	}
}

// Record writes an act that changes nothing else: a sign-in, a view.
func (s *Store) Record(ctx context.Context, a Act) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.audit(ctx, a) })
}

// RecordOnce is [Store.Record] unless the same actor did the same to the same
// within that time: what is repeated all day is one line an hour.
func (s *Store) RecordOnce(ctx context.Context, a Act, within time.Duration) error {
	if done, err := repeated(ctx, s.read, a, s.now(), within); err != nil || done {
		return err
	}
	return s.inTx(ctx, func(tx *tx) error {
		if done, err := repeated(ctx, tx, a, tx.now, within); err != nil || done {
			return err
		}
		return tx.audit(ctx, a)
	})
}

func repeated(ctx context.Context, q querier, a Act, now time.Time, within time.Duration) (done bool, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM audit
			WHERE actor = $1 AND action = $2 AND customer_id = $3 AND subject = $4 AND at > $5 AND at <= $6)`,
		a.Actor, a.Action, a.Customer, a.Subject, unixMS(now.Add(-within)), unixMS(now.Add(ClockSlack))).Scan(&done)
	return done, err
}

// RecordChange is [Store.Record] unless the newest act of its kind has the same
// detail: the settings of a start, when they are not those of the start before.
func (s *Store) RecordChange(ctx context.Context, a Act) error {
	return s.inTx(ctx, func(tx *tx) error {
		var last string
		err := tx.QueryRowContext(ctx, `
			SELECT detail
			FROM audit
			WHERE action = $1
			ORDER BY seq DESC
			LIMIT 1`, a.Action).Scan(&last)
		if err == nil && last == a.Detail {
			return nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return tx.audit(ctx, a)
	})
}

// BegunAt is when the first act was written down; zero: none was yet.
func (s *Store) BegunAt(ctx context.Context) (at time.Time, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT at FROM audit WHERE seq = 1`).Scan(timeOf{&at})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return at, err
}
