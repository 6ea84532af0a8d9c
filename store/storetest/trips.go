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

// Trips is how often a program waited for a server of PostgreSQL to answer: it lies between
// the two and looks who speaks. What is sent while nobody waits for it is not counted, which
// is the end of a reading, nor whether an idle connection is still there.
type Trips struct{ made atomic.Int64 }

// Made is how many were made so far.
func (t *Trips) Made() int64 { return t.made.Load() }

// unawaited are whole messages that nobody waits for the answer to.
var unawaited = [][]byte{message("ROLLBACK"), message("-- ping")}

// message is a statement as the protocol has it that takes no arguments.
func message(query string) []byte {
	return fmt.Appendf([]byte{'Q', 0, 0, 0, byte(4 + len(query) + 1)}, "%s\x00", query)
}

// OpenFar is [Open] on PostgreSQL, with a count of the trips to the server.
func OpenFar(t testing.TB, path string, now func() time.Time) (*store.Store, *Trips) {
	t.Helper()
	keys, folder, trips := Keys(t, 'k'), Folder(t), &Trips{}
	address := databaseOf(t, path, keys)
	c, err := theCluster()
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	l, err := net.Listen("unix", filepath.Join(folder, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go trips.serve(l, filepath.Join(c.folder, socket))
	options := store.Options{Now: now, Keys: keys, SearchTime: Patience, ErasedFile: path + ".erased"}
	far := strings.Replace(address, url.QueryEscape(c.folder), url.QueryEscape(folder), 1)
	s, err := store.Open(t.Context(), far, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, trips
}

func (t *Trips) serve(l net.Listener, server string) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		up, err := net.Dial("unix", server)
		if err != nil {
			client.Close()
			continue
		}
		var asked atomic.Bool // and not answered yet
		go pass(up, client, func(sent []byte) {
			if asked.Swap(true) {
				return
			}
			for _, m := range unawaited {
				if bytes.Equal(sent, m) {
					return
				}
			}
			t.made.Add(1)
		})
		go pass(client, up, func([]byte) { asked.Store(false) })
	}
}

// pass passes on what comes, and says so before.
func pass(to, from net.Conn, says func([]byte)) {
	defer to.Close()
	defer from.Close()
	for some := make([]byte, 1<<20); ; {
		n, err := from.Read(some)
		if err != nil {
			return
		}
		says(some[:n])
		if _, err := to.Write(some[:n]); err != nil {
			return
		}
	}
}
