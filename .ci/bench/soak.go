package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// slices of the soak, each a line of its table.
const soakSlices = 12

// soakWork is something that is done all the time, by clients of its own, so often a second
// in all.
type soakWork struct {
	name    string
	clients int
	rate    float64
	request request
	conns   clients
}

// soak measures whether anything grows or slows while mixed work goes on at half of what
// can be received: memory, the write-ahead log, open files, latency. Of the first slice
// nothing is judged: caches fill.
func (b *bench) soak() error {
	p, err := b.linked(eachLinked(delivery, linkedOf(b.customers)))
	if err != nil {
		return err
	}
	defer p.stop()
	defer p.work()()
	works, err := b.soakWorks(p)
	if err != nil {
		return err
	}
	defer func() {
		for _, w := range works {
			w.conns.close()
		}
	}()
	heading := fmt.Sprintf("%8s %9s %8s %6s %6s", "min", "RSS MB", "WAL MB", "files", "DB MB")
	for _, w := range works {
		heading += fmt.Sprintf(" %22s", w.name+" p50, p99 ms")
	}
	section(fmt.Sprintf("7. %v of mixed work, %d customers: %.0f webhooks, %.0f pages and %.0f probes a second", b.soakFor,
		b.customers, works[0].rate, works[1].rate, works[2].rate), heading)
	s := soaked{}
	for n := range soakSlices {
		all, err := b.soakSlice(works)
		if err != nil {
			return err
		}
		s.add("memory", float64(resident())/1e6)
		s.add("the log", float64(size(p.file+"-wal"))/1e6)
		s.add("open files", float64(openFiles()))
		fmt.Printf("%8.1f %9.0f %8.1f %6.0f %6.0f", b.soakFor.Minutes()*float64(n+1)/soakSlices,
			s.last("memory"), s.last("the log"), s.last("open files"), float64(size(p.file))/1e6)
		for i, w := range works {
			s.add(w.name+", p50", p50(all[i]))
			s.add(w.name+", p99", p99(all[i]))
			fmt.Printf(" %22s", fmt.Sprintf("%.2f %.2f", p50(all[i]), p99(all[i])))
		}
		fmt.Println()
	}
	s.judge()
	return nil
}

// soakWorks are webhooks at half of what is received when nothing is held back, and beside
// them people who look at pages, and a balancer that asks whether all is well.
func (b *bench) soakWorks(p *linkedProduct) ([]*soakWork, error) {
	cookie, err := p.signIn()
	if err != nil {
		return nil, err
	}
	_, customer, _, err := b.someOf("sqlite:" + p.file)
	if err != nil {
		return nil, err
	}
	get := func(path string) []byte {
		return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: lender.example\r\nCookie: %s\r\n\r\n", path, cookie)
	}
	pages := [][]byte{
		get("/"), get("/customers"), get("/customers?q=adaeze"), get("/customers/" + customer), get("/today"), get("/inbox"),
	}
	works := []*soakWork{
		{name: "webhooks", clients: 64, request: p.request},
		{name: "pages", clients: 8, rate: 20, request: func(client, n int, buf []byte) []byte {
			return append(buf, pages[(client+n)%len(pages)]...)
		}},
		{name: "probes", clients: 16, rate: 100, request: func(_, _ int, buf []byte) []byte {
			return append(buf, get("/readyz")...)
		}},
	}
	if err := p.connect(); err != nil {
		return nil, err
	}
	most, err := p.clients.run(p.request, until(5*time.Second))
	p.clients.close()
	works[0].rate = most.rate() / 2
	if err := errors.Join(err, p.applied(b.ctx)); err != nil {
		return nil, err
	}
	for _, w := range works {
		if w.conns, err = dial(p.addr, w.clients); err != nil {
			return nil, err
		}
	}
	return works, nil
}

// soakSlice does all works for a slice.
func (b *bench) soakSlice(works []*soakWork) ([]sample, error) {
	all, errs := make([]sample, len(works)), make([]error, len(works))
	var wg sync.WaitGroup
	for i, w := range works {
		wg.Go(func() { all[i], errs[i] = w.conns.run(w.paced(), until(b.soakFor/soakSlices)) })
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

// paced has the clients of a work send so often a second in all and not more.
func (w *soakWork) paced() request {
	var sent atomic.Int64
	begun, every := time.Now(), time.Duration(float64(time.Second)/w.rate)
	return func(client, n int, buf []byte) []byte {
		time.Sleep(time.Until(begun.Add(time.Duration(sent.Add(1)) * every)))
		return w.request(client, n, buf)
	}
}

// soaked is what was measured in each slice, by what it is.
type soaked struct {
	names []string
	all   map[string][]float64
}

func (s *soaked) add(name string, value float64) {
	if s.all == nil {
		s.all = map[string][]float64{}
	}
	if s.all[name] == nil {
		s.names = append(s.names, name)
	}
	s.all[name] = append(s.all[name], value)
}

func (s *soaked) last(name string) float64 { return s.all[name][len(s.all[name])-1] }

// judge compares the last quarter with the second: by then all is warm.
func (s *soaked) judge() {
	const quarter = soakSlices / 4
	for _, name := range s.names {
		all := s.all[name]
		r := median(all[len(all)-quarter:]) / max(median(all[quarter:2*quarter]), 0.01)
		fmt.Printf("  %s, the last quarter / the second: %.2f, %s\n", name, r, verdict(r <= 1.25, "<= 1.25"))
	}
}

// resident is the memory of this process in bytes; 0: it is not known.
func resident() int64 {
	runtime.GC()
	stat, err := os.ReadFile("/proc/self/statm")
	if fields := bytes.Fields(stat); err == nil && len(fields) > 1 {
		pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
		return pages * int64(os.Getpagesize())
	}
	return 0
}

func openFiles() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

// size is that of a file in bytes; 0: there is none.
func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}
