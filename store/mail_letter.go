package store

import (
	"context"
	"errors"
	"time"

	"balancelink/store/limits"
)

// Letter is an e-mail as it is sent: of one [Mail], or to a member of staff of several.
type Letter struct {
	To       string // an address; empty: there is none any more
	Role     Role   // of the member of staff; empty: it goes to a customer
	Language string // of the customer; empty: nobody knows
	Mails    []Mail // one at least
}

// Digest says whether several things are put together.
func (l Letter) Digest() bool { return l.Mails[0].Held }

// ToCustomer says whether it goes to a customer.
func (l Letter) ToCustomer() bool { return l.Mails[0].StaffID == "" }

// held is for how long e-mail is held that is put together.
const held = time.Hour

// lateMail is how old news may be: what could not be sent until then is none.
const lateMail = 3 * 24 * time.Hour

const letterColumns = `mails.id, mails.staff_id, mails.customer_id, mails.account_id, mails.kind, mails.subject, mails.at, mails.held, mails.tries,
	mails.invitation_id, COALESCE(customers.name, ''), COALESCE(accounts.bank_name, ''),
	CASE WHEN mails.staff_id = '' THEN COALESCE(customers.email, '') ELSE COALESCE(staff.email, '') END, COALESCE(staff.role, ''), COALESCE(customers.language, '')`

const letterTables = `mails
		LEFT JOIN staff ON staff.id = mails.staff_id AND staff.disabled_at IS NULL
		LEFT JOIN customers ON customers.id = mails.customer_id
		LEFT JOIN accounts ON accounts.id = mails.account_id`

func scanLetter(row scanner) (l Letter, err error) {
	var m Mail
	err = row.Scan(
		&m.ID, &m.StaffID, &m.CustomerID, &m.AccountID, &m.Kind, &m.Subject, timeOf{&m.At}, &m.Held, &m.Tries,
		&m.Invitation, &m.Customer, &m.Bank, &l.To, &l.Role, &l.Language,
	)
	l.Mails = []Mail{m}
	return l, err
}

// NextLetter returns the letter whose turn has come; [ErrNotFound]: there is none. To a
// member of staff who was sent many within the hour it holds what comes then, and puts
// that together. To a customer who was put off nothing is sent before that is over, but what
// they ask for themselves.
func (s *Store) NextLetter(ctx context.Context) (Letter, error) {
	for {
		l, err := s.dueLetter(ctx)
		if err != nil || l.ToCustomer() || l.To == "" {
			return l, err
		}
		if l.Digest() {
			return s.digest(ctx, l)
		}
		many, err := s.sentMany(ctx, l.Mails[0].StaffID)
		if err != nil || !many {
			return l, err
		}
		if err := s.hold(ctx, l.Mails[0].StaffID); err != nil {
			return l, err
		}
	}
}

func (s *Store) dueLetter(ctx context.Context) (Letter, error) {
	now := s.now()
	return one(ctx, s.read, scanLetter, `
		SELECT `+letterColumns+`
		FROM `+letterTables+`
		WHERE mails.state = 'waiting' AND (mails.next_try_at <= $1 OR mails.next_try_at > $2)
		AND (mails.staff_id <> '' OR mails.kind = $3 OR `+notPutOff+`)
		ORDER BY mails.next_try_at, mails.id
		LIMIT 1`, unixMS(now), unixMS(now.Add(longestPause)), MailCode)
}

