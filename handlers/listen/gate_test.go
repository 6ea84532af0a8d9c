package listen_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"balancelink/handlers/listen"
	"balancelink/handlers/sitetest"
	"balancelink/store/limits"
)

// held answers requests when it is told to, and says that they have come.
type held struct{ came, answer chan struct{} }

func newHeld() held { return held{make(chan struct{}), make(chan struct{})} }

func (h held) ServeHTTP(http.ResponseWriter, *http.Request) {
	h.came <- struct{}{}
	<-h.answer
}

// from is [dial] from another of this machine's addresses.
func from(t *testing.T, source, addr string) caller {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return called(t, conn)
}

// wantEnd fails unless the server has ended the connection.
func (c caller) wantEnd(what string) {
	c.t.Helper()
	if _, err := c.answers.ReadByte(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		c.t.Errorf("%s: reading says %v, want the end", what, err)
	}
}

func TestSilentConnectionsMakeRoomTheLongestSilentFirst(t *testing.T) {
	const most = 4
	silent := make(chan struct{}, 3*most+1)
	addr := serveTold(t, listen.Options{MaxConnections: most, Behind: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), silent)
	var all []caller
	for range 3 * most {
		c := dial(t, addr)
		c.ask()
		c.wantAnswer("a connection beside those that are silent")
		sitetest.Receive(t, silent, "its silence")
		all = append(all, c)
	}
	for _, c := range all[:2*most] {
		c.wantEnd("one that has been silent for long")
	}
	last := all[len(all)-1]
	last.ask()
	last.wantAnswer("the last one")
}

func TestConnectionsThatNeverSayAnythingMakeRoomToo(t *testing.T) {
	addr := serve(t, listen.Options{MaxConnections: 8})
	for range 1000 {
		dial(t, addr)
	}
	c := dial(t, addr)
	c.ask()
	c.wantAnswer("who says something")
}

func TestWhoeverIsBusyIsNotDisplacedAndOthersWait(t *testing.T) {
	h := newHeld()
	addr := serveWith(t, listen.Options{MaxConnections: 2, Behind: true}, h)
	first, second, third := dial(t, addr), dial(t, addr), caller{}
	for _, c := range []caller{first, second} {
		c.ask()
		sitetest.Receive(t, h.came, "a request within the bound")
	}
	third = dial(t, addr)
	third.ask()
	select {
	case <-h.came:
		t.Fatal("a connection beyond the bound is served")
	default:
	}
	h.answer <- struct{}{}
	sitetest.Receive(t, h.came, "the request that waited")
	h.answer <- struct{}{}
	h.answer <- struct{}{}
	third.wantAnswer("the one that waited")
}

func TestAnAddressHasItsShareAndAProxyAll(t *testing.T) {
	const most = 4 * limits.ConnectionShare
	for name, o := range map[string]listen.Options{
		"a stranger":          {},
		"a proxy":             {Proxies: []string{"127.0.0.2"}},
		"a network of them":   {Proxies: []string{"127.0.0.0/30"}},
		"behind a terminator": {Behind: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeld()
			o.MaxConnections = most
			addr := serveWith(t, o, h)
			busy := most / limits.ConnectionShare
			if name != "a stranger" {
				busy = most - 1
			}
			for range busy {
				c := from(t, "127.0.0.2", addr)
				c.ask()
				sitetest.Receive(t, h.came, "a request within the share")
			}
			if name == "a stranger" {
				from(t, "127.0.0.2", addr).wantEnd("one more than the share, while all of them are busy")
			}
			c := from(t, "127.0.0.9", addr)
			c.ask()
			sitetest.Receive(t, h.came, "somebody else's request")
			for range busy + 1 {
				h.answer <- struct{}{}
			}
			c.wantAnswer("somebody else")
		})
	}
}
