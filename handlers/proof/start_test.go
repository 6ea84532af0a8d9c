//go:build !race

package proof_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"balancelink/handlers/sitetest"
	"balancelink/store/storetest"
)

// drawn is a key that was drawn by chance.
func drawn() string {
	key := make([]byte, 32)
	rand.Read(key)
	return hex.EncodeToString(key)
}

// production are settings of a real provider, which nobody is asked at a start.
func production(t *testing.T, path string, more ...string) []string {
	t.Helper()
	return append([]string{
		"ENV=production", "LISTEN_ADDR=" + sitetest.Addr(t), "PUBLIC_URL=http://127.0.0.1:9", "DATABASE_URL=sqlite:" + path, "BUSINESS_NAME=Lender Ltd",
		"OKRA_API_URL=http://127.0.0.1:9/v2/", "OKRA_WIDGET_URL=http://127.0.0.1:9", "OKRA_PUBLIC_KEY=0191f18f-0000-5000-8000-000000000001",
		"OKRA_CLIENT_TOKEN=5f0000000000000000000001", "OKRA_SECRET_KEY=" + drawn(), "OKRA_WEBHOOK_TOKEN=" + drawn(), "SESSION_KEY=" + drawn(), "DATA_KEY=" + drawn(),
	}, more...)
}

// simulation are settings of a demo.
func simulation(t *testing.T, path string, more ...string) []string {
	t.Helper()
	return append([]string{"LISTEN_ADDR=" + sitetest.Addr(t), "SIMULATOR_ADDR=" + sitetest.Addr(t), "MONO_SIMULATOR_ADDR=" + sitetest.Addr(t), "DATABASE_URL=sqlite:" + path}, more...)
}

// operator is who types a command line.
type operator struct {
	t      *testing.T
	binary string
	chroot string // empty: the machine's own root
}

func newOperator(t *testing.T) operator {
	t.Helper()
	return operator{t: t, binary: binary(t)}
}

// types runs the program, stops it when it says that it is ready, and returns its
// exit status and what it said.
func (o operator) types(environ []string, args ...string) (status int, said string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), sitetest.Never)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.binary, args...)
	cmd.Env, cmd.Dir, cmd.SysProcAttr = environ, "/", &syscall.SysProcAttr{Chroot: o.chroot}
	if o.chroot == "" {
		cmd.Dir = o.t.TempDir()
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		o.t.Fatal(err)
	}
	printed := ready(out, func() { cmd.Process.Signal(syscall.SIGTERM) })
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		o.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), printed + log.String()
}

// ready reads what a program prints and calls back when it says that it listens.
func ready(out io.Reader, then func()) (printed string) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		printed += lines.Text() + "\n"
		if saysReady(lines.Text()) {
			then()
		}
	}
	return printed
}

// starts fails unless the program comes to listen.
func (o operator) starts(environ []string) {
	o.t.Helper()
	if status, said := o.types(environ); status != 0 || !strings.Contains(said, "balancelink") {
		o.t.Fatalf("it does not start: status %d\n%s", status, said)
	}
}

// isRefused fails unless the program ends as by a setting, with one sentence that
// has all of those words.
func (o operator) isRefused(environ, args []string, words ...string) {
	o.t.Helper()
	status, said := o.types(environ, args...)
	for _, word := range words {
		if !strings.Contains(said, word) {
			o.t.Errorf("it says %q, want %q in it", said, word)
		}
	}
	if status != 78 || strings.Count(said, "\n") != 1 {
		o.t.Errorf("status %d, said %q; want 78 and one sentence", status, said)
	}
}

