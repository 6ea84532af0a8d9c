package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"balancelink/store"
)

// Mail is how people are told by e-mail.
type Mail struct {
	// Connect reaches the server that takes e-mail; nil: none is sent.
	Connect func(context.Context) (MailConn, error)
	// Link is a personal link to sign in again, to be made for a customer, and its address;
	// nil: customers are told nothing.
	Link func() (store.NewInvitation, string, error)
	// Code is a code for a customer to sign in with, and what is kept of it; nil: none is sent.
	Code func(customerID string) (code, hash string, err error)
	May  func(store.Role, store.MailKind) bool // says what a role may be told of; nil: everything
	// Tried hears of each try how it went: in a word why it failed, or "ok"; nil: nobody does.
	Tried func(result string)
}

func (m Mail) tried(result string) {
	if m.Tried != nil {
		m.Tried(result)
	}
}

// MailConn is a connection to the server that takes e-mail.
type MailConn interface {
	// Send sends a letter; the link, or the code, is that of a letter to a customer. What went wrong is a
	// [*MailError].
	Send(l store.Letter, link MailLink) error
	Close() error
}

// MailLink is the personal link in a letter to a customer, or the code.
type MailLink struct {
	URL   string
	Code  string
	Until time.Time
}

// MailError is why a letter was not sent.
type MailError struct {
	Word  string // one of those below
	Code  int    // of the server's answer; 0: there was none
	Final bool   // this letter will never be taken
	Begun bool   // the server was being given this letter: perhaps it has it, perhaps it is the letter's fault
	Err   error
}

// MailWord is why e-mail was not sent, in a word of those below.
func MailWord(err error) string {
	if not := (*MailError)(nil); errors.As(err, &not) {
		return not.Word
	}
	return MailUnreachable
}

// Why e-mail is not sent, in a word.
const (
	MailUnreachable = "unreachable" // nobody answers, or the connection broke
	MailInsecure    = "insecure"    // there is no TLS, or the certificate is not right
	MailNoLogin     = "login"       // user and password are not taken
	MailRefused     = "refused"     // letters of ours are not taken
	MailNoRecipient = "recipient"   // this one is not, for whom it goes to
)

// Error implements error.
func (e *MailError) Error() string { return fmt.Sprintf("%s: %v", e.Word, e.Err) }

// Unwrap returns what is behind it.
func (e *MailError) Unwrap() error { return e.Err }

// mailPauses are those between one try of a letter that was not taken and the next, and
// serverPauses those between one try to reach a server and the next, of which the last
// repeats.
var (
	mailPauses = []time.Duration{
		time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	}
	serverPauses = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute}
)

const (
	// As many letters are sent in a round, and for so long none more is begun: a slow server
	// lets the loop come round in time.
	lettersAtOnce = 10
	mailRound     = 20 * time.Second

	mailLookEvery = time.Minute
)

// mailing is how it stands with the sending of e-mail.
type mailing struct {
	looked time.Time // when what has come up by the clock was last looked for
	failed time.Time // when the server could last not be reached
	tries  int       // to reach it that have failed since one has not
}

// paused says whether the server is given time.
func (m *mailing) paused(now time.Time) bool {
	return m.tries > 0 && lately(m.failed, now, serverPauses[min(m.tries, len(serverPauses))-1])
}

// sendMail sends the letters whose turn has come, one after the other on one connection.
func (w *Worker) sendMail(ctx context.Context) error {
	if w.Mail.Connect == nil {
		return nil
	}
	err := w.lookForMail(ctx)
	if w.mailing.paused(w.Now()) {
		return err
	}
	var conn MailConn
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	began := w.Now()
	for n := 0; n < lettersAtOnce && (n == 0 || lately(began, w.Now(), mailRound)); n++ {
		l, next := w.Store.NextLetter(ctx)
		if errors.Is(next, store.ErrNotFound) {
			return err
		}
		if next != nil {
			return errors.Join(err, next)
		}
		if l, next = w.wantedOf(ctx, l); next != nil || len(l.Mails) == 0 {
			err = errors.Join(err, next)
			continue
		}
		if conn == nil {
			if conn, next = w.Mail.Connect(ctx); next != nil {
				conn = nil
				return errors.Join(err, w.unreached(ctx, next))
			}
		}
		if next := w.sendLetter(ctx, conn, l); next != nil || w.mailing.paused(w.Now()) || ctx.Err() != nil {
			return errors.Join(err, next)
		}
	}
	w.wake(mailLoop)
	return err
}

