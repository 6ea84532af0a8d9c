package settings

import (
	"cmp"
	"errors"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"balancelink/okra/provider"
	"balancelink/store/address"
)

// MailServer is the server that takes e-mail, as SMTP_URL names it.
type MailServer struct {
	Host     string // empty: no e-mail is sent
	Port     int
	Wrapped  bool // TLS begins with the connection; otherwise it is begun by STARTTLS
	Bare     bool // it is this very machine, and nothing is encrypted on the way
	User     string
	Password provider.Secret
}

// Address is its host and port.
func (m MailServer) Address() string { return net.JoinHostPort(m.Host, strconv.Itoa(m.Port)) }

// Mails says whether e-mail is sent.
func (s Settings) Mails() bool { return s.Mail.Host != "" }

// MailsCodes says whether customers are sent codes to sign in with.
func (s Settings) MailsCodes() bool { return s.Mails() && s.MailCustomers.On() }

// The ports that servers take e-mail at from programs that sign in: RFC 8314.
const (
	portSTARTTLS = 587
	portWrapped  = 465
)

// readMail reads SMTP_URL and MAIL_FROM. What is wrong with SMTP_URL is told without a
// word of it: it holds a password.
func (s *Settings) readMail() error {
	switch {
	case s.SMTPURL == "" && s.MailFrom == "":
		return nil
	case s.SMTPURL == "":
		return errors.New("MAIL_FROM is given, but no e-mail is sent without SMTP_URL: give both, or neither")
	case s.MailFrom == "":
		return errors.New("MAIL_FROM is missing: it is the address that e-mail comes from, such as alerts@example.com")
	}
	from, err := mail.ParseAddress(s.MailFrom)
	if err != nil {
		return errors.New("MAIL_FROM is not an e-mail address such as alerts@example.com, or Alerts <alerts@example.com>")
	}
	wire, is := address.OnWire(from.Address)
	if !is {
		return errors.New("MAIL_FROM has a domain that there cannot be")
	}
	from.Address = wire
	from.Name = cmp.Or(from.Name, s.BusinessName)
	s.Sender = *from
	s.Mail, err = readMailServer(s.SMTPURL.Reveal())
	return err
}

func readMailServer(text string) (m MailServer, err error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Opaque != "" || strings.Trim(u.Path, "/") != "" ||
		strings.ContainsAny(text, "?#") {
		return m, errors.New("SMTP_URL must be smtp://HOST:PORT or smtps://HOST:PORT, with USER:PASSWORD@ before the host where the server wants them, and % and two hexadecimal digits for characters that mean something in an address")
	}
	m = MailServer{Host: strings.ToLower(u.Hostname()), Port: portSTARTTLS, Wrapped: u.Scheme == "smtps"}
	if m.Wrapped {
		m.Port = portWrapped
	}
	if u.Port() != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return m, errors.New("SMTP_URL has a port that is none")
		}
		m.Port = int(port)
	}
	if !isHost(m.Host) || strings.HasSuffix(u.Host, ":") {
		return m, errors.New("SMTP_URL names no host: it must be smtp://HOST:PORT or smtps://HOST:PORT")
	}
	m.Bare = !m.Wrapped && loopback(m.Host)
	password, has := u.User.Password()
	m.User, m.Password = u.User.Username(), provider.Secret(password)
	if (m.User == "") != (!has || password == "") {
		return m, errors.New("SMTP_URL has a user or a password without the other: give both, or neither")
	}
	return m, nil
}
