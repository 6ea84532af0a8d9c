package everyroute_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/sitetest/site"
)

// Whoever announces a body and sends nothing of it is not waited for where it
// is not wanted: the answer comes at once and ends the connection.
func TestARefusalDoesNotWaitForABodyThatNobodyReads(t *testing.T) {
	p := newPrincipals(t)
	c := p.newCell(t)
	addr := sitetest.Addr(t)
	site.Serve(t, addr, p.server) // without the limits of time
	type row struct{ what, head string }
	rows := []row{
		{"a wrong token", "POST /webhooks/okra HTTP/1.1\r\nAuthorization: Bearer wrong\r\nContent-Type: application/json\r\n"},
		{"another type", "POST /webhooks/okra HTTP/1.1\r\nAuthorization: Bearer simulated-webhook-token\r\nContent-Type: text/plain\r\n"},
		{"another encoding", "POST /webhooks/okra HTTP/1.1\r\nAuthorization: Bearer simulated-webhook-token\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"},
		{"no route", "POST /no/such/page HTTP/1.1\r\n"},
		{"another method", "PUT /login HTTP/1.1\r\n"},
		{"another site", "POST /login HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n"},
		{"a page", "GET /login HTTP/1.1\r\n"},
	}
	for _, r := range p.server.Routes() { // as nobody
		path := c.path(r.Method + " " + r.Path)
		if r.Method == http.MethodPost && (strings.HasPrefix(path, "/customers") || strings.HasPrefix(path, "/me/a") || strings.HasPrefix(path, "/status")) {
			rows = append(rows, row{"nobody at " + r.Path, "POST " + path + " HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\n"})
		}
	}
	var all sync.WaitGroup // each waits half a second for a body
	for _, large := range []string{"Content-Length: 2000", "Content-Length: 100000000", "Transfer-Encoding: chunked"} {
		for _, r := range rows {
			all.Go(func() {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(sitetest.Never))
				fmt.Fprintf(conn, "%sHost: x\r\n%s\r\n\r\n", r.head, large)
				answers := bufio.NewReader(conn)
				resp, err := http.ReadResponse(answers, nil)
				if err != nil {
					t.Errorf("%s, %s: %v", r.what, large, err)
					return
				}
				if !resp.Close {
					t.Errorf("%s, %s: %d does not close the connection", r.what, large, resp.StatusCode)
				}
				if rest, err := io.ReadAll(answers); err != nil && !strings.Contains(err.Error(), "reset") {
					t.Errorf("%s, %s: after %d bytes more the connection has not ended: %v", r.what, large, len(rest), err)
				}
			})
		}
	}
	all.Wait()
	if !slices.ContainsFunc(rows, func(r row) bool { return strings.HasPrefix(r.what, "nobody at") }) {
		t.Error("no route was tried as nobody")
	}
}

func TestABodyThatIsReadKeepsTheConnection(t *testing.T) {
	p := newPrincipals(t)
	addr := sitetest.Addr(t)
	site.Serve(t, addr, p.server)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(sitetest.Never))
	answers := bufio.NewReader(conn)
	const form = "language=fr"
	for range 3 {
		fmt.Fprintf(conn, "POST /language HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form)
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if io.Copy(io.Discard, resp.Body); resp.Close || resp.StatusCode != http.StatusSeeOther {
			t.Errorf("answered %d, closing: %v", resp.StatusCode, resp.Close)
		}
	}
}
