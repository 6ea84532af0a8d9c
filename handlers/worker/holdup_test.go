package worker

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"balancelink/store"
)

// breaks has everything fail that writes such a row about an account, as a fault of ours
// would: nobody knows which that will be.
func (b *bench) breaks(table string, a store.Account) {
	b.t.Helper()
	db, err := sql.Open("sqlite", "file:"+b.path+"?_busy_timeout=5000")
	b.ok(err)
	defer db.Close()
	_, err = db.ExecContext(b.t.Context(), fmt.Sprintf(`
		CREATE TRIGGER breaks BEFORE INSERT ON %s WHEN NEW.account_id = '%s' BEGIN SELECT RAISE(ABORT, 'broken'); END`,
		table, a.ID))
	b.ok(err)
}

func TestWhatOneWebhookBreaksHoldsUpNoneBehindIt(t *testing.T) {
	b := newBench(t)
	broken, other := b.linked("Amina456"), b.linked("Funke123")
	b.breaks("balances", broken)
	b.advance(time.Hour)
	var ids []string
	for _, a := range []store.Account{broken, other} {
		e, redacted, err := b.Okra.Receive(b.balanceEvent(b.sandbox(a.NUBAN), a.ProviderRecord, map[string]any{
			"balance": map[string]any{"accountId": a.ProviderID, "nuban": a.NUBAN, "currency": "NGN", "ledger_balance": 77, "available_balance": 77},
		}))
		b.ok(err)
		_, err = b.Store.ReceiveEvent(NewEvent(b.Okra.Name(), b.Env, e, "{}", redacted), nil)
		b.ok(err)
		ids = append(ids, b.events()[0].ID)
	}
	if err := b.applyAll(t.Context()); err == nil {
		t.Error("nobody is told of the one that broke")
	}
	if e := b.event(ids[0]); e.Result != store.EventReceived {
		t.Fatalf("the first is %s (%s): the test proves nothing", e.Result, e.Reason)
	}
	if e, a := b.event(ids[1]), b.account(other.ID); e.Result != store.EventApplied || a.Figure != store.Minor(7700) {
		t.Errorf("the one behind it is %s (%s), and the balance %v", e.Result, e.Reason, a.Figure)
	}
}

func TestWhatOneAccountBreaksHoldsUpNoOtherInASweep(t *testing.T) {
	b := newBench(t)
	b.SweepEvery = 6 * time.Hour
	broken, other := b.linked("Amina456"), b.linked("Funke123")
	b.breaks("balances", broken)
	b.advance(7 * time.Hour)
	for _, a := range []store.Account{broken, other} {
		b.ok(b.Sim.SetBalance(a.ProviderID, "77", "77"))
		b.ok(b.Sim.SendBalanceWebhook(a.ProviderID)) // nobody hears it
	}
	if err := b.sweep(t.Context()); err == nil {
		t.Error("nobody is told of the one that broke")
	}
	if got := b.account(other.ID).Figure; got != store.Minor(7700) {
		t.Errorf("the other is %v, want 77", got)
	}
	before := b.Sim.Calls("balance/getByCustomer")
	for range 10 {
		b.ok(b.sweep(t.Context()))
	}
	if n := b.Sim.Calls("balance/getByCustomer"); n != before {
		t.Errorf("the provider was asked %d times again at once", n-before)
	}
}

func TestARequestThatCannotBeginHoldsUpNoneThatHas(t *testing.T) {
	b := newBench(t)
	broken, other := b.linked("Amina456"), b.linked("Funke123")
	b.advance(time.Hour)
	r, _, err := b.Store.StartRefresh(t.Context(), store.RefreshRequest{
		Scope: store.Whole(), AccountID: other.ID, Kind: store.KindRefresh, Trigger: "staff", Deadline: b.Deadline,
	})
	b.ok(err)
	b.breaks("refreshes", broken)
	db, err := sql.Open("sqlite", "file:"+b.path+"?_busy_timeout=5000")
	b.ok(err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `UPDATE accounts SET balance_id = NULL WHERE id = $1`, broken.ID)
	b.ok(err)
	var wg sync.WaitGroup
	if err := b.driveRefreshes(&wg)(t.Context()); err == nil {
		t.Error("nobody is told of the one that broke")
	}
	wg.Wait()
	if r, err = b.Store.RefreshByID(t.Context(), r.ID); err != nil || r.State != store.RefreshWaiting {
		t.Errorf("the other is %s, %v, want that the bank was asked", r.State, err)
	}
}