// lookForMail looks for what people are told of by the clock.
func (w *Worker) lookForMail(ctx context.Context) error {
	if lately(w.mailing.looked, w.Now(), mailLookEvery) {
		return nil
	}
	more, err := w.Store.MailConsentsEnding(ctx)
	if !more {
		w.mailing.looked = w.Now()
	}
	return errors.Join(err, w.Store.DropLateMail(ctx))
}

// wantedOf leaves of a letter what whom it goes to may still be told, and drops the rest.
func (w *Worker) wantedOf(ctx context.Context, l store.Letter) (store.Letter, error) {
	wanted, rest := l, l
	wanted.Mails, rest.Mails = nil, nil
	for _, m := range l.Mails {
		may := l.To != ""
		if m.Kind == store.MailCode {
			may = may && w.Mail.Code != nil
		} else if l.ToCustomer() {
			may = may && w.Mail.Link != nil
		} else if w.Mail.May != nil {
			may = may && w.Mail.May(l.Role, m.Kind)
		}
		if may {
			wanted.Mails = append(wanted.Mails, m)
		} else {
			rest.Mails = append(rest.Mails, m)
		}
	}
	if len(rest.Mails) == 0 {
		return wanted, nil
	}
	return wanted, w.Store.EndLetter(ctx, rest, store.MailTried{Unwanted: true})
}

// sendLetter sends a letter once and notes how that went. One whose way broke stays due.
func (w *Worker) sendLetter(ctx context.Context, conn MailConn, l store.Letter) error {
	var link MailLink
	if l.ToCustomer() {
		var err error
		switch link, err = w.secretOf(ctx, &l.Mails[0]); {
		case errors.Is(err, store.ErrNotWanted):
			return w.Store.EndLetter(ctx, l, store.MailTried{Unwanted: true})
		case err != nil:
			return err
		}
	}
	err := conn.Send(l, link)
	var not *MailError
	switch {
	case err == nil: // also when it is time to end: otherwise it is sent twice
		w.mailing.tries = 0
		w.Mail.tried(triedOK)
		return w.Store.EndLetter(context.WithoutCancel(ctx), l, store.MailTried{})
	case ctx.Err() != nil:
		return nil
	case !errors.As(err, &not) || not.Word != MailRefused && not.Word != MailNoRecipient && !not.Begun:
		return w.unreached(ctx, err)
	case not.Code == 0: // what comes behind it does not wait for it
		return errors.Join(w.notTaken(ctx, l, not), w.unreached(ctx, err))
	}
	w.Mail.tried(not.Word)
	return w.notTaken(ctx, l, not)
}

// notTaken notes that a server did not take a letter, or broke off while it was given it.
func (w *Worker) notTaken(ctx context.Context, l store.Letter, not *MailError) error {
	t := store.MailTried{Error: not.Word}
	if tries := l.Mails[0].Tries; !not.Final && tries < len(mailPauses) {
		t.NextTryAt = w.Now().Add(mailPauses[tries])
	}
	w.Logger.Warn(
		"a server did not take an e-mail", "mail", l.Mails[0].ID, "code", not.Code, "again", !t.NextTryAt.IsZero(),
	)
	return w.Store.EndLetter(ctx, l, t)
}

// secretOf makes what a letter to a customer is sent for.
func (w *Worker) secretOf(ctx context.Context, m *store.Mail) (MailLink, error) {
	if m.Kind != store.MailCode {
		return w.againLink(ctx, m)
	}
	code, hash, err := w.Mail.Code(m.CustomerID)
	if err != nil {
		return MailLink{}, err
	}
	until, err := w.Store.CodeByMail(ctx, *m, hash)
	return MailLink{Code: code, Until: until}, err
}

// againLink makes the personal link that is sent to a customer.
func (w *Worker) againLink(ctx context.Context, m *store.Mail) (MailLink, error) {
	n, url, err := w.Mail.Link()
	if err != nil {
		return MailLink{}, err
	}
	i, err := w.Store.AgainByMail(ctx, *m, n)
	m.Invitation = i.ID
	return MailLink{URL: url, Until: i.ExpiresAt}, err
}

// unreached notes that the server could not be used, and gives it time.
func (w *Worker) unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	word := MailWord(err)
	w.Mail.tried(word)
	w.mailing.tries, w.mailing.failed = w.mailing.tries+1, w.Now()
	w.Logger.Warn("the server that takes e-mail cannot be used", "why", word, "err", err)
	return w.Store.NoteMailServer(ctx, word)
}
