package storetest

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
)

// Server is a server of PostgreSQL that this process has started, and that ends with it.
type Server struct {
	folder string   // with its files, its socket and its log
	addr   string   // where it listens beside its socket; empty: nowhere
	flags  []string // that it runs with
	bin    string   // where PostgreSQL's programs are
	as     *syscall.Credential
	admin  *sql.DB // of its owner

	input io.WriteCloser // see serving
	ended chan struct{}  // is closed when it does not run any more
}

// NewServer starts a server of a test's own, which may fall, stand still and be followed
// by another. A machine without PostgreSQL leaves the test out.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := ownServer(t)
	if err := s.begin(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Begin starts a server whose files come into a new folder in that one, which everybody may
// enter; empty: where temporary ones are. It has what PostgreSQL has by itself but for the
// flags, and listens nowhere beside its socket. It ends with this process, or by [Server.End].
func Begin(in string, flags ...string) (*Server, error) {
	s, err := newServer(in, "", flags...)
	if err != nil {
		return nil, err
	}
	return s, s.begin()
}

// light are flags of a server of tests, which has many small databases of which nothing is kept.
var light = []string{
	"-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "max_wal_size=128MB", "-c", "min_wal_size=32MB",
	"-c", "autovacuum=off", "-c", "jit=off",
}

// NeedsPostgres leaves a test out where there is no PostgreSQL.
func NeedsPostgres(t testing.TB) {
	t.Helper()
	if _, err := tools(); err != nil {
		sitetest.LeaveOut(t, "PostgreSQL", "install Debian's package postgresql")
	}
}

// ownServer is a server without files, with an address that it keeps.
func ownServer(t testing.TB, flags ...string) *Server {
	t.Helper()
	NeedsPostgres(t)
	addr := sitetest.Addr(t)
	s, err := newServer(place(), addr, slices.Concat(light, flags)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Fall()
		s.admin.Close()
		os.RemoveAll(s.folder)
	})
	return s
}

func newServer(in, addr string, flags ...string) (s *Server, err error) {
	s = &Server{addr: addr, flags: flags}
	if addr != "" {
		host, port, _ := net.SplitHostPort(addr) // as sitetest.Addr makes it
		s.flags = append(s.flags, "-c", "listen_addresses="+host, "-c", "port="+port)
	}
	if s.bin, err = tools(); err != nil {
		return nil, err
	}
	if s.as, err = somebody(); err != nil {
		return nil, err
	}
	if s.folder, err = os.MkdirTemp(in, "storetest-postgres-"); err != nil {
		return nil, err
	}
	if s.as != nil {
		if err := os.Chown(s.folder, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(s.folder))
		}
	}
	if s.admin, err = sql.Open("pgx", s.URL("postgres")); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	s.admin.SetMaxOpenConns(1)
	return s, nil
}

// tools are where PostgreSQL's programs are.
func tools() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path) // the others lie beside it
		return filepath.Dir(path), err
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // an error would be one of the pattern
	if len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed")
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return filepath.Dir(found[len(found)-1]), nil
}

// somebody is a user whom the server may run as, which does not run as root; nil: we are one.
func somebody() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
	}
	return nil, errors.New("there is no user that PostgreSQL can run as")
}

// URL is the address of a database of the server.
func (s *Server) URL(name string) string { return addressOf(name, s) }

// addressOf is the address of a database that one of several servers has.
func addressOf(name string, servers ...*Server) string {
	if s := servers[0]; s.addr == "" {
		return "postgres:///" + name + "?" + url.Values{"host": {s.folder}, "user": {"postgres"}}.Encode()
	}
	var hosts []string
	for _, s := range servers {
		hosts = append(hosts, s.addr)
	}
	return "postgres://postgres@" + strings.Join(hosts, ",") + "/" + name + "?sslmode=disable"
}

// Create makes a database of that name, with nothing in it, and returns its address.
func (s *Server) Create(name string) (url string, err error) {
	return s.URL(name), s.exec(`CREATE DATABASE ` + name + ` TEMPLATE template0`)
}

// Make is [Server.Create] for a test.
func (s *Server) Make(t testing.TB, name string) (url string) {
	t.Helper()
	url, err := s.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// exec runs a statement of the server's owner, whatever becomes of the test.
func (s *Server) exec(query string) error {
	_, err := s.admin.ExecContext(context.Background(), query)
	return err
}

// run is a command of PostgreSQL's in the folder.
func (s *Server) run(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as, Setpgid: true}
	return cmd
}

