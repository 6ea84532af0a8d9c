package handlers_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/storetest"
)

func TestTheStatusPageTellsOfTheSettingsAndOfNoSecret(t *testing.T) {
	s := site.New(t, "OKRA_WEBHOOK_TOKEN_OLD=token-before-this-one")
	p := s.SignedIn().Get("/status")
	p.WantStatus(http.StatusOK)
	text := p.TextOf("main")
	for _, want := range []string{"Lender Ltd", "RETAIN_BALANCES", "OKRA_SECRET_KEY", "none yet", "730 days", filepath.Base(s.Database)} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, v := range s.Settings.Values() {
		if !strings.Contains(text, v.Name) {
			t.Errorf("%s is not on the page", v.Name)
		}
	}
	html, err := p.Html()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []provider.Secret{s.Settings.SessionKey, s.Settings.AdminPassword, s.Settings.OkraSecretKey, s.Settings.OkraWebhookToken, s.Settings.OkraWebhookTokenOld} {
		if strings.Contains(html, secret.Reveal()) {
			t.Error("a secret is on the page")
		}
	}
}

func TestTheStatusPageCountsWhatWasRemoved(t *testing.T) {
	s := site.New(t)
	s.Hook(`{"method":"SOMETHING"}`, nil)
	s.Eventually("it is ignored", func() bool { return s.Events()[0].Result == store.EventIgnored })
	runs(s, 33, store.Retention{Payloads: 30})
	p := s.SignedIn().Get("/status")
	p.WantText("section[aria-labelledby=kept] tbody tr:first-child td:last-child", "1")
	s.Advance(32 * day)
	p = s.SignedIn().Get("/status")
	p.WantText("section[aria-labelledby=kept] tbody tr:first-child td:last-child", "0")
}

