package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"balancelink/store/limits"
)

// ErrBusy says that more deliveries are waiting than the inbox holds.
var ErrBusy = errors.New("store: the inbox is full")

// How much may wait, and how much goes into one transaction.
const (
	inboxQueue = 8192
	inboxBatch = 256
)

// inbox gathers the deliveries that wait while a commit is in progress into
// the next transaction: the disk's own pace is the batching window, so one
// sender alone waits for nothing else (see the receipt benchmark).
type inbox struct {
	store *Store
	queue chan *receipt
	done  chan struct{}
	quota *quota
	held  atomic.Int64 // bytes of what waits

	mu     sync.RWMutex // guards closed against a send on the closed queue
	closed bool
}

type receipt struct {
	event  Event
	decide Decide
	repeat bool
	left   bool
	shed   bool // it was not stored: see quota
	answer chan error
}

// Receipt says what was made of a delivery that is stored.
type Receipt struct {
	Repeat bool // it came before
	Left   bool // it is not applied yet: that is the worker's
}

func startInbox(s *Store, q *quota) *inbox {
	b := &inbox{store: s, quota: q, queue: make(chan *receipt, inboxQueue), done: make(chan struct{})}
	go b.run()
	return b
}

// ReceiveEvent stores a delivery and returns once it is committed, so that the
// caller can acknowledge it. A delivery of an event that is there already only
// raises its count. What decide can decide is done in the same transaction: an
// event that is applied costs one commit, not two. decide may be nil and is
// called in the writer's goroutine: it must be quick. A sender who hangs up does
// not undo what it sent.
func (s *Store) ReceiveEvent(e Event, decide Decide) (Receipt, error) {
	r := &receipt{event: e, decide: decide, answer: make(chan error, 1)}
	if err := s.inbox.put(r); err != nil {
		return Receipt{}, err
	}
	err := <-r.answer
	s.inbox.held.Add(-int64(len(e.Body)))
	if err == nil && r.shed {
		s.inbox.quota.refused.Add(1)
		err = ErrQuota
	}
	return Receipt{Repeat: r.repeat, Left: r.left}, err
}

func (b *inbox) put(r *receipt) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	size := int64(len(r.event.Body))
	if b.held.Add(size) <= limits.InboxBytes && !b.closed {
		select {
		case b.queue <- r:
			return nil
		default:
		}
	}
	b.held.Add(-size)
	return ErrBusy
}

// stop refuses new deliveries and waits until those in the queue are answered.
func (b *inbox) stop() {
	b.mu.Lock()
	b.closed = true
	close(b.queue)
	b.mu.Unlock()
	<-b.done
}

func (b *inbox) run() {
	defer close(b.done)
	batch := make([]*receipt, 0, inboxBatch)
	for first := range b.queue {
		runtime.Gosched() // those who are about to send come along: fewer, larger commits
		batch = b.gather(append(batch[:0], first))
		b.commit(batch)
	}
}

