package views

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// MailAbout is what an e-mail to staff is about.
type MailAbout struct {
	Kind     string // a store.MailKind
	Customer string // their name
	Bank     string
	Provider string
	At       time.Time
	URL      string // where more is to be read
}

// mailChoices are what staff choose among, in words, by kind.
func mailChoices(ctx context.Context) map[string]string {
	return map[string]string{
		"linked":          say(ctx, "A customer has linked a bank"),
		"needs_login":     say(ctx, "A bank wants a customer to sign in again"),
		"fell_below":      say(ctx, "An account falls below its threshold"),
		"needs_review":    say(ctx, "A link waits to be reviewed"),
		"withdrawn":       say(ctx, "A consent was withdrawn"),
		"consent_ending":  say(ctx, "A consent ends soon"),
		"provider_paused": say(ctx, "The calls to a provider are paused"),
		"backup_old":      say(ctx, "There is no backup of the last two days"),
		"audit_broken":    say(ctx, "The audit log is broken"),
	}
}

// sentence is what happened. It has neither amounts nor numbers.
func (m MailAbout) sentence(ctx context.Context) string {
	switch m.Kind {
	case "linked":
		return say(ctx, "%s has linked %s.", m.Customer, m.Bank)
	case "needs_login":
		return say(ctx, "%s has to sign in to %s again.", m.Customer, m.Bank)
	case "fell_below":
		return say(ctx, "An account of %s at %s has fallen below its threshold.", m.Customer, m.Bank)
	case "needs_review":
		return say(ctx, "A link of %s waits to be reviewed.", m.Customer)
	case "withdrawn":
		return say(ctx, "The consent of %s was withdrawn.", m.Customer)
	case "consent_ending":
		return say(ctx, "The consent of %s ends soon.", m.Customer)
	case "provider_paused":
		return say(ctx, "The calls to %s are paused: no balance can be refreshed.", m.Provider)
	case "backup_old":
		return say(ctx, "There is no backup of the last two days.")
	}
	return say(ctx, "The audit log is broken: somebody changed the database by hand.")
}

// StaffMail is an e-mail to a member of staff about one thing; chosen is where they choose
// what they are told.
func StaffMail(ctx context.Context, m MailAbout, chosen string) (subject, body string) {
	sentence := m.sentence(ctx)
	return strings.TrimSuffix(sentence, "."), fmt.Sprintf("%s\n%s\n\n%s", sentence, m.URL, whyTold(ctx, chosen))
}

// mailLines is how many things one e-mail tells one by one.
const mailLines = 100

// StaffDigest is an e-mail to a member of staff about several things.
func StaffDigest(ctx context.Context, clock Clock, all []MailAbout, more, chosen string) (subject, body string) {
	var b strings.Builder
	for _, m := range all[:min(len(all), mailLines)] {
		fmt.Fprintf(&b, "%s  %s\n%s\n\n", clock.Short(ctx, m.At), m.sentence(ctx), m.URL)
	}
	if rest := len(all) - mailLines; rest > 0 {
		fmt.Fprintf(&b, "%s\n%s\n\n", say(ctx, "There are %d more.", rest), more)
	}
	return say(ctx, "%d messages", len(all)), b.String() + whyTold(ctx, chosen)
}

func whyTold(ctx context.Context, chosen string) string {
	return say(ctx, "You chose to be told this by e-mail, and change that here:") + "\n" + chosen + "\n"
}

// TestMail is an e-mail that shows that e-mail arrives.
func TestMail(ctx context.Context, business, status string) (subject, body string) {
	return say(ctx, "Test of the e-mail of %s", business),
		say(ctx, "This is a test. E-mail from this installation arrives.") + "\n" + status + "\n"
}

// AgainMailSubject is the subject of an e-mail to a customer that holds an [AgainMessage].
func AgainMailSubject(ctx context.Context, business, bank string) string {
	return say(ctx, "%s asks you to sign in to %s again", business, bank)
}

// CodeMail is an e-mail to a customer who asked for a code to sign in with.
func CodeMail(ctx context.Context, business, code, until string) (subject, body string) {
	words := say(
		ctx, "Your code is %s. It works once, until %s. Type it on the page on which you asked for it, and tell it to nobody: %s never asks you for it.",
		code, until, business,
	)
	nothing := say(ctx, "You did not ask for it? Then do nothing: without the code nobody gets in.")
	return say(ctx, "Your code to sign in at %s", business), words + "\n\n" + nothing + "\n"
}

// MailSubjectOf marks the subject of an e-mail of an environment in which nothing is real.
func MailSubjectOf(ctx context.Context, env, subject string) string {
	if env == "production" {
		return subject
	}
	return "[" + envLabel(ctx, env).Text + "] " + subject
}
