package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // its own schema
	"github.com/pocketbase/pocketbase/tools/types"
	"golang.org/x/sys/unix"

	"balancelink/handlers/worker"
	"balancelink/okra"
	"balancelink/okra/provider"
	"balancelink/store"
)

// peer is somebody who takes deliveries.
type peer struct {
	name    string
	addr    string
	request request
	clients clients
	beside  func() (rest func()) // what runs in its rounds as well; nil: nothing
	stop    func()
}

// start starts a peer on a fresh database.
func (b *bench) start(name string) (p *peer, err error) {
	starts := map[string]func(*peer) error{
		"ours":       func(p *peer) error { return b.startOurs(p, true) },
		"alone":      func(p *peer) error { return b.startOurs(p, false) },
		"log":        b.startLog,
		"insert":     b.startInsert,
		"pocketbase": b.startPocketBase,
	}
	start, ok := starts[name]
	if !ok {
		return nil, fmt.Errorf("there is no peer %q", name)
	}
	p = &peer{name: name, request: eachNew(delivery)}
	return p, start(p)
}

func (b *bench) startOurs(p *peer, work bool) error {
	ours, err := b.product(b.file("ours.db"))
	if err != nil {
		return err
	}
	p.addr, p.stop = ours.addr, ours.stop
	if work {
		p.beside = ours.work
	}
	return nil
}

// startLog starts the limit of what can be reached: the same handler, and a file
// to which what waits is appended and synced at once.
func (b *bench) startLog(p *peer) (err error) {
	f, err := os.OpenFile(b.file("events.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	type line struct {
		event  store.Event
		answer chan error
	}
	queue := make(chan line, 8192)
	go func() {
		var out []byte
		var waiting []line
		for first := range queue {
			waiting, out = append(waiting[:0], first), out[:0]
			for len(queue) > 0 && len(waiting) < 256 {
				waiting = append(waiting, <-queue)
			}
			for _, l := range waiting {
				out = append(append(append(out, l.event.DedupKey...), l.event.Body...), '\n')
			}
			_, err := f.Write(out)
			if err == nil {
				err = unix.Fdatasync(int(f.Fd()))
			}
			for _, l := range waiting {
				l.answer <- err
			}
		}
	}()
	addr, stop, err := serve(webhooks(func(e store.Event) error {
		answer := make(chan error, 1)
		queue <- line{e, answer}
		return <-answer
	}))
	p.addr, p.stop = addr, func() { stop(); close(queue); f.Close() }
	return err
}

// startInsert starts what one writes first: the same handler and table, and an
// INSERT a request through database/sql as it comes.
func (b *bench) startInsert(p *peer) error {
	file := b.file("insert.db")
	if err := b.write(file, func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(60000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	addr, stop, err := serve(webhooks(func(e store.Event) error {
		now := time.Now().UnixMilli()
		_, err := db.Exec(`
			INSERT INTO events (id, provider, env, dedup_key, method, code, provider_env, provider_record, provider_account,
				attempt_nonce, headers, body, deliveries, result, reason, received_at, last_received_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, 'received', '', $13, $13)
			ON CONFLICT (provider, env, dedup_key) DO NOTHING`,
			uuid.Must(uuid.NewV7()).String(), e.Provider, e.Env, e.DedupKey, e.Method, e.Code, e.ProviderEnv,
			e.ProviderRecord, e.ProviderAccount, e.AttemptNonce, e.Headers, e.Body, now)
		return err
	}))
	p.addr, p.stop = addr, func() { stop(); db.Close() }
	return err
}

// webhooks is the webhook's handler with its middleware as in package handlers,
// before whatever keeps the events.
func webhooks(keep func(store.Event) error) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.Use(
		func(c *gin.Context) { c.Set("request id", rand.Text()[:10]) },
		gin.Recovery(),
		func(c *gin.Context) { setHeaders(c.Writer.Header()) },
	)
	known := sha256.Sum256([]byte(webhookToken))
	adapter := &okra.Adapter{Env: provider.EnvSimulated}
	e.POST("/webhooks/okra", func(c *gin.Context) {
		token, _ := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
		sum := sha256.Sum256([]byte(token))
		kind, _, _ := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
		if subtle.ConstantTimeCompare(sum[:], known[:]) != 1 || kind != "application/json" || c.ClientIP() == "" {
			c.Status(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, 256<<10))
		if err == nil {
			var event provider.Event
			var redacted []byte
			if event, redacted, err = adapter.Receive(body); err == nil {
				err = keep(worker.NewEvent(adapter.Name(), provider.EnvSimulated, event, keptHeaders(c.Request.Header), redacted))
			}
		}
		if err != nil {
			c.String(http.StatusServiceUnavailable, err.Error())
			return
		}
		c.JSON(http.StatusOK, gin.H{"received": true})
	})
	return http.NewCrossOriginProtection().Handler(e)
}

func setHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; object-src 'none'; frame-src 'none'; frame-ancestors 'none'"+
		"; require-trusted-types-for 'script'; trusted-types balancelink")
}

