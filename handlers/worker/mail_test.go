package worker

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// post is a server that takes e-mail.
type post struct {
	send  func(store.Letter) error // takes a letter; nil: it is taken
	took  []string                 // about which customers letters were taken
	given int                      // how many letters it was given
	calls int                      // how often it was connected to
}

// Send implements [MailConn].
func (p *post) Send(l store.Letter, _ MailLink) error {
	p.given++
	if p.send != nil {
		if err := p.send(l); err != nil {
			return err
		}
	}
	p.took = append(p.took, l.Mails[0].Customer)
	return nil
}

// Close implements [MailConn].
func (p *post) Close() error { return nil }

// newPost is a bench whose worker tells one member of staff who has linked a bank.
func newPost(t *testing.T) (*bench, *post) {
	t.Helper()
	b, p := newBench(t), new(post)
	b.ok(b.Store.Close())
	b.Store = storetest.OpenWith(t, b.path, store.Options{Now: b.clock, Mails: true})
	m, err := b.Store.AddStaff(t.Context(), store.Program, store.Staff{Email: "officer@lender.example", PasswordHash: "x", Role: store.RoleOwner})
	b.ok(err)
	b.ok(b.Store.ChooseMails(t.Context(), m.ID, []store.MailKind{store.MailLinked}))
	b.Mail.Connect = func(context.Context) (MailConn, error) {
		p.calls++
		return p, nil
	}
	return b, p
}

// waiting is how many letters wait.
func (b *bench) waiting() int {
	b.t.Helper()
	m, err := b.Store.MailServer(b.t.Context())
	b.ok(err)
	return m.Waiting
}

// broke is what a connection that broke makes of a letter.
func broke(begun bool) error {
	return &MailError{Word: MailUnreachable, Begun: begun, Err: errors.New("EOF")}
}

func TestALetterOverWhichTheServerHangsUpKeepsNoOtherBack(t *testing.T) {
	b, p := newPost(t)
	b.linked("Amina456")
	b.linked("Funke123")
	p.send = func(l store.Letter) error {
		if l.Mails[0].Customer == b.holder("Amina456") {
			return broke(true)
		}
		return nil
	}
	for range 60 {
		b.ok(b.sendMail(t.Context()))
		b.advance(time.Hour)
	}
	if want := []string{b.holder("Funke123")}; !slices.Equal(p.took, want) {
		t.Errorf("taken was what is about %v, want %v", p.took, want)
	}
	if n := b.waiting(); n != 0 || p.given != 2+len(mailPauses) {
		t.Errorf("the letters were given %d times and %d wait, want %d and that it is given up", p.given, n, 2+len(mailPauses))
	}
}

func TestAConnectionThatBrokeIsNotUsedAgainAndCostsNoLetterATry(t *testing.T) {
	b, p := newPost(t)
	b.linked("Amina456")
	b.linked("Funke123")
	p.send = func(store.Letter) error { return broke(false) }
	for i := range 20 {
		b.ok(b.sendMail(t.Context()))
		if p.given != p.calls || b.waiting() != 2 {
			t.Fatalf("after %d rounds: %d letters on %d connections, and %d wait", i+1, p.given, p.calls, b.waiting())
		}
		b.advance(serverPauses[min(i, len(serverPauses)-1)])
	}
	p.send = nil
	b.ok(b.sendMail(t.Context()))
	if len(p.took) != 2 {
		t.Errorf("%d letters were taken when the server was back", len(p.took))
	}
}

func TestALetterThatIsTakenWhileTheProgramIsToldToEndIsSentOnce(t *testing.T) {
	b, p := newPost(t)
	b.linked("Amina456")
	b.linked("Funke123")
	ctx, stop := context.WithCancel(t.Context())
	p.send = func(store.Letter) error {
		stop()
		return nil
	}
	_ = b.sendMail(ctx) // which says at most that it was ended
	if p.given != 1 || b.waiting() != 1 {
		t.Errorf("told to end it went on until %d letters were given and %d waited", p.given, b.waiting())
	}
	b.advance(time.Hour)
	b.ok(b.sendMail(t.Context()))
	if p.given != 2 || b.waiting() != 0 {
		t.Errorf("two letters were given %d times, and %d wait", p.given, b.waiting())
	}
}

func TestAServerThatTakesItsTimeDoesNotMakeTheWorkerLookStuck(t *testing.T) {
	b, p := newPost(t)
	for _, login := range []string{"Amina456", "Funke123"} {
		b.linked(login)
	}
	p.send = func(store.Letter) error {
		b.advance(stuckAfter * 3 / 5)
		return nil
	}
	for n := 1; n <= 2; n++ {
		began := b.clock()
		b.ok(b.sendMail(t.Context()))
		if busy := b.clock().Sub(began); busy >= stuckAfter || len(p.took) != n || len(b.wakes[mailLoop]) == 0 {
			t.Errorf("round %d took %v for %d letters in all", n, busy, len(p.took))
		}
		b.Wake()
	}
}
