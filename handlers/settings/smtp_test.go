package settings_test

import (
	"fmt"
	"strings"
	"testing"

	"balancelink/handlers/settings"
)

func TestTheServerOfEMailIsTakenAsItIsMeantOrRefusedWithoutItsPassword(t *testing.T) {
	for given, want := range map[string]settings.MailServer{
		"smtp://mail.example":                                {Host: "mail.example", Port: 587},
		"smtps://mail.example":                               {Host: "mail.example", Port: 465, Wrapped: true},
		"smtp://me%40mail.example:s3cr%3At@MAIL.example:25/": {Host: "mail.example", Port: 25, User: "me@mail.example", Password: "s3cr:t"},
		"smtp://127.0.0.1:1025":                              {Host: "127.0.0.1", Port: 1025, Bare: true},
		"smtp://localhost:25":                                {Host: "localhost", Port: 25, Bare: true},
		"smtps://[::1]:465":                                  {Host: "::1", Port: 465, Wrapped: true},
		"smtp://192.0.2.1":                                   {Host: "192.0.2.1", Port: 587},
		"mail.example:25":                                    {},
		"https://me:s3cret@mail.example":                     {},
		"smtp://me:s3cret@mail.example/path":                 {},
		"smtp://me:s3cret@mail.example?insecure=true":        {},
		"smtp://me:s3cret#@mail.example":                     {},
		"smtp://me:s3cret%zz@mail.example":                   {},
		"smtp://me:s3cret@mail.example:mail":                 {},
		"smtp://me:s3cret@mail.example:0":                    {},
		"smtp://me:s3cret@":                                  {},
		"smtp://me:s3cret@mail_.example":                     {},
		"smtp://me@mail.example":                             {},
		"smtp://:s3cret@mail.example":                        {},
	} {
		s, err := load(t, append(real, "SMTP_URL="+given, "MAIL_FROM=alerts@lender.example"))
		if want.Host == "" {
			wantSentence(t, given, err, "SMTP_URL")
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: the error prints it: %v", given, err)
			}
		} else if err != nil || s.Mail != want || !s.Mails() {
			t.Errorf("%q: %v, %v", given, s.Mail, err)
		}
		if said := fmt.Sprintf("%+v", s) + s.Summary(); strings.Contains(said, "s3cr:t") || strings.Contains(said, "s3cr%3A") {
			t.Errorf("settings that are printed hold the password: %s", said)
		}
	}
}

func TestEMailNeedsAServerAndASender(t *testing.T) {
	const server = "SMTP_URL=smtp://mail.example"
	for _, tt := range []struct{ server, from, names string }{
		{"", "", ""},
		{server, "alerts@lender.example", ""},
		{server, "", "MAIL_FROM is missing"},
		{"", "alerts@lender.example", "MAIL_FROM is given"},
		{server, "alerts", "MAIL_FROM"},
		{server, "a@lender.example, b@lender.example", "MAIL_FROM"},
		{server, "Alerts <alerts@lender.example>\nBcc: x@y.example", "MAIL_FROM"},
	} {
		_, err := load(t, append(real, tt.server, "MAIL_FROM="+tt.from))
		wantSentence(t, tt.server+" "+tt.from, err, tt.names)
	}
	for from, want := range map[string]string{"alerts@lender.example": "Lender Ltd", "Alerts <alerts@lender.example>": "Alerts"} {
		s, err := load(t, append(real, server, "MAIL_FROM="+from))
		if err != nil || s.Sender.Name != want || s.Sender.Address != "alerts@lender.example" {
			t.Errorf("%s: from %+v, %v", from, s.Sender, err)
		}
	}
}
