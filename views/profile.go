package views

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Profile is a member of staff's own account.
type Profile struct {
	Frame
	Role              string
	SecondFactor      bool
	Required          bool // the role needs the second factor
	RecoveryCodesLeft int
	Sessions          []Session
	WrongField        string // of the password's form: "current" or "new"; empty: none
	Problem           string
	Mails             MailChoices
}

// MailChoices are what a member of staff may be told by e-mail.
type MailChoices struct {
	On     bool // e-mail is sent at all
	Offers []MailChoice
}

// MailChoice is one of them.
type MailChoice struct {
	Kind   string // a store.MailKind
	Chosen bool
}

// Session is a browser in which somebody is signed in.
type Session struct {
	ID        string
	Browser   string // in words
	Address   string // the network, not the whole address
	StartedAt time.Time
	SeenAt    time.Time
	Current   bool
}

// SecondFactor is the page that sets the second factor up.
type SecondFactor struct {
	Frame
	Seed     string // base32
	QR       QR
	Required bool // nothing else can be done before
	Replaces bool // there is one already, which this ends
	Error    string
}

// RecoveryCodes shows new recovery codes, once.
type RecoveryCodes struct {
	Frame
	Codes []string
}

func recoveryLeft(ctx context.Context, n int) string {
	if n == 0 {
		return say(ctx, "No recovery code is left: make new ones.")
	}
	return say(ctx, "%d recovery codes left.", n)
}

// problemOf is what is wrong with a field of the password's form.
func (p Profile) problemOf(field string) string {
	if p.WrongField == field {
		return p.Problem
	}
	return ""
}

// fours sets a key in groups of four, as people type it.
func fours(key string) string {
	var b strings.Builder
	for i, r := range key {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// QR is a code for a phone's camera.
type QR struct {
	Path string // of unit squares, as SVG has it
	Size int    // of the square that they stand in
}

func (q QR) box() string { n := strconv.Itoa(q.Size); return "0 0 " + n + " " + n }

func lines(texts []string) string { return strings.Join(texts, "\n") }
