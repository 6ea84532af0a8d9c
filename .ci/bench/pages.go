package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
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

// pages measures each page in databases of several sizes, and how its time grows.
// The files are those of -files, as -make makes them.
func (b *bench) pages() error {
	took := map[string][]float64{}
	var sizes []int
	for _, file := range b.files {
		n, err := b.look(file, took)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		sizes = append(sizes, n)
	}
	heading := fmt.Sprintf("%-26s", "")
	for _, n := range sizes {
		heading += fmt.Sprintf(" %10d", n)
	}
	section("5. Pages, median ms of 5, by the number of customers", heading+"   exponent")
	for _, p := range looked {
		line := fmt.Sprintf("%-26s", p.name)
		for _, ms := range took[p.name] {
			line += fmt.Sprintf(" %10.1f", ms)
		}
		first, last := took[p.name][0], took[p.name][len(sizes)-1]
		if len(sizes) > 1 {
			e := math.Log(last/first) / math.Log(float64(sizes[len(sizes)-1])/float64(sizes[0]))
			line += fmt.Sprintf("   %.2f, %s", e, verdict(e <= 0.15, "<= 0.15"))
		}
		fmt.Println(line)
	}
	return nil
}

// look measures the pages of one database, and says how many customers that has.
func (b *bench) look(file string, took map[string][]float64) (customers int, err error) {
	if _, err := os.Stat(file); err != nil {
		return 0, err
	}
	p, err := b.product(file)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	defer p.work()()
	cookie, err := p.signIn()
	if err != nil {
		return 0, err
	}
	customers, marks, err := b.someOf(file)
	if err != nil {
		return 0, err
	}
	for _, page := range looked {
		var all []float64
		for range 6 {
			start := time.Now()
			if err := p.get(marks.Replace(page.path), cookie); err != nil {
				return 0, fmt.Errorf("%s: %w", page.name, err)
			}
			all = append(all, float64(time.Since(start).Microseconds())/1000)
		}
		slices.Sort(all[1:]) // the first one prepares statements
		took[page.name] = append(took[page.name], median(all[1:]))
	}
	return customers, nil
}

// someOf reads how many customers there are, and the ids of one in the middle.
func (b *bench) someOf(file string) (customers int, marks *strings.Replacer, err error) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		return 0, nil, err
	}
	defer db.Close()
	var customer, account string
	err = db.QueryRowContext(b.ctx, `
		SELECT (SELECT COUNT(*) FROM customers), customer_id, id
		FROM accounts
		ORDER BY id
		LIMIT 1`).Scan(&customers, &customer, &account)
	return customers, strings.NewReplacer("{customer}", customer, "{account}", account), err
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
