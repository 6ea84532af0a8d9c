package load_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/store"
)

// abusers is how many times the small number of abusers comes: ABUSE=10 is the
// large size.
func abusers(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("ABUSE"))
	if err != nil && os.Getenv("ABUSE") != "" {
		t.Fatal(err)
	}
	return max(n, 1)
}

func TestOthersAreServedWhileSomeAbuse(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits, alone, until slow connections are given up")
	}
	n := abusers(t)
	addr := newProduct(t, store.Options{}).addr // alone: it looks at what the process holds
	if status, err := visit(t.Context(), addr, "GET", "/login", "", nil); status != http.StatusOK {
		t.Fatal(status, err)
	}
	goroutines, before := runtime.NumGoroutine(), heap()

	var slow []net.Conn
	for range 200 * n {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		slow = append(slow, conn)
	}
	var bad sync.WaitGroup
	wants := func(count, want int, method, path, cookie string, body func() io.Reader) {
		bad.Go(func() {
			for range count {
				status, err := visit(t.Context(), addr, method, path, cookie, body())
				// Whoever sends on to a closed connection may miss its answer.
				if status != want && !(err != nil && want == http.StatusRequestEntityTooLarge) {
					t.Errorf("%s %s: %d, %v; want %d", method, path, status, err, want)
				}
			}
		})
	}
	nothing := func() io.Reader { return nil }
	large := strings.Repeat("x", 10<<20)
	wants(50*n, http.StatusRequestEntityTooLarge, "POST", "/login", "", func() io.Reader { return strings.NewReader(large) })
	wants(100*n, http.StatusSeeOther, "GET", "/customers", "balancelink_staff="+strings.Repeat("garbage", 500), nothing)
	wants(1000*n, http.StatusNotFound, "GET", "/no/such/page", "", nothing)
	for i := range 200 * n {
		if status, err := visit(t.Context(), addr, "GET", "/login", "", nil); status != http.StatusOK {
			t.Errorf("visitor %d: %d, %v", i, status, err)
		}
	}
	bad.Wait()
	if grown := heap() - before; grown > 64<<20 {
		t.Errorf("the heap has grown by %d MiB", grown>>20)
	}
	for i, conn := range slow {
		conn.SetReadDeadline(time.Now().Add(sitetest.Never))
		if _, err := io.Copy(io.Discard, conn); os.IsTimeout(err) {
			t.Fatalf("slow connection %d is still held", i)
		}
		conn.Close()
	}
	now := func() string { return fmt.Sprintf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines) }
	sitetest.Await(t, "the goroutines of the abuse to end", now, func() bool { return runtime.NumGoroutine() <= goroutines+10 })
}

// visit asks once, on a connection of its own.
func visit(ctx context.Context, addr, method, path, cookie string, body io.Reader) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+addr+path, body)
	if err != nil {
		return 0, err
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return 0, fmt.Errorf("asking: %w", err)
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// heap is what is in use once what nobody needs is gone.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
