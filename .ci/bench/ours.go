package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"balancelink/handlers"
	"balancelink/handlers/api"
	"balancelink/handlers/providers"
	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/worker"
	"balancelink/store"
)

const (
	staffEmail    = "bench@lender.example"
	staffPassword = "a password for the bench"
	webhookToken  = "simulated-webhook-token" // which package settings gives a simulated installation
)

// dataKey is that of every database here.
var dataKey = bytes.Repeat([]byte("k"), store.KeySize)

func keys() *store.Keyring {
	k, err := store.NewKeyring(dataKey)
	if err != nil {
		panic(err) // it is as long as it must be
	}
	return k
}

// product is what main wires, without the simulated bank.
type product struct {
	store  *store.Store
	worker *worker.Worker
	addr   string
	stop   func()
}

// product starts a server on the database in that file.
func (b *bench) product(file string) (*product, error) { return b.productOn("sqlite:" + file) }

// productOn starts a server on the database at that address.
func (b *bench) productOn(address string) (*product, error) {
	return b.productWith(address, store.Options{})
}

// productWith is productOn with options of the store that are its own.
func (b *bench) productWith(address string, opt store.Options) (*product, error) {
	set, err := settings.Load(nil, []string{
		"DATABASE_URL=" + address, "SESSION_KEY=0123456789abcdef0123456789abcdef",
		"DATA_KEY=" + hex.EncodeToString(dataKey), "ADMIN_EMAIL=" + staffEmail,
		"ADMIN_PASSWORD=" + staffPassword,
	}, io.Discard)
	if err != nil {
		return nil, err
	}
	opt.Keys, opt.Unmetered = keys(), true
	db, err := store.Open(b.ctx, set.DatabaseURL.Reveal(), opt)
	if err != nil {
		return nil, err
	}
	if err := signin.FirstStaff(b.ctx, db, set, signin.FullCost); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	adapter, err := providers.Okra(set)
	if err != nil {
		return nil, err
	}
	upstreams := []handlers.Upstream{{Provider: adapter}}
	p := &product{store: db, worker: worker.New(
		worker.Config{Store: db, Providers: handlers.Providers(upstreams), Env: set.Env, Logger: quiet,
			StaleAfter: set.StaleAfter, Location: set.Location, Outgoing: api.Outgoing(set)},
	)}
	site, err := handlers.New(
		handlers.Config{Settings: set, Store: db, Upstreams: upstreams, Worker: p.worker, Logger: quiet},
	)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	addr, stop, err := serve(site)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	p.addr, p.stop = addr, func() { stop(); db.Close() }
	return p, nil
}

// work runs the worker until rest is called.
func (p *product) work() (rest func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { p.worker.Run(ctx) })
	return func() { cancel(); wg.Wait() }
}

