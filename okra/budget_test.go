package okra

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"balancelink/okra/provider"
)

func TestAPausedBudgetMakesNoCall(t *testing.T) {
	calls := 0
	c := served(t, func(http.ResponseWriter, *http.Request) { calls++ })
	c.Budget = provider.NewBudget(20, nil)
	c.Budget.Distrust()
	if _, err := c.RefreshBalance(t.Context(), accountID); provider.KindOf(err) != provider.KindUntrusted || calls != 0 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// inMemory answers without a network, so that a synthetic clock works.
type inMemory http.HandlerFunc

func (h inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	h(rec, r)
	return rec.Result(), nil
}

func TestTheBudgetIsWaitedForAndHonoursTheContext(t *testing.T) {
	body := string(testdata(t, "refresh.json"))
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := clientOf(t, "http://okra.example/v2/")
		c.HTTP = &http.Client{Transport: inMemory(func(w http.ResponseWriter, r *http.Request) {
			calls++
			answering(200, body)(w, r)
		})}
		c.Budget = provider.NewBudget(1, nil)
		if _, err := c.RefreshBalance(t.Context(), accountID); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if _, err := c.RefreshBalance(ctx, accountID); provider.KindOf(err) != provider.KindRateLimited {
			t.Errorf("no room before the deadline: %v", err)
		}
		cancel()
		if _, err := c.RefreshBalance(ctx, accountID); provider.KindOf(err) != provider.KindUnreachable || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(20*time.Second, cancel)
		if _, err := c.RefreshBalance(ctx, accountID); provider.KindOf(err) != provider.KindUnreachable || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled in the queue: %v", err)
		}
		if calls != 1 {
			t.Errorf("%d calls, want 1", calls)
		}
		if _, err := c.RefreshBalance(t.Context(), accountID); err != nil || calls != 2 || time.Since(start) != time.Minute {
			t.Errorf("in its turn: %v, %d calls after %v; want 2 after a minute", err, calls, time.Since(start))
		}
	})
}
