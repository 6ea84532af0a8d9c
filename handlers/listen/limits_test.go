package listen_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/listen"
)

// Nobody holds a connection for long: each of these has an end.
func TestEveryStageOfAConnectionHasATimeout(t *testing.T) {
	s, err := listen.Open(http.NotFoundHandler(), quiet, listen.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, d := range map[string]time.Duration{
		"until the header is there": s.ReadHeaderTimeout, "until all is read": s.ReadTimeout, "until all is written": s.WriteTimeout, "between requests": s.IdleTimeout,
	} {
		if d <= 0 || d > 2*time.Minute {
			t.Errorf("%s: %v", name, d)
		}
	}
	if s.ReadHeaderTimeout > 5*time.Second || s.MaxHeaderBytes != 16<<10 {
		t.Errorf("a header may take %v and be %d bytes", s.ReadHeaderTimeout, s.MaxHeaderBytes)
	}
}

func TestAHeaderBeyondTheCapIsRefusedBeforeAnybodyReadsIt(t *testing.T) {
	addr := serve(t, listen.Options{})
	for _, row := range []struct {
		what   string
		header string
		want   int
	}{
		{"one of 10 KB", "X-Large: " + strings.Repeat("x", 10<<10) + "\r\n", 200},
		{"one of 40 KB", "X-Large: " + strings.Repeat("x", 40<<10) + "\r\n", 431},
		{"a cookie of 40 KB", "Cookie: a=" + strings.Repeat("x", 40<<10) + "\r\n", 431},
		{"1,000 of them", strings.Repeat("X-Many: "+strings.Repeat("x", 30)+"\r\n", 1000), 431},
	} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		go io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n"+row.header+"\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(conn), httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		if err != nil || resp.StatusCode != row.want {
			t.Errorf("%s: %v, %v; want %d", row.what, resp, err, row.want)
		}
		conn.Close()
	}
}
