package sitetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"
)

func TestAServerThatClosesLeavesTheConnectionsOfOthersAlone(t *testing.T) {
	stays := httptest.NewServer(http.NotFoundHandler())
	defer stays.Close()
	reused := false
	ask := func() {
		trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }}
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, stays.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	ask()
	httptest.NewServer(http.NotFoundHandler()).Close()
	if ask(); !reused {
		t.Error("the connection was closed with another's server")
	}
}
