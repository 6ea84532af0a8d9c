package fault

import (
	"context"
	"net"
	"sync"
)

// Dialer is how a client comes to its connections.
type Dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// Lines are the connections of a client. They are cut at its own end: what the
// other end closes, the client takes for open until it has been told.
type Lines struct {
	mu   sync.Mutex
	cuts int
	open []net.Conn
}

// Cut ends all that are open.
func (l *Lines) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cuts++
	for _, conn := range l.open {
		conn.Close()
	}
	l.open = nil
}

// Over dials as whole does, and again if the lines were cut meanwhile.
func (l *Lines) Over(whole Dialer) Dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		for {
			l.mu.Lock()
			cuts := l.cuts
			l.mu.Unlock()
			conn, err := whole(ctx, network, addr)
			l.mu.Lock()
			same := l.cuts == cuts
			if same && err == nil {
				l.open = append(l.open, conn)
			}
			l.mu.Unlock()
			if same {
				return conn, err
			}
			if err == nil {
				conn.Close()
			}
		}
	}
}
