package fault

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// Canary is a host that nobody may ever be sent to.
type Canary struct {
	URL         string
	Connections atomic.Int32
	Keys        atomic.Int32 // requests with an Authorization
}

// NewCanary starts one that ends with the test.
func NewCanary(t *testing.T) *Canary {
	t.Helper()
	c := &Canary{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			c.Keys.Add(1)
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.Connections.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c.URL = srv.URL
	return c
}
