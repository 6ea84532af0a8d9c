package store

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"
)

// How codes are sent by which customers sign in.
const (
	CodeFor    = 10 * time.Minute // a code works, and one that was asked for is worth sending
	codesEvery = time.Minute      // at most, to one customer
)

// MailCode is the kind that goes to customers who asked for a code to sign in with.
const MailCode MailKind = "sign_in_code"

// CodeLogin is a login as it is typed to be sent a code: asking is counted beside trying.
func CodeLogin(typed string) Login { return loginOf("code", oneForm(typed)) }

// signsInByMail is an SQL condition over customers: a code that is sent to their address lets
// them in. They have set a password, of which that address is the login; so they have linked
// everything that there is themselves, and read there what their address is. Whoever had a
// personal link may have given another, that nobody has looked at since.
const signsInByMail = `password_hash <> '' AND login_email <> '' AND NOT email_unproven`

// CustomerByMail returns the customer of a login who signs in with a code that is sent to
// their address.
func (s *Store) CustomerByMail(ctx context.Context, login string) (Customer, error) {
	return customerByLogin(ctx, s.read, login, signsInByMail)
}

// AskCode has a code sent to the address of the customer of a login. To nobody nothing is
// sent, and the same is said.
func (s *Store) AskCode(ctx context.Context, login string) error {
	return s.inTx(ctx, func(tx *tx) error {
		cu, err := customerByLogin(ctx, tx, login, signsInByMail)
		if errors.Is(err, ErrNotFound) || !tx.mails {
			return nil
		}
		if err != nil {
			return err
		}
		queued, err := tx.changes(ctx, `
			INSERT INTO mails (id, customer_id, kind, at, state, next_try_at)
			SELECT $1, $2, $3, $4, 'waiting', $4
			WHERE NOT EXISTS (
				SELECT 1
				FROM mails
				WHERE customer_id = $2 AND kind = $3 AND at > $5 AND at <= $4)`,
			newID(), cu.ID, MailCode, unixMS(tx.now), unixMS(tx.now.Add(-codesEvery)))
		if err != nil || !queued {
			return err
		}
		return tx.audit(ctx, Act{Actor: Nobody, Action: ActCodeAsked, Customer: cu.ID, Subject: cu.ID})
	})
}

// CodeByMail keeps the hash of the code that an e-mail is about to take to its customer, in
// the place of the one before. It is [ErrNotWanted] where it comes too late, or they do not
// sign in that way any more.
func (s *Store) CodeByMail(ctx context.Context, m Mail, hash string) (until time.Time, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		until = tx.now.Add(CodeFor)
		if tx.now.Sub(m.At) > CodeFor {
			return ErrNotWanted
		}
		if err := tx.exec(ctx, `DELETE FROM sign_in_codes WHERE expires_at <= $1`, unixMS(tx.now)); err != nil {
			return err
		}
		changed, err := tx.changes(ctx, `
			INSERT INTO sign_in_codes (customer_id, code_hash, sent_at, expires_at)
			SELECT id, $2, $3, $4
			FROM customers
			WHERE id = $1 AND `+signsInByMail+`
			ON CONFLICT (customer_id) DO UPDATE
			SET code_hash = excluded.code_hash, sent_at = excluded.sent_at, expires_at = excluded.expires_at, tries = 0`,
			m.CustomerID, hash, unixMS(tx.now), unixMS(until))
		if err == nil && !changed {
			err = ErrNotWanted
		}
		return err
	})
	return until, err
}

// TakeCode says whether that is the hash of the code that a customer was sent, which works
// once. Each wrong one is counted: after [CodeTries] none is right any more.
func (s *Store) TakeCode(ctx context.Context, customerID, hash string) (right bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		kept, err := one(ctx, tx, scanText, `
			SELECT code_hash
			FROM sign_in_codes
			WHERE customer_id = $1 AND tries < $2 AND sent_at <= $3 AND expires_at > $3`,
			customerID, CodeTries, unixMS(tx.now))
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if right = subtle.ConstantTimeCompare([]byte(kept), []byte(hash)) == 1; !right {
			return tx.exec(ctx, `UPDATE sign_in_codes SET tries = tries + 1 WHERE customer_id = $1`, customerID)
		}
		if err := tx.dropCode(ctx, customerID); err != nil {
			return err
		}
		return tx.audit(ctx, Act{
			Actor: ByCustomer(customerID), Action: ActSignedIn, Customer: customerID, Subject: customerID,
			Detail: "with a code sent by e-mail",
		})
	})
	return right, err
}

// dropCode makes the code useless that a customer was sent.
func (tx *tx) dropCode(ctx context.Context, customerID string) error {
	return tx.exec(ctx, `DELETE FROM sign_in_codes WHERE customer_id = $1`, customerID)
}

// newAddress notes that a customer has another e-mail address, and whether nobody has said so
// but who had a personal link. A code that was sent to the one before opens nothing.
func (tx *tx) newAddress(ctx context.Context, actor, customerID string) error {
	unproven := strings.HasPrefix(actor, ByCustomer("")) || strings.HasPrefix(actor, ByVisit(""))
	return errors.Join(
		tx.exec(ctx, `UPDATE customers SET email_unproven = $2 WHERE id = $1`, customerID, unproven),
		tx.dropCode(ctx, customerID),
	)
}
