package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"balancelink/views/locale"
)

// Status is how the program itself is doing, for staff.
type Status struct {
	Frame
	Version     string
	StartedAt   time.Time
	Instances   []Instance // that share the database, oldest first
	Database    Database
	Backup      Backup
	LastWebhook time.Time // zero: none yet
	Providers   []Provider
	Waiting     []WaitingCount
	Kept        []Kept
	Settings    []Setting
	Work        Work

	Contradictions int       // rows that contradict each other: 0, or a balance may be wrong
	LookedAt       time.Time // when they were last looked for

	Mail MailState

	QuotaLow bool // few more webhooks are stored that belong to nobody
}

// Instance is a process of the program.
type Instance struct {
	Name      string
	Version   string
	StartedAt time.Time
	SeenAt    time.Time
	Away      bool      // it has said nothing for too long
	LeadsFrom time.Time // since when it does the background work; zero: it does not
}

// someLeads says whether one of the instances does the background work.
func someLeads(all []Instance) bool {
	return slices.ContainsFunc(all, func(i Instance) bool { return !i.LeadsFrom.IsZero() })
}

// Database is where everything is kept, in bytes.
type Database struct {
	File            string // empty: in PostgreSQL, of which only the size is known
	Size, Log, Free int64
}

// Backup is the last copy that was made. A zero At: none is known of.
type Backup struct {
	At   time.Time
	File string
	Size int64
	URL  string // POST: makes one now; empty: not by this viewer, or not here

	Command string // by which the viewer has one made where no button does; empty: not by this viewer

	Unreadable bool // there is a note of it that cannot be read

	// FailedAt is when a later one failed that somebody asked for here, and Why; zero: none did.
	FailedAt time.Time
	Why      string
}

// MailState is how it goes with e-mail.
type MailState struct {
	Server   string // host and port; empty: none is sent
	From     string // the sender's address
	SentAt   time.Time
	FailedAt time.Time
	Failing  bool   // now
	Why      string // it failed, in a word
	Waiting  int
	TestURL  string // POST: sends the viewer a test; empty: not this viewer
}

// mailLabel says whether e-mail is sent.
func mailLabel(ctx context.Context, m MailState) label {
	switch {
	case m.Failing:
		return label{say(ctx, "not sent"), bad}
	case m.SentAt.IsZero():
		return label{say(ctx, "not tried yet"), quiet}
	}
	return label{say(ctx, "sent"), good}
}

// mailFailure is why e-mail is not sent, and what to do.
func mailFailure(ctx context.Context, word string) string {
	switch word {
	case "insecure":
		return say(ctx, "The server offers no TLS, or its certificate is not right: nothing was told to it.")
	case "login":
		return say(ctx, "The server does not take the user and password of SMTP_URL.")
	case "refused":
		return say(ctx, "The server does not take our e-mail. Look whether it lets MAIL_FROM send.")
	case "recipient":
		return say(ctx, "The server did not take an e-mail because of its recipient's address.")
	}
	return say(ctx, "The server does not answer, or the connection broke. It is tried again every ten minutes at least.")
}

// WaitingCount is how many things of a kind wait.
type WaitingCount struct {
	What   string
	Number int
}

// Kept says how long something is kept.
type Kept struct {
	What    string
	Days    int // 0: for ever
	Removed int // in the last 30 days
	Stuck   int // so many could not be removed when that was tried last
}

// Setting is one setting. A secret's value is not here.
type Setting struct {
	Name, Value string
	Secret, Set bool
	Length      time.Duration // of one that is a length of time
	Changed     bool          // somebody has set it to something else than it is without
}

// changedSettings are those that are, or those that are not, what they are without anybody
// setting them.
func changedSettings(all []Setting, changed bool) (some []Setting) {
	for _, s := range all {
		if s.Changed == changed {
			some = append(some, s)
		}
	}
	return some
}

// lengthWords is a length of time in the largest unit that it is whole in.
func lengthWords(ctx context.Context, d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d%day == 0:
		return say(ctx, "%d days", int(d/day))
	case d%time.Hour == 0:
		return say(ctx, "%d hours", int(d/time.Hour))
	case d%time.Minute == 0:
		return say(ctx, "%d minutes", int(d/time.Minute))
	}
	return say(ctx, "%d seconds", int(d/time.Second))
}

// settingWords is a setting's value, or that it is set.
func settingWords(ctx context.Context, s Setting) string {
	switch {
	case s.Secret && s.Set:
		return say(ctx, "set")
	case s.Value == "":
		return say(ctx, "not set")
	case s.Length > 0:
		return lengthWords(ctx, s.Length)
	}
	return s.Value
}

// someStuck says whether something is kept for longer than it should be.
func someStuck(rows []Kept) bool {
	return slices.ContainsFunc(rows, func(k Kept) bool { return k.Stuck > 0 })
}

func keptWords(ctx context.Context, k Kept) string {
	if k.Days == 0 {
		return say(ctx, "for ever")
	}
	return say(ctx, "%d days", k.Days)
}

// bytesWords is a size as people say it.
func bytesWords(ctx context.Context, n int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	size, unit := float64(n)/1000, 0
	for size >= 1000 && unit < len(units)-1 {
		size, unit = size/1000, unit+1
	}
	number := strings.Replace(strconv.FormatFloat(size, 'f', 1, 64), ".", locale.Of(ctx).Point(), 1)
	return number + " " + units[unit]
}
