package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/mailbox"
	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// withMail is a site that sends e-mail, and where that arrives.
func withMail(t *testing.T, set ...string) (*site.Site, *mailbox.Server) {
	t.Helper()
	box := new(mailbox.Server).Start(t)
	return site.New(t, append(set, "SMTP_URL=smtp://"+box.Addr(), "MAIL_FROM=alerts@lender.example")...), box
}

// arrives waits for the next e-mail to somebody.
func arrives(s *site.Site, box *mailbox.Server, to string, nth int) (m mailbox.Message) {
	s.T.Helper()
	s.Eventually("e-mail to "+to, func() bool {
		all := slices.DeleteFunc(box.Messages(), func(m mailbox.Message) bool { return m.To != to })
		if len(all) >= nth {
			m = all[nth-1]
		}
		return len(all) >= nth
	})
	return m
}

// noneWaits waits until it is noted of every e-mail how it went.
func noneWaits(s *site.Site) {
	s.T.Helper()
	s.Eventually("nothing waits", func() bool { return s.Count(`SELECT COUNT(*) FROM mails WHERE state = 'waiting'`) == 0 })
}

// amountOrNumber is what no e-mail may have: digits as of an amount or of an account.
var amountOrNumber = regexp.MustCompile(`\d[\d,]*\.\d\d\b|\d{4,}|₦`)

func TestWhoeverHasToActIsToldByEMailOnce(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	staff.Get("/profile").WantText("main", "A bank wants a customer to sign in again")
	staff.Post("/profile/mail", url.Values{"mail": {"needs_login", "linked"}}).WantText("main", "Your choice of e-mail is kept.")
	if p := staff.Get("/profile"); p.Find("input[name=mail]:checked").Length() != 2 {
		t.Error("the page does not show what was chosen")
	}
	id := staff.CustomerWith(s.Holder("Dayo123"), "dayo@example.com", "LN-1")
	s.Connects(staff, id, "Dayo123")
	s.HeardAll()
	if m := arrives(s, box, site.StaffEmail, 1); m.Subject != "[Simulated] Dayo Ogunleye has linked First Bank of Nigeria" {
		t.Errorf("subject %q", m.Subject)
	}
	a := s.Accounts(id)["3044556672"]
	if r := s.Ended(staff, a); r.State != store.RefreshNeedsLogin {
		t.Fatalf("the refresh ended %s", r.State)
	}
	m := arrives(s, box, site.StaffEmail, 2)
	if m.Subject != "[Simulated] Dayo Ogunleye has to sign in to First Bank of Nigeria again" || strings.Contains(m.Body, "/connect/") {
		t.Errorf("%q: %s", m.Subject, m.Body)
	}
	if !strings.Contains(m.Body, s.URL+"/customers/"+id) {
		t.Errorf("the body lacks where to go on: %s", m.Body)
	}
	m = arrives(s, box, "dayo@example.com", 1)
	link := site.PersonalLink.FindString(m.Body)
	s.Browser().Get(link).WantText("h1", "First Bank of Nigeria needs you to sign in again")
	noneWaits(s) // what has arrived is noted a moment later
	staff.Get("/customers/"+id).WantText("#links-made", "Sent")
	sent := s.Acts(store.AuditQuery{Action: store.ActLinkSent, Customer: id})
	if len(sent) != 1 || sent[0].Actor != store.Program || sent[0].Detail != "e-mail" {
		t.Errorf("the log has %+v", sent)
	}
	s.Advance(2 * time.Minute)
	s.Ended(staff, a)
	s.Restart()
	s.Advance(2 * time.Minute)
	noneWaits(s)
	if all := box.Messages(); len(all) != 3 {
		t.Errorf("%d messages, want each once", len(all))
	}
	for _, m := range box.Messages() {
		if found := amountOrNumber.FindString(strings.NewReplacer(link, "", id, "", s.URL, "").Replace(m.Subject + m.Body)); found != "" {
			t.Errorf("an e-mail has %q: %s", found, m.Body)
		}
	}
}

func TestOnlyStaffAreToldWhereCustomersAreNotToBe(t *testing.T) {
	s, box := withMail(t, "MAIL_CUSTOMERS=off")
	staff := s.SignedIn()
	staff.Post("/profile/mail", url.Values{"mail": {"needs_login"}}).WantStatus(http.StatusOK)
	id := staff.CustomerWith(s.Holder("Dayo123"), "dayo@example.com", "LN-1")
	s.Connects(staff, id, "Dayo123")
	s.HeardAll()
	s.Ended(staff, s.Accounts(id)["3044556672"])
	arrives(s, box, site.StaffEmail, 1)
	noneWaits(s)
	if all := box.Messages(); len(all) != 1 {
		t.Errorf("messages %+v", all)
	}
	if n := s.Acted(store.ActLinkSent); n != 0 {
		t.Errorf("%d links are said to have been sent", n)
	}
}