func TestTheBinaryAloneStarts(t *testing.T) {
	o := newOperator(t)
	o.starts(simulation(t, filepath.Join(storetest.Folder(t), "test.db"), "ZONEINFO=/nowhere", "TIME_ZONE=America/Santiago"))
	if os.Geteuid() != 0 {
		sitetest.LeaveOut(t, "root", "run it as root")
	}
	o.chroot = storetest.Folder(t)
	program, err := os.ReadFile(o.binary)
	if err == nil {
		err = os.WriteFile(filepath.Join(o.chroot, "balancelink"), program, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.binary = "/balancelink"
	o.starts(simulation(t, "/data/test.db"))
	real := production(t, "/real/test.db", "TIME_ZONE=Europe/Paris")
	o.starts(real)
	for _, args := range [][]string{{"backup", "/copy.db"}, {"restore", "/copy.db"}, {"verify"}} {
		if status, said := o.types(real, args...); status != 0 {
			t.Errorf("%v: status %d\n%s", args, status, said)
		}
	}
}

func TestProductionTakesNothingOfTheDemo(t *testing.T) {
	o := newOperator(t)
	folder := storetest.Folder(t)
	path, copied := filepath.Join(folder, "balancelink.db"), filepath.Join(folder, "copy.db")
	o.starts(simulation(t, path))
	o.isRefused(production(t, path), nil, "ENV=simulated", "DATABASE_URL")
	demosKey := "DATA_KEY_FILE=" + filepath.Join(folder, "data.key")
	o.isRefused(production(t, path, "DATA_KEY=", demosKey), nil, "DATA_KEY")
	fresh := filepath.Join(folder, "real", "balancelink.db")
	o.isRefused(production(t, fresh, "DATA_KEY=", demosKey), nil, "DATA_KEY")
	o.isRefused(production(t, fresh, "SESSION_KEY=", "SESSION_KEY_FILE="+filepath.Join(folder, "session.key")), nil, "SESSION_KEY")
	o.isRefused(production(t, fresh, "BUSINESS_NAME="), nil, "BUSINESS_NAME")
	o.isRefused(production(t, fresh, "ENV="), nil, "ENV")
	o.isRefused(production(t, path), []string{"staff", "list"}, "ENV=simulated")
	o.isRefused(production(t, path), []string{"backup", copied}, "ENV=simulated")
	o.isRefused(production(t, path), []string{"verify"}, "ENV=simulated")
	o.isRefused(production(t, path), []string{"audit", "verify"}, "ENV=simulated")
	if status, said := o.types(simulation(t, path), "backup", copied); status != 0 {
		t.Fatalf("the demo's copy: status %d\n%s", status, said)
	}
	real := production(t, fresh)
	o.isRefused(real, []string{"restore", copied}, "ENV=simulated")
	o.starts(real)
	o.isRefused(real, []string{"restore", copied}, "ENV=simulated")
	o.isRefused([]string{"DATABASE_URL=sqlite:" + fresh, demosKey}, []string{"restore", copied}, "ENV=simulated")
	o.starts(real)
	o.starts(simulation(t, path))
	o.isRefused(simulation(t, fresh, "DATA_KEY="+drawn()), nil, "ENV=production")
}

func TestASettingThatWouldMisleadEndsTheStart(t *testing.T) {
	o := newOperator(t)
	path := filepath.Join(storetest.Folder(t), "test.db")
	marked := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(marked, []byte("\ufeffpassword1234\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, name := range map[string]string{
		"PUBLIC_URL=https://balances.example/app":              "PUBLIC_URL",
		"PUBLIC_URL=https://balances.example//":                "PUBLIC_URL",
		"OKRA_WIDGET_URL=https://widget.example;script-src":    "OKRA_WIDGET_URL",
		"SESSION_KEY=" + strings.Repeat("a", 64):               "SESSION_KEY",
		"TRUSTED_PROXIES=0.0.0.0/0":                            "TRUSTED_PROXIES",
		"SIMULATOR_ADDR=127.0.0.1:1":                           "SIMULATOR_ADDR",
		"DATABASE_URL=mysql://balancelink:canary@db.example/b": "DATABASE_URL",
		"ADMIN_PASSWORD_FILE=" + marked:                        "ADMIN_PASSWORD",
	} {
		environ := production(t, path, "ADMIN_EMAIL=officer@lender.example", "ADMIN_PASSWORD="+drawn(), given)
		o.isRefused(environ, nil, name)
		if _, said := o.types(environ); strings.Contains(said, "canary") {
			t.Errorf("%s: it says %q", given, said)
		}
	}
	o.starts(production(t, path, "PUBLIC_URL=HTTPS://Balances.Example:443/", "TRUSTED_PROXIES=127.0.0.1"))
	for _, args := range [][]string{{"backup", path + ".copy"}, {"restore", path}, {"verify"}, {"staff", "list"}, {"audit", "verify"}} {
		if _, said := o.types([]string{"DATABASE_URL=postgres://balancelink:canary@127.0.0.1:1/b"}, args...); strings.Contains(said, "canary") {
			t.Errorf("%v: it says %q", args, said)
		}
	}
}