// sentMany says whether a member of staff was sent as many letters within the hour as are
// sent one by one, or waits for what was held since.
func (s *Store) sentMany(ctx context.Context, staffID string) (yes bool, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT (
				SELECT COUNT(*)
				FROM mails
				WHERE staff_id = $1 AND state = 'sent' AND ended_at > $2 AND NOT held) >= $3
			OR EXISTS (SELECT 1 FROM mails WHERE staff_id = $1 AND state = 'waiting' AND held)`,
		staffID, unixMS(s.now().Add(-held)), limits.MailsAnHour).Scan(&yes)
	return yes, err
}

// hold puts what waits for a member of staff to what was held for them before, or begins
// to hold it.
func (s *Store) hold(ctx context.Context, staffID string) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `
			UPDATE mails
			SET held = TRUE, next_try_at = COALESCE((
				SELECT MIN(older.next_try_at)
				FROM mails AS older
				WHERE older.staff_id = $1 AND older.state = 'waiting' AND older.held), $2)
			WHERE staff_id = $1 AND state = 'waiting' AND NOT held`, staffID, unixMS(tx.now.Add(held)))
	})
}

// digest is a letter with everything that was held for its member of staff.
func (s *Store) digest(ctx context.Context, l Letter) (Letter, error) {
	all, err := collect(ctx, s.read, scanLetter, `
		SELECT `+letterColumns+`
		FROM `+letterTables+`
		WHERE mails.staff_id = $1 AND mails.state = 'waiting' AND mails.held
		ORDER BY mails.id`, l.Mails[0].StaffID)
	l.Mails = nil
	for _, one := range all {
		l.Mails = append(l.Mails, one.Mails...)
	}
	if err == nil && len(l.Mails) == 0 {
		err = ErrNotFound
	}
	return l, err
}

// MailTried is how a try to send a letter went.
type MailTried struct {
	Error     string    // why it failed, in a word; empty: it did not
	NextTryAt time.Time // of one that failed; zero: it is not tried again
	Unwanted  bool      // it was not tried at all: it is of no use any more
}

// EndLetter notes how a try to send a letter went. A letter that is not there any more is
// about somebody who was erased.
func (s *Store) EndLetter(ctx context.Context, l Letter, t MailTried) error {
	return s.inTx(ctx, func(tx *tx) error {
		for _, m := range l.Mails {
			if err := tx.endMail(ctx, m, t); err != nil {
				return err
			}
		}
		if t.Unwanted {
			return nil
		}
		return tx.noteMailServer(ctx, t.Error)
	})
}

func (tx *tx) endMail(ctx context.Context, m Mail, t MailTried) error {
	state, ended := "sent", tx.now
	switch {
	case t.Unwanted:
		state = "dropped"
	case t.Error != "" && t.NextTryAt.IsZero():
		state = "failed"
	case t.Error != "":
		state, ended = "waiting", time.Time{}
	}
	changed, err := tx.changes(ctx, `
		UPDATE mails
		SET state = $2, tries = tries + 1, next_try_at = $3, error = $4, ended_at = $5
		WHERE id = $1`, m.ID, state, unixMS(t.NextTryAt), t.Error, unixMS(ended))
	if err != nil || !changed || m.Invitation == "" {
		return err
	}
	switch state {
	case "sent":
		return tx.noteSent(ctx, Program, m.CustomerID, m.Invitation, "e-mail")
	case "failed":
		return tx.revokeInvitation(ctx, Program, m.CustomerID, m.Invitation)
	}
	return nil
}

// AgainByMail makes the personal link that an e-mail to a customer has in it, in the place
// of the one of its try before. It is [ErrNotWanted] where the customer is not to be told
// any more: the bank has been signed in to, somebody else has made them a link, or no
// consent is in force.
func (s *Store) AgainByMail(ctx context.Context, m Mail, n NewInvitation) (i Invitation, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		i, err = tx.againByMail(ctx, m, n)
		if errors.Is(err, ErrNotFound) {
			err = ErrNotWanted
		}
		return err
	})
	return i, err
}

func (tx *tx) againByMail(ctx context.Context, m Mail, n NewInvitation) (i Invitation, err error) {
	a, err := tx.wanted(ctx, m.AccountID)
	if err != nil {
		return i, err
	}
	consent, err := tx.consent.state(ctx, tx, a.CustomerID, a.Provider)
	if err != nil {
		return i, err
	}
	var elsewhere bool
	err = tx.QueryRowContext(
		ctx, `SELECT EXISTS (`+openAgain+` AND invitations.id <> $3) FROM accounts WHERE accounts.id = $2`,
		unixMS(tx.now), a.ID, m.Invitation).Scan(&elsewhere)
	if err != nil {
		return i, err
	}
	if elsewhere || !consent.Holds(tx.now) {
		return i, ErrNotWanted
	}
	n.CustomerID, n.AccountID = a.CustomerID, a.ID
	if i, err = tx.makeInvitation(ctx, Program, n); err != nil {
		return i, err
	}
	changed, err := tx.changes(ctx, `UPDATE mails SET invitation_id = $2 WHERE id = $1`, m.ID, i.ID)
	if err == nil && !changed {
		err = ErrNotFound
	}
	return i, err
}

// MailServer is how it went with the server that sends e-mail.
type MailServer struct {
	SentAt   time.Time // when it last took an e-mail; zero: never
	FailedAt time.Time // when it last did not, or could not be reached; zero: never
	Error    string    // why, in a word
	Waiting  int       // how much waits to be sent
	Due      time.Time // since when what waits longest could be sent; zero: nothing could be yet
}

// Failing says whether the last try failed, for a reason that is not its recipient's alone.
func (m MailServer) Failing() bool { return m.FailedAt.After(m.SentAt) && m.Error != "recipient" }

// MailServer says how it went with the server that sends e-mail.
func (s *Store) MailServer(ctx context.Context) (m MailServer, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT sent_at, failed_at, error, (SELECT COUNT(*) FROM mails WHERE state = 'waiting'), (
			SELECT MIN(mails.next_try_at)
			FROM mails LEFT JOIN customers ON customers.id = mails.customer_id
			WHERE mails.state = 'waiting' AND mails.next_try_at <= $1 AND (mails.staff_id <> '' OR mails.kind = $2 OR `+notPutOff+`))
		FROM mail_server`, unixMS(s.now()), MailCode).
		Scan(timeOf{&m.SentAt}, timeOf{&m.FailedAt}, &m.Error, &m.Waiting, timeOf{&m.Due})
	return m, err
}

