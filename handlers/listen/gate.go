package listen

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"balancelink/store/limits"
)

// gate is a listener with room for so many connections, and for a share of them
// from one address. Who has nothing to say makes room for who comes: the
// connection that has been silent for longest is closed. When all are busy an
// address that has its share is sent away, and anybody else waits.
type gate struct {
	net.Listener
	most, share int                   // 0: as many as come
	proxy       func(netip.Addr) bool // says who stands for others and may have all
	mu          sync.Mutex
	room        *sync.Cond // a connection has ended or fallen silent, or the gate is closed
	closed      bool
	open        int
	silent      list.List // of all, the *conn that has been so for longest first
	from        map[netip.Prefix]*visitor
}

// visitor is an address with its connections.
type visitor struct {
	open   int
	silent list.List // as in gate
}

// conn is a connection that came through the gate.
type conn struct {
	net.Conn
	gate              *gate
	prefix            netip.Prefix
	visitor           *visitor
	inAll, inVisitors *list.Element // nil: it is busy
	gone              bool
}

func newGate(l net.Listener, most int, proxy func(netip.Addr) bool) *gate {
	g := &gate{Listener: l, most: most, proxy: proxy, from: map[netip.Prefix]*visitor{}}
	if most > 0 {
		g.share = max(1, most/limits.ConnectionShare)
	}
	g.room = sync.NewCond(&g.mu)
	return g
}

// Accept implements [net.Listener].
func (g *gate) Accept() (net.Conn, error) {
	for {
		raw, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if tcp, ok := raw.(*net.TCPConn); ok {
			_ = tcp.SetWriteBuffer(limits.ConnectionUnsent) // else it is as large as the kernel likes
		}
		c, displaced := g.admit(raw)
		if displaced != nil {
			displaced.Close()
		}
		if c != nil {
			return c, nil
		}
		raw.Close()
	}
}

// Close implements [net.Listener].
func (g *gate) Close() error {
	g.mu.Lock()
	g.closed = true
	g.room.Broadcast()
	g.mu.Unlock()
	return g.Listener.Close()
}

// admit lets a connection in, in the place of another perhaps, which the caller
// closes. nil: it may not come in.
func (g *gate) admit(raw net.Conn) (c *conn, displaced net.Conn) {
	addr := remote(raw)
	g.mu.Lock()
	defer g.mu.Unlock()
	c = &conn{Conn: raw, gate: g, prefix: Network(addr)}
	if v := g.from[c.prefix]; v != nil && g.share > 0 && v.open >= g.share && !g.proxy(addr) {
		if displaced = g.displace(&v.silent); displaced == nil {
			return nil, nil
		}
	}
	for g.most > 0 && g.open >= g.most && displaced == nil && !g.closed {
		if displaced = g.displace(&g.silent); displaced == nil {
			g.room.Wait()
		}
	}
	if g.closed {
		return nil, displaced
	}
	if c.visitor = g.from[c.prefix]; c.visitor == nil {
		c.visitor = &visitor{}
		g.from[c.prefix] = c.visitor
	}
	c.visitor.open++
	g.open++
	g.fallsSilent(c) // until it has asked for something
	return c, displaced
}

// displace takes the first of those that are silent out; nil: none is.
func (g *gate) displace(silent *list.List) net.Conn {
	if silent.Len() == 0 {
		return nil
	}
	c := silent.Front().Value.(*conn)
	g.ends(c)
	return c.Conn
}

func (g *gate) fallsSilent(c *conn) {
	if c.inAll == nil && !c.gone {
		c.inAll, c.inVisitors = g.silent.PushBack(c), c.visitor.silent.PushBack(c)
		g.room.Signal()
	}
}

func (g *gate) speaks(c *conn) {
	if c.inAll != nil {
		g.silent.Remove(c.inAll)
		c.visitor.silent.Remove(c.inVisitors)
		c.inAll, c.inVisitors = nil, nil
	}
}

// ends forgets a connection, once.
func (g *gate) ends(c *conn) {
	if c.gone {
		return
	}
	g.speaks(c)
	c.gone = true
	g.open--
	if c.visitor.open--; c.visitor.open == 0 {
		delete(g.from, c.prefix)
	}
	g.room.Signal()
}

// note is what an [http.Server] tells of its connections.
func (g *gate) note(nc net.Conn, state http.ConnState) {
	if secure, ok := nc.(*tls.Conn); ok {
		nc = secure.NetConn()
	}
	c, ok := nc.(*conn)
	if !ok {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateActive:
		g.speaks(c)
	case http.StateIdle:
		g.fallsSilent(c)
	}
}

// Close implements [net.Conn].
func (c *conn) Close() error {
	c.gate.mu.Lock()
	c.gate.ends(c)
	c.gate.mu.Unlock()
	return c.Conn.Close()
}

func remote(c net.Conn) netip.Addr {
	ap, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

// Network is the address of one subscriber: with IPv6 a whole /64 is one.
func Network(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.WithZone("").Prefix(bits) // bits always fit
	return prefix
}

// among says whether an address is one of those in a list of addresses and
// networks.
func among(all []string) func(netip.Addr) bool {
	var networks []netip.Prefix
	for _, text := range all {
		if p, err := netip.ParsePrefix(text); err == nil {
			networks = append(networks, p)
		} else if a, err := netip.ParseAddr(text); err == nil {
			networks = append(networks, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return func(addr netip.Addr) bool {
		for _, p := range networks {
			if p.Contains(addr) {
				return true
			}
		}
		return false
	}
}
