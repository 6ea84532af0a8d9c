package main

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strings"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// looked are the pages whose cost must not depend on how many customers there are.
// Of {customer} and {account} there is one.
var looked = []struct{ name, path string }{
	{"overview", "/"},
	{"list", "/customers"},
	{"list, oldest balances", "/customers?sort=oldest"},
	{"list, added last", "/customers?sort=newest"},
	{"list, linked", "/customers?filter=linked"},
	{"list, never linked", "/customers?filter=never_linked"},
	{"list, sign in again", "/customers?filter=needs_login"},
	{"list, waiting for review", "/customers?filter=needs_review"},
	{"list, out of date", "/customers?filter=stale"},
	{"list, below threshold", "/customers?filter=below_threshold"},
	{"list, threshold unclear", "/customers?filter=threshold_unknown"},
	{"list, consent ended", "/customers?filter=consent_ended"},
	{"list, consent ends soon", "/customers?filter=consent_ending"},
	{"search, nothing found", "/customers?q=nobodyhasthis"},
	{"search, two of nothing", "/customers?q=ada+nobodyhasthis"},
	{"search, one name", "/customers?q=adaeze"},
	{"search, other order", "/customers?q=okonkwo+kemidi"},
	{"search, three letters", "/customers?q=ade"},
	{"search, one letter", "/customers?q=a"},
	{"search, reference", "/customers?q=LN-0000000003"},
	{"search, middle of a word", "/customers?q=000000003"},
	{"search, e-mail", "/customers?q=person.3%40example.com"},
	{"search, telephone", "/customers?q=0803+000+0003"},
	{"search and filter", "/customers?q=adaeze&filter=below_threshold"},
	{"search, oldest balances", "/customers?q=okonkwo&sort=oldest"},
	{"customer", "/customers/{customer}"},
	{"account", "/accounts/{account}"},
	{"reviews", "/reviews"},
	{"refreshes", "/refreshes"},
	{"refreshes, running", "/refreshes?filter=running"},
	{"inbox", "/inbox"},
	{"inbox, unmatched", "/inbox?result=unmatched"},
	{"status", "/status"},
	{"audit", "/audit"},
}

// jobs are what reads much, on purpose: its cost grows as the database does, and not
// faster. That of one customer's file must not.
var jobs = []struct {
	name string
	aim  aim
	run  func(b *bench, p *product, address, customer, cookie string) error
}{
	{"a customer's file", flat, func(b *bench, p *product, _, customer, _ string) error {
		e, err := p.store.Export(b.ctx, customer)
		if err != nil {
			return err
		}
		return e.Close()
	}},
	{"the list as a file", linear, func(_ *bench, p *product, _, _, cookie string) error {
		return p.get("/customers.csv", cookie)
	}},
	{"verify", linear, func(b *bench, _ *product, address, _, _ string) error {
		_, err := store.Verify(b.ctx, address, keys(), nil)
		return err
	}},
	{"audit verify", linear, func(b *bench, _ *product, address, _, _ string) error {
		_, err := store.VerifyAuditOf(b.ctx, address, keys(), nil)
		return err
	}},
	{"backup", linear, func(b *bench, _ *product, address, _, _ string) error {
		to := b.file("backup")
		var err error
		if b.copied {
			_, err = store.Dump{URL: address, Keys: keys(), Erased: b.file("erased")}.Backup(b.ctx, to)
		} else {
			_, err = store.Backup(b.ctx, address, to, keys(), nil)
		}
		return errors.Join(err, os.Remove(to))
	}},
}

// aim is how the cost of something may grow over the number of customers: by which
// exponent at least and at most.
type aim struct{ least, most float64 }

var flat, linear = aim{math.Inf(-1), 0.15}, aim{0.95, 1.05}

func (a aim) String() string {
	if math.IsInf(a.least, -1) {
		return fmt.Sprintf("<= %.2f", a.most)
	}
	return fmt.Sprintf("%.2f to %.2f", a.least, a.most)
}

func (a aim) verdict(exponent float64) string {
	return fmt.Sprintf("%5.2f, %s", exponent, verdict(a.least <= exponent && exponent <= a.most, a.String()))
}

// growth is what each thing took, in milliseconds, by its name and in the order of sizes.
type growth map[string][]float64

