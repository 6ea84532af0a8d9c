//go:build !race

package proof_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"balancelink/handlers/settings"
	"balancelink/handlers/sitetest"
	"balancelink/static"
	"balancelink/store/storetest"
)

const (
	staffEmail    = "officer@lender.example"
	staffPassword = "correct horse battery"
)

// TestMain puts everything temporary into one folder and removes it, the
// built program too. A short run has no proofs.
func TestMain(m *testing.M) {
	if flag.Parse(); testing.Short() {
		return
	}
	dir, err := os.MkdirTemp("", "proof")
	if err != nil {
		panic(err)
	}
	os.Setenv("TMPDIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// built is the path of the program, which is built once for all tests.
var built = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(os.TempDir(), "balancelink")
	return path, build(path)
})

// build builds the program as make build does.
func build(path string, flags ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-tags=nomsgpack", "-trimpath", "-ldflags=-s -w", "-o", path}, append(flags, "balancelink")...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	return nil
}

// program is the running program.
type program struct {
	t        *testing.T
	Settings settings.Settings
	Database string // path of the file; empty: it is none
	cmd      *exec.Cmd
	log      *bytes.Buffer // its stderr, to be read after its end
	ended    func() error
}

// start starts the program on the database at path and returns when it
// listens. under is a command to run it under, if any.
func start(t *testing.T, path string, under ...string) *program {
	t.Helper()
	p := launch(t, []string{
		"LISTEN_ADDR=" + sitetest.Addr(t), "SIMULATOR_ADDR=" + sitetest.Addr(t), "MONO_SIMULATOR_ADDR=" + sitetest.Addr(t), "DATABASE_URL=sqlite:" + path,
		"SESSION_KEY=0123456789abcdef0123456789abcdef", "DATA_KEY=" + storetest.DataKey, "ADMIN_EMAIL=" + staffEmail, "ADMIN_PASSWORD=" + staffPassword,
	}, append(under, binary(t))...)
	p.Database = path
	p.begin()
	return p
}

// binary is the path of the program.
func binary(t *testing.T) string {
	t.Helper()
	if !static.Built() {
		sitetest.LeaveOut(t, "npm's packages", "run make assets")
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// launch is the program in an environment, before it begins.
func launch(t *testing.T, environ []string, args ...string) *program {
	t.Helper()
	set, err := settings.Load(nil, environ, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, Settings: set, cmd: exec.Command(args[0], args[1:]...), log: &bytes.Buffer{}}
	p.cmd.Env, p.cmd.Stderr = environ, p.log
	p.ended = sync.OnceValue(p.cmd.Wait)
	return p
}

// begin starts the process and returns when it listens.
func (p *program) begin() {
	p.t.Helper()
	p.t.Cleanup(p.cleanUp)
	if !p.listens() {
		p.t.Fatalf("the program does not start:\n%s", p.log)
	}
}

// listens starts the process and reports whether it came to say that it is ready.
func (p *program) listens() bool {
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if saysReady(lines.Text()) {
			return true
		}
	}
	p.ended()
	return false
}

// saysReady says whether a line is the last that the program prints once it listens.
func saysReady(line string) bool {
	return strings.HasPrefix(line, "Stop it") || strings.HasPrefix(line, "belong to somebody")
}

// cleanUp ends the program. When the test has failed it says what it was doing, or what it
// said last.
func (p *program) cleanUp() {
	doing := p.t.Failed() && p.cmd.Process.Signal(syscall.SIGQUIT) == nil
	if doing {
		p.ended()
	}
	p.kill()
	switch said := p.log.String(); {
	case doing:
		p.t.Logf("the program when the test failed:\n%s", said)
	case p.t.Failed():
		p.t.Logf("the program, which ended before the test failed:\n%s", said[max(0, len(said)-saidLast):])
	}
}

// saidLast is how many bytes of what a program said before its end a failed test shows.
const saidLast = 8 << 10

// kill ends the program as a crash does.
func (p *program) kill() {
	p.cmd.Process.Kill()
	p.ended()
}

// stop ends the program as an operator does. If it never ends, it has to say
// what it is waiting for.
func (p *program) stop() {
	p.t.Helper()
	stuck := time.AfterFunc(sitetest.Never, func() { p.cmd.Process.Signal(syscall.SIGQUIT) })
	defer stuck.Stop()
	p.signal(syscall.SIGTERM)
	if err := p.ended(); err != nil {
		p.t.Fatalf("the program ended with %v:\n%s", err, p.log)
	}
}

// signal sends the program a signal.
func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ready is how the program answers who decides whether to send anybody to it.
func (p *program) ready() int {
	p.t.Helper()
	resp, err := http.Get("http://" + p.Settings.ListenAddr + "/readyz")
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func (p *program) wantReady(want int) {
	p.t.Helper()
	if is := p.ready(); is != want {
		p.t.Errorf("/readyz is answered %d, want %d", is, want)
	}
}