func keptHeaders(h http.Header) string {
	kept := map[string]string{}
	for _, name := range []string{"Content-Type", "Content-Length", "User-Agent", "X-Request-Id", "X-Forwarded-For"} {
		if v := h.Get(name); v != "" {
			kept[name] = v
		}
	}
	text, _ := json.Marshal(kept) // texts always encode
	return string(text)
}

// startPocketBase starts PocketBase with its default settings and a collection
// of the same fields that anybody may add to. It neither redacts nor parses
// the payload, and syncs to disk only at checkpoints (synchronous=NORMAL).
func (b *bench) startPocketBase(p *peer) error {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: b.file("pocketbase")})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	if err := app.Save(eventCollection()); err != nil {
		return err
	}
	router, err := apis.NewRouter(app)
	if err != nil {
		return err
	}
	mux, err := router.BuildMux()
	if err != nil {
		return err
	}
	addr, stop, err := serve(mux)
	p.addr, p.stop = addr, func() { stop(); app.ResetBootstrapState() }
	p.request = eachNew(wire("/api/collections/events/records", pocketBaseRecord()))
	return err
}

var eventTexts = []string{"provider", "env", "dedup_key", "method", "code", "provider_env", "provider_record", "provider_account", "attempt_nonce",
	"headers", "result", "reason", "customer"}

func eventCollection() *core.Collection {
	c := core.NewBaseCollection("events")
	for _, name := range eventTexts {
		c.Fields.Add(&core.TextField{Name: name})
	}
	c.Fields.Add(&core.JSONField{Name: "body"})
	for _, name := range []string{"deliveries", "received_at", "last_received_at", "applied_at"} {
		c.Fields.Add(&core.NumberField{Name: name})
	}
	c.AddIndex("events_key", true, "provider, env, dedup_key", "")
	c.CreateRule = types.Pointer("")
	return c
}

// pocketBaseRecord is a template of the row that we make of [webhook]. Its
// key is one of the marks, as long as ours, and its amount always the same: a mark for
// that is no JSON.
func pocketBaseRecord() string {
	body := strings.ReplaceAll(webhook, amountMark, "1000000")
	record, err := json.Marshal(map[string]any{
		"provider": "okra", "env": "simulated", "dedup_key": "64fec900" + idMark + "64fec900" + "0001", "method": "BALANCE", "code": "BALANCE_SUCCESS",
		"provider_env": "production-sandbox", "provider_record": "64fec9000001" + idMark, "provider_account": "64fec8000003" + idMark,
		"headers": `{"Content-Length":"1345","Content-Type":"application/json","User-Agent":"axios/1.6.0"}`, "result": "received",
		"body": json.RawMessage(body), "deliveries": 1, "received_at": 1767225600000, "last_received_at": 1767225600000,
	})
	if err != nil {
		panic(err) // these values encode
	}
	return string(bytes.TrimSpace(record))
}