func (g growth) add(name string, ms float64) { g[name] = append(g[name], ms) }

// exponent is that of the power of the sizes which fits best: the slope of a line
// through the logarithms.
func exponent(sizes []int, took []float64) float64 {
	var x, y, xx, xy float64
	for i, n := range sizes {
		lx, ly := math.Log(float64(n)), math.Log(took[i])
		x, y, xx, xy = x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	n := float64(len(sizes))
	return (n*xy - x*y) / (n*xx - x*x)
}

// pages measures each page in databases of several sizes, and what reads much, and how
// that grows. The files are those of -files, as -make makes them; with -copied PostgreSQL
// has what is in them.
func (b *bench) pages() error {
	at := func(file string) (address string, err error) { return "sqlite:" + file, nil }
	if b.copied {
		server, err := storetest.Begin("")
		if err != nil {
			return err
		}
		defer server.End()
		at = func(file string) (string, error) { return b.move(file, server, fmt.Sprintf("copy%d", b.dbs)) }
	}
	took := growth{}
	var sizes []int
	heading := fmt.Sprintf("%-26s", "")
	for _, file := range b.files {
		if _, err := os.Stat(file); err != nil { // or it would be made
			return err
		}
		address, err := at(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		n, err := b.look(address, took)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		sizes = append(sizes, n)
		heading += fmt.Sprintf(" %10d", n)
	}
	line := func(name string, aim aim) {
		text := fmt.Sprintf("%-26s", name)
		for _, ms := range took[name] {
			text += fmt.Sprintf(" %10.1f", ms)
		}
		if len(sizes) > 1 {
			text += "   " + aim.verdict(exponent(sizes, took[name]))
		}
		fmt.Println(text)
	}
	section("5. Pages, median ms of 5, by the number of customers", heading+"   exponent")
	for _, p := range looked {
		line(p.name, flat)
	}
	if !b.jobs {
		return nil
	}
	section("6. What reads much, ms, by the number of customers", heading+"   exponent")
	for _, j := range jobs {
		line(j.name, j.aim)
	}
	return nil
}

// look measures the pages and the jobs of one database, and says how many customers
// that has.
func (b *bench) look(address string, took growth) (customers int, err error) {
	p, err := b.productOn(address)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	defer p.work()()
	cookie, err := p.signIn()
	if err != nil {
		return 0, err
	}
	customers, customer, account, err := b.someOf(address)
	if err != nil {
		return 0, err
	}
	marks := strings.NewReplacer("{customer}", customer, "{account}", account)
	for _, page := range looked {
		var all []float64
		for range 6 {
			ms, err := timed(func() error { return p.get(marks.Replace(page.path), cookie) })
			if err != nil {
				return 0, fmt.Errorf("%s: %w", page.name, err)
			}
			all = append(all, ms)
		}
		took.add(page.name, median(all[1:])) // the first one prepares statements
	}
	if !b.jobs {
		return customers, nil
	}
	for _, j := range jobs {
		ms, err := timed(func() error { return j.run(b, p, address, customer, cookie) })
		if err != nil {
			return 0, fmt.Errorf("%s: %w", j.name, err)
		}
		took.add(j.name, ms)
	}
	return customers, nil
}

// timed says how many milliseconds something takes.
func timed(f func() error) (ms float64, err error) {
	start := time.Now()
	err = f()
	return float64(time.Since(start).Microseconds()) / 1000, err
}

// someOf reads how many customers there are, and the ids of one of them and of an
// account of theirs.
func (b *bench) someOf(address string) (customers int, customer, account string, err error) {
	driver, name := "pgx", address
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, name = "sqlite", "file:"+file+"?mode=ro"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		return 0, "", "", err
	}
	defer db.Close()
	err = db.QueryRowContext(b.ctx, `
		SELECT (SELECT COUNT(*) FROM customers), customer_id, id
		FROM accounts
		ORDER BY id
		LIMIT 1`).Scan(&customers, &customer, &account)
	return customers, customer, account, err
}

// get reads a page to its end.
func (p *product) get(path, cookie string) error {
	req, err := http.NewRequest(http.MethodGet, "http://"+p.addr+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", cookie)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s says %s", path, resp.Status)
	}
	_, err = io.Copy(io.Discard, bufio.NewReader(resp.Body))
	return err
}
