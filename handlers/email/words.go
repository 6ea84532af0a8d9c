package email

import (
	"cmp"
	"context"

	"balancelink/handlers/settings"
	"balancelink/handlers/worker"
	"balancelink/store"
	"balancelink/store/phone"
	"balancelink/views"
	"balancelink/views/locale"
)

// words are what a letter says: to a customer in their language, to staff in that of the
// installation.
func (o *Office) words(l store.Letter, link worker.MailLink) (subject, body string) {
	language := o.Settings.Language
	if l.ToCustomer() {
		language = locale.Letter(l.Language, language)
	}
	ctx := locale.In(context.Background(), language)
	first, chosen := l.Mails[0], o.Settings.PublicURL+"/profile"
	switch {
	case first.Kind == store.MailCode:
		subject, body = views.CodeMail(ctx, o.Settings.BusinessName, link.Code, o.clock().Short(ctx, link.Until))
	case l.ToCustomer():
		subject = views.AgainMailSubject(ctx, o.Settings.BusinessName, first.Bank)
		body = Again(ctx, o.Settings, o.clock(), first.Customer, first.Bank, link) + "\n"
	case l.Digest():
		all := make([]views.MailAbout, len(l.Mails))
		for i, m := range l.Mails {
			all[i] = o.about(m)
		}
		subject, body = views.StaffDigest(ctx, o.clock(), all, o.Settings.PublicURL+"/today", chosen)
	default:
		subject, body = views.StaffMail(ctx, o.about(first), chosen)
	}
	return views.MailSubjectOf(ctx, o.Settings.Env, subject), body
}

// Again is what a customer is sent with a personal link to sign in to a bank again.
func Again(
	ctx context.Context, set settings.Settings, clock views.Clock, customer, bank string, link worker.MailLink,
) string {
	return settings.LinkMessage{
		Customer: customer, Business: set.BusinessName, Phone: phone.Written(set.BusinessPhone),
		Until: clock.Short(ctx, link.Until), Link: link.URL,
	}.In(views.AgainMessage(ctx, bank, set.BusinessPhone != ""))
}

func (o *Office) clock() views.Clock { return views.Clock{Now: o.now(), Zone: o.Settings.Location} }

// about is what an e-mail is about, with where more is to be read.
func (o *Office) about(m store.Mail) views.MailAbout {
	to := map[store.MailKind]string{
		store.MailReview: "/reviews", store.MailPaused: "/", store.MailBackupOld: "/status",
		store.MailAuditBroken: "/audit",
	}[m.Kind]
	return views.MailAbout{
		Kind: string(m.Kind), Customer: m.Customer, Bank: m.Bank, Provider: m.Subject, At: m.At,
		URL: o.Settings.PublicURL + cmp.Or(to, "/customers/"+m.CustomerID),
	}
}
