// Package sitetest is what the tests of the whole product share: addresses to
// listen on, a clock, and a way to wait.
package sitetest

import (
	"fmt"
	"net"
	"sync"
	"testing"
)

// The ports that tests listen on lie below those that the kernel gives to
// outgoing connections (32768 and above on Linux), so that no connection takes
// one between a stop and the next start. Each process of tests has a block of
// its own and says so by listening on its first port for as long as it lives.
const (
	firstPort = 20_000
	lastPort  = 32_000
	blockSize = 1_000
)

// ports are those of this process.
var ports = sync.OnceValue(func() *block {
	for base := firstPort; base < lastPort; base += blockSize {
		if sign, err := net.Listen("tcp", local(base)); err == nil {
			return &block{base: base, sign: sign}
		}
	}
	return nil
})

type block struct {
	base int
	sign net.Listener // says that the block is taken

	mu    sync.Mutex
	given int // the port that was given last, counted from base
}

// Addr is an address of this machine where nobody listens, and where only who
// asked for it will. It may be listened on again after a stop.
func Addr(t testing.TB) string {
	t.Helper()
	b := ports()
	if b == nil {
		t.Fatalf("all ports from %d to %d are taken: are other tests running?", firstPort, lastPort)
	}
	for range blockSize {
		addr := b.next()
		if l, err := net.Listen("tcp", addr); err == nil { // else somebody is there
			l.Close()
			return addr
		}
	}
	t.Fatalf("all %d ports of this process are taken", blockSize)
	return ""
}

// next goes through the block's ports, and from the last one to the first.
func (b *block) next() (addr string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.given = b.given%(blockSize-1) + 1
	return local(b.base + b.given)
}

func local(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
