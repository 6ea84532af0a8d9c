package store

import (
	"cmp"
	"context"
	"strings"
	"time"
)

// Mail is something that somebody is told by e-mail. It is written in the transaction of
// the act itself. Whom it goes to stands in its [Letter].
type Mail struct {
	ID         string
	StaffID    string // empty: it goes to the customer
	CustomerID string // empty: it is about nobody
	AccountID  string // empty: it is about none
	Kind       MailKind
	Subject    string // what else it is about: see the kinds
	At         time.Time
	Held       bool // it is put together with others
	Tries      int
	Invitation string // the personal link that was made for it last; empty: none

	Customer string // the name, as it is now
	Bank     string // of the account
}

// MailKind says what an e-mail is about.
type MailKind string

// The kinds that staff choose among.
const (
	MailLinked        MailKind = "linked"
	MailNeedsLogin    MailKind = "needs_login"
	MailFellBelow     MailKind = "fell_below"
	MailReview        MailKind = "needs_review"
	MailWithdrawn     MailKind = "withdrawn"
	MailConsentEnding MailKind = "consent_ending"
	MailPaused        MailKind = "provider_paused" // the provider
	MailBackupOld     MailKind = "backup_old"
	MailAuditBroken   MailKind = "audit_broken"
)

// MailSignIn is a kind that goes to customers: their bank wants them to sign in again.
const MailSignIn MailKind = "sign_in_again"

// MailKinds are those that staff choose among, in the order in which they are offered.
func MailKinds() []MailKind {
	return []MailKind{
		MailLinked, MailNeedsLogin, MailFellBelow, MailReview, MailWithdrawn, MailConsentEnding, MailPaused,
		MailBackupOld, MailAuditBroken,
	}
}

// MailOf is the kind of which staff are told when that happens; empty: of none.
func (t NoticeType) MailOf() MailKind {
	switch t {
	case NoticeLinked:
		return MailLinked
	case NoticeNeedsLogin:
		return MailNeedsLogin
	case NoticeFellBelow:
		return MailFellBelow
	case NoticeDoubted:
		return MailReview
	case NoticeWithdrawn:
		return MailWithdrawn
	}
	return ""
}

// MailsOf are the kinds that a member of staff is told of.
func (s *Store) MailsOf(ctx context.Context, staffID string) (kinds []MailKind, err error) {
	told, err := one(ctx, s.read, scanText, `SELECT told FROM staff WHERE id = $1`, staffID)
	for kind := range strings.FieldsSeq(told) {
		kinds = append(kinds, MailKind(kind))
	}
	return kinds, err
}

// ChooseMails has a member of staff told of those kinds from now on, and of no others.
func (s *Store) ChooseMails(ctx context.Context, staffID string, kinds []MailKind) error {
	return s.inTx(ctx, func(tx *tx) error {
		told := spaced(kinds)
		changed, err := tx.changes(ctx, `UPDATE staff SET told = $2 WHERE id = $1`, staffID, told)
		if err != nil || !changed {
			return cmp.Or(err, ErrNotFound)
		}
		return tx.audit(ctx, Act{Actor: ByStaff(staffID), Action: ActMailsChosen, Subject: staffID, Detail: told})
	})
}

// mail queues what people are told of something that happened.
func (tx *tx) mail(ctx context.Context, n Notice) error {
	kind := n.Type.MailOf()
	if !tx.mails || kind == "" {
		return nil
	}
	m := Mail{Kind: kind, CustomerID: n.CustomerID, AccountID: n.AccountID}
	if err := tx.mailStaff(ctx, m); err != nil || kind != MailNeedsLogin {
		return err
	}
	return tx.mailCustomer(ctx, m)
}

// mailStaff queues an e-mail to each member of staff who wants to be told of its kind: of
// a customer one in a transaction, however many accounts it is about.
func (tx *tx) mailStaff(ctx context.Context, m Mail) error {
	if !tx.mails {
		return nil
	}
	who, err := collect(ctx, tx, scanText, `
		SELECT id
		FROM staff
		WHERE disabled_at IS NULL AND ' ' || told || ' ' LIKE '% ' || $1 || ' %'`, m.Kind)
	if err != nil {
		return err
	}
	for _, id := range who {
		err := tx.exec(ctx, `
			INSERT INTO mails (id, staff_id, customer_id, account_id, kind, subject, at, state, next_try_at)
			SELECT $1, $2, $3, $4, $5, $6, $7, 'waiting', $7
			WHERE NOT EXISTS (
				SELECT 1
				FROM mails
				WHERE customer_id = $3 AND customer_id <> '' AND staff_id = $2 AND kind = $5 AND at = $7)`,
			newID(), id, m.CustomerID, m.AccountID, m.Kind, m.Subject, unixMS(tx.now))
		if err != nil {
			return err
		}
	}
	return nil
}

// mailedLately is for how long an e-mail about one account of a link stands for its others.
const mailedLately = time.Hour

// mailCustomer queues an e-mail to the customer of an account whose bank wants a new
// sign-in, if they have an address. One sign-in is for all accounts of a link: while one
// that they were told of lately waits for it, they are not told of the others.
func (tx *tx) mailCustomer(ctx context.Context, m Mail) error {
	return tx.exec(ctx, `
		INSERT INTO mails (id, customer_id, account_id, kind, at, state, next_try_at)
		SELECT $1, customers.id, accounts.id, $4, $5, 'waiting', $5
		FROM customers JOIN accounts ON accounts.customer_id = customers.id
		WHERE customers.id = $2 AND accounts.id = $3 AND customers.email <> ''
		AND NOT EXISTS (
			SELECT 1
			FROM mails JOIN accounts AS other ON other.id = mails.account_id
			WHERE mails.customer_id = $2 AND mails.kind = $4 AND mails.state IN ('waiting', 'sent')
			AND mails.at BETWEEN $6 AND $5 AND other.id <> accounts.id AND other.record_id = accounts.record_id
			AND other.status = 'needs_login')`,
		newID(), m.CustomerID, m.AccountID, MailSignIn, unixMS(tx.now), unixMS(tx.now.Add(-mailedLately)))
}

// removeMail removes an e-mail that is done with.
func (tx *tx) removeMail(ctx context.Context, id string) (bool, error) {
	return tx.changes(ctx, `DELETE FROM mails WHERE id = $1 AND state <> 'waiting'`, id)
}

// dropMails leaves unsent what waits: it is an older copy's, and may have been sent since.
func (tx *tx) dropMails(ctx context.Context) error {
	return tx.exec(ctx, `
		UPDATE mails
		SET state = 'dropped', ended_at = $1
		WHERE state = 'waiting'`, unixMS(tx.now))
}
