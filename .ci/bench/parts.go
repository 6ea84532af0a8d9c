package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

const eventRows = `
	INSERT INTO events (id, provider, env, dedup_key, method, code, provider_env, provider_record, provider_account,
		attempt_nonce, headers, body, deliveries, result, reason, received_at, last_received_at, applied_at)
	SELECT printf('019b7a00-0000-7000-8006-%012x', i), 'okra', 'simulated', printf('%012x', 1767225600000 - $1 + i) || lower(hex(randomblob(10))), 'BALANCE', 'BALANCE_SUCCESS', 'production-sandbox',
		printf('64fec9000001%012x', i), printf('64fec8000003%012x', i), '', '{"Content-Type":"application/json"}', $2, 1, 'applied', '',
		1767225600000 + i, 1767225600000 + i, 1767225600000 + i
	FROM numbers`

// contest is peers in turn, round by round.
type contest struct {
	peers   []*peer
	samples map[string][]sample
}

// compete runs every peer in every round, forwards and backwards by turns, so
// that none is always the one after the slowest.
func (b *bench) compete(n int, peers ...*peer) (contest, error) {
	c := contest{peers, map[string][]sample{}}
	for round := range b.rounds + 1 {
		for _, p := range inTurn(peers, round) {
			s, err := b.turn(p, n)
			if err != nil {
				return c, fmt.Errorf("%s: %w", p.name, err)
			}
			if round > 0 {
				c.samples[p.name] = append(c.samples[p.name], s)
			}
		}
	}
	return c, nil
}

// turn is a round of one peer.
func (b *bench) turn(p *peer, n int) (s sample, err error) {
	if p.clients, err = p.clients.again(p.addr, n); err != nil {
		return s, err
	}
	defer p.clients.close()
	if p.beside != nil {
		defer p.beside()()
	}
	return p.clients.run(p.request, until(b.round))
}

func inTurn[T any](peers []T, round int) []T {
	if round%2 == 0 {
		return peers
	}
	back := slices.Clone(peers)
	slices.Reverse(back)
	return back
}

// ratios are a figure of one peer by that of another, round by round.
func (c contest) ratios(one, other string, of func(sample) float64) []float64 {
	all := make([]float64, len(c.samples[one]))
	for i := range all {
		all[i] = of(c.samples[one][i]) / of(c.samples[other][i])
	}
	return all
}

func (c contest) median(name string, of func(sample) float64) float64 {
	all := make([]float64, len(c.samples[name]))
	for i, s := range c.samples[name] {
		all[i] = of(s)
	}
	return median(all)
}

func p50(s sample) float64 { return s.ms(50) }
func p99(s sample) float64 { return s.ms(99) }

var peerNames = map[string]string{
	"ours": "ours, worker running", "alone": "ours, receipt alone", "log": "bare log, group fdatasync",
	"insert": "an INSERT a request", "pocketbase": "PocketBase 0.39.9",
}

