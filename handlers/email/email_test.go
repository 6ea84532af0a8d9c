package email_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/email"
	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/fault"
	"balancelink/handlers/sitetest/mailbox"
	"balancelink/handlers/worker"
	"balancelink/store"
)

// office takes letters to a server at that address.
func office(t *testing.T, url string, more ...string) *email.Office {
	t.Helper()
	set, err := settings.Load(nil, append([]string{
		"BUSINESS_NAME=Lender Ltd", "MAIL_FROM=alerts@lender.example", "SMTP_URL=" + url, "PUBLIC_URL=https://balances.example",
		"TRUSTED_PROXIES=none",
	}, more...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return &email.Office{Settings: set, Now: func() time.Time { return time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC) }}
}

// send sends one letter.
func send(t *testing.T, o *email.Office, l store.Letter, link worker.MailLink) error {
	t.Helper()
	conn, err := o.Mail().Connect(t.Context())
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Send(l, link)
}

func about(kind store.MailKind) store.Mail {
	return store.Mail{ID: "id", StaffID: "s", CustomerID: "c1", Kind: kind, Customer: "Amina Bello", Bank: "GTBank", At: time.Date(2026, 11, 3, 8, 30, 0, 0, time.UTC)}
}

func TestStaffReadWhatHappenedAndWhere(t *testing.T) {
	box := new(mailbox.Server).Start(t)
	o := office(t, "smtp://"+box.Addr())
	for _, kind := range store.MailKinds() {
		l := store.Letter{To: "officer@lender.example", Role: store.RoleOwner, Mails: []store.Mail{about(kind)}}
		if err := send(t, o, l, worker.MailLink{}); err != nil {
			t.Fatal(err)
		}
	}
	got := box.Messages()
	if len(got) != len(store.MailKinds()) {
		t.Fatalf("%d messages", len(got))
	}
	first := got[1]
	if first.To != "officer@lender.example" || first.Subject != "[Simulated] Amina Bello has to sign in to GTBank again" ||
		first.Header.Get("From") != `"Lender Ltd" <alerts@lender.example>` || first.Header.Get("Auto-Submitted") != "auto-generated" ||
		first.Header.Get("Message-Id") != "<id@lender.example>" {
		t.Errorf("message %+v", first)
	}
	const want = "Amina Bello has to sign in to GTBank again.\nhttps://balances.example/customers/c1\n\n" +
		"You chose to be told this by e-mail, and change that here:\nhttps://balances.example/profile\n"
	if first.Body != want {
		t.Errorf("body %q, want %q", first.Body, want)
	}
	seen := map[string]bool{}
	for _, m := range got {
		if seen[m.Subject] {
			t.Errorf("two kinds have the subject %q", m.Subject)
		}
		seen[m.Subject] = true
	}
}

func TestSeveralThingsAreOneMessage(t *testing.T) {
	box := new(mailbox.Server).Start(t)
	l := store.Letter{To: "officer@lender.example", Role: store.RoleOwner}
	for range 120 {
		m := about(store.MailNeedsLogin)
		m.Held = true
		l.Mails = append(l.Mails, m)
	}
	if err := send(t, office(t, "smtp://"+box.Addr()), l, worker.MailLink{}); err != nil {
		t.Fatal(err)
	}
	m := box.Messages()[0]
	if m.Subject != "[Simulated] 120 messages" || strings.Count(m.Body, "09:30  Amina Bello has to sign in") != 100 || !strings.Contains(m.Body, "There are 20 more.") {
		t.Errorf("subject %q, body %.300s", m.Subject, m.Body)
	}
}

func TestACustomerReadsInTheirLanguageWhereToSignIn(t *testing.T) {
	box := new(mailbox.Server).Start(t)
	m := about(store.MailSignIn)
	m.StaffID, m.Customer = "", "Amina\r\nBcc: other@example.com"
	l := store.Letter{To: "amina@example.com", Language: "fr", Mails: []store.Mail{m}}
	link := worker.MailLink{URL: "https://balances.example/connect/secret", Until: time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)}
	if err := send(t, office(t, "smtp://"+box.Addr(), "BUSINESS_PHONE=0803 100 1001"), l, link); err != nil {
		t.Fatal(err)
	}
	got := box.Messages()[0]
	if !strings.Contains(got.Subject, "vous demande de vous reconnecter à GTBank") || got.Header.Get("Bcc") != "" {
		t.Errorf("subject %q, headers %v", got.Subject, got.Header)
	}
	for _, part := range []string{"Bonjour Amina", "https://balances.example/connect/secret", "6 nov", "+234 803 100 1001"} {
		if !strings.Contains(got.Body, part) {
			t.Errorf("the body lacks %q: %s", part, got.Body)
		}
	}
}