// applied waits until nothing is left to apply.
func (p *product) applied(ctx context.Context) error {
	for {
		left, err := p.store.EventsToApply(ctx, "okra", 1)
		if err != nil || len(left) == 0 {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// endpoint has a host of the business told of every balance that changes.
func (p *product) endpoint(ctx context.Context) (stop func(), err error) {
	addr, stop, err := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	if err != nil {
		return nil, err
	}
	_, err = p.store.AddEndpoint(ctx, store.Program, store.Endpoint{
		URL: "http://" + addr, Types: []store.NoticeType{store.NoticeBalance}, Amounts: true,
	})
	return stop, err
}

// delivered waits until nothing is left to send to the endpoint, and says how much
// happened in all.
func (p *product) delivered(ctx context.Context) (seq int64, err error) {
	for {
		e, err := p.store.Endpoints(ctx)
		if err != nil || len(e) == 0 {
			return 0, err
		}
		w, err := p.store.Waiting(ctx)
		if err != nil {
			return 0, err
		}
		untaken, err := p.store.Untaken(ctx, e[0])
		if err != nil || w.Outgoing == 0 && !untaken {
			return e[0].Cursor, err
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Marks in a template, each as long as what is put in its place.
const (
	idMark     = "@ID@@@@@@@@@"             // 12 hexadecimal digits
	timeMark   = "@TIME@@@@@@@@@@@@@@@@@@@" // RFC 3339 with milliseconds
	amountMark = "@NAIRA@"                  // 7 digits
)

// webhook is a balance as the provider sends it, of account idMark at timeMark: another one
// each time, so that whoever wants to know is told.
const webhook = `{"method":"BALANCE","callback_type":"BALANCE","callback_code":"BALANCE_SUCCESS","type":"CALLBACK","code":"BALANCE_SUCCESS",` +
	`"callbackURL":"https://lender.example/webhooks/okra","env":"production-sandbox","status":"is_success","started_at":"2025-12-31T23:59:58.100Z",` +
	`"ended_at":"` + timeMark + `","message":"Successfully fetched balance","options":{"branch":"Ikeja","reference":"LN-20260101-` + idMark + `"},"meta":{},` +
	`"bankName":"Sample Bank","bankType":"5d6fe57a4099cc4b210bbeb1","bankId":"5d6fe57a4099cc4b210bbeb1","bankSlug":"sample-bank",` +
	`"record":"64fec9000001` + idMark + `","recordId":"64fec9000001` + idMark + `","callback_url":"https://api.okra.ng/v2/callback?record=64fec9000001` + idMark + `&method=BALANCE",` +
	`"customerId":"64fec8000002` + idMark + `","customerBvn":"22200000009","country":"NG","extras":{},"login_type":"bank","nuban":"0123456789",` +
	`"balance":{"nuban":"0123456789","name":"INVENTED, PERSON","ledger_balance":` + amountMark + `.75,"available_balance":` + amountMark + `.50,` +
	`"currency":"NGN","status":"Active","connected":true,"accountId":"64fec8000003` + idMark + `"}}`

// wire is a request as it goes over the wire.
func wire(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: lender.example\r\nUser-Agent: axios/1.6.0\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, webhookToken, len(body), body)
}

// fill replaces the marks in a template by an account's number, a time and an amount.
func fill(template, buf []byte, account int, at time.Time) []byte {
	buf = append(buf, template...)
	var id [len(idMark)]byte
	for i := range id {
		id[len(id)-1-i] = "0123456789abcdef"[account>>(4*i)&15]
	}
	for i := bytes.Index(buf, []byte(idMark)); i >= 0; i = bytes.Index(buf, []byte(idMark)) {
		copy(buf[i:], id[:])
	}
	if i := bytes.Index(buf, []byte(timeMark)); i >= 0 {
		copy(buf[i:], at.Format("2006-01-02T15:04:05.000Z"))
	}
	amount := strconv.AppendInt(nil, 1_000_000+rand.Int64N(9_000_000), 10)
	for i := bytes.Index(buf, []byte(amountMark)); i >= 0; i = bytes.Index(buf, []byte(amountMark)) {
		copy(buf[i:], amount)
	}
	return buf
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// eachNew sends a template with another account every time, one that nobody has linked.
func eachNew(template string) request {
	t := []byte(template)
	return func(client, n int, buf []byte) []byte {
		return fill(t, buf, (client+1)<<24|n, epoch.Add(time.Duration(n)*time.Millisecond))
	}
}

// eachLinked sends a template with one of so many accounts, at random, as of now: it is
// newer than what the account has.
func eachLinked(template string, accounts int) request {
	t := []byte(template)
	return func(_, _ int, buf []byte) []byte { return fill(t, buf, rand.IntN(accounts), time.Now().UTC()) }
}

var delivery = wire("/webhooks/okra", webhook)

// withEvents makes a database with so many events that were applied.
func (b *bench) withEvents(n int) (file string, err error) {
	file = b.file("events.db")
	return file, b.write(file, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(b.ctx, numbers+eventRows, n, []byte(webhook))
		return err
	})
}

// write changes a new database by hand and leaves it checkpointed.
func (b *bench) write(file string, change func(*sql.Tx) error) error {
	s, err := store.Open(b.ctx, "sqlite:"+file, store.Options{Keys: keys()})
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(OFF)&_pragma=locking_mode(EXCLUSIVE)"+
		"&_pragma=synchronous(OFF)&_pragma=cache_size(-400000)")
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(b.ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after Commit
	if err := withoutIndexes(b.ctx, tx, change); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(b.ctx, `PRAGMA journal_mode = WAL`)
	return err
}

// signIn returns the cookies of a member of staff.
func (p *product) signIn() (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	site := &url.URL{Scheme: "http", Host: p.addr, Path: "/"}
	resp, err := (&http.Client{Jar: jar}).PostForm(
		site.String()+"login", url.Values{"email": {staffEmail}, "password": {staffPassword}},
	)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var cookies []string
	for _, c := range jar.Cookies(site) {
		cookies = append(cookies, c.String())
	}
	if len(cookies) == 0 || resp.StatusCode != http.StatusOK || resp.Request.URL.Path != "/" {
		return "", fmt.Errorf("signing in: %s at %s", resp.Status, resp.Request.URL)
	}
	return strings.Join(cookies, "; "), nil
}
