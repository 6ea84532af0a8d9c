package storetest

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/store"
)

// Trips is a way to a server of PostgreSQL, and how often who asks over it waited for an answer: it
// lies between the two and looks who speaks. What is sent while nobody waits for it is not
// counted, which is the end of a reading, nor whether an idle connection is still there.
type Trips struct {
	made        atomic.Int64
	away        time.Duration // there and back
	here, there string        // folders with the sockets of its ends
	net.Listener
}

// socket is the name of the socket of a server that listens nowhere else.
const socket = ".s.PGSQL.5432"

// Far is a way to the server, which listens nowhere beside its socket: by a socket in a folder
// that is there, and so far, there and back. It ends when it is closed.
func (s *Server) Far(folder string, away time.Duration) (*Trips, error) {
	l, err := net.Listen("unix", filepath.Join(folder, socket))
	if err != nil {
		return nil, err
	}
	t := &Trips{Listener: l, away: away, here: folder, there: s.folder}
	go t.serve()
	return t, nil
}

// Made is how many trips were made so far.
func (t *Trips) Made() int64 { return t.made.Load() }

// URL is the address by this way of a database that has another one at the server.
func (t *Trips) URL(address string) string {
	return strings.Replace(address, url.QueryEscape(t.there), url.QueryEscape(t.here), 1)
}

// unawaited are whole messages that nobody waits for the answer to.
var unawaited = [][]byte{message("ROLLBACK"), message("-- ping")}

// message is a statement as the protocol has it that takes no arguments.
func message(query string) []byte {
	return fmt.Appendf([]byte{'Q', 0, 0, 0, byte(4 + len(query) + 1)}, "%s\x00", query)
}

// OpenFar is [Open] on PostgreSQL, with a count of the trips to the server.
func OpenFar(t testing.TB, path string, now func() time.Time) (*store.Store, *Trips) {
	t.Helper()
	keys := Keys(t, 'k')
	address := databaseOf(t, path, keys)
	c, err := theCluster()
	if err != nil {
		t.Fatal(err)
	}
	trips, err := c.Far(Folder(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trips.Close() })
	options := store.Options{Now: now, Keys: keys, SearchTime: Patience, ErasedFile: path + ".erased"}
	s, err := store.Open(t.Context(), trips.URL(address), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, trips
}

func (t *Trips) serve() {
	for {
		client, err := t.Accept()
		if err != nil {
			return
		}
		up, err := net.Dial("unix", filepath.Join(t.there, socket))
		if err != nil {
			client.Close()
			continue
		}
		var asked atomic.Bool // and not answered yet
		nothing := func([]byte) {}
		go t.pass(up, client, func(sent []byte) {
			if asked.Swap(true) {
				return
			}
			for _, m := range unawaited {
				if bytes.Equal(sent, m) {
					return
				}
			}
			t.made.Add(1)
		}, nothing)
		go t.pass(client, up, nothing, func([]byte) { asked.Store(false) })
	}
}

// said is what is under way, and when it is to be there.
type said struct {
	what []byte
	due  time.Time
}

// pass passes on what one says to the other, later, and says so when it comes and before it is there.
func (t *Trips) pass(to, from net.Conn, comes, there func([]byte)) {
	under := make(chan said, 1024)
	go func() {
		defer to.Close()
		for s := range under {
			time.Sleep(time.Until(s.due))
			there(s.what)
			if _, err := to.Write(s.what); err != nil {
				from.Close()
			}
		}
	}()
	defer close(under)
	for some := make([]byte, 64<<10); ; {
		n, err := from.Read(some)
		if err != nil {
			return
		}
		comes(some[:n])
		under <- said{bytes.Clone(some[:n]), time.Now().Add(t.away / 2)}
	}
}