// NoteMailServer notes of the server that it was asked for something, and why it did not
// do that, in a word; empty: it did.
func (s *Store) NoteMailServer(ctx context.Context, failed string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.noteMailServer(ctx, failed) })
}

// NoteTestMail is [Store.NoteMailServer] of a test that a member of staff has sent.
func (s *Store) NoteTestMail(ctx context.Context, staffID, failed string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if err := tx.noteMailServer(ctx, failed); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: ByStaff(staffID), Action: ActMailTested, Subject: staffID, Detail: failed})
	})
}

// noteMailServer is [Store.NoteMailServer]. What was noted by a clock that was ahead and has
// been set back was before.
func (tx *tx) noteMailServer(ctx context.Context, failed string) error {
	now, before := unixMS(tx.now), unixMS(tx.now.Add(-time.Millisecond))
	if failed == "" {
		return tx.exec(ctx, `
			UPDATE mail_server
			SET sent_at = $1, failed_at = CASE WHEN failed_at > $2 THEN $2 ELSE failed_at END`, now, before)
	}
	return tx.exec(ctx, `
		UPDATE mail_server
		SET failed_at = $1, error = $3, sent_at = CASE WHEN sent_at > $2 THEN $2 ELSE sent_at END`, now, before, failed)
}

// DropLateMail gives up what staff could not be told in time.
func (s *Store) DropLateMail(ctx context.Context) error {
	now := s.now()
	return s.exec(ctx, `
		UPDATE mails
		SET state = 'failed', error = 'late', ended_at = $1
		WHERE state = 'waiting' AND staff_id <> '' AND at <= $2`, unixMS(now), unixMS(now.Add(-lateMail)))
}
