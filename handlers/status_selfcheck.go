package handlers

import (
	"context"
	"time"

	"balancelink/store"
)

// quickCheck is the size of a database, in bytes, up to which a page checks each
// time it is opened: that takes some hundredths of a second. A larger one is
// checked once a day and when somebody asks. How long the last check took says
// nothing: after one slow moment pages would repeat for a day what it found.
const quickCheck = 8 << 20

// emptyServers is about the size of a database of PostgreSQL in which there is nothing.
const emptyServers = 12 << 20

// foundLast is what a page need not look for itself; of a small database nothing.
func (s *Server) foundLast(ctx context.Context) (last store.SelfChecks, err error) {
	disk, err := s.Store.Disk()
	if err != nil {
		return last, err
	}
	small := int64(quickCheck)
	if !s.Store.IsFile() {
		small += emptyServers
	}
	if disk.Size <= small {
		return last, nil
	}
	return s.Store.SelfChecks(ctx)
}

// auditState is the state of the audit log for its page.
func (s *Server) auditState(ctx context.Context) (store.Checked[store.Chain], error) {
	last, err := s.foundLast(ctx)
	if err != nil || !last.Audit.At.IsZero() {
		return last.Audit, err
	}
	return s.Store.CheckAudit(ctx)
}

// balancesState is how many rows contradict each other, for the status page.
func (s *Server) balancesState(ctx context.Context) (store.Checked[int], error) {
	last, err := s.foundLast(ctx)
	if err != nil || !last.Balances.At.IsZero() {
		return last.Balances, err
	}
	found, _, err := s.Store.CheckBalances(ctx)
	return found, err
}

// watch checks the audit log and the balances once a day, and at the latest a minute after
// this instance leads: what it finds every instance says. Where the audit log ends is
// written to the program's log: that, shipped to another machine, is what a chain that was
// made anew does not fit.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	var last time.Time
	led := false
	for {
		leads := s.leads()
		if leads && (!led || time.Since(last) >= 24*time.Hour) {
			last = time.Now()
			s.watchAudit(ctx)
			s.watchBalances(ctx)
		}
		led = leads
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) watchAudit(ctx context.Context) {
	checked, err := s.Store.CheckAudit(ctx)
	chain := checked.Found
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.Logger.Error("checking the audit log", "err", err)
	case chain.BadRow != 0:
		s.Logger.Error("the audit log is broken", "row", chain.BadRow, "problem", chain.Problem, "head", chain)
	default:
		s.Logger.Info("the audit log is in order", "head", chain)
	}
}

func (s *Server) watchBalances(ctx context.Context) {
	_, found, err := s.Store.CheckBalances(ctx)
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("checking the balances", "err", err)
	}
	for _, c := range found {
		s.Logger.Error("rows contradict each other", "what", c.What, "id", c.ID)
	}
}