// gather takes what is waiting, and waits for nothing.
func (b *inbox) gather(batch []*receipt) []*receipt {
	for len(batch) < inboxBatch {
		select {
		case r, ok := <-b.queue:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// commit stores a batch and answers its senders. When the batch fails each
// delivery is stored alone and left to the worker, so that a bad one cannot
// refuse its neighbours nor one that cannot be applied itself; but not when
// somebody else holds the database: each would wait as long again.
func (b *inbox) commit(batch []*receipt) {
	err := b.save(batch...)
	alone := err != nil && !b.store.engine.held(err)
	for _, r := range batch {
		if alone {
			r.decide = nil
			r.answer <- b.save(r)
			continue
		}
		r.answer <- err
	}
}

const insertEvent = `
	INSERT INTO events (id, provider, env, dedup_key, method, code, provider_env, provider_record, provider_account,
		attempt_nonce, headers, body, deliveries, result, reason, customer_id, received_at, last_received_at, applied_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16, $16, $17)
	ON CONFLICT (provider, env, dedup_key) DO NOTHING`

const countRepeat = `
	UPDATE events
	SET deliveries = deliveries + 1, last_received_at = $4
	WHERE provider = $1 AND env = $2 AND dedup_key = $3`

// save stores deliveries in one transaction. A statement that returns rows
// (RETURNING) would cost twice as much as one that only counts them.
func (b *inbox) save(batch ...*receipt) error {
	ctx := context.Background()
	first, again := distinct(batch)
	lanes := byAccount(first, func(r *receipt) Event { return r.event })
	return b.store.inTx(ctx, func(tx *tx) error {
		for _, r := range first {
			r.event.ID = newID() // in the order of arrival
		}
		err := tx.each(ctx, len(lanes), func(tx *laneTx, i int) error {
			for _, r := range lanes[i] {
				if err := tx.receive(ctx, b, r); err != nil {
					return fmt.Errorf("receiving: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return tx.each(ctx, len(again), func(tx *laneTx, i int) error { return tx.shed(ctx, b, again[i]) })
	})
}

// distinct are the deliveries that are the first of their event in a batch, and the others.
func distinct(batch []*receipt) (first, again []*receipt) {
	type key struct{ provider, env, dedup string }
	seen := make(map[key]bool, len(batch))
	for _, r := range batch {
		k := key{r.event.Provider, r.event.Env, r.event.DedupKey}
		if seen[k] {
			again = append(again, r)
			continue
		}
		seen[k] = true
		first = append(first, r)
	}
	return first, again
}

// byAccount puts together what is about the same account, in order: what comes later is
// judged by what came before. Events of no account change nothing that others are judged by.
func byAccount[T any](all []T, of func(T) Event) (lanes [][]T) {
	type account struct{ provider, env, id string }
	at := make(map[account]int, len(all))
	for i, one := range all {
		e := of(one)
		a := account{e.Provider, e.Env, e.ProviderAccount}
		if l, known := at[a]; known && a.id != "" {
			lanes[l] = append(lanes[l], one)
			continue
		}
		at[a] = len(lanes)
		lanes = append(lanes, all[i:i+1:i+1])
	}
	return lanes
}

func (tx *tx) receive(ctx context.Context, b *inbox, r *receipt) error {
	e, decide := r.event, r.decide
	r.repeat, r.shed = false, false
	erased, err := tx.ofErased(ctx, b.store.erased, e)
	if err != nil {
		return err
	}
	if erased {
		e, decide = e.withoutContent(), nil
	}
	target, outcome, err := tx.decided(ctx, e, decide)
	if err != nil {
		return err
	}
	claimed, err := tx.claimed(ctx, e, target, outcome)
	if err != nil {
		return err
	}
	room, keep := b.quota.room(claimed, len(e.Body), tx.now)
	if !room {
		return tx.shed(ctx, b, r)
	}
	appliedAt := tx.now
	if r.left = outcome.Result == EventReceived; r.left {
		appliedAt = time.Time{}
	}
	if outcome.DropBody || !keep && outcome.Result == EventApplied {
		e.Body = []byte(droppedBody)
	}
	body, err := tx.keyring().seal(eventBody, e.ID, e.Body)
	if err != nil {
		return err
	}
	// Whoever is received beside it is to find it counted.
	back := b.quota.take(claimed, len(e.Body), tx.now)
	tx.counted = append(tx.counted, back)
	stored, err := tx.changes(ctx, insertEvent, e.ID, e.Provider, e.Env, e.DedupKey, e.Method, e.Code, e.ProviderEnv,
		e.ProviderRecord, e.ProviderAccount, e.AttemptNonce, e.Headers, body,
		outcome.Result, outcome.Reason, nullable(outcome.CustomerID), unixMS(tx.now), unixMS(appliedAt))
	if err != nil {
		return err
	}
	if stored {
		return tx.carryOut(ctx, target, outcome)
	}
	back()
	tx.counted = tx.counted[:len(tx.counted)-1]
	_, err = tx.repeated(ctx, r)
	return err
}

// repeated counts a delivery of an event that is there already, and says whether
// it is.
func (tx *tx) repeated(ctx context.Context, r *receipt) (bool, error) {
	r.repeat, r.left = true, false
	return tx.changes(ctx, countRepeat, r.event.Provider, r.event.Env, r.event.DedupKey, unixMS(tx.now))
}

// shed stores nothing of a delivery for which there is no room, unless it came
// before: then it is only counted.
func (tx *tx) shed(ctx context.Context, b *inbox, r *receipt) error {
	known, err := tx.repeated(ctx, r)
	if err == nil && !known {
		r.shed, r.repeat = true, false
	}
	return err
}

// decided decides what a delivery does, if that can be decided at once.
func (tx *tx) decided(ctx context.Context, e Event, decide Decide) (EventTarget, Outcome, error) {
	later := Outcome{EventID: e.ID, Result: EventReceived}
	if decide == nil {
		return EventTarget{}, later, nil
	}
	target, err := tx.target(ctx, e)
	if err != nil {
		return EventTarget{}, Outcome{}, err
	}
	outcome, ok := decide(target)
	if !ok {
		return target, later, nil
	}
	outcome, err = tx.unlessOther(ctx, e, outcome)
	outcome.EventID = e.ID
	return target, outcome, err
}
