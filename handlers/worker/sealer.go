package worker

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"balancelink/store"
	"balancelink/store/progress"
)

// Sealer takes new data keys into use and puts the rows under the newest one, a
// few at a time, beside everything else.
type Sealer struct {
	Store *store.Store
	// NewKeys returns the keys that are to be used from now on, once, or nil.
	NewKeys func() (*store.Keyring, error)
	Leads   func() bool // whether this instance puts rows under the newest key; nil: it does
	Logger  *slog.Logger

	told  sealingLog
	done  bool     // every row that can be is under the newest key
	inUse []string // ids of the keys
}

// Run works until ctx ends.
func (s *Sealer) Run(ctx context.Context) {
	every(ctx, time.Second, s.Logger, "sealing under the data key", s.Step)
}

// Step looks for new keys and does what is to be done. Keys that cannot be used
// leave those from before in use.
func (s *Sealer) Step(ctx context.Context) error {
	keys, err := s.NewKeys()
	if err != nil {
		return err
	}
	if keys != nil && !slices.Equal(keys.IDs(), s.inUse) {
		if err := s.Store.UseKeys(ctx, keys); err != nil {
			return err
		}
		s.inUse, s.done = keys.IDs(), false
	}
	if changed, err := s.Store.FollowKeys(ctx); err != nil {
		return err
	} else if changed {
		s.done = false
	}
	if !leads(s.Leads) {
		s.done = false
		return nil
	}
	if s.done {
		return nil
	}
	return s.seal(ctx)
}

// seal puts the rows that are left under the newest key, from where that was. Each batch
// is a transaction: others write in between.
func (s *Sealer) seal(ctx context.Context) error {
	left, err := s.Store.ToSeal(ctx)
	if err != nil {
		return err
	}
	if left > 0 {
		w := s.Store.Board().Begin(progress.Sealing, 1)
		defer w.End()
		w.Step("", progress.Rows, left)
		return s.sealAll(ctx, w)
	}
	return s.sealAll(ctx, nil)
}

func (s *Sealer) sealAll(ctx context.Context, w *progress.Work) error {
	for !s.done && ctx.Err() == nil && leads(s.Leads) {
		step, err := s.Store.SealSome(ctx)
		if err != nil {
			return err
		}
		if step.Waits {
			return nil // for an instance that takes the key within a second, or is away by then
		}
		s.told.tell(s.Logger, step)
		s.done = step.Done
		w.Add(int64(step.Looked))
	}
	return nil
}

// tellEvery is how many rows are sealed between two words about it.
const tellEvery = 10_000

// TellSealing writes to the log how far the sealing of a database from before
// has come, while the program starts.
func TellSealing(log *slog.Logger) func(store.Sealing) {
	var told sealingLog
	return func(step store.Sealing) { told.tell(log, step) }
}

// sealingLog counts what there has not been a word about.
type sealingLog struct {
	rows   int // sealed
	broken int // that do not open
}

// brokenTold is how many rows that do not open are named one by one: without
// its key no row opens.
const brokenTold = 20

func (s *sealingLog) tell(log *slog.Logger, step store.Sealing) {
	for _, err := range step.Broken {
		if s.broken++; s.broken <= brokenTold {
			log.Error("a sealed value stays as it is, and the older keys stay needed", "err", err)
		}
	}
	if step.Done && s.broken > 0 {
		log.Error("not every sealed value opens", "rows", s.broken)
		s.broken = 0
	}
	if s.rows += step.Rows; s.rows >= tellEvery || step.Done && s.rows > 0 {
		log.Info("sealed rows under the newest data key", "key", step.Key, "rows", s.rows, "done", step.Done)
		s.rows = 0
	}
	for _, id := range step.Retired {
		log.Info("a data key is no longer needed: take it out of DATA_KEY", "key", id)
	}
}
