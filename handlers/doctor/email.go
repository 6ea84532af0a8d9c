package doctor

import (
	"context"
	"errors"

	"balancelink/handlers/email"
	"balancelink/handlers/worker"
)

// email looks whether the server that takes e-mail can be used. It sends nothing.
func (d *Doctor) email(ctx context.Context) []finding {
	if !d.Settings.Mails() {
		return []finding{noted("e-mail", "SMTP_URL is not set: nobody is told anything by e-mail")}
	}
	server := d.Settings.Mail.Address()
	err := (&email.Office{Settings: d.Settings, Now: d.Now, Roots: d.Roots}).Probe(ctx)
	if err == nil {
		return []finding{fine("e-mail", "%s takes e-mail", server)}
	}
	do := "is SMTP_URL right, and may this machine connect to it?"
	if not := (*worker.MailError)(nil); errors.As(err, &not) {
		switch err = not.Err; not.Word {
		case worker.MailInsecure:
			do = "have it offer TLS with a certificate of its name, or correct SMTP_URL; nothing was told to it"
		case worker.MailNoLogin:
			do = "correct user and password in SMTP_URL"
		}
	}
	return []finding{bad("e-mail", "%s cannot be used: %s (%v)", server, do, err)}
}
