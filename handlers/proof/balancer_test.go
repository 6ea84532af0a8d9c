//go:build !race

package proof_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"balancelink/handlers/sitetest"
)

// balancer stands before instances and sends each request to the next one. Where nobody
// listens it tries another, and counts that; what was sent it does not send again, as it does
// not know what it is about.
type balancer struct {
	t   *testing.T
	URL string
	to  *http.Transport

	mu    sync.Mutex
	hosts []string // that requests are sent to
	turn  int
	busy  map[string]int // requests that a host has

	missed atomic.Int64 // how often nobody listened
}

func newBalancer(t *testing.T) *balancer {
	t.Helper()
	b := &balancer{t: t, to: &http.Transport{MaxIdleConnsPerHost: 64}, busy: map[string]int{}}
	srv := httptest.NewServer(b)
	t.Cleanup(b.to.CloseIdleConnections)
	t.Cleanup(srv.Close)
	b.URL = srv.URL
	return b
}

// with has a host be sent requests.
func (b *balancer) with(host string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts = append(b.hosts, host)
}

// follow asks a host whether it is ready, each time over another connection, until it says
// that it is not: then it is sent no more requests.
func (b *balancer) follow(host string) {
	b.t.Helper()
	untilNotReady(b.t, host)
	b.without(host)
}

// untilNotReady waits until a host says that it is not ready.
func untilNotReady(t *testing.T, host string) {
	t.Helper()
	asks := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: sitetest.Never}
	sitetest.Await(t, "/readyz to fail", func() string { return "it is 200" }, func() bool {
		resp, err := asks.Get("http://" + host + "/readyz")
		if err != nil {
			t.Fatalf("it is not answered: %v", err)
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusServiceUnavailable
	})
}

// without has a host be sent no more requests, as one that does not answer when it is
// asked whether it is ready.
func (b *balancer) without(host string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts = slices.DeleteFunc(b.hosts, func(h string) bool { return h == host })
}

// unanswered is how many requests a host has that it has not answered yet.
func (b *balancer) unanswered(host string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.busy[host]
}

// inTurn are the hosts in the order in which a request tries them.
func (b *balancer) inTurn() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	at := b.turn % max(1, len(b.hosts))
	return slices.Concat(b.hosts[at:], b.hosts[:at])
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // who sent it is gone
	}
	for _, host := range b.inTurn() {
		if b.send(w, r, host, body) {
			return
		}
	}
	w.WriteHeader(http.StatusBadGateway)
}

// send has a host answer a request; false: it does not, and was sent nothing.
func (b *balancer) send(w http.ResponseWriter, r *http.Request, host string, body []byte) bool {
	b.count(host, 1)
	defer b.count(host, -1)
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = "http", host, ""
	out.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := b.to.RoundTrip(out)
	if refused, ok := errors.AsType[*net.OpError](err); ok && refused.Op == "dial" {
		b.missed.Add(1)
		return false
	}
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	defer resp.Body.Close()
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
	return true
}

func (b *balancer) count(host string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busy[host] += n
}