func TestOwnersSendThemselvesATest(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	staff.Get("/status").WantText("#mail ~ dl", "not tried yet")
	staff.Post("/status/mail", nil).WantText("main", "The server has taken the test e-mail. Look whether it arrives at "+site.StaffEmail)
	if all := box.Messages(); len(all) != 1 || all[0].To != site.StaffEmail || all[0].Subject != "[Simulated] Test of the e-mail of Lender Ltd" {
		t.Errorf("messages %+v", all)
	}
	if s.Acted(store.ActMailTested) != 1 {
		t.Error("the log does not have the test")
	}
	box.Refuse("550 no such user")
	staff.Post("/status/mail", nil).WantText("main", "because of its recipient's address")
	box.Stop()
	staff.Post("/status/mail", nil).WantText("main", "The server does not answer, or the connection broke.")
	if text := metricsOf(s); !strings.Contains(text, "balancelink_mail_ok 0") || !strings.Contains(text, `balancelink_queue{what="mail"} 0`) {
		t.Error("the metrics do not say that e-mail fails")
	}
	if p := s.SignedInAs(store.RoleAuditor).Get("/status"); p.Find("form[action='/status/mail']").Length() != 0 {
		t.Error("an auditor is offered a test")
	}
}

func TestWhatWaitsForAServerIsSentWhenItIsBack(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	staff.Post("/profile/mail", url.Values{"mail": {"linked"}}).WantStatus(http.StatusOK)
	box.Stop()
	s.Link(staff, "Amina Bello", "Amina456")
	s.Eventually("the server was tried", func() bool { return s.Count(`SELECT COUNT(*) FROM mail_server WHERE error = 'unreachable'`) == 1 })
	new(mailbox.Server).Start(t, box.Addr())
	s.Advance(time.Minute)
	s.Eventually("it is sent", func() bool { return s.Count(`SELECT COUNT(*) FROM mails WHERE state = 'sent'`) == 1 })
}

func TestNobodyIsToldWhatTheirRoleMayNotRead(t *testing.T) {
	s, box := withMail(t)
	staff, viewer := s.SignedIn(), s.SignedInAs(store.RoleViewer)
	if viewer.Get("/profile").Find("input[value=needs_review], input[value=audit_broken]").Length() != 0 {
		t.Error("a viewer is offered what they may not read")
	}
	viewer.Post("/profile/mail", url.Values{"mail": {"audit_broken"}}).WantStatus(http.StatusBadRequest)
	viewer.Post("/profile/mail", url.Values{"mail": {"linked"}}).WantStatus(http.StatusOK)
	s.Exec(`UPDATE staff SET told = 'linked needs_review' WHERE role = 'viewer'`)
	staff.Post("/profile/mail", url.Values{"mail": {"needs_review"}}).WantStatus(http.StatusOK)
	s.Doubtful(staff, "Somebody Else", "Amina456")
	arrives(s, box, site.StaffEmail, 1)
	noneWaits(s)
	if all := box.Messages(); len(all) != 1 || !strings.Contains(all[0].Body, s.URL+"/reviews") {
		t.Errorf("messages %+v", all)
	}
}

func TestStaffAreToldOfWhatStandsOnce(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	staff.Post("/profile/mail", url.Values{"mail": {"backup_old", "audit_broken", "provider_paused"}}).WantStatus(http.StatusOK)
	staff.Get("/audit").WantStatus(http.StatusOK)
	s.LookOut()
	s.Advance(49 * time.Hour)
	s.LookOut()
	s.LookOut()
	if m := arrives(s, box, site.StaffEmail, 1); m.Subject != "[Simulated] There is no backup of the last two days" {
		t.Errorf("subject %q", m.Subject)
	}
	staff = s.SignedIn()
	staff.Post("/status/backup", nil).WantStatus(http.StatusOK)
	s.Exec(`UPDATE audit SET detail = 'forged' WHERE seq = 1`)
	staff.Get("/audit").WantStatus(http.StatusOK)
	s.LookOut()
	s.LookOut()
	if m := arrives(s, box, site.StaffEmail, 2); m.Subject != "[Simulated] The audit log is broken: somebody changed the database by hand" {
		t.Errorf("subject %q", m.Subject)
	}
	if n := len(box.Messages()); n != 2 {
		t.Errorf("%d messages", n)
	}
}

func TestStaffAreToldThatThereIsNoBackupHoweverOftenTheProgramIsStarted(t *testing.T) {
	s, box := withMail(t)
	staff := s.SignedIn()
	staff.Post("/profile/mail", url.Values{"mail": {"backup_old"}}).WantStatus(http.StatusOK)
	for range 5 {
		s.Advance(20 * time.Hour)
		s.Restart()
		s.LookOut()
	}
	if m := arrives(s, box, site.StaffEmail, 1); m.Subject != "[Simulated] There is no backup of the last two days" {
		t.Errorf("subject %q", m.Subject)
	}
}

func TestWithoutAServerPagesSaySo(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.Get("/profile").WantText("main", "Nobody is told anything by e-mail")
	staff.Get("/status").WantText("main", "Nobody is told anything by e-mail")
	staff.Post("/status/mail", nil).WantText("h1", "E-mail is not set up")
}
