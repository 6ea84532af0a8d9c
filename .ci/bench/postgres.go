package main

import (
	"fmt"
	"os"

	"balancelink/store"
	"balancelink/store/storetest"
)

// postgres measures receiving the webhooks of linked accounts, which are applied at once,
// on PostgreSQL: on this machine, and as far away as -away says, there also with one
// statement at a time. In all of them the worker runs.
func (b *bench) postgres() error {
	server, err := storetest.Begin("")
	if err != nil {
		return err
	}
	defer server.End()
	folder := b.file("far")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	far, err := server.Far(folder, b.away)
	if err != nil {
		return err
	}
	defer far.Close()
	file, err := b.withCustomers(b.customers)
	if err != nil {
		return err
	}
	peers := []*peer{
		{name: "sqlite", addr: "sqlite:" + file}, {name: "here", addr: server.URL("here")},
		{name: "away", addr: far.URL(server.URL("away"))}, {name: "rows", addr: far.URL(server.URL("rows"))},
	}
	for _, p := range peers[1:] {
		if _, err := b.move(file, server, p.name); err != nil {
			return err
		}
	}
	for _, p := range peers {
		ours, err := b.productWith(p.addr, store.Options{OneByOne: p.name == "rows"})
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		defer ours.stop()
		p.addr, p.beside, p.request = ours.addr, ours.work, eachLinked(delivery, linkedOf(b.customers))
	}
	var trips []float64 // of each round
	away := peers[2]
	work := away.beside
	away.beside = func() func() {
		before, rest := far.Made(), work()
		return func() { rest(); trips = append(trips, float64(far.Made()-before)) }
	}
	c, err := b.compete(64, peers...)
	if err != nil {
		return err
	}
	for i, s := range c.samples["away"] {
		trips[i+1] /= float64(s.answered) // the first round does not count
	}
	b.printPostgres(c, trips[1:])
	return nil
}

func (b *bench) printPostgres(c contest, trips []float64) {
	section(fmt.Sprintf("5. Receive and apply on PostgreSQL, %d customers, 64 clients", b.customers),
		fmt.Sprintf("%-22s %8s %9s %9s   %s", "", "req/s", "p50 ms", "p99 ms", "by SQLite (min–max)"))
	for _, row := range [][2]string{
		{"sqlite", "SQLite"}, {"here", "PostgreSQL here"}, {"away", fmt.Sprintf("PostgreSQL %s away", b.away)},
		{"rows", "the same, one by one"},
	} {
		fmt.Printf("%-22s %8.0f %9.2f %9.2f   %s\n", row[1], c.median(row[0], sample.rate), c.median(row[0], p50),
			c.median(row[0], p99), spread(c.ratios(row[0], "sqlite", sample.rate)))
	}
	here := c.ratios("here", "sqlite", sample.rate)
	fmt.Printf("  here / SQLite, rate: %s, %s\n", spread(here), verdict(median(here) >= 0.6, ">= 0.60"))
	sets := c.ratios("away", "rows", sample.rate)
	fmt.Printf("  away / one statement at a time, rate: %s, %s\n", spread(sets), verdict(median(sets) >= 10, ">= 10"))
	fmt.Printf("  round trips a webhook: %s, %s\n", spread(trips), verdict(median(trips) <= 0.5, "<= 0.50"))
}

// move copies a database into a new one of the server, and says its address.
func (b *bench) move(file string, s *storetest.Server, name string) (address string, err error) {
	if address, err = s.Create(name); err != nil {
		return "", err
	}
	_, err = store.Transfer{
		From: "sqlite:" + file, To: address, Erased: b.file("erased"), Keys: keys(),
	}.Run(b.ctx)
	return address, err
}