func TestWithoutTLSNothingIsToldToAServerElsewhere(t *testing.T) {
	authority := fault.NewAuthority(t)
	offered := authority.Config(t, "192.0.2.1", time.Hour)
	for name, c := range map[string]struct {
		box   *mailbox.Server
		url   string
		trust bool
		word  string // why not; empty: it is taken
	}{
		"no STARTTLS":            {&mailbox.Server{User: "me", Password: "s3cret"}, "smtp://me:s3cret@192.0.2.1", true, worker.MailInsecure},
		"nobody's certificate":   {&mailbox.Server{User: "me", Password: "s3cret", TLS: offered}, "smtp://me:s3cret@192.0.2.1", false, worker.MailInsecure},
		"certificate of another": {&mailbox.Server{User: "me", Password: "s3cret", TLS: offered}, "smtp://me:s3cret@192.0.2.2", true, worker.MailInsecure},
		"STARTTLS":               {&mailbox.Server{User: "me", Password: "s3cret", TLS: offered}, "smtp://me:s3cret@192.0.2.1", true, ""},
		"wrong password":         {&mailbox.Server{User: "me", Password: "s3cret", TLS: offered}, "smtp://me:other@192.0.2.1", true, worker.MailNoLogin},
		"no sign-in there":       {&mailbox.Server{TLS: offered}, "smtp://me:s3cret@192.0.2.1", true, worker.MailNoLogin},
	} {
		box := c.box.Start(t)
		o := office(t, c.url)
		if c.trust {
			o.Roots = authority.Pool
		}
		o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, box.Addr())
		}
		err := o.Test(t.Context(), "officer@lender.example", "Test", "Test")
		var not *worker.MailError
		switch got := box.Messages(); {
		case c.word == "" && (err != nil || len(got) != 1 || !got[0].Secure):
			t.Errorf("%s: %v, %d messages", name, err, len(got))
		case c.word != "" && (!errors.As(err, &not) || not.Word != c.word || len(got) > 0):
			t.Errorf("%s: %v, want %s", name, err, c.word)
		case c.word == worker.MailInsecure && strings.Contains(strings.Join(box.Said(), "\n"), "AUTH"):
			t.Errorf("%s: it was told %q", name, box.Said())
		}
	}
}

func TestAServerWhoseConnectionsBeginWithTLS(t *testing.T) {
	authority := fault.NewAuthority(t)
	box := (&mailbox.Server{Wrapped: true, TLS: authority.Config(t, "127.0.0.1", time.Hour), User: "me", Password: "s3cret"}).Start(t)
	o := office(t, "smtps://me:s3cret@"+box.Addr())
	var not *worker.MailError
	if err := o.Probe(t.Context()); !errors.As(err, &not) || not.Word != worker.MailInsecure {
		t.Errorf("nobody's certificate: %v", err)
	}
	o.Roots = authority.Pool
	if err := o.Probe(t.Context()); err != nil || len(box.Messages()) != 0 {
		t.Errorf("asked whether it works: %v, %d messages", err, len(box.Messages()))
	}
	if err := o.Test(t.Context(), "officer@lender.example", "Test", "Test"); err != nil || !box.Messages()[0].Secure {
		t.Error(err)
	}
}

func TestWhatAServerSaysDecidesWhetherALetterIsTriedAgain(t *testing.T) {
	box := (&mailbox.Server{User: "me", Password: "s3cret"}).Start(t)
	o := office(t, "smtp://me:s3cret@"+box.Addr())
	l := store.Letter{To: "officer@lender.example", Role: store.RoleOwner, Mails: []store.Mail{about(store.MailLinked)}}
	for answer, final := range map[string]bool{"550 no such user": true, "451 later": false} {
		box.Refuse(answer)
		var not *worker.MailError
		if err := send(t, o, l, worker.MailLink{}); !errors.As(err, &not) || not.Word != worker.MailNoRecipient || not.Final != final || strings.Contains(err.Error(), "officer") {
			t.Errorf("%s: %v", answer, err)
		}
	}
	box.Refuse("")
	if err := send(t, o, l, worker.MailLink{}); err != nil {
		t.Error(err)
	}
	conn, err := o.Mail().Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	box.Stop()
	var not *worker.MailError
	if err := conn.Send(l, worker.MailLink{}); !errors.As(err, &not) || not.Word != worker.MailUnreachable {
		t.Errorf("a connection that broke: %v", err)
	}
	if err := o.Probe(t.Context()); !errors.As(err, &not) || not.Word != worker.MailUnreachable {
		t.Errorf("nobody there: %v", err)
	}
}