func TestWhatCannotBeRemovedIsSaidOnTheStatusPageAndByAMetric(t *testing.T) {
	s := site.New(t)
	id, _ := s.Link(s.SignedIn(), "Amina Bello", "Amina456")
	s.Said(s.Accounts(id)["2230011442"], 10*day, 5, store.Minor(4))
	if got := metric(parsed(s), "balancelink_retention_stuck", map[string]string{}); got != 0 {
		t.Errorf("at first there are %v", got)
	}
	s.Exec(`CREATE TABLE holds (id TEXT REFERENCES balances (id))`)
	s.Exec(`INSERT INTO holds SELECT id FROM balances`)
	for range 36 {
		s.Advance(day)
		if err := s.Store.CountDay(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, _ = s.Store.Purge(t.Context(), store.Retention{Balances: 32}) // which fails in the end
	}
	p := s.SignedIn().Get("/status")
	p.WantText("section[aria-labelledby=kept] .notice", "Some of it cannot be removed")
	p.WantText("section[aria-labelledby=kept] tbody", "1 cannot be removed")
	if got := metric(parsed(s), "balancelink_retention_stuck", map[string]string{}); got != 1 {
		t.Errorf("in the end there are %v", got)
	}
}

func TestBackUpNowKeepsTheLastSevenCopiesAndSaysSo(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	var newest string
	for range 9 {
		s.Advance(time.Second)
		staff.Post("/status/backup", nil).WantStatus(http.StatusOK)
		last, err := s.Store.LastBackup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		newest = last.File
	}
	files, err := os.ReadDir(filepath.Dir(newest))
	if err != nil || len(files) != 2*7 || files[len(files)-2].Name() != filepath.Base(newest) {
		t.Errorf("the folder has %v, %v; want seven copies with their sums, and the last of them %s", files, err, newest)
	}
	p := staff.Get("/status")
	p.WantText("section[aria-labelledby=database]", filepath.Base(newest))
	if acts := s.Acts(store.AuditQuery{Action: store.ActBackedUp}); len(acts) != 9 || !strings.Contains(acts[0].Detail, filepath.Base(newest)) {
		t.Errorf("%d acts, the last %+v", len(acts), acts[0])
	}
}

func TestTheStatusPageTellsOfTheLastBackupThatACommandMadeOfPostgreSQL(t *testing.T) {
	if !storetest.OnPostgres() {
		t.Skip("only on PostgreSQL: TEST_DATABASE=postgres")
	}
	s := site.New(t)
	staff := s.SignedIn()
	const database = "section[aria-labelledby=database]"
	p := staff.Get("/status")
	p.WantText(database, "none that this page knows of")
	p.WantText(database, "balancelink backup FILE")
	if p.Find(database+" form").Length() > 0 {
		t.Error("there is a button")
	}
	file := filepath.Join(t.TempDir(), "copy.dump")
	dump := store.Dump{URL: storetest.URL(t, s.Database), Keys: storetest.Keys(t, 'k')}
	if _, err := dump.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	p = staff.Get("/status")
	p.WantText(database, file)
	p.WantText(database, "balancelink backup FILE")
}

func TestThereIsOneBackupAtATime(t *testing.T) {
	s := site.New(t)
	staff, colleague := s.SignedIn(), s.SignedIn()
	copied := filepath.Join(filepath.Dir(s.Database), "backups", "*.db")
	holder := s.Beside() // so that the first can be made and not be written down
	hold := func(statement string) {
		if _, err := holder.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	hold("BEGIN IMMEDIATE")
	first := make(chan int)
	go func() { first <- staff.Post("/status/backup", nil).Status }()
	made := func() []string { files, _ := filepath.Glob(copied); return files }
	s.Eventually("the first copy lies there", func() bool { return len(made()) == 1 })
	p := colleague.Post("/status/backup", nil)
	p.WantStatus(http.StatusConflict)
	p.WantText("main", "A backup is being made already.")
	hold("COMMIT")
	if code := sitetest.Receive(t, first, "the first backup"); code != http.StatusOK {
		t.Errorf("the first backup: %d", code)
	}
	colleague.Post("/status/backup", nil).WantStatus(http.StatusOK)
	if files := made(); len(files) != 2 {
		t.Errorf("there lie %v", files)
	}
}

func TestABackupThatFailsSaysSoOnTheStatusPageToWhoeverCanMakeOne(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	backups := filepath.Join(filepath.Dir(s.Database), "backups")
	if err := os.WriteFile(backups, nil, 0o600); err != nil { // where the folder should be
		t.Fatal(err)
	}
	staff.Post("/status/backup", nil).WantStatus(http.StatusOK)
	const database = "section[aria-labelledby=database]"
	p := staff.Get("/status")
	p.WantText(database, "A backup failed")
	p.WantText(database+" code", "not a directory")
	if err := os.Remove(backups); err != nil {
		t.Fatal(err)
	}
	if p = staff.Post("/status/backup", nil); p.Find(database+" .notice-bad").Length() > 0 {
		t.Error("it says so of the one before, after one that was made")
	}
}

func TestTheStatusIsShownWhenTheNoteOfTheLastBackupCannotBeRead(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	note := s.Database + ".backup"
	for name, spoil := range map[string]func() error{
		"empty":    func() error { return os.WriteFile(note, nil, 0o600) },
		"cut off":  func() error { return os.WriteFile(note, []byte(`{"file":"x`), 0o600) },
		"a folder": func() error { return os.Mkdir(note, 0o700) },
	} {
		if err := errors.Join(os.RemoveAll(note), spoil()); err != nil {
			t.Fatal(err)
		}
		p := staff.Get("/status")
		p.WantStatus(http.StatusOK)
		if text := p.Find("section[aria-labelledby=database]").Text(); !strings.Contains(text, "cannot be read") {
			t.Errorf("%s: the page says %q", name, text)
		}
	}
}

func TestTheStatusPageTellsWhichInstancesThereAreAndWhichOneLeads(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	beat := func(i store.Instance) {
		t.Helper()
		if _, err := s.Store.Beat(t.Context(), i, store.LeaseLeader); err != nil {
			t.Fatal(err)
		}
	}
	first := s.Store.NewInstance("v1.4.0")
	beat(first)
	p := staff.Get("/status")
	p.WantText("section[aria-labelledby=program]", "one, which has done the background work since")
	second := s.Store.NewInstance("v1.4.1")
	beat(second)
	p = staff.Get("/status")
	p.WantText("table[aria-labelledby=instances] tbody tr:first-child", "v1.4.0")
	p.WantText("table[aria-labelledby=instances] tbody tr:first-child td:last-child", "since")
	p.WantText("table[aria-labelledby=instances] tbody tr:last-child", "v1.4.1")
	p.WantText("table[aria-labelledby=instances] tbody tr:last-child td:last-child", "done by another")
	s.Advance(store.LeaseFor + time.Second)
	p = staff.Get("/status")
	p.WantText("section[aria-labelledby=program]", "No instance does the background work now")
	p.WantText("table[aria-labelledby=instances] tbody tr:first-child", "silent")
}