// does runs one of PostgreSQL's programs to its end.
func (s *Server) does(name string, args ...string) error {
	if said, err := s.run(filepath.Join(s.bin, name), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return nil
}

// begin makes the server's files and starts it.
func (s *Server) begin() error {
	if err := s.initialize(); err != nil {
		return err
	}
	return s.start()
}

// initialize makes the server's files.
func (s *Server) initialize() error {
	err := s.does("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync")
	if err != nil {
		return errors.Join(err, os.RemoveAll(s.folder))
	}
	return nil
}

// serving runs the server until a line of its input says that it falls, or the input
// ends, as it does when this process has: then nothing is left of it. fsync stays on, for the
// program refuses a server without.
const serving = `
trap '' INT TERM HUP
bin=$1 folder=$2
shift 2
"$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= "$@" >>"$folder/log" 2>&1 &
read -r falls
kill -CONT $!
kill -QUIT $!
wait $!
[ -n "$falls" ] || rm -rf "$folder"
`

// start starts the server on the files that it has, and waits until it answers.
func (s *Server) start() (err error) {
	cmd := s.run("/bin/sh", append([]string{"-c", serving, "sh", s.bin, s.folder}, s.flags...)...)
	if s.input, err = cmd.StdinPipe(); err != nil { // which nobody closes but the end of this process
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() { cmd.Wait(); close(s.ended) }()
	for range 600 {
		if err = s.admin.Ping(); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.folder, "log"))
	return errors.Join(fmt.Errorf("PostgreSQL does not start: %w: %s", err, log), s.input.Close())
}

// Fall ends the server as a crash does: it finishes nothing, and its files stay.
func (s *Server) Fall() {
	if s.ended == nil {
		return // it never ran
	}
	io.WriteString(s.input, "falls\n") // it may have fallen already
	<-s.ended
}

// End ends the server, of which nothing is left.
func (s *Server) End() error {
	err := errors.Join(s.admin.Close(), s.input.Close())
	<-s.ended
	return err
}

// Restart has the server fall, and get up again.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Fall()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

// Freeze has everything of the server stand still until it is thawed, as on a machine that
// answers nothing: connections stay, and new ones are taken by nobody.
func (s *Server) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	main, err := s.pid()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.admin.Ping(); err != nil { // to be connected before nobody is any more
		t.Fatal(err)
	}
	pids := []int{main}
	signal := func(to []int, sig syscall.Signal) {
		for _, pid := range to {
			if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
				t.Errorf("process %d of PostgreSQL: %v", pid, err)
			}
		}
	}
	signal(pids, syscall.SIGSTOP)
	for _, text := range Texts(t, s.admin, `SELECT CAST(pid AS TEXT) FROM pg_stat_activity`) {
		if pid, err := strconv.Atoi(text); err == nil {
			pids = append(pids, pid)
		}
	}
	signal(pids[1:], syscall.SIGSTOP)
	return func() { signal(pids, syscall.SIGCONT) }
}

// pid is the number of the server's first process.
func (s *Server) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.folder, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

// Standby starts a server that follows this one, which from now on says of nothing that it
// is committed before the other has it too.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.addr)
	o := ownServer(t, "-c", "cluster_name=standby")
	err := o.does(
		"pg_basebackup", "-D", "data", "-R", "-X", "stream", "-c", "fast", "--no-sync", "-U", "postgres",
		"-h", host, "-p", port,
	)
	if err == nil {
		err = o.start()
	}
	if err == nil {
		err = s.exec(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`)
	}
	if err == nil {
		err = s.exec(`SELECT pg_reload_conf()`)
	}
	if err != nil {
		t.Fatal(err)
	}
	const how = `SELECT sync_state FROM pg_stat_replication`
	seen := func() string { return fmt.Sprint(Texts(t, s.admin, how)) }
	sitetest.Await(t, "the standby to be waited for", seen, func() bool { return seen() == "[sync]" })
	return o
}

// URLOf is the address of a database that is on this server or on the other.
func (s *Server) URLOf(name string, other *Server) string { return addressOf(name, s, other) }

// Promote has a standby take over.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	if said := Texts(t, s.admin, `SELECT CAST(pg_promote(TRUE) AS TEXT)`); fmt.Sprint(said) != "[true]" {
		t.Fatalf("the standby was not promoted: %v", said)
	}
}