func TestADomainBeyondASCIIIsSentToAsTheDNSHasIt(t *testing.T) {
	box := new(mailbox.Server).Start(t)
	o := office(t, "smtp://"+box.Addr(), "MAIL_FROM=alerts@läger.example")
	l := store.Letter{To: "ada@bücher.example", Role: store.RoleOwner, Mails: []store.Mail{about(store.MailLinked)}}
	if err := send(t, o, l, worker.MailLink{}); err != nil {
		t.Fatal(err)
	}
	if m := box.Messages(); len(m) != 1 || m[0].To != "ada@xn--bcher-kva.example" {
		t.Errorf("it was sent as %+v", m)
	}
	var not *worker.MailError
	l.To = "ada@bü_cher.example" // which was kept before that was looked at
	if err := send(t, o, l, worker.MailLink{}); !errors.As(err, &not) || not.Word != worker.MailNoRecipient || !not.Final {
		t.Errorf("to a domain that cannot be: %v", err)
	}
}

// What breaks while a server is given a letter may be the letter's fault, or the letter may
// have arrived; what breaks before that is about no letter.
func TestWhereAConnectionBreaksDecidesWhetherItIsAboutTheLetter(t *testing.T) {
	box := new(mailbox.Server).Start(t)
	o := office(t, "smtp://"+box.Addr())
	l := store.Letter{To: "officer@lender.example", Role: store.RoleOwner, Mails: []store.Mail{about(store.MailLinked)}}
	for at, begun := range map[string]bool{"NOOP": false, "MAIL": false, "RCPT": true, "DATA": true, ".": true} {
		box.HangUp(at)
		var not *worker.MailError
		if err := send(t, o, l, worker.MailLink{}); !errors.As(err, &not) || not.Word != worker.MailUnreachable || not.Begun != begun || not.Final {
			t.Errorf("%s: %v, begun %v, want %v", at, err, not != nil && not.Begun, begun)
		}
	}
}

// timed is a connection that knows until when what is said on it is waited for.
type timed struct {
	net.Conn
	mu    sync.Mutex
	until time.Time
}

func (c *timed) SetDeadline(t time.Time) error {
	c.mu.Lock()
	c.until = t
	c.mu.Unlock()
	return c.Conn.SetDeadline(t)
}

func (c *timed) left() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Until(c.until)
}

// String says how it stands.
func (c *timed) String() string { return c.left().String() + " are left" }

func TestAServerMayTakeMinutesForALetterButNotWhenTheProgramEnds(t *testing.T) {
	authority := fault.NewAuthority(t)
	for name, box := range map[string]*mailbox.Server{
		"bare": {}, "TLS": {User: "me", Password: "s3cret", TLS: authority.Config(t, "192.0.2.1", time.Hour)},
	} {
		box.Start(t)
		url := "smtp://" + box.Addr()
		if box.TLS != nil {
			url = "smtp://me:s3cret@192.0.2.1"
		}
		o := office(t, url)
		o.Roots = authority.Pool
		var line *timed
		o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, box.Addr())
			line = &timed{Conn: c}
			return line, err
		}
		ctx, stop := context.WithCancel(t.Context())
		conn, err := o.Mail().Connect(ctx)
		if err != nil {
			t.Fatal(name, err)
		}
		l := store.Letter{To: "officer@lender.example", Role: store.RoleOwner, Mails: []store.Mail{about(store.MailLinked)}}
		if err := conn.Send(l, worker.MailLink{}); err != nil {
			t.Fatal(name, err)
		}
		if left := line.left(); left < 100*time.Second {
			t.Errorf("%s: a letter may take %v", name, left)
		}
		stop()
		sitetest.Await(t, name+": the end of the program shortens that", line.String, func() bool { return line.left() <= 15*time.Second })
		if conn.Close(); line.left() > 15*time.Second {
			t.Errorf("%s: to close the connection may take %v", name, line.left())
		}
		other, err := o.Mail().Connect(t.Context())
		if err == nil {
			err = other.Send(l, worker.MailLink{})
		}
		if err != nil {
			t.Fatal(name, err)
		}
		if other.Close(); line.left() > 15*time.Second {
			t.Errorf("%s: to close a connection that is waited on patiently may take %v", name, line.left())
		}
		if err := o.Test(t.Context(), "officer@lender.example", "Test", "Test"); err != nil || line.left() > 15*time.Second {
			t.Errorf("%s: a test, for which somebody waits, may take %v: %v", name, line.left(), err)
		}
	}
}
