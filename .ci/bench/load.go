package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// request appends a client's nth request as it goes over the wire.
type request func(client, n int, buf []byte) []byte

// clients are connections that are kept open, each with one request at a time.
type clients []*client

type client struct {
	net.Conn
	r    *bufio.Reader
	sent int
	buf  []byte
	took []time.Duration
}

func dial(addr string, n int) (clients, error) {
	all := make(clients, n)
	for i := range all {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return nil, err
		}
		all[i] = &client{Conn: conn, r: bufio.NewReaderSize(conn, 64<<10)}
	}
	return all, nil
}

// again dials anew, when it is somebody's turn: a server hangs up on those who say nothing
// for long. Who was there before goes on with the number of what they sent.
func (all clients) again(addr string, n int) (clients, error) {
	now, err := dial(addr, n)
	if err != nil {
		return nil, err
	}
	for i, c := range all {
		now[i].sent = c.sent
	}
	return now, nil
}

func (all clients) close() {
	for _, c := range all {
		c.Close()
	}
}

// sample is what one round of one contender came to.
type sample struct {
	answered int
	elapsed  time.Duration
	cpu      time.Duration
	took     []time.Duration // sorted
}

func (s sample) rate() float64    { return float64(s.answered) / s.elapsed.Seconds() }
func (s sample) cpuEach() float64 { return float64(s.cpu.Microseconds()) / float64(s.answered) }
func (s sample) ms(p int) float64 { return percentile(s.took, p) }
func (s sample) seconds() float64 { return s.elapsed.Seconds() }

// run lets all clients send while more says so of the number sent before.
func (all clients) run(req request, more func(sent int) bool) (sample, error) {
	runtime.GC() // nobody pays for the garbage of the round before
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	start, before := time.Now(), processCPU()
	for i, c := range all {
		c.took = c.took[:0]
		wg.Go(func() {
			for n := 0; errs[i] == nil && more(n); n++ {
				c.buf = req(i, c.sent, c.buf[:0])
				c.sent++
				errs[i] = c.do()
			}
		})
	}
	wg.Wait()
	s := sample{elapsed: time.Since(start), cpu: processCPU() - before}
	for _, c := range all {
		s.took = append(s.took, c.took...)
	}
	s.answered = len(s.took)
	slices.Sort(s.took)
	return s, errors.Join(errs...)
}

// until is a [clients.run] that lasts as long as that.
func until(d time.Duration) func(int) bool {
	end := time.Now().Add(d)
	return func(int) bool { return time.Now().Before(end) }
}

func (c *client) do() error {
	start := time.Now()
	if _, err := c.Write(c.buf); err != nil {
		return err
	}
	if err := c.readAnswer(); err != nil {
		return err
	}
	c.took = append(c.took, time.Since(start))
	return nil
}

// readAnswer reads an answer with less effort than [http.ReadResponse], so
// that it is the server that is measured. Any other answer than 200 is an error.
func (c *client) readAnswer() error {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	ok, status := bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")), string(line)
	length := -1
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if !ok {
		what := make([]byte, max(0, length))
		io.ReadFull(c.r, what)
		return fmt.Errorf("answer was %s%s", status, what)
	}
	if length >= 0 {
		_, err = c.r.Discard(length)
		return err
	}
	if _, err := io.Copy(io.Discard, httputil.NewChunkedReader(c.r)); err != nil {
		return err
	}
	_, err = c.r.ReadSlice('\n')
	return err
}

// serve serves as main does and returns the address.
func serve(h http.Handler) (addr string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	go srv.Serve(l)
	return l.Addr().String(), func() { srv.Close() }, nil
}

// processCPU is what this process has used of all processors.
func processCPU() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail with these arguments
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// percentile is in milliseconds, of sorted times.
func percentile(took []time.Duration, p int) float64 {
	if len(took) == 0 {
		return 0
	}
	return float64(took[(len(took)-1)*p/100].Microseconds()) / 1000
}

func median[T cmp.Ordered](all []T) T {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

// spread is a list of ratios as people read it.
func spread(ratios []float64) string {
	return fmt.Sprintf("%.2f (%.2f–%.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
}
