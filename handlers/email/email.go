// Package email is what people are told by e-mail: the wording of letters, and the way to
// the server that takes them.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"

	"balancelink/handlers/acts"
	"balancelink/handlers/settings"
	"balancelink/handlers/web"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/address"
)

// Office writes letters and takes them to the server that SMTP_URL names.
type Office struct {
	Settings settings.Settings
	Now      func() time.Time // nil: time.Now
	Roots    *x509.CertPool   // whose certificates are trusted; nil: the machine's
	// Dial connects to a server whose connections do not begin with TLS; nil: as the
	// machine does.
	Dial mail.DialContextFunc
}

// patience is how long a server may take to be reached, and to take a test for which somebody
// waits. To take a letter it may take longer: some look into what they are sent before they
// say that they have it, and one that is not waited for gets it again and again. What is said
// after a letter may take as long again, and all of it, with a round of the worker, has to be
// less than that may be busy for.
const (
	patience       = 15 * time.Second
	letterPatience = 2 * time.Minute
)

// Mail is what the worker sends e-mail by; the zero one where none is sent.
func (o *Office) Mail() worker.Mail {
	if !o.Settings.Mails() {
		return worker.Mail{}
	}
	m := worker.Mail{
		Connect: func(ctx context.Context) (worker.MailConn, error) { return o.connectPatiently(ctx) },
		May:     web.MayHear,
	}
	if o.Settings.Linking.On() && o.Settings.MailCustomers.On() {
		m.Link = func() (store.NewInvitation, string, error) {
			keep, link, err := acts.NewLink(o.Settings, "", false)
			return keep, link.URL, err
		}
	}
	if o.Settings.MailsCodes() {
		m.Code = func(customerID string) (code, hash string, err error) {
			return acts.NewSignInCode(o.Settings, customerID)
		}
	}
	return m
}

func (o *Office) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// conn is a connection on which letters are sent.
type conn struct {
	*Office
	client *mail.Client
	wire   net.Conn    // what the client speaks on
	hurry  func() bool // ends that the end of a context shortens what is waited for; nil: none does
}

// connect reaches the server and signs in. Without TLS nothing is sent, not even who asks,
// but to this very machine.
func (o *Office) connect(ctx context.Context) (*conn, error) {
	c := &conn{Office: o}
	if err := c.open(ctx); err != nil {
		return nil, &worker.MailError{Word: wordOf(err), Err: err}
	}
	return c, nil
}

// connectPatiently is connect for letters for which nobody waits: the server may take its
// time with each, until ctx ends.
func (o *Office) connectPatiently(ctx context.Context) (*conn, error) {
	c, err := o.connect(ctx)
	if err != nil {
		return nil, err
	}
	_ = mail.WithTimeout(letterPatience)(c.client) // which takes any time but none
	c.hurry = context.AfterFunc(ctx, func() { _ = c.wire.SetDeadline(time.Now().Add(patience)) })
	return c, nil
}

func (c *conn) open(ctx context.Context) (err error) {
	to := c.Settings.Mail
	encryption := &tls.Config{ServerName: to.Host, MinVersion: tls.VersionTLS12, RootCAs: c.Roots}
	options := []mail.Option{
		mail.WithPort(to.Port), mail.WithTimeout(patience), mail.WithTLSConfig(encryption),
		mail.WithDialContextFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			dial := c.dial(encryption)
			c.wire, err = dial(ctx, network, addr)
			return c.wire, err
		}),
	}
	switch {
	case to.Wrapped:
		options = append(options, mail.WithSSL())
	case to.Bare:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if to.User != "" {
		options = append(options, mail.WithUsername(to.User), mail.WithPassword(to.Password.Reveal()),
			mail.WithOpportunisticSMTPAuth(c.mechanisms()...))
	}
	if c.client, err = mail.NewClient(to.Host, options...); err != nil {
		return err
	}
	return c.client.DialWithContext(ctx)
}

// dial is what connects to the server, and begins TLS where a connection begins with it.
func (o *Office) dial(encryption *tls.Config) mail.DialContextFunc {
	if o.Settings.Mail.Wrapped {
		return (&tls.Dialer{Config: encryption}).DialContext
	}
	if o.Dial != nil {
		return o.Dial
	}
	return new(net.Dialer).DialContext
}

// mechanisms are the ways to sign in, the best first. Those that send the password itself
// are for a connection with TLS, and for this very machine.
func (o *Office) mechanisms() []mail.SMTPAuthType {
	if o.Settings.Mail.Bare {
		return []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc}
	}
	return []mail.SMTPAuthType{
		mail.SMTPAuthSCRAMSHA256PLUS, mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin,
	}
}

// wordOf is why a server cannot be used.
func wordOf(err error) string {
	var unknown *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var network net.Error
	switch {
	case errors.As(err, &unknown), errors.As(err, &record), strings.Contains(err.Error(), "not support STARTTLS"):
		return worker.MailInsecure
	case !errors.As(err, &network) && strings.Contains(err.Error(), "AUTH"): // go-mail has no errors for it
		return worker.MailNoLogin
	}
	return worker.MailUnreachable
}

// Send implements [worker.MailConn].
func (c *conn) Send(l store.Letter, link worker.MailLink) error {
	subject, body := c.words(l, link)
	return c.send(l.To, l.Mails[0].ID, subject, body)
}

// Close implements [worker.MailConn].
func (c *conn) Close() error {
	if c.hurry != nil {
		c.hurry()
	}
	_ = c.wire.SetDeadline(time.Now().Add(patience)) // to say goodbye is no letter
	return c.client.Close()
}

// send sends a text. Its id is the same at each try, so that who gets it twice sees it once.
func (c *conn) send(to, id, subject, body string) error {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	from := c.Settings.Sender
	m.FromMailAddress(&from)
	wire, is := address.OnWire(to)
	if err := m.To(wire); err != nil || !is {
		return &worker.MailError{Word: worker.MailNoRecipient, Final: true, Err: errors.New("no address")}
	}
	m.Subject(oneLine(subject))
	m.SetMessageIDWithValue(id + "@" + from.Address[strings.LastIndex(from.Address, "@")+1:])
	m.SetDateWithValue(c.now())
	m.SetGenHeader("Auto-Submitted", "auto-generated") // so that nobody's absence is answered
	m.SetBodyString(mail.TypeTextPlain, body)
	err := c.client.Send(m)
	if err == nil || m.IsDelivered() {
		return nil
	}
	return failed(err)
}

// oneLine is a text without what begins another line of a header.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// failed says what became of a letter: an answer of the server is about the letter, and
// without one the connection broke. Nobody's address is in it.
func failed(err error) error {
	var said *mail.SendError
	if !errors.As(err, &said) {
		return &worker.MailError{Word: worker.MailUnreachable, Err: err}
	}
	m := &worker.MailError{Word: worker.MailUnreachable, Code: said.ErrorCode(), Err: errors.New(said.Reason.String())}
	switch said.Reason {
	case mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrWriteContent, mail.ErrSMTPDataClose:
		m.Begun = true
	}
	if m.Code != 0 {
		m.Word, m.Final = worker.MailRefused, !said.IsTemp()
		if said.Reason == mail.ErrSMTPRcptTo {
			m.Word = worker.MailNoRecipient
		}
	}
	return m
}

// Test sends an e-mail that says that e-mail arrives.
func (o *Office) Test(ctx context.Context, to, subject, body string) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.send(to, store.NewSecret(), subject, body)
}

// Probe reaches the server and signs in, and sends nothing.
func (o *Office) Probe(ctx context.Context) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	return c.Close()
}