// receipt measures storing webhooks before they are acknowledged.
func (b *bench) receipt() error {
	section("1. Durable receipt of webhooks", fmt.Sprintf("%-26s %7s %8s %9s %9s %7s   %-20s %-20s", "", "clients", "req/s", "p50 ms", "p99 ms", "CPU µs",
		"alone/this (min–max)", "ours/this (min–max)"))
	for _, n := range b.clients {
		if err := b.receiptAt(n); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) receiptAt(n int) error {
	var peers []*peer
	for _, name := range b.peers {
		p, err := b.start(name)
		if err != nil {
			return fmt.Errorf("starting %s: %w", name, err)
		}
		defer p.stop()
		peers = append(peers, p)
	}
	c, err := b.compete(n, peers...)
	if err != nil {
		return err
	}
	for _, p := range peers {
		fmt.Printf("%-26s %7d %8.0f %9.2f %9.2f %7.0f   %-20s %-20s\n", peerNames[p.name], n, c.median(p.name, sample.rate),
			c.median(p.name, p50), c.median(p.name, p99), c.median(p.name, sample.cpuEach),
			c.compare("alone", p.name), c.compare("ours", p.name))
	}
	c.judge(n)
	return nil
}

func (c contest) compare(one, other string) string {
	if one == other || len(c.samples[one]) == 0 {
		return "-"
	}
	return spread(c.ratios(one, other, sample.rate))
}

// judge prints how ours stands to its aims.
func (c contest) judge(n int) {
	for _, name := range []string{"alone", "ours"} {
		if len(c.samples[name]) == 0 {
			continue
		}
		if len(c.samples["log"]) > 0 {
			r := c.ratios(name, "log", sample.rate)
			fmt.Printf("  %s / bare log, rate: %s, %s\n", peerNames[name], spread(r), verdict(median(r) >= 0.90, ">= 0.90"))
		}
		if n > 1 && len(c.samples["pocketbase"]) > 0 {
			r := c.ratios(name, "pocketbase", sample.rate)
			fmt.Printf("  %s / PocketBase, rate: %s, %s\n", peerNames[name], spread(r), verdict(median(r) >= 6, ">= 6"))
			r = c.ratios("pocketbase", name, p99)
			fmt.Printf("  PocketBase / %s, p99: %s, %s\n", peerNames[name], spread(r), verdict(median(r) >= 8, ">= 8"))
		}
	}
}

// applying is one contender of the apply part: who only receives, who applies too, and who
// has a host told of it besides.
type applying struct {
	*linkedProduct
	name    string
	apply   bool
	samples []sample
	told    []float64 // a second, until all had arrived
}

// apply measures how long it takes until everything is applied, beside receiving what
// nobody has linked, and what is therefore only kept.
func (b *bench) apply() error {
	alone, both, told := &applying{name: "received"}, &applying{name: "and applied", apply: true},
		&applying{name: "and a host told", apply: true}
	all := []*applying{alone, both, told}
	for _, a := range all {
		request := eachNew(delivery)
		if a.apply {
			request = eachLinked(delivery, linkedOf(b.customers))
		}
		var err error
		if a.linkedProduct, err = b.linked(request); err != nil {
			return err
		}
		defer a.stop()
	}
	stop, err := told.endpoint(b.ctx)
	if err != nil {
		return err
	}
	defer stop()
	for round := range b.rounds + 1 {
		for _, a := range inTurn(all, round) {
			if err := b.applyOnce(a, round > 0); err != nil {
				return err
			}
		}
	}
	section(fmt.Sprintf("2. Receive and apply, %d customers, %d deliveries a round, 64 clients", b.customers, b.events),
		fmt.Sprintf("%-16s %8s %7s   %s", "", "a second", "CPU µs", "by receiving alone (min–max)"))
	for _, a := range all {
		a.print(alone)
	}
	fmt.Printf("  %.0f webhooks a second reach the host\n", median(told.told))
	return nil
}

// applyOnce is a contender's turn.
func (b *bench) applyOnce(a *applying, counts bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	defer a.clients.close()
	start := time.Now()
	s, rest, err := b.deliverAll(a.linkedProduct, a.apply)
	if err != nil {
		return err
	}
	seq, err := a.delivered(b.ctx)
	rest()
	if err != nil {
		return err
	}
	if counts {
		a.samples = append(a.samples, s)
		a.told = append(a.told, float64(seq-a.seq)/time.Since(start).Seconds())
	}
	a.seq = seq
	return nil
}

func (a *applying) print(alone *applying) {
	var rates, cpu, ratios []float64
	for i, s := range a.samples {
		rates, cpu = append(rates, s.rate()), append(cpu, s.cpuEach())
		ratios = append(ratios, alone.samples[i].seconds()/s.seconds())
	}
	fmt.Printf("%-16s %8.0f %7.0f", a.name, median(rates), median(cpu))
	if a != alone {
		fmt.Printf("   %s, %s", spread(ratios), verdict(median(ratios) >= 0.70, ">= 0.70"))
	}
	fmt.Println()
}

// linkedProduct is a product with customers, and who delivers for them.
type linkedProduct struct {
	*product
	file    string
	clients clients
	request request
	seq     int64 // of what happened last
}

func (b *bench) linked(req request) (*linkedProduct, error) {
	file, err := b.withCustomers(b.customers)
	if err != nil {
		return nil, err
	}
	p, err := b.product(file)
	if err != nil {
		return nil, err
	}
	return &linkedProduct{product: p, file: file, request: req}, nil
}

// connect dials, when it is a product's turn.
func (p *linkedProduct) connect() (err error) {
	p.clients, err = p.clients.again(p.addr, 64)
	return err
}

// deliverAll delivers a round's share and, if asked, waits until it is applied. The worker
// goes on until rest is called.
func (b *bench) deliverAll(p *linkedProduct, apply bool) (s sample, rest func(), err error) {
	start, before := time.Now(), processCPU()
	rest = func() {}
	if apply {
		rest = p.work()
	}
	each := b.events / len(p.clients)
	s, err = p.clients.run(p.request, func(sent int) bool { return sent < each })
	if err == nil && apply {
		err = p.applied(b.ctx)
	}
	s.elapsed, s.cpu = time.Since(start), processCPU()-before
	return s, rest, err
}

// full measures receipt where much is stored already.
func (b *bench) full() error {
	file, err := b.withEvents(b.stored)
	if err != nil {
		return err
	}
	var peers []*peer
	for name, file := range map[string]string{"full": file, "empty": b.file("empty.db")} {
		ours, err := b.product(file)
		if err != nil {
			return err
		}
		defer ours.stop()
		peers = append(peers, &peer{name: name, addr: ours.addr, request: eachNew(delivery)})
	}
	c, err := b.compete(64, peers...)
	if err != nil {
		return err
	}
	r := c.ratios("full", "empty", sample.rate)
	section(fmt.Sprintf("3. Receipt with %d stored events beside an empty table, 64 clients", b.stored), "stored req/s   empty req/s   ratio (min–max)")
	fmt.Printf("%12.0f   %11.0f   %s, %s\n", c.median("full", sample.rate), c.median("empty", sample.rate), spread(r), verdict(median(r) >= 0.9, ">= 0.9"))
	return nil
}

// storm measures the list of customers alone and while webhooks arrive as fast
// as they can.
func (b *bench) storm() error {
	p, err := b.linked(eachLinked(delivery, linkedOf(b.customers)))
	if err != nil {
		return err
	}
	defer p.stop()
	cookie, err := p.signIn()
	if err != nil {
		return err
	}
	viewers, err := dial(p.addr, 4)
	if err := errors.Join(err, p.connect()); err != nil {
		return err
	}
	view := paced(fmt.Appendf(nil, "GET /customers HTTP/1.1\r\nHost: lender.example\r\nCookie: %s\r\n\r\n", cookie))
	var ratios, quietP99, stormP99, rates []float64
	for round := range b.rounds + 1 {
		calm, err := viewers.run(view, until(b.round))
		if err != nil {
			return err
		}
		busy, storm, err := b.viewInStorm(p, viewers, view)
		if err != nil {
			return err
		}
		if round > 0 {
			ratios = append(ratios, p99(busy)/p99(calm))
			quietP99, stormP99, rates = append(quietP99, p99(calm)), append(stormP99, p99(busy)), append(rates, storm.rate())
		}
	}
	section(fmt.Sprintf("4. The list of %d customers at 200 views/s, alone and in a storm of webhooks from 64 clients", b.customers),
		"alone p99 ms   storm p99 ms   webhooks/s   ratio (min–max)")
	fmt.Printf("%12.2f   %12.2f   %10.0f   %s, %s\n", median(quietP99), median(stormP99), median(rates), spread(ratios), verdict(median(ratios) <= 4, "<= 4"))
	return nil
}

// paced sends one request 50 times a second at most.
func paced(what []byte) request {
	return func(_, _ int, buf []byte) []byte {
		time.Sleep(20 * time.Millisecond)
		return append(buf, what...)
	}
}

func (b *bench) viewInStorm(p *linkedProduct, viewers clients, view request) (busy, storm sample, err error) {
	rest := p.work()
	defer rest()
	done := make(chan error)
	go func() {
		var err error
		storm, err = p.clients.run(p.request, until(b.round))
		done <- err
	}()
	busy, err = viewers.run(view, until(b.round))
	if stormErr := <-done; err == nil {
		err = stormErr
	}
	return busy, storm, err
}
