package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"balancelink/store/progress"
)

// Dump makes copies of a database of PostgreSQL and puts them back, by pg_dump and
// pg_restore, which have to be in PATH.
type Dump struct {
	URL    string
	Erased string // path of the list of who was erased; see [Options]
	Env    string // that a copy must belong to; empty: whichever it does
	Keys   *Keyring
	Board  *progress.Board

	folder string // of the programs; empty: they are in PATH
}

// ErrNoTool says that a program of PostgreSQL's is missing, or is too old.
var ErrNoTool = errors.New("copies of PostgreSQL are made by its own programs")

// tool is a program of PostgreSQL's.
type tool struct {
	path    string
	address string   // of the database, without what others may not see
	env     []string // by which it finds that
}

// tool finds one that is not older than a server of that version, as the server writes it.
func (d Dump) tool(ctx context.Context, name string, server int) (t tool, err error) {
	path, err := exec.LookPath(filepath.Join(d.folder, name))
	if err != nil {
		return t, fmt.Errorf(
			"%w: %s is not in PATH; install PostgreSQL's client programs, of the server's version", ErrNoTool, name,
		)
	}
	said, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return t, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	if is := majorOf(string(said)); is < server/10000 {
		return t, fmt.Errorf(
			"%w: %s is of version %d and the server of version %d; install that one's client programs", ErrNoTool, path, is,
			server/10000,
		)
	}
	t.path = path
	t.address, t.env, err = forTools(d.URL)
	return t, err
}

// majorOf is the version in a line such as "pg_dump (PostgreSQL) 15.14 (Debian 15.14-0)"; 0:
// there is none.
func majorOf(line string) (major int) {
	_, behind, _ := strings.Cut(line, ") ")
	fmt.Sscanf(behind, "%d", &major)
	return major
}

// toolKnows are the parameters of an address that PostgreSQL's programs know too. Others are
// the server's, for our own sessions.
var toolKnows = []string{
	"host", "port", "dbname", "user", "passfile", "service", "connect_timeout", "target_session_attrs", "options",
	"sslmode", "sslcert", "sslkey", "sslrootcert", "sslsni", "channel_binding", "krbsrvname",
}

// inherited are what of our environment concerns them, besides what begins with PG.
var inherited = []string{"PATH", "HOME", "USER", "LOGNAME", "TMPDIR"}

// forTools is an address for PostgreSQL's programs. Anybody on the machine sees what a process
// is started with: the password goes by its environment, which only its user sees.
func forTools(address string) (without string, env []string, err error) {
	u, err := url.Parse(address)
	if err != nil { // which would say the password
		return "", nil, fmt.Errorf("%w: it is no address such as postgres://user@host/name", ErrUnfit)
	}
	given, kept := u.Query(), url.Values{"target_session_attrs": {"primary"}}
	for name := range given {
		if slices.Contains(toolKnows, name) {
			kept.Set(name, given.Get(name))
		}
	}
	if given.Has("sslpassword") {
		return "", nil, fmt.Errorf("%w by pg_dump: it would show sslpassword to everybody on this machine", ErrUnfit)
	}
	for _, set := range os.Environ() {
		if name, _, _ := strings.Cut(set, "="); strings.HasPrefix(name, "PG") || slices.Contains(inherited, name) {
			env = append(env, set)
		}
	}
	env = append(env, "LC_ALL=C")
	password, has := u.User.Password()
	if given.Has("password") {
		password, has = given.Get("password"), true
	}
	if has {
		env = append(env, "PGPASSWORD="+password)
	}
	if u.User = url.User(u.User.Username()); u.User.Username() == "" {
		u.User = nil
	}
	u.RawQuery = kept.Encode()
	return u.String(), env, nil
}

// stopping is how long a program has to end that is told to.
const stopping = 5 * time.Second

// run runs it. Who interrupts us interrupts it through us, so that we say what has come of it.
func (t tool) run(ctx context.Context, out io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Env = t.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopping
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &said
	if err := cmd.Run(); err != nil {
		return orOver(ctx, fmt.Errorf("%s: %w: %s", filepath.Base(t.path), err, firstError(said.String())))
	}
	return nil
}

// firstError is the first thing that a program says is wrong. What follows may have rows in it.
func firstError(said string) string {
	first, _, _ := strings.Cut(said, "\n")
	for line := range strings.Lines(said) {
		if strings.Contains(line, "error:") {
			return strings.TrimSpace(line)
		}
	}
	return first
}
