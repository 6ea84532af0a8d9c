package main

import (
	"cmp"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// server is one of PostgreSQL, with what it has by itself, but that it is asked by a socket.
type server struct {
	folder string // where that is
	stop   func()
}

func startServer() (*server, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // an error would be one of the pattern
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, filepath.Dir(path))
	}
	if len(found) == 0 {
		return nil, errors.New("PostgreSQL is not installed")
	}
	bin := found[len(found)-1]
	folder, err := os.MkdirTemp("", "balancelink-bench-postgres-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, stop: func() { os.RemoveAll(folder) }}
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT}
	if attr.Credential, err = servant(folder); err != nil {
		s.stop()
		return nil, err
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = folder, attr
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
		return cmd
	}
	said, err := command("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8").CombinedOutput()
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("initdb: %w: %s", err, said)
	}
	run := command("postgres", "-D", "data", "-k", folder, "-c", "listen_addresses=")
	if err := run.Start(); err != nil {
		s.stop()
		return nil, err
	}
	s.stop = func() { run.Process.Signal(syscall.SIGINT); run.Wait(); os.RemoveAll(folder) }
	for range 200 {
		if err = s.exec(`SELECT 1`); err == nil {
			return s, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("PostgreSQL does not start: %w", err)
}

// servant is a user whom the server runs as, whose the folder becomes; nil: we are none
// that it does not run as.
func servant(folder string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, cmp.Or(err1, err2, os.Chown(folder, uid, gid))
}

// url is the address of a database by a folder's socket, or by a host and its port.
func (s *server) url(host, name string) string {
	query := url.Values{"user": {"postgres"}, "sslmode": {"disable"}, "host": {host}}
	if at, port, err := net.SplitHostPort(host); err == nil {
		query.Set("host", at)
		query.Set("port", port)
	}
	return "postgres:///" + name + "?" + query.Encode()
}

// exec runs a statement of the server's owner.
func (s *server) exec(query string) error {
	db, err := sql.Open("pgx", s.url(s.folder, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(query)
	return err
}

// way is a way to the server on which everything takes a while, there and back.
type way struct {
	net.Listener
	trips atomic.Int64 // how often somebody waited for what was said there
}

// from is the server from as far away as that, there and back.
func (s *server) from(away time.Duration) (*way, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	on := &way{Listener: l}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("unix", filepath.Join(s.folder, ".s.PGSQL.5432"))
			if err != nil {
				client.Close()
				continue
			}
			go carry(there, client, away/2, on.count())
			go carry(client, there, away/2, func([]byte) {})
		}
	}()
	return on, nil
}

// carry brings what one says to the other, later.
func carry(to, from net.Conn, later time.Duration, heard func([]byte)) {
	type said struct {
		what []byte
		due  time.Time
	}
	under := make(chan said, 1024)
	go func() {
		defer to.Close()
		for s := range under {
			time.Sleep(time.Until(s.due))
			if _, err := to.Write(s.what); err != nil {
				from.Close()
			}
		}
	}()
	defer close(under)
	for buf := make([]byte, 64<<10); ; {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		heard(buf[:n])
		under <- said{slices.Clone(buf[:n]), time.Now().Add(later)}
	}
}

// count reads what a client says to the server and counts each message that has it answer:
// a Query or a Sync. The first message has no kind.
func (w *way) count() func([]byte) {
	var head []byte
	kinds, left := 0, 0
	return func(what []byte) {
		for len(what) > 0 {
			if left > 0 {
				n := min(left, len(what))
				left, what = left-n, what[n:]
				continue
			}
			head, what = append(head, what[0]), what[1:]
			if len(head) < kinds+4 {
				continue
			}
			if kinds == 1 && (head[0] == 'Q' || head[0] == 'S') {
				w.trips.Add(1)
			}
			left = int(binary.BigEndian.Uint32(head[kinds:])) - 4
			head, kinds = head[:0], 1
		}
	}
}
