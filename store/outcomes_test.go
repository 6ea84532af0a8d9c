package store_test

import (
	"testing"
	"time"

	"balancelink/store"
)

// checked is a check of an account that ends as the bank answered.
func (d *db) checked(accountID string, changed bool) {
	d.t.Helper()
	q := wish(accountID)
	q.Kind, q.CoolDown = store.KindCheck, 0
	r := d.start(q)
	state := store.RefreshUnchanged
	if changed {
		state = store.RefreshChanged
	}
	d.ok(d.EndRefresh(d.t.Context(), r, store.Ending{State: state, Changed: changed}))
}

func TestACheckThatSaysChangedLeavesTheFigureUndecidedUntilANewerOneComes(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 10000, store.Minor(10000)))
	d.ok(d.SetThreshold(t.Context(), "staff", a.ID, 20000))
	answer := func() store.FundsCheck { return d.asked(a, "") }
	if f := answer(); f.Answer != store.FundsYes {
		t.Fatalf("before: %s", f.Answer)
	}
	d.checked(a.ID, false)
	if f := answer(); f.Answer != store.FundsYes || d.account(a.ID).Outdated() {
		t.Errorf("after a check that says unchanged: %s", f.Answer)
	}
	d.checked(a.ID, true)
	if f := answer(); f.Answer != store.FundsUnknown || f.Reason != "changed" {
		t.Errorf("after a check that says changed: %s (%s)", f.Answer, f.Reason)
	}
	if !d.account(a.ID).Outdated() {
		t.Error("the account does not say that its figure is outdated")
	}
	d.save(said(a.ID, noon.Add(-time.Minute), 9000, store.Minor(9000)))
	if !d.account(a.ID).Outdated() {
		t.Error("an older figure decides")
	}
	crossed := func() int { return d.Store.Number(t, `SELECT COUNT(*) FROM thresholds WHERE below`) }
	if crossed() != 1 {
		t.Error("the threshold was not crossed before")
	}
	d.save(said(a.ID, noon.Add(time.Minute), 30000, store.Minor(30000)))
	if f := answer(); f.Answer != store.FundsYes || d.account(a.ID).Outdated() || crossed() != 0 {
		t.Errorf("after a newer figure: %s, outdated %v", f.Answer, d.account(a.ID).Outdated())
	}
	d.checked(a.ID, true)
	r := d.start(wish(a.ID))
	same := said(a.ID, noon.Add(time.Minute), 30000, store.Minor(30000))
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{Balance: &same}))
	if d.account(a.ID).Outdated() {
		t.Error("the bank was asked for the figure itself, and gave it")
	}
}

func TestAFundsCheckThatAsksTheBankFirstIsNotAnsweredByACheck(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 10000, store.Minor(10000)))
	q := wish(a.ID)
	q.Kind = store.KindCheck
	check := d.start(q)
	r, joined, err := d.StartRefresh(t.Context(), wish(a.ID))
	d.ok(err)
	if joined || r.Kind != store.KindRefresh || d.refresh(check.ID).State != store.RefreshInterrupted {
		t.Fatalf("joined %v a %s; the check is %s", joined, r.Kind, d.refresh(check.ID).State)
	}
	f := d.asked(a, r.ID)
	if f.Answer != "" {
		t.Fatalf("answered before the bank did: %s", f.Answer)
	}
	d.ok(d.EndRefresh(t.Context(), check, store.Ending{State: store.RefreshChanged, Changed: true}))
	if f = must(d.FundsCheckByID(t.Context(), f.ID)).FundsCheck; f.Answer != "" {
		t.Errorf("the check that was replaced answers: %s", f.Answer)
	}
	less := said(a.ID, noon.Add(time.Minute), 100, store.Minor(100))
	d.ok(d.EndRefresh(t.Context(), r, store.Ending{Balance: &less}))
	if f = must(d.FundsCheckByID(t.Context(), f.ID)).FundsCheck; f.Answer != store.FundsNo {
		t.Errorf("answered %s, want no by the bank's own word", f.Answer)
	}
}

func TestWhenTheBankWasLastAskedMovesWithItsAnswersAlone(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	d.save(said(a.ID, noon, 10000, store.Minor(10000)))
	asked := d.account(a.ID).CheckedAt
	d.advance(6 * time.Hour)
	saved := said(a.ID, noon, 10000, store.Minor(10000))
	saved.Source = store.SourceSchedule
	d.save(saved) // a sweep of what the provider has saved, and a webhook once more
	if got := d.account(a.ID).CheckedAt; !got.Equal(asked) {
		t.Errorf("a repeat moves it from %v to %v", asked, got)
	}
	d.save(said(a.ID, noon.Add(time.Hour), 10000, store.Minor(10000)))
	if got := d.account(a.ID).CheckedAt; !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("a figure of one o'clock moves it to %v", got)
	}
	d.checked(a.ID, false)
	if got := d.account(a.ID).CheckedAt; !got.Equal(d.clock()) {
		t.Errorf("the bank's answer moves it to %v, want now", got)
	}
	now := d.clock()
	d.advance(time.Hour)
	d.save(said(a.ID, noon.Add(2*time.Hour), 9000, store.Minor(9000)))
	if got := d.account(a.ID).CheckedAt; !got.Equal(now) {
		t.Errorf("a late figure moves it back to %v", got)
	}
}
