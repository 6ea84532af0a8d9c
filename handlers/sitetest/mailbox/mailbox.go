// Package mailbox is a server that takes e-mail, for tests: by SMTP over TCP, with TLS and
// sign-in where the test wants them, and as awkward as it is told to be.
package mailbox

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Server takes e-mail until its test ends. Its fields are set before it is started.
type Server struct {
	TLS            *tls.Config // offered by STARTTLS; nil: there is none
	Wrapped        bool        // TLS begins with the connection instead
	User, Password string      // that have to be given; empty: none

	listener net.Listener
	mu       sync.Mutex
	all      []Message
	refuse   string
	hangUp   string
	said     []string
	open     []net.Conn
	wg       sync.WaitGroup
}

// Message is an e-mail that was taken.
type Message struct {
	To      string // as the envelope has it
	Header  mail.Header
	Subject string
	Body    string
	Secure  bool // it came over TLS
}

// Start has the server take e-mail at an address of its own, or at one that is given.
func (s *Server) Start(t testing.TB, addr ...string) *Server {
	t.Helper()
	l, err := net.Listen("tcp", append(addr, "127.0.0.1:0")[0])
	if err != nil {
		t.Fatal(err)
	}
	s.listener = l
	s.wg.Go(s.accept)
	t.Cleanup(s.Stop)
	return s
}

// Stop ends it, with what is connected.
func (s *Server) Stop() {
	s.listener.Close()
	s.mu.Lock()
	for _, c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Addr is where it listens.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Refuse has recipients answered with that, such as "550 no such user"; empty: they are taken.
func (s *Server) Refuse(answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = answer
}

// HangUp has connections end when they are sent that command, such as RCPT, or "." for the
// end of a message; empty: they do not.
func (s *Server) HangUp(command string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp = command
}

// Messages are what was taken so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// Said are the commands that clients have sent so far.
func (s *Server) Said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open = append(s.open, c)
		s.mu.Unlock()
		s.wg.Go(func() {
			defer c.Close()
			s.serve(c)
		})
	}
}

// session is one connection.
type session struct {
	*Server
	conn   net.Conn
	text   *textproto.Conn
	secure bool
	known  bool // it has signed in
	to     string
}

func (s *Server) serve(c net.Conn) {
	one := &session{Server: s, known: s.User == ""}
	one.on(c)
	if s.Wrapped {
		one.encrypt()
	}
	one.say("220 mailbox ready")
	for {
		line, err := one.text.ReadLine()
		if err != nil || !one.obey(line) {
			return
		}
	}
}

func (o *session) on(c net.Conn) {
	o.conn, o.text = c, textproto.NewConn(struct {
		io.Reader
		io.WriteCloser
	}{bufio.NewReader(c), c})
}

func (o *session) encrypt() {
	o.on(tls.Server(o.conn, o.TLS))
	o.secure = true
}

func (o *session) say(line string) { _ = o.text.PrintfLine("%s", line) }

// obey does what a line says; no: the session is over.
func (o *session) obey(line string) bool {
	o.mu.Lock()
	o.said = append(o.said, line)
	refuse, hangUp := o.refuse, o.hangUp
	o.mu.Unlock()
	verb, rest, _ := strings.Cut(line, " ")
	if hangUp != "" && strings.EqualFold(verb, hangUp) {
		return false
	}
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		o.greet()
	case "STARTTLS":
		o.say("220 go ahead")
		o.encrypt()
	case "AUTH":
		o.signIn(rest)
	case "MAIL":
		if !o.known {
			o.say("530 sign in first")
			break
		}
		o.say("250 fine")
	case "RCPT":
		if refuse != "" {
			o.say(refuse)
			break
		}
		o.to = strings.Trim(strings.TrimPrefix(rest, "TO:"), "<>")
		o.say("250 fine")
	case "DATA":
		o.say("354 go on")
		if hangUp == "." {
			_, _ = io.Copy(io.Discard, o.text.DotReader())
			return false
		}
		o.take()
		o.say("250 taken")
	case "QUIT":
		o.say("221 bye")
		return false
	default:
		o.say("250 fine")
	}
	return true
}

func (o *session) greet() {
	o.say("250-mailbox")
	if o.TLS != nil && !o.secure {
		o.say("250-STARTTLS")
	}
	if o.User != "" {
		o.say("250-AUTH PLAIN")
	}
	o.say("250 8BITMIME")
}

// signIn takes what SASL calls PLAIN.
func (o *session) signIn(rest string) {
	_, code, _ := strings.Cut(rest, " ")
	given, _ := base64.StdEncoding.DecodeString(code)
	if o.known = string(given) == "\x00"+o.User+"\x00"+o.Password; !o.known {
		o.say("535 wrong")
		return
	}
	o.say("235 welcome")
}

func (o *session) take() {
	read, err := mail.ReadMessage(o.text.DotReader())
	if err != nil {
		return
	}
	m := Message{To: o.to, Header: read.Header, Secure: o.secure}
	m.Subject, _ = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	var body io.Reader = read.Body
	if read.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, _ := io.ReadAll(body)
	m.Body = strings.ReplaceAll(string(text), "\r\n", "\n")
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, m)
}
