package doctor_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/doctor"
	"balancelink/handlers/providers"
	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/fault"
	"balancelink/handlers/sitetest/mailbox"
	"balancelink/handlers/sitetest/site"
	"balancelink/okra/okrasim"
	"balancelink/store"
	"balancelink/store/storetest"
)

// looks is what a doctor says, and the exit status.
func looks(t *testing.T, d doctor.Doctor) (status int, said string) {
	t.Helper()
	var err error
	if d.Probes, err = providers.Probes(d.Settings); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	status = d.Look(t.Context(), &out)
	return status, out.String()
}

// says looks for a line of that level and subject that holds some words.
func says(t *testing.T, said, level, about, words string) {
	t.Helper()
	for line := range strings.Lines(said) {
		f := strings.Fields(line)
		if f[0] == level && f[1] == about && strings.Contains(line, words) {
			return
		}
	}
	t.Errorf("no line says %s %s …%s…:\n%s", level, about, words, said)
}

// real are settings of an installation that is none of the simulation, whose provider is
// at an address of this machine.
func real(t *testing.T, api string, more ...string) settings.Settings {
	t.Helper()
	set, err := settings.Load(nil, append([]string{
		"ENV=sandbox", "PUBLIC_URL=http://" + sitetest.Addr(t), "BUSINESS_NAME=Adire Savings", "OKRA_API_URL=" + api + "/v2/",
		"OKRA_WIDGET_URL=" + api, "OKRA_PUBLIC_KEY=5f1a2b3c-public", "OKRA_CLIENT_TOKEN=5f00000000000000000000ab",
		"OKRA_SECRET_KEY=b7c9d1e3f5a2468097531357", "OKRA_WEBHOOK_TOKEN=q8w7e6r5t4y3u2i1o0p9", "SESSION_KEY=Zk3vQ9sT1xW7bN5mL2jH8gF4dS6aP0oI",
		"DATA_KEY=1f2e3d4c5b6a798897a6b5c4d3e2f10f1f2e3d4c5b6a798897a6b5c4d3e2f10f", "TRUSTED_PROXIES=127.0.0.1",
		"DATABASE_URL=sqlite:" + filepath.Join(storetest.Folder(t), "test.db"),
	}, more...), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestBesideAServerThatIsWellTheDoctorFindsNothingToDo(t *testing.T) {
	s := site.New(t)
	s.Eventually("it is ready", func() bool { return s.Browser().Get("/readyz").Status == http.StatusOK })
	status, said := looks(t, doctor.Doctor{Settings: s.Settings})
	if status != 0 {
		t.Errorf("status %d", status)
	}
	for _, about := range []string{"settings", "database", "disk", "public", "clock", "okra", "mono"} {
		says(t, said, "ok", about, "")
	}
	for _, secret := range []string{s.Settings.OkraSecretKey.Reveal(), s.Settings.DataKey.Reveal(), s.Settings.SessionKey.Reveal()} {
		if strings.Contains(said, secret) {
			t.Error("it says a secret")
		}
	}
}

func TestASettingThatStopsAStartIsNamedWithTheSameStatus(t *testing.T) {
	var out bytes.Buffer
	if status := doctor.Run(t.Context(), nil, []string{"ENV=production"}, &out, &bytes.Buffer{}); status != 78 {
		t.Errorf("status %d", status)
	}
	says(t, out.String(), "wrong", "settings", "missing")
	if status := doctor.Run(t.Context(), []string{"--help"}, nil, &out, &bytes.Buffer{}); status != 0 || !strings.Contains(out.String(), "Usage: balancelink doctor") {
		t.Errorf("asked for help: status %d, %s", status, out.String())
	}
}

func TestTheDoctorTellsWhoAnswersForAProvider(t *testing.T) {
	s := site.New(t)
	api := strings.TrimSuffix(s.Settings.OkraAPIURL, "/v2/")
	status, said := looks(t, doctor.Doctor{Settings: real(t, "http://"+sitetest.Addr(t))})
	says(t, said, "wrong", "okra", "nobody answers")
	if status != 1 {
		t.Errorf("without a provider the status is %d", status)
	}
	for name, c := range map[string]struct {
		fault okrasim.Fault
		words string
	}{
		"leads away":     {okrasim.Answers("leads away", http.StatusFound, "", "Location", "http://127.0.0.1:9/"), "cannot be trusted"},
		"is a web page":  {okrasim.Answers("a page", http.StatusOK, "<!DOCTYPE html><title>Parked</title>", "Content-Type", "text/html"), "cannot be trusted"},
		"fails":          {okrasim.Answers("fails", http.StatusBadGateway, ""), "nobody answers"},
		"nothing at all": {okrasim.Fault{}, ""},
	} {
		s.Faulty.SetAll(c.fault)
		status, said = looks(t, doctor.Doctor{Settings: real(t, api)})
		if c.words == "" {
			says(t, said, "ok", "okra", "")
			continue
		}
		if says(t, said, "wrong", "okra", c.words); status != 1 {
			t.Errorf("%s: status %d", name, status)
		}
	}
}

func TestTheDoctorLooksAtTheMachine(t *testing.T) {
	s := site.New(t)
	api := strings.TrimSuffix(s.Settings.OkraAPIURL, "/v2/")
	set := real(t, api)
	status, said := looks(t, doctor.Doctor{Settings: set})
	says(t, said, "note", "database", "is not there yet")
	says(t, said, "wrong", "backup", "none was made yet")
	says(t, said, "note", "public", "nobody answers at PUBLIC_URL")
	if status != 1 {
		t.Errorf("without a backup the status is %d", status)
	}
	path := strings.TrimPrefix(set.DatabaseURL.Reveal(), "sqlite:")
	db := storetest.Open(t, path, time.Now)
	if _, err := db.BackUp(t.Context(), store.Program); err != nil {
		t.Fatal(err)
	}
	if status, said = looks(t, doctor.Doctor{Settings: set}); status != 0 {
		t.Errorf("with a backup the status is %d:\n%s", status, said)
	}
	later := func() time.Time { return time.Now().Add(72 * time.Hour) }
	_, said = looks(t, doctor.Doctor{Settings: set, Now: later})
	says(t, said, "wrong", "backup", "3 days old")
	says(t, said, "wrong", "clock", "from that of okra: have the machine's time kept")
	_, said = looks(t, doctor.Doctor{Settings: set, Disk: func(string) (store.Disk, error) { return store.Disk{Free: 1_000_000}, nil }})
	says(t, said, "wrong", "disk", "1 MB are free")
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	_, said = looks(t, doctor.Doctor{Settings: set})
	says(t, said, "wrong", "database", "chmod 700")
	junk := filepath.Join(storetest.Folder(t), "junk.db")
	if err := os.WriteFile(junk, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said = looks(t, doctor.Doctor{Settings: real(t, api, "DATABASE_URL=sqlite:"+junk)})
	says(t, said, "wrong", "database", "it is no database of balancelink")
	set = real(t, api, "DATABASE_URL=sqlite:"+filepath.Join(storetest.Folder(t), "to", "be", "made.db"))
	_, said = looks(t, doctor.Doctor{Settings: set})
	says(t, said, "ok", "disk", "are free")
}

func TestTheDoctorLooksAtNamesAndCertificates(t *testing.T) {
	s := site.New(t)
	api := strings.TrimSuffix(s.Settings.OkraAPIURL, "/v2/")
	nobody := func(_ context.Context, host string) ([]net.IPAddr, error) {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	away := func(context.Context, string) ([]net.IPAddr, error) {
		return nil, &net.DNSError{Err: "timeout", IsTimeout: true}
	}
	set := real(t, api, "PUBLIC_URL=https://balances.example")
	for words, lookup := range map[string]func(context.Context, string) ([]net.IPAddr, error){
		"there is no name balances.example: correct PUBLIC_URL": nobody, "does this machine reach a DNS server?": away,
	} {
		_, said := looks(t, doctor.Doctor{Settings: set, Lookup: lookup})
		says(t, said, "wrong", "names", words)
	}
	authority := fault.NewAuthority(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	server.TLS = authority.Config(t, "127.0.0.1", 24*time.Hour)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	set = real(t, api, "PUBLIC_URL="+server.URL)
	_, said := looks(t, doctor.Doctor{Settings: set})
	says(t, said, "wrong", "public", "browsers do not take the certificate")
	_, said = looks(t, doctor.Doctor{Settings: set, Roots: authority.Pool})
	says(t, said, "wrong", "public", "somebody else answers at PUBLIC_URL, with 418")
	says(t, said, "wrong", "public", "renew it now")
	set = real(t, api, "TLS_CERT_FILE=/nowhere/cert.pem", "TLS_KEY_FILE=/nowhere/key.pem")
	_, said = looks(t, doctor.Doctor{Settings: set})
	says(t, said, "wrong", "certificate", "TLS_CERT_FILE and TLS_KEY_FILE cannot be used")
}

func TestTheDoctorReachesTheServerThatTakesEMail(t *testing.T) {
	s := site.New(t)
	authority := fault.NewAuthority(t)
	box := (&mailbox.Server{Wrapped: true, TLS: authority.Config(t, "127.0.0.1", time.Hour), User: "me", Password: "s3cret"}).Start(t)
	mail := func(url string) doctor.Doctor {
		set, err := settings.Load(nil, []string{
			"SMTP_URL=" + url, "MAIL_FROM=alerts@lender.example", "PUBLIC_URL=" + s.URL, "DATABASE_URL=" + s.Settings.DatabaseURL.Reveal(),
		}, &bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		return doctor.Doctor{Settings: set, Roots: authority.Pool}
	}
	_, said := looks(t, doctor.Doctor{Settings: s.Settings})
	says(t, said, "note", "e-mail", "SMTP_URL is not set")
	_, said = looks(t, mail("smtps://me:s3cret@"+box.Addr()))
	says(t, said, "ok", "e-mail", box.Addr()+" takes e-mail")
	if len(box.Messages()) != 0 {
		t.Error("it sent something")
	}
	untrusting := mail("smtps://me:s3cret@" + box.Addr())
	untrusting.Roots = nil
	_, said = looks(t, untrusting)
	says(t, said, "wrong", "e-mail", "have it offer TLS with a certificate of its name")
	_, said = looks(t, mail("smtps://me:wr0ng@"+box.Addr()))
	says(t, said, "wrong", "e-mail", "correct user and password in SMTP_URL")
	if strings.Contains(said, "wr0ng") {
		t.Error("it says the password")
	}
	status, said := looks(t, mail("smtp://"+sitetest.Addr(t)))
	says(t, said, "wrong", "e-mail", "may this machine connect to it?")
	if status != 1 {
		t.Errorf("without the server the status is %d", status)
	}
}
