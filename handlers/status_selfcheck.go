package handlers

import (
	"context"
	"sync"
	"time"

	"balancelink/store"
)

// checked is what the last of the checks of one kind found.
type checked[T any] struct {
	mu    sync.Mutex
	found T
	at    time.Time // zero: there was none yet
}

// last is what was found, and when; a zero time: nobody looked yet.
func (k *checked[T]) last() (found T, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.found, k.at
}

// anew looks now. A look that fails leaves what was found before.
func (k *checked[T]) anew(now func() time.Time, look func() (T, error)) (T, error) {
	found, err := look()
	if err != nil {
		return found, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.found, k.at = found, now()
	return found, nil
}

// quickCheck is the size of a database, in bytes, up to which a page checks each
// time it is opened: that takes some hundredths of a second. A larger one is
// checked once a day and when somebody asks. How long the last check took says
// nothing: after one slow moment pages would repeat for a day what it found.
const quickCheck = 8 << 20

// emptyServers is about the size of a database of PostgreSQL in which there is nothing.
const emptyServers = 12 << 20

// forPage is what the last of the checks of one kind found, which was made just
// now where the database is small.
func forPage[T any](s *Server, k *checked[T], check func() (T, error)) (found T, at time.Time, err error) {
	disk, err := s.Store.Disk()
	if err != nil {
		return found, at, err
	}
	small := int64(quickCheck)
	if !s.Store.IsFile() {
		small += emptyServers
	}
	if _, at := k.last(); at.IsZero() || disk.Size <= small {
		if _, err := check(); err != nil {
			return found, at, err
		}
	}
	found, at = k.last()
	return found, at, nil
}

// checkAudit checks the whole audit log now.
func (s *Server) checkAudit(ctx context.Context) (store.Chain, error) {
	return s.audit.anew(s.Now, func() (store.Chain, error) { return s.Store.VerifyAudit(ctx) })
}

// checkBalances looks now whether every account shows what was received for it.
func (s *Server) checkBalances(ctx context.Context) ([]store.Contradiction, error) {
	return s.balances.anew(s.Now, func() ([]store.Contradiction, error) { return s.Store.Contradictions(ctx) })
}

// auditState is the state of the audit log for its page.
func (s *Server) auditState(ctx context.Context) (store.Chain, time.Time, error) {
	return forPage(s, &s.audit, func() (store.Chain, error) { return s.checkAudit(ctx) })
}

// balancesState is how many rows contradict each other, for the status page.
func (s *Server) balancesState(ctx context.Context) (wrong int, at time.Time, err error) {
	found, at, err := forPage(s, &s.balances, func() ([]store.Contradiction, error) { return s.checkBalances(ctx) })
	return len(found), at, err
}

// watch checks the audit log and the balances now and once a day. Where the
// audit log ends the leader writes to the program's log, at the latest a minute after it
// leads: that, shipped to another machine, is what a chain that was made anew does not fit.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	var last time.Time
	led := false
	for {
		leads := s.leads()
		if time.Since(last) >= 24*time.Hour || leads && !led {
			last = time.Now()
			s.watchAudit(ctx, leads)
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

func (s *Server) watchAudit(ctx context.Context, leads bool) {
	chain, err := s.checkAudit(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.Logger.Error("checking the audit log", "err", err)
	case chain.BadRow != 0:
		s.Logger.Error("the audit log is broken", "row", chain.BadRow, "problem", chain.Problem, "head", chain)
	case leads:
		s.Logger.Info("the audit log is in order", "head", chain)
	}
}

func (s *Server) watchBalances(ctx context.Context) {
	found, err := s.checkBalances(ctx)
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("checking the balances", "err", err)
	}
	for _, c := range found {
		s.Logger.Error("rows contradict each other", "what", c.What, "id", c.ID)
	}
}
