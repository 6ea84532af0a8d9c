//go:build !race

package proof_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra"
)

// webhook is a BALANCE event about an account, as the provider sends it.
type webhook struct {
	Record, Account   string
	EndedAt           time.Time
	Ledger, Available string // in naira; an empty Available is left out
}

// stranger is the n-th webhook about accounts that nobody linked.
func stranger(n int64) webhook {
	return webhook{
		Record: fmt.Sprintf("64fec9%018x", n), Account: fmt.Sprintf("64fec8%018x", n),
		EndedAt: time.Date(2023, 9, 11, 8, 0, 0, 0, time.UTC), Ledger: "1204.50", Available: "998.07",
	}
}

func (w webhook) body() string {
	available := ""
	if w.Available != "" {
		available = `,"available_balance":` + w.Available
	}
	return fmt.Sprintf(`{"method":"BALANCE","callback_type":"BALANCE","callback_code":"BALANCE_SUCCESS","code":"BALANCE_SUCCESS","type":"CALLBACK",`+
		`"env":"production-sandbox","status":"is_success","started_at":%[1]q,"ended_at":%[1]q,"message":"Successfully fetched balance",`+
		`"options":{},"meta":{},"bankName":"Sample Bank","bankId":"5d6fe57a4099cc4b210b0001","bankSlug":"sample-bank","record":%[2]q,"recordId":%[2]q,`+
		`"customerBvn":"22200000009","country":"NG","extras":{},"nuban":"0123456789",`+
		`"balance":{"name":"INVENTED, PERSON","currency":"NGN","status":"Active","accountId":%[3]q,"ledger_balance":%[4]s%[5]s}}`,
		w.EndedAt.UTC().Format(time.RFC3339Nano), w.Record, w.Account, w.Ledger, available)
}

// key is what the inbox tells deliveries of this event from others by.
func (w webhook) key(t *testing.T) string {
	t.Helper()
	body := []byte(w.body())
	e, err := okra.ParseEvent(body)
	if err != nil {
		t.Fatal(err)
	}
	return e.Key(body)
}

// answer is what the program said to a delivery.
type answer struct {
	Status     int
	RetryAfter string
}

// acknowledged says whether the sender may forget what it sent.
func (a answer) acknowledged() bool { return a.Status/100 == 2 }

// sender delivers webhooks over connections that it keeps open.
type sender struct {
	http      *http.Client
	to, token string
}

func (p *program) sender() *sender {
	return newSender(p.t, "http://"+p.Settings.ListenAddr+"/webhooks/okra", p.Settings.OkraWebhookToken.Reveal())
}

func newSender(t *testing.T, to, token string) *sender {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &sender{&http.Client{Transport: transport, Timeout: sitetest.Never}, to, token}
}

// deliver sends a webhook with the token and returns the answer when all of it
// was read.
func (s *sender) deliver(w webhook) (answer, error) {
	return s.post(w.body(), "Bearer "+s.token)
}

func (s *sender) post(body, authorization string) (answer, error) {
	r, err := http.NewRequest("POST", s.to, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	resp, err := s.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return answer{resp.StatusCode, resp.Header.Get("Retry-After")}, err
}

// each calls f with 0 to n-1 from so many goroutines and waits for all.
func each(parallel, n int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}
