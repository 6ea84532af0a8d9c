package okrasim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest"
	"balancelink/okra/okrasim"
)

// scenarioWorld is a world in which one ordinary account has a scenario.
func scenarioWorld(t *testing.T, sc okrasim.Scenario) (*world, okrasim.AccountInfo) {
	w := newWorld(t)
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
	ctx, leave := context.WithCancel(t.Context())
	answered := w.hanging(ctx, a)
	if leave(); !errors.Is(sitetest.Receive(t, answered, "the call that was broken off"), context.Canceled) {
		t.Error("it was answered before the caller left")
	}
	w.Advance(2 * time.Hour) // wakes those who have left, if they are there still
	answered = w.hanging(t.Context(), a)
	w.Advance(90*time.Second - time.Nanosecond)
	if w.Alarms() != 1 || len(answered) != 0 {
		t.Error("it hangs no more before its time")
	}
	w.Advance(time.Nanosecond)
	if err := sitetest.Receive(t, answered, "the call that hangs"); !errors.Is(err, io.EOF) {
		t.Errorf("in the end it was answered: %v", err)
	}
}

// hanging calls about an account that hangs, and returns when it does. What
// comes of the call in the end, the channel says.
func (w *world) hanging(ctx context.Context, a okrasim.AccountInfo) <-chan error {
	w.t.Helper()
	answered, before := make(chan error, 1), w.Alarms()
	req, err := http.NewRequestWithContext(ctx, "POST", w.url+"/v2/balance/refresh", strings.NewReader(`{"account_id":"`+a.ID+`"}`))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer secret"}}
	go func() {
		_, err := http.DefaultTransport.RoundTrip(req)
		answered <- err
	}()
	alarms := func() string { return fmt.Sprintf("%d alarms, %d before", w.Alarms(), before) }
	sitetest.Await(w.t, "the call to hang", alarms, func() bool { return w.Alarms() > before })
	return answered
}

func TestSlowBankTakesTenTimesAsLong(t *testing.T) {
	w, a := scenarioWorld(t, okrasim.SlowBank)
	_, answer := w.call("POST", "/v2/balance/refresh", object{"account_id": a.ID})
	record := dig(answer, "data", "record").(string)
	w.Advance(10*delay - time.Nanosecond)
	if answer, ended := w.look(record, "BALANCE"); ended {
		t.Errorf("it ended too early: %v", answer)
	}
	w.Advance(time.Nanosecond)
	if answer, ended := w.look(record, "BALANCE"); !ended {
		t.Errorf("it has not ended: %v", answer)
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
	w.connect(a.Login)
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
	w.Advance(delay)
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
		w.connect(a.Login)
		w.Advance(3 * delay)
		if n := w.Alarms(); n != 3 {
			t.Errorf("after three times the bank's delay %d webhooks wait, want all 3", n)
		}
		w.Advance(delay)
		w.hook()
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
	w := newWorld(t)
	w.Advance(600 * time.Millisecond)
	_, started := w.call("POST", "/v2/balance/refresh", object{"account_id": w.accountOf("Amina123").ID})
	w.Advance(time.Hour)
	ended, _ := w.look(dig(started, "data", "record").(string), "BALANCE")
	if got, want := dig(ended, "data", "balance", "last_updated"), "2026-01-02T03:05:05.600Z"; got != want {
		t.Errorf("last_updated = %v, want %v", got, want)
	}
}
