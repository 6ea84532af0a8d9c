package okrasim_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/okra/okrasim"
)

// scenarioWorld is a world in which one ordinary account has a scenario.
func scenarioWorld(t *testing.T, sc okrasim.Scenario) (*world, okrasim.AccountInfo) {
	w := newWorld(t, newConfig())
	a := w.accountOf("Efe123")
	w.SetScenario(a.ID, sc)
	return w, a
}

func TestRefreshScenarios(t *testing.T) {
	for _, c := range []struct {
		sc    okrasim.Scenario
		check func(t *testing.T, started, ended object)
	}{
		{okrasim.Unchanged, func(t *testing.T, _, ended object) {
			if got := dig(ended, "data", "balance", "ledger_balance"); got != json.Number("733015") {
				t.Errorf("ledger = %v, want it unchanged", got)
			}
		}},
		{okrasim.AvailableMissing, func(t *testing.T, _, ended object) {
			if got := dig(ended, "data", "balance", "available_balance"); got != nil {
				t.Errorf("available = %v, want none", got)
			}
		}},
		{okrasim.NeedsLogin, func(t *testing.T, _, ended object) {
			if ended["status"] != "error" || ended["type"] != "EXPIRED" {
				t.Errorf("callback = %v", ended)
			}
		}},
		{okrasim.Failed, func(t *testing.T, _, ended object) {
			if ended["code"] != json.Number("1003") || ended["status"] != false {
				t.Errorf("callback = %v", ended)
			}
		}},
		{okrasim.UndefinedURL, func(t *testing.T, started, _ object) {
			if got := started["callback_url"].(string); !strings.Contains(got, "/v2/undefined?record=") {
				t.Errorf("callback_url = %s", got)
			}
		}},
		{okrasim.OtherHostURL, func(t *testing.T, started, _ object) {
			if got := started["callback_url"].(string); !strings.HasPrefix(got, "http://127.0.0.1:9/") {
				t.Errorf("callback_url = %s", got)
			}
		}},
		{okrasim.ChangedOnly, func(t *testing.T, _, ended object) {
			if dig(ended, "data", "balance_changed") != true || dig(ended, "data", "balance") != nil {
				t.Errorf("callback = %v, want no more than that it changed", ended)
			}
		}},
		{okrasim.OldFigure, func(t *testing.T, _, ended object) {
			if dig(ended, "data", "balance_changed") != true || dig(ended, "data", "balance") != nil {
				t.Errorf("callback = %v, want no more than that it changed", ended)
			}
		}},
		{okrasim.OldDates, func(t *testing.T, _, ended object) {
			got := dig(ended, "data", "balance", "last_updated").(string)
			if _, err := time.Parse("Mon Jan 02 2006 15:04:05 GMT-0700", got); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(string(c.sc), func(t *testing.T) {
			w, a := scenarioWorld(t, c.sc)
			started, ended := w.refresh(a.ID)
			c.check(t, started, ended)
		})
	}
}

func TestSpoiltAnswers(t *testing.T) {
	for _, c := range []struct {
		sc     okrasim.Scenario
		status int
		body   string
	}{
		{okrasim.RateLimited, 429, "RATE_LIMIT"},
		{okrasim.ServerError, 503, "timeout response"},
		{okrasim.InvalidJSON, 200, `{"status":"success",`},
		{okrasim.Redirect, 302, ""},
	} {
		t.Run(string(c.sc), func(t *testing.T) {
			w, a := scenarioWorld(t, c.sc)
			res := w.raw("POST", "/v2/balance/refresh", "Bearer secret", object{"account_id": a.ID})
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != c.status || !strings.Contains(string(body), c.body) {
				t.Errorf("answer = %d %s, want %d with %q", res.StatusCode, body, c.status, c.body)
			}
			if got := res.Header.Get("Retry-After"); (got == "60") != (c.sc == okrasim.RateLimited) {
				t.Errorf("Retry-After = %q", got)
			}
		})
	}
}

func TestTimeoutHangsUntilTheCallerLeaves(t *testing.T) {
	w, a := scenarioWorld(t, okrasim.Timeout)
	ctx, cancel := context.WithTimeout(t.Context(), 3*delay)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "POST", w.url+"/v2/balance/refresh", strings.NewReader(`{"account_id":"`+a.ID+`"}`))
	req.Header.Set("Authorization", "Bearer secret")
	req.Header.Set("Content-Type", "application/json")
	if _, err := http.DefaultClient.Do(req); ctx.Err() == nil {
		t.Errorf("answered before the time was up: %v", err)
	}
}

func TestSlowBankTakesTenTimesAsLong(t *testing.T) {
	w, a := scenarioWorld(t, okrasim.SlowBank)
	start := time.Now()
	w.refresh(a.ID)
	if took := time.Since(start); took < 10*delay {
		t.Errorf("took %v, want at least %v", took, 10*delay)
	}
}

func TestConnectingAgainMendsNeedsLogin(t *testing.T) {
	w, a := scenarioWorld(t, okrasim.NeedsLogin)
	w.connect("Efe123")
	if _, ended := w.refresh(a.ID); ended["type"] != "EXPIRED" {
		t.Fatalf("callback = %v, want EXPIRED", ended)
	}
	w.connect("Efe123")
	if _, ended := w.refresh(a.ID); dig(ended, "data", "balance") == nil {
		t.Errorf("callback = %v, want a balance", ended)
	}
}

func TestObjectIDsSwapObjectsAndStrings(t *testing.T) {
	w, a := scenarioWorld(t, okrasim.ObjectIDs)
	w.connect("Efe123")
	_, started := w.call("POST", "/v2/balance/refresh", object{"account_id": a.ID})
	if record, ok := dig(started, "data", "record").(object); !ok || record["_id"] == "" {
		t.Errorf("record = %v, want an object", dig(started, "data", "record"))
	}
	_, answer := w.call("POST", "/v2/balance/getByAccount", object{"account_id": a.ID})
	balance := dig(answer, "data", "balance").([]any)[0]
	if got := dig(balance, "customer"); got != a.CustomerID {
		t.Errorf("customer = %v, want a string", got)
	}
}

func TestPendingTransactionsAreTwoDebitsWithoutClearedDate(t *testing.T) {
	w, a := scenarioWorld(t, okrasim.PendingTransactions)
	_, answer := w.call("POST", "/v2/transactions/getByAccount", object{"account": a.ID})
	pending := 0
	for _, tx := range dig(answer, "data", "transaction").([]any) {
		if dig(tx, "cleared_date") == nil && dig(tx, "debit") != nil {
			pending++
		}
	}
	if pending != 2 {
		t.Errorf("%d pending debits, want 2", pending)
	}
}

func TestLostSuccessStillSendsWebhooks(t *testing.T) {
	w, a := scenarioWorld(t, okrasim.LostSuccess)
	message, err := w.Connect(a.Login, "n", nil)
	if message != nil || err != nil {
		t.Errorf("Connect = %s, %v, want nothing", message, err)
	}
	w.hook()
}

func TestWebhookScenarios(t *testing.T) {
	t.Run("duplicate", func(t *testing.T) {
		w, a := scenarioWorld(t, okrasim.DuplicateWebhooks)
		w.refresh(a.ID)
		if one, two := w.hook(), w.hook(); one.body["ended_at"] != two.body["ended_at"] {
			t.Error("the two differ")
		}
	})
	t.Run("early", func(t *testing.T) {
		w, a := scenarioWorld(t, okrasim.EarlyWebhook)
		w.connect(a.Login)
		if len(w.heard) != 3 {
			t.Errorf("%d webhooks before the answer, want 3", len(w.heard))
		}
	})
	t.Run("late", func(t *testing.T) {
		w, a := scenarioWorld(t, okrasim.LateWebhook)
		start := time.Now()
		w.connect(a.Login)
		if w.hook(); time.Since(start) < 3*delay {
			t.Errorf("came after %v", time.Since(start))
		}
	})
	t.Run("shuffled", func(t *testing.T) {
		w, a := scenarioWorld(t, okrasim.ShuffledWebhooks)
		w.refresh(a.ID)
		if one, two := w.hook(), w.hook(); one.body["ended_at"].(string) <= two.body["ended_at"].(string) {
			t.Error("the older figure did not come last")
		}
	})
	t.Run("wrong token", func(t *testing.T) {
		w, a := scenarioWorld(t, okrasim.WrongToken)
		if err := w.SendBalanceWebhook(a.ID); err != nil {
			t.Error(err)
		}
		if got := w.hook().auth; got == "Bearer hook" {
			t.Errorf("Authorization = %q", got)
		}
	})
}

func TestAFigureIsAsOldAsTheBanksAnswerHoweverLateItIsLookedAt(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.UTC)
	cfg := newConfig()
	cfg.BankDelay, cfg.Now = time.Minute, func() time.Time { return now }
	w := newWorld(t, cfg)
	_, started := w.call("POST", "/v2/balance/refresh", object{"account_id": w.accountOf("Amina123").ID})
	now = now.Add(time.Hour)
	_, ended := w.call("GET", "/v2/callback?method=BALANCE&record="+dig(started, "data", "record").(string), nil)
	if got, want := dig(ended, "data", "balance", "last_updated"), "2026-01-02T03:05:05.600Z"; got != want {
		t.Errorf("last_updated = %v, want %v", got, want)
	}
}
