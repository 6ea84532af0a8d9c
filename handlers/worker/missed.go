package worker

import (
	"context"
	"time"

	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/limits"
)

// Sign-ins of which no webhook came are looked for at the start, every day, and while
// somebody is waiting who came back from the bank, or did not, a while ago.
const (
	missedEvery   = 24 * time.Hour
	missedWaiting = 10 * time.Minute
	waitsFor      = 2 * time.Hour // somebody is waited for at most
)

// missed is what the search for such sign-ins remembers.
type missed struct {
	searched map[string]time.Time // by provider
	strange  map[string]bool      // records that are nobody's, by provider and record
}

// findMissed asks the providers that list what is linked, and claims for its attempt
// what is not known here.
func (w *Worker) findMissed(ctx context.Context) error {
	return w.eachProvider(func(p provider.Provider) error {
		lister, ok := p.(provider.Lister)
		if !ok {
			return nil
		}
		if due, err := w.searchIsDue(ctx, p); err != nil || !due {
			return err
		}
		if ok, _, _ := p.Ready(provider.ForSchedule); !ok {
			return nil // it stays due
		}
		if w.missed.searched == nil {
			w.missed.searched = map[string]time.Time{}
		}
		w.missed.searched[p.Name()] = w.Now()
		records, err := lister.Records(ctx)
		if err != nil {
			w.Logger.Warn("looking for sign-ins of which no webhook came", "provider", p.Name(), "err", err)
			return nil
		}
		for _, record := range records {
			if err := w.claimMissed(ctx, p, lister, record); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *Worker) searchIsDue(ctx context.Context, p provider.Provider) (bool, error) {
	last := w.missed.searched[p.Name()]
	if !lately(last, w.Now(), missedEvery) {
		return true, nil
	}
	if lately(last, w.Now(), missedWaiting) {
		return false, nil
	}
	return w.Store.SomebodyWaits(ctx, p.Name(), w.Now().Add(-waitsFor), w.Now().Add(-missedWaiting))
}

// claimMissed claims a record for the attempt that it echoes, unless it is known.
func (w *Worker) claimMissed(ctx context.Context, p provider.Provider, lister provider.Lister, record string) error {
	key := p.Name() + " " + record
	known, err := w.Store.KnowsRecord(ctx, p.Name(), w.Env, record)
	if err != nil || known || w.missed.strange[key] {
		return err
	}
	nonce, err := lister.AttemptOf(ctx, record)
	if err != nil {
		w.Logger.Warn("asking whose a sign-in is", "provider", p.Name(), "err", err)
		return nil
	}
	_, err = w.Store.ReportAttempt(ctx, nonce, store.Report{
		State: store.AttemptClaimed, ClaimedBy: "list", ProviderRecord: record,
	})
	if err == nil {
		w.wake(linkLoop)
		return nil
	}
	if err = ignoreNotFound(err); err == nil {
		if w.missed.strange == nil || len(w.missed.strange) >= limits.Lookups {
			w.missed.strange = map[string]bool{}
		}
		w.missed.strange[key] = true
	}
	return err
}
